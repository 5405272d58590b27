"""Papers of documents, and of suppliers and customers."""

from django.db import migrations

from wherewithal.kit.rls import protect, sql_file


class Migration(migrations.Migration):
    dependencies = [
        ("stock", "0007_values_of_assets"),
        ("parties", "0002_row_security"),
        ("ledger", "0003_row_security"),
    ]

    operations = [
        sql_file("wherewithal.stock", "papers.sql"),
        *protect("stock_paper", audit=True),
    ]
