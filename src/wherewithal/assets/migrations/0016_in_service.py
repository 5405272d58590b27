"""The day an asset went into service stands in the register; what ends soon is found by an index."""

from django.db import migrations

from wherewithal.kit.rls import sql_file


class Migration(migrations.Migration):
    dependencies = [("assets", "0015_named_batches")]

    operations = [sql_file("wherewithal.assets", "in_service.sql")]
