"""A number that says whether masters have changed, and one call that holds and reads all that a batch needs."""

from django.db import migrations

from wherewithal.kit.rls import protect, sql_file


class Migration(migrations.Migration):
    dependencies = [
        ("stock", "0002_net_realisable_value"),
        ("items", "0002_tables_and_row_security"),
        ("ledger", "0003_row_security"),
    ]

    operations = [
        sql_file("wherewithal.stock", "masters.sql"),
        *protect("stock_masters_version", verbs="select"),
    ]
