"""Assets, what happens to them, and what each book says of it. See sql/ for the tables."""

from django.db import migrations

from wherewithal.kit.rls import allow_sequence, protect, sql_file

NO_DELETE = "select, insert, update"
FILES = ("masters.sql", "facts.sql", "custody.sql", "guards.sql")
FACTS = (
    "assets_class_terms",
    "assets_terms",
    "assets_asset_book",
    "assets_batch",
    "assets_event",
    "assets_event_rate",
    "assets_placement",
    "assets_run",
    "assets_value",
)
KEPT = ("status", "location_id", "custodian_party_id", "custodian_user_id", "cost_centre_id", "class_id")


class Migration(migrations.Migration):
    dependencies = [
        ("kit", "0001_guards"),
        ("ledger", "0003_row_security"),
        ("items", "0002_tables_and_row_security"),
        ("parties", "0001_initial"),
        ("stock", "0003_masters_in_memory"),
    ]

    operations = [
        *(sql_file("wherewithal.assets", name) for name in FILES),
        *protect("assets_cost_centre", audit=True, verbs=NO_DELETE),
        *protect("assets_class", audit=True, verbs=NO_DELETE),
        *protect("assets_book", audit=True, verbs=NO_DELETE, key=("book_id",), skip=("horizon_on",)),
        *protect("assets_asset", audit=True, verbs=NO_DELETE, skip=KEPT),
        *protect("assets_attachment", audit=True),
        *(operation for table in FACTS for operation in protect(table, append_only=True)),
        *protect("assets_custody", verbs=NO_DELETE),
        *protect("assets_booking", audit=True, verbs=NO_DELETE, key=("booking_id",)),
        *protect("assets_audit", audit=True, verbs=NO_DELETE, key=("audit_id",)),
        *protect("assets_audit_line", verbs=NO_DELETE),
        *allow_sequence("assets_asset_id_seq"),
        *allow_sequence("assets_class_id_seq"),
    ]
