"""Every guard says in which schema it looks for its tables."""

from django.db import migrations

from wherewithal.kit.rls import sql_file


class Migration(migrations.Migration):
    dependencies = [("kit", "0001_guards")]

    operations = [sql_file("wherewithal.kit", "search_path.sql")]
