"""Estimates of net realisable value."""

from django.db import migrations

from wherewithal.kit.rls import protect, sql_file


class Migration(migrations.Migration):
    dependencies = [("stock", "0001_stock")]

    operations = [
        sql_file("wherewithal.stock", "nrv.sql"),
        *protect("stock_nrv_estimate", append_only=True),
    ]
