"""One entry of two lines has a function of its own, for functions that prove what goes with it."""

from django.db import migrations

from wherewithal.kit.rls import sql_file


class Migration(migrations.Migration):
    dependencies = [("ledger", "0004_lines_born")]

    operations = [sql_file("wherewithal.ledger", "post_one.sql")]
