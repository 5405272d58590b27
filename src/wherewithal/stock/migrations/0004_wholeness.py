"""Goods and money are written together: moves and values with their batch, values as their entries say."""

from django.db import migrations

from wherewithal.kit.rls import sql_file


class Migration(migrations.Migration):
    dependencies = [
        ("stock", "0003_masters_in_memory"),
        ("ledger", "0003_row_security"),
    ]

    operations = [sql_file("wherewithal.stock", "wholeness.sql")]
