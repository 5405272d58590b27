"""Finding assets by the beginning of a name or serial number."""

from django.db import migrations

from wherewithal.kit.rls import sql_file


class Migration(migrations.Migration):
    dependencies = [("assets", "0003_charged")]

    operations = [sql_file("wherewithal.assets", "finding.sql")]
