from django.db import migrations

from wherewithal.kit.rls import CURRENT_COMPANY, protect, sql_file


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        sql_file("wherewithal.kit", "guards.sql"),
        sql_file("wherewithal.kit", "tables.sql"),
        *protect(
            "kit_audit_change",
            append_only=True,
            verbs="select",
            visible=f"company_id IS NOT DISTINCT FROM {CURRENT_COMPANY}",
        ),
        *protect("kit_idempotency"),
        *protect("kit_sequence"),
        *protect("kit_job"),
    ]
