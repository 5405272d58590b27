from django.db import migrations

from wherewithal.kit.rls import allow_sequence, protect, sql_file

NO_DELETE = "select, insert, update"


class Migration(migrations.Migration):
    dependencies = [
        ("items", "0001_initial"),
        ("kit", "0001_guards"),
        ("ledger", "0001_initial"),
    ]

    operations = [
        sql_file("wherewithal.items", "tables.sql"),
        *protect("items_category", audit=True, verbs=NO_DELETE),
        *protect("items_unit", audit=True, verbs=NO_DELETE),
        *protect("items_item", audit=True, verbs=NO_DELETE),
        *protect("items_item_unit", audit=True),
        *protect("items_barcode", audit=True),
        *protect("items_lot", audit=True, verbs=NO_DELETE),
        *protect("items_attachment", audit=True),
        *protect("items_word"),
        *allow_sequence("items_category_id_seq"),
        *allow_sequence("items_unit_id_seq"),
        *allow_sequence("items_item_id_seq"),
        *allow_sequence("items_item_unit_id_seq"),
        *allow_sequence("items_lot_id_seq"),
    ]
