"""A plain move by itself has a door of its own."""

from django.db import migrations

from wherewithal.kit.rls import sql_file


class Migration(migrations.Migration):
    dependencies = [("stock", "0013_hold"), ("ledger", "0005_post_one")]

    operations = [sql_file("wherewithal.stock", "one_move.sql")]
