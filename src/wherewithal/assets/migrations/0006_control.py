"""Entries on accounts that carry assets come with the batch that names them."""

from django.db import migrations

from wherewithal.kit.rls import sql_file


class Migration(migrations.Migration):
    dependencies = [("assets", "0005_stands"), ("stock", "0006_place_of_assets")]

    operations = [sql_file("wherewithal.assets", "control.sql")]
