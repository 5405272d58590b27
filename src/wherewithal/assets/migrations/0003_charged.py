"""What of a running segment is booked already."""

from django.db import migrations

from wherewithal.kit.rls import sql_file


class Migration(migrations.Migration):
    dependencies = [("assets", "0002_standing")]

    operations = [sql_file("wherewithal.assets", "charged.sql")]
