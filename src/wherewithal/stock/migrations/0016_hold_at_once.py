"""What a batch holds is asked and answered with less work; the first open day of each book is among the masters."""

from django.db import migrations

from wherewithal.kit.rls import sql_file


class Migration(migrations.Migration):
    dependencies = [("stock", "0014_one_move")]

    operations = [sql_file("wherewithal.stock", "hold_at_once.sql")]
