"""What pools have said is found without reading all that assets have."""

from django.db import migrations

from wherewithal.kit.rls import sql_file


class Migration(migrations.Migration):
    dependencies = [("assets", "0009_plans")]

    operations = [sql_file("wherewithal.assets", "pool_values.sql")]
