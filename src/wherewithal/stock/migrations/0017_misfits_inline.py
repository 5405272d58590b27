"""Whether moves fit their items is asked within one query."""

from django.db import migrations

from wherewithal.kit.rls import sql_file


class Migration(migrations.Migration):
    dependencies = [("stock", "0016_hold_at_once")]

    operations = [sql_file("wherewithal.stock", "misfits_inline.sql")]
