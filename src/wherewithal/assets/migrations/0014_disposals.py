"""Rows of disposals are found by themselves."""

from django.db import migrations

from wherewithal.kit.rls import sql_file


class Migration(migrations.Migration):
    dependencies = [("assets", "0013_whose_accounts")]

    operations = [sql_file("wherewithal.assets", "disposals.sql")]
