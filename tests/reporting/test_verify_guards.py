"""A guard that is switched off, removed, or says something else, is found and named."""

from django.conf import settings
from tests.reporting.conftest import Damage, Firm, findings

from wherewithal.reporting.checks.guards import APPEND_ONLY, shipped


def test_the_guards_of_all_rooms_are_read_from_their_files() -> None:
    triggers = shipped().triggers

    assert ("ledger_entry", "ledger_entry_born") in triggers
    assert ("ledger_line", "ledger_line_born") in triggers
    assert "kit_refuse_change" in shipped().functions
    assert "ledger_entries_born" in shipped().functions


def test_a_disabled_trigger_is_named(firm: Firm, damage: Damage) -> None:
    damage(
        "ALTER TABLE ledger_line DISABLE TRIGGER ledger_line_born",
        undo_by="ALTER TABLE ledger_line ENABLE TRIGGER ledger_line_born",
    )

    (finding,) = findings(firm.company_id)["guards"]
    assert (finding.what, finding.where) == (
        "a guard is switched off",
        "trigger ledger_line_born on ledger_line",
    )


def test_a_guard_that_was_hollowed_out_is_named(firm: Firm, damage: Damage) -> None:
    body = shipped().functions["ledger_lines_born"]
    create = (
        "CREATE OR REPLACE FUNCTION ledger_lines_born() RETURNS trigger LANGUAGE plpgsql"
        " SET search_path = pg_catalog, public, pg_temp SET enable_seqscan = off AS $b${}$b$"
    )
    damage(create.format("BEGIN RETURN NULL; END"), undo_by=create.format(body))

    (finding,) = findings(firm.company_id)["guards"]
    assert (finding.what, finding.where) == (
        "a guard says something else than it should",
        "function ledger_lines_born",
    )


def test_a_table_that_could_be_rewritten_is_named(firm: Firm, damage: Damage) -> None:
    damage(
        "ALTER TABLE ledger_entry DISABLE TRIGGER append_only",
        undo_by="ALTER TABLE ledger_entry ENABLE TRIGGER append_only",
    )

    (finding,) = findings(firm.company_id)["append only"]
    assert (finding.where, finding.found) == ("table ledger_entry", "disabled")


def test_a_right_too_many_is_named(firm: Firm, damage: Damage) -> None:
    role = settings.DATABASE.app.user
    damage(
        f'GRANT DELETE ON ledger_line TO "{role}"',
        undo_by=f'REVOKE DELETE ON ledger_line FROM "{role}"',
    )

    (finding,) = findings(firm.company_id)["append only"]
    assert (finding.where, finding.found) == ("table ledger_line", "may DELETE")


def test_row_security_that_is_switched_off_is_named(firm: Firm, damage: Damage) -> None:
    damage(
        "ALTER TABLE ledger_entry DISABLE ROW LEVEL SECURITY",
        undo_by="ALTER TABLE ledger_entry ENABLE ROW LEVEL SECURITY",
    )

    (finding,) = findings(firm.company_id)["row security"]
    assert (finding.where, finding.found) == ("table ledger_entry", "none")


def test_a_policy_for_everybody_is_named(firm: Firm, damage: Damage) -> None:
    damage(
        "CREATE POLICY everybody ON ledger_entry USING (true)",
        undo_by="DROP POLICY everybody ON ledger_entry",
    )

    (finding,) = findings(firm.company_id)["row security"]
    assert finding.where == "table ledger_entry"
    assert finding.found == "a policy that does not ask for the company"


def test_a_view_that_reads_as_its_owner_is_named(firm: Firm, damage: Damage) -> None:
    damage("CREATE VIEW peephole AS SELECT * FROM ledger_entry", undo_by="DROP VIEW peephole")

    (finding,) = findings(firm.company_id)["row security"]
    assert finding.where == "view peephole"


def test_the_list_of_facts_names_tables_that_exist(firm: Firm) -> None:
    found = findings(firm.company_id)

    assert "append only" not in found, found
    assert len(set(APPEND_ONLY)) == len(APPEND_ONLY)
