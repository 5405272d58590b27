"""Scenarios, and the budgets frozen from them."""

from django.db import migrations

from wherewithal.kit.rls import protect, sql_file


class Migration(migrations.Migration):
    dependencies = [("assets", "0008_move_costs")]

    operations = [
        sql_file("wherewithal.assets", "plans.sql"),
        *protect("assets_scenario", audit=True, verbs="select, insert, update", skip=("changed_at",)),
        *protect("assets_scenario_line", audit=True),
        *protect("assets_budget", append_only=True),
        *protect("assets_budget_line", append_only=True),
    ]
