"""Places, facts of goods, what they are worth, and all that is derived from them. See sql/ for the tables."""

from django.db import migrations

from wherewithal.kit.rls import allow_sequence, protect, sql_file

NO_DELETE = "select, insert, update"
FILES = ("locations.sql", "facts.sql", "derived.sql", "guards.sql", "write.sql")
FACTS = (
    "stock_batch",
    "stock_document",
    "stock_document_rate",
    "stock_move",
    "stock_move_cost",
    "stock_cost_policy",
    "stock_standard_cost",
    "stock_value",
)


class Migration(migrations.Migration):
    dependencies = [
        ("kit", "0001_guards"),
        ("ledger", "0002_tables_and_guards"),
        ("items", "0002_tables_and_row_security"),
    ]

    operations = [
        *(sql_file("wherewithal.stock", name) for name in FILES),
        *protect("stock_location", audit=True, verbs=NO_DELETE),
        *(operation for table in FACTS for operation in protect(table, append_only=True)),
        *protect("stock_item_lock", verbs=NO_DELETE),
        *protect("stock_cost_state"),
        *protect("stock_cost_snapshot"),
        *protect("stock_cost_edge"),
        *protect("stock_filled_book", verbs="select, insert"),
        *protect("stock_quant", verbs="select"),
        *protect("stock_quant_month", verbs="select"),
        *protect("stock_reservation", verbs=NO_DELETE),
        *allow_sequence("stock_location_id_seq"),
        *allow_sequence("stock_reservation_id_seq"),
    ]
