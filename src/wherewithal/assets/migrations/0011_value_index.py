"""A small index by asset for what books say, because each run touches all of it."""

from django.db import migrations

from wherewithal.kit.rls import sql_file


class Migration(migrations.Migration):
    dependencies = [("assets", "0010_pool_values")]

    operations = [sql_file("wherewithal.assets", "value_index.sql")]
