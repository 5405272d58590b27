from django.db import migrations

from wherewithal.kit.rls import protect, sql_file


class Migration(migrations.Migration):
    dependencies = [
        ("feeds", "0001_initial"),
        ("kit", "0001_guards"),
        ("ledger", "0001_initial"),
    ]

    operations = [
        sql_file("wherewithal.feeds", "tables.sql"),
        *protect("feeds_mapping", audit=True),
        *protect("feeds_import", verbs="select, insert, update"),
        *protect("feeds_problem"),
        *protect("feeds_loaded", verbs="select, insert"),
    ]
