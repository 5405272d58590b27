"""The only reads of this door's own tables."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from wherewithal.core.words import say
from wherewithal.kit import db
from wherewithal.kit.errors import NotFound, Problem

LARGEST_PAGE = 1001
_IMPORT = """id, kind, source, file_name, sha256, size_bytes, mode, dry_run, state, doing, rows_total, rows_done,
             problem_count, report, actor_id, created_at, started_at, finished_at"""


def company_facts(company_id: int) -> tuple[str, str]:
    """Currency and time zone of the company."""
    row = db.fetch_one("SELECT currency, timezone FROM ledger_company WHERE id = %s", (company_id,))
    assert row is not None, f"company {company_id} is not the one at work"
    return row[0], row[1]


def get_import(company_id: int, import_id: int) -> dict[str, Any]:
    rows = db.fetch_dicts(
        f"SELECT {_IMPORT}, definition FROM feeds_import WHERE company_id = %s AND id = %s",  # noqa: S608 fixed text
        (company_id, import_id),
    )
    if not rows:
        raise NotFound(Problem("import_id", "exists", say("There is no such import."), value=str(import_id)))
    return rows[0]


def list_imports(company_id: int, *, before_id: int | None = None, limit: int = 50) -> list[dict[str, Any]]:
    """The latest first; `before_id` is the last id of the page before."""
    return db.fetch_dicts(
        f"""
        SELECT {_IMPORT} FROM feeds_import
        WHERE company_id = %(company)s AND (%(before)s::bigint IS NULL OR id < %(before)s)
        ORDER BY id DESC LIMIT %(limit)s
        """,  # noqa: S608 fixed text
        {"company": company_id, "before": before_id, "limit": max(1, min(limit, LARGEST_PAGE))},
    )


def problems(company_id: int, import_id: int, *, after: int = -1, limit: int = 200) -> list[dict[str, Any]]:
    """A page of what is wrong, in the order of the file; `after` is the last position of the page before."""
    return db.fetch_dicts(
        """
        SELECT position, line, column_name AS column, value, rule, message FROM feeds_problem
        WHERE company_id = %s AND import_id = %s AND position > %s ORDER BY position LIMIT %s
        """,
        (company_id, import_id, after, max(1, min(limit, 10_000))),
    )


def list_mappings(company_id: int, *, kind: str | None = None) -> list[dict[str, Any]]:
    return db.fetch_dicts(
        """
        SELECT id, name, kind, definition, changed_at FROM feeds_mapping
        WHERE company_id = %(company)s AND (%(kind)s::text IS NULL OR kind = %(kind)s) ORDER BY name
        """,
        {"company": company_id, "kind": kind},
    )


def mapping_by_name(company_id: int, name: str) -> dict[str, Any] | None:
    rows = db.fetch_dicts(
        "SELECT id, name, kind, definition FROM feeds_mapping WHERE company_id = %s AND name = %s",
        (company_id, name),
    )
    return rows[0] if rows else None


def loaded(company_id: int, source: str, keys: Sequence[str]) -> dict[str, tuple[bytes, int | None, int]]:
    """Which of these keys have been loaded, with (digest, id of what was made, import)."""
    rows = db.fetch_all(
        "SELECT key, digest, made_id, import_id FROM feeds_loaded"
        " WHERE company_id = %s AND source = %s AND key = ANY(%s)",
        (company_id, source, list(keys)),
    )
    return {key: (bytes(digest), made_id, import_id) for key, digest, made_id, import_id in rows}


def moved_by_documents(company_id: int, document_ids: Iterable[int]) -> dict[tuple[str, int, bool], Decimal]:
    """(item, move kind, whether into stock) -> quantity in base units, over all moves of these documents.

    Written so that every join is on equality and the moves are bounded from both sides: right after a large import the
    planner's statistics are old, and a join on ranges of ids would be tried row against row.
    """
    params: dict[str, Any] = {
        "company": company_id,
        "documents": "{" + ",".join(map(str, document_ids)) + "}",
    }
    bounds = db.fetch_one(
        "SELECT min(first_move_id), max(first_move_id + move_count - 1) FROM stock_document"
        " WHERE company_id = %(company)s AND document_id = ANY(%(documents)s::bigint[])",
        params,
    )
    rows = db.fetch_all(
        """
        WITH moved AS MATERIALIZED (
            SELECT m.item_id, m.kind, m.to_location_id, sum(m.qty) AS qty
            FROM stock_move m JOIN unnest(%(documents)s::bigint[]) AS wanted (document_id)
                 ON wanted.document_id = m.document_id
            WHERE m.company_id = %(company)s AND m.move_id BETWEEN %(first)s AND %(last)s
            GROUP BY m.item_id, m.kind, m.to_location_id
        )
        SELECT i.sku, m.kind, l.is_held, sum(m.qty), i.qty_decimals FROM moved m
        JOIN stock_location l ON l.company_id = %(company)s AND l.id = m.to_location_id
        JOIN items_item i ON i.company_id = %(company)s AND i.id = m.item_id
        GROUP BY i.sku, m.kind, l.is_held, i.qty_decimals
        """,
        params | {"first": bounds and bounds[0], "last": bounds and bounds[1]},
    )
    return {(sku, kind, into): Decimal(qty).scaleb(-places) for sku, kind, into, qty, places in rows}
