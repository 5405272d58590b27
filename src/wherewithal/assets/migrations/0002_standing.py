"""Where depreciation stands, for runs over many assets."""

from django.db import migrations

from wherewithal.kit.rls import protect, sql_file


class Migration(migrations.Migration):
    dependencies = [("assets", "0001_assets")]

    operations = [sql_file("wherewithal.assets", "standing.sql"), *protect("assets_standing")]
