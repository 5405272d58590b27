"""The history of verify."""

from django.db import migrations

from wherewithal.kit.rls import protect, sql_file


class Migration(migrations.Migration):
    dependencies = [("kit", "0001_guards"), ("ledger", "0003_row_security")]

    operations = [
        sql_file("wherewithal.reporting", "tables.sql"),
        *protect("reporting_verify_run", append_only=True),
    ]
