"""A small batch is begun before the answer to what it holds is there."""

from django.db import migrations

from wherewithal.kit.rls import sql_file


class Migration(migrations.Migration):
    dependencies = [("stock", "0012_moves_come")]

    operations = [sql_file("wherewithal.stock", "hold.sql")]
