"""Lists of items by name, a page at a time."""

from django.db import migrations

from wherewithal.kit.rls import sql_file


class Migration(migrations.Migration):
    dependencies = [("items", "0002_tables_and_row_security")]

    operations = [sql_file("wherewithal.items", "by_name.sql")]
