"""Indexes for reversals and allowances; large pools packed faster."""

from django.db import migrations

from wherewithal.kit.rls import sql_file


class Migration(migrations.Migration):
    dependencies = [("stock", "0004_wholeness")]

    operations = [sql_file("wherewithal.stock", "look_ups.sql")]
