"""How much of an item is where: the moves behind a quantity."""

from datetime import date, datetime

from wherewithal.core.words import Said, say, say_many
from wherewithal.kit.db import company_transaction, fetch_all, fetch_one
from wherewithal.ledger import queries as ledger_queries
from wherewithal.reporting.explain import reading
from wherewithal.reporting.explain.values import Explanation, FactRef

LATEST = 50


def stock_figure(
    *,
    company_id: int,
    item_id: int,
    location_id: int | None = None,
    lot_id: int | None = None,
    as_of: date | None = None,
    known_at: datetime | None = None,
) -> Explanation:
    """A quantity on hand as the sum of its moves: by kind, and the latest one by one.

    `location_id` counts with everything below it; moves inside it do not change the figure and are left out.
    """
    params = {
        "company": company_id, "item": item_id, "location": location_id, "lot": lot_id, "as_of": as_of,
        "known_at": known_at, "latest": LATEST,
    }  # fmt: skip
    with company_transaction(company_id=company_id):
        sku, name, unit = reading.item_names(company_id, item_id)
        by_kind = fetch_all(_BY_KIND, params)
        latest = fetch_all(_LATEST, params)
        place = _place(company_id, location_id)
        where = say(" in {place}", place=place) if place else ""
        lot = _lot(company_id, lot_id)
        lot_text = say(", lot {lot}", lot=lot) if lot else ""
        known = (
            say(", as known at {known_at}", known_at=ledger_queries.instants(company_id)(known_at))
            if known_at
            else ""
        )
    total = sum(row[1] for row in by_kind)
    kinds = tuple(
        Explanation(
            say_many("{kind}, {count} move", "{kind}, {count} moves", count, kind=reading.kind_name(kind)),
            _signed(unit.text(qty), qty),
        )
        for kind, qty, count in by_kind
    )
    moves = tuple(
        Explanation(
            say(
                "{kind} {number}: {source} to {target}",
                kind=reading.kind_name(kind),
                number=number,
                source=source,
                target=target,
            ),
            _signed(unit.text(qty), qty),
            facts=(FactRef("move", move_id, number, effective_on, recorded_at),),
        )
        for move_id, kind, number, source, target, qty, effective_on, recorded_at in latest
    )
    day = say(" at the end of {as_of}", as_of=as_of) if as_of else ""
    return Explanation(
        say(
            "{sku} {name}{lot_text}: {total} on hand{where}{day}{known}.",
            sku=sku,
            name=name,
            lot_text=lot_text,
            total=unit.text(total),
            where=where,
            day=day,
            known=known,
        ),
        unit.text(total),
        say("What is on hand is the sum of all moves in, less all moves out, by their effective days."),
        children=(
            Explanation(say("By kind of movement:"), children=kinds),
            Explanation(say("The latest {count} movements:", count=len(moves)), children=moves),
        ),
    )


def _signed(text: Said, qty: int) -> str:
    return text if qty < 0 else say("+{figure}", figure=text)


def _place(company_id: int, location_id: int | None) -> str | None:
    if location_id is None:
        return None
    row = fetch_one(
        "SELECT code FROM stock_location WHERE company_id = %s AND id = %s", (company_id, location_id)
    )
    return str(row[0]) if row else None


def _lot(company_id: int, lot_id: int | None) -> str | None:
    row = fetch_one("SELECT code FROM items_lot WHERE company_id = %s AND id = %s", (company_id, lot_id or 0))
    return str(row[0]) if row else None


_LEGS = """
    WITH RECURSIVE place AS (
        SELECT id FROM stock_location
        WHERE company_id = %(company)s AND is_held
          AND (%(location)s::int IS NULL OR id = %(location)s)
        UNION
        SELECT l.id FROM stock_location l JOIN place p ON l.company_id = %(company)s AND l.parent_id = p.id
    ), leg AS (
        SELECT m.move_id, m.kind, m.document_id, m.from_location_id, m.to_location_id, m.effective_on, m.effective_at,
               m.recorded_at, m.qty * ((t.id IS NOT NULL)::int - (f.id IS NOT NULL)::int) AS qty
        FROM stock_move m
        LEFT JOIN place t ON t.id = m.to_location_id
        LEFT JOIN place f ON f.id = m.from_location_id
        WHERE m.company_id = %(company)s AND m.item_id = %(item)s
          AND (t.id IS NULL) <> (f.id IS NULL)
          AND (%(lot)s::bigint IS NULL OR m.lot_id = %(lot)s)
          AND (%(as_of)s::date IS NULL OR m.effective_on <= %(as_of)s)
          AND (%(known_at)s::timestamptz IS NULL OR m.recorded_at <= %(known_at)s)
    )
"""
_BY_KIND = f"{_LEGS} SELECT kind, sum(qty)::bigint, count(*) FROM leg GROUP BY kind ORDER BY kind"  # noqa: S608 - constant text
_LATEST = f"""
    {_LEGS}
    SELECT g.move_id, g.kind, d.number, f.code, t.code, g.qty, g.effective_on, g.recorded_at
    FROM leg g
    JOIN stock_document d ON d.company_id = %(company)s AND d.document_id = g.document_id
    JOIN stock_location f ON f.company_id = %(company)s AND f.id = g.from_location_id
    JOIN stock_location t ON t.company_id = %(company)s AND t.id = g.to_location_id
    ORDER BY g.effective_at DESC, g.move_id DESC LIMIT %(latest)s
"""  # noqa: S608 - constant text
