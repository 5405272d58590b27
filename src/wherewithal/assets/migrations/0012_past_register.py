"""The register on a past day by what assets were then."""

from django.db import migrations

from wherewithal.kit.rls import sql_file


class Migration(migrations.Migration):
    dependencies = [("assets", "0011_value_index")]

    operations = [sql_file("wherewithal.assets", "past_register.sql")]
