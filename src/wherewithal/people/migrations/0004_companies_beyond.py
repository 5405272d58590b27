"""One question beyond one's own companies: whether there are any that one does not administer."""

from django.db import migrations

from wherewithal.kit.rls import sql_file


class Migration(migrations.Migration):
    dependencies = [("people", "0003_saved_views"), ("ledger", "0002_tables_and_guards")]

    operations = [sql_file("wherewithal.people", "companies_beyond.sql")]
