"""A cost of goods that one book alone hears of."""

from django.db import migrations

from wherewithal.kit.rls import sql_file


class Migration(migrations.Migration):
    dependencies = [("stock", "0010_entries_of_batches")]

    operations = [sql_file("wherewithal.stock", "costs_of_one_book.sql")]
