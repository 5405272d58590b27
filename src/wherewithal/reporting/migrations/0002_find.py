"""Finding anything by its codes and names."""

from django.db import migrations

from wherewithal.kit.rls import protect, sql_file


class Migration(migrations.Migration):
    dependencies = [
        ("reporting", "0001_verify_run"),
        ("assets", "0001_assets"),
        ("parties", "0002_row_security"),
        ("stock", "0001_stock"),
    ]

    operations = [
        sql_file("wherewithal.reporting", "find.sql"),
        *protect("reporting_word"),
    ]
