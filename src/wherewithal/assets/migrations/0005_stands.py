"""Whether an event stands, however often it was reversed and its reversals were."""

from django.db import migrations

from wherewithal.kit.rls import sql_file


class Migration(migrations.Migration):
    dependencies = [("assets", "0004_finding")]

    operations = [sql_file("wherewithal.assets", "stands.sql")]
