"""Entries on accounts that carry assets come with the batch that names them: the second half of the trigger of stock."""

from django.db import migrations

from wherewithal.kit.rls import sql_file


class Migration(migrations.Migration):
    dependencies = [("assets", "0012_past_register"), ("stock", "0009_whose_accounts")]

    operations = [sql_file("wherewithal.assets", "whose_accounts.sql")]
