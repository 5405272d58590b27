"""A move meets one trigger instead of two; a single move's entry and batch are judged by one look each."""

from django.db import migrations

from wherewithal.kit.rls import sql_file


class Migration(migrations.Migration):
    dependencies = [("stock", "0011_costs_of_one_book"), ("ledger", "0004_lines_born")]

    operations = [
        sql_file("wherewithal.stock", "moves_come.sql"),
        sql_file("wherewithal.stock", "entries_of_batches.sql"),
    ]
