"""Lines of a single entry are judged by one short look."""

from django.db import migrations

from wherewithal.kit.rls import sql_file


class Migration(migrations.Migration):
    dependencies = [("ledger", "0003_row_security")]

    operations = [sql_file("wherewithal.ledger", "lines_born.sql")]
