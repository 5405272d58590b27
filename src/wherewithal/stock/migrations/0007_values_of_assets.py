"""What goods cost that became assets is found by their moves."""

from django.db import migrations

from wherewithal.kit.rls import sql_file


class Migration(migrations.Migration):
    dependencies = [("stock", "0006_place_of_assets")]

    operations = [sql_file("wherewithal.stock", "values_of_assets.sql")]
