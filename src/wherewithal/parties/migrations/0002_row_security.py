from django.db import migrations

from wherewithal.kit.rls import allow_sequence, protect, sql_file


class Migration(migrations.Migration):
    dependencies = [
        ("parties", "0001_initial"),
        ("kit", "0001_guards"),
        ("ledger", "0001_initial"),
    ]

    operations = [
        sql_file("wherewithal.parties", "tables.sql"),
        *protect("parties_party", audit=True, verbs="select, insert, update"),
        *allow_sequence("parties_party_id_seq"),
    ]
