"""Views of lists: one sees one's own and those that are shared, and writes in one's own name only."""

from django.db import migrations

from wherewithal.kit.rls import CURRENT_COMPANY, CURRENT_USER, protect, sql_file


class Migration(migrations.Migration):
    dependencies = [("people", "0002_company_and_row_security")]

    operations = [
        sql_file("wherewithal.people", "views.sql"),
        *protect(
            "people_saved_view",
            visible=f"company_id = {CURRENT_COMPANY} AND (shared OR user_id = {CURRENT_USER})",
            writable=f"company_id = {CURRENT_COMPANY} AND user_id = {CURRENT_USER}",
        ),
    ]
