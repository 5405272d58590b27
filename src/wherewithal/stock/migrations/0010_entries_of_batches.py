"""Entries name their batch; the batch no longer lists them."""

from django.db import migrations

from wherewithal.kit.rls import sql_file


class Migration(migrations.Migration):
    dependencies = [("stock", "0009_whose_accounts")]

    operations = [sql_file("wherewithal.stock", "entries_of_batches.sql")]
