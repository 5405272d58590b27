"""Who sees and writes which rows. A user also sees the companies of which they are a member, to choose one."""

from django.db import migrations

from wherewithal.kit.rls import CURRENT_COMPANY, CURRENT_USER, allow_sequence, protect

MEMBER = (
    "EXISTS (SELECT FROM people_membership m "
    f"WHERE m.company_id = ledger_company.id AND m.user_id = {CURRENT_USER} AND m.active)"
)
NO_DELETE = "select, insert, update"


class Migration(migrations.Migration):
    dependencies = [
        ("ledger", "0002_tables_and_guards"),
        ("kit", "0001_guards"),
        ("people", "0001_initial"),
    ]

    operations = [
        *protect(
            "ledger_company",
            company_column="id",
            audit=True,
            verbs=NO_DELETE,
            visible=f"id = {CURRENT_COMPANY} OR {MEMBER}",
            writable=f"id = {CURRENT_COMPANY}",
        ),
        *protect("ledger_book", audit=True, verbs=NO_DELETE),
        *protect("ledger_account", audit=True, verbs=NO_DELETE),
        *protect("ledger_account_map", append_only=True),
        *protect("ledger_period", verbs=NO_DELETE),
        *protect("ledger_period_event", append_only=True, verbs="select"),
        *protect("ledger_entry", append_only=True),
        *protect("ledger_line", append_only=True),
        *protect("ledger_entry_seal", append_only=True, verbs="select"),
        *protect("ledger_chain_head", verbs="select"),
        *protect(
            "ledger_exchange_rate",
            audit=True,
            key=["currency", "to_currency", "on_date"],
        ),
        *protect("ledger_reversal", append_only=True),
        *allow_sequence("ledger_entry_id_seq"),
        *allow_sequence("ledger_company_id_seq"),
    ]
