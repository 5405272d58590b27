"""Entries, lines, seals, periods and maps, with the triggers that guard them."""

from django.db import migrations

from wherewithal.kit.rls import sql_file


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial")]

    operations = [
        sql_file("wherewithal.ledger", name) for name in ("tables.sql", "hash.sql", "guards.sql", "post.sql")
    ]
