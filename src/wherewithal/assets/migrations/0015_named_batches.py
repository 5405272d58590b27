"""An entry that names a batch, of stock or of assets, names one of its own transaction: the guard, as it is now."""

from django.db import migrations

from wherewithal.kit.rls import sql_file


class Migration(migrations.Migration):
    dependencies = [("assets", "0014_disposals"), ("stock", "0010_entries_of_batches")]

    operations = [sql_file("wherewithal.assets", "whose_accounts.sql")]
