"""What goods cost that became assets, as each book last read it; timetables of depreciation runs."""

from django.db import migrations

from wherewithal.kit.rls import protect, sql_file


class Migration(migrations.Migration):
    dependencies = [("assets", "0007_whole_entries"), ("stock", "0007_values_of_assets")]

    operations = [
        sql_file("wherewithal.assets", "move_costs.sql"),
        *protect("assets_move_cost"),
        sql_file("wherewithal.assets", "timetables.sql"),
        *protect("assets_timetable", audit=True, key=("book_id",)),
    ]
