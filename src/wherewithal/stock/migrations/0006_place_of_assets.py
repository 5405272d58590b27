"""A place for goods that become fixed assets."""

from django.db import migrations

from wherewithal.kit.rls import sql_file


class Migration(migrations.Migration):
    dependencies = [("stock", "0005_look_ups"), ("ledger", "0003_row_security")]

    operations = [sql_file("wherewithal.stock", "assets.sql")]
