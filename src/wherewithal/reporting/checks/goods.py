"""Goods: nothing from nowhere, balances and reservations that agree with the facts, one place per serial."""

from wherewithal.core.words import say
from wherewithal.ledger import queries as ledger_queries
from wherewithal.reporting.checks.values import Check, Finding, Found, query, together

LEGS = """
    SELECT item_id, to_location_id AS location_id, lot_id, qty, effective_at AS at
    FROM stock_move WHERE company_id = %(company)s
    UNION ALL
    SELECT item_id, from_location_id, lot_id, -qty, effective_at FROM stock_move WHERE company_id = %(company)s
"""


def conservation(company_id: int) -> Found:
    """What came in from outside and did not go out again is on hand, item by item."""
    return query(
        """
        SELECT coalesce(m.item_id, q.item_id), coalesce(m.qty, 0), coalesce(q.qty, 0)
        FROM (
            SELECT m.item_id, sum(m.qty * (t.is_held::int - f.is_held::int)) AS qty
            FROM stock_move m
            JOIN stock_location f ON f.company_id = m.company_id AND f.id = m.from_location_id
            JOIN stock_location t ON t.company_id = m.company_id AND t.id = m.to_location_id
            WHERE m.company_id = %(company)s
            GROUP BY m.item_id
        ) m
        FULL JOIN (
            SELECT item_id, sum(qty) AS qty FROM stock_quant WHERE company_id = %(company)s GROUP BY item_id
        ) q ON q.item_id = m.item_id
        WHERE coalesce(m.qty, 0) <> coalesce(q.qty, 0)
        ORDER BY 1
        """,
        {"company": company_id},
        lambda item_id, moved, held: Finding(
            say("goods from nowhere, or lost on the way"), f"item {item_id}",
            f"{moved} on hand (in from outside less out)", f"{held}",
        ),
    )  # fmt: skip


def balances(company_id: int) -> Found:
    """Each balance of an item, lot and place is the sum of its moves, knows the latest of them, and a serial its place."""
    return query(
        """
        WITH moved AS MATERIALIZED (  -- summed before it is joined, as in `derived.months`
            SELECT item_id, from_location_id, to_location_id, lot_id, sum(qty) AS qty, max(effective_at) AS at
            FROM stock_move WHERE company_id = %(company)s GROUP BY 1, 2, 3, 4
        )
        SELECT coalesce(m.item_id, q.item_id), coalesce(m.location_id, q.location_id),
               coalesce(m.lot_id, q.lot_id), coalesce(m.qty, 0), coalesce(q.qty, 0), q.last_at >= m.at
        FROM (
            SELECT g.item_id, g.location_id, g.lot_id, sum(g.qty) AS qty, max(g.at) AS at
            FROM (
                SELECT item_id, to_location_id AS location_id, lot_id, qty, at FROM moved
                UNION ALL
                SELECT item_id, from_location_id, lot_id, -qty, at FROM moved
            ) g
            JOIN stock_location l ON l.company_id = %(company)s AND l.id = g.location_id AND l.is_held
            GROUP BY g.item_id, g.location_id, g.lot_id
        ) m
        FULL JOIN (
            SELECT q.item_id, q.location_id, q.lot_id, q.qty, q.last_at,
                   q.serial_lot_id IS DISTINCT FROM (CASE WHEN i.tracking = 2 AND q.qty > 0 THEN q.lot_id END) AS astray
            FROM stock_quant q
            LEFT JOIN items_item i ON i.company_id = q.company_id AND i.id = q.item_id
            WHERE q.company_id = %(company)s
        ) q ON q.item_id = m.item_id AND q.location_id = m.location_id AND q.lot_id = m.lot_id
        WHERE coalesce(m.qty, 0) <> coalesce(q.qty, 0) OR q.last_at < m.at OR q.astray
        ORDER BY 1, 2, 3
        """,
        {"company": company_id},
        _balance,
    )


def _balance(
    item_id: int, location_id: int, lot_id: int, moved: int, held: int, timely: bool | None
) -> Finding:
    where = f"item {item_id}, location {location_id}, lot {lot_id}"
    if moved != held:
        return Finding(say("a balance that is not the sum of its moves"), where, f"{moved}", f"{held}")
    if timely is False:
        return Finding(
            say("a balance that knows no move so late"),
            where,
            "the instant of its last move",
            "an earlier one",
        )
    return Finding(
        say("a balance that does not say which serial is there"),
        where,
        "its serial while it is there",
        "another",
    )


def reservations(company_id: int) -> Found:
    """Claims never exceed what is on hand, and what a balance says is reserved is the sum of its open claims."""
    return query(
        """
        SELECT coalesce(r.item_id, q.item_id), coalesce(r.location_id, q.location_id),
               coalesce(r.lot_id, q.lot_id), coalesce(r.qty, 0), coalesce(q.reserved, 0), coalesce(q.qty, 0)
        FROM (
            SELECT item_id, location_id, lot_id, sum(open_qty) AS qty
            FROM stock_reservation WHERE company_id = %(company)s AND open_qty > 0
            GROUP BY item_id, location_id, lot_id
        ) r
        FULL JOIN (
            SELECT item_id, location_id, lot_id, qty, reserved FROM stock_quant
            WHERE company_id = %(company)s AND reserved <> 0
        ) q ON q.item_id = r.item_id AND q.location_id = r.location_id AND q.lot_id = r.lot_id
        WHERE coalesce(r.qty, 0) <> coalesce(q.reserved, 0) OR coalesce(q.reserved, 0) > coalesce(q.qty, 0)
        ORDER BY 1, 2, 3
        """,
        {"company": company_id},
        _over_reserved,
    )


def _over_reserved(
    item_id: int, location_id: int, lot_id: int, claimed: int, reserved: int, held: int
) -> Finding:
    where = f"item {item_id}, location {location_id}, lot {lot_id}"
    if claimed != reserved:
        return Finding(say("reserved is not the sum of open claims"), where, f"{claimed}", f"{reserved}")
    return Finding(say("more is reserved than is there"), where, f"at most {held}", f"{reserved}")


def serials(company_id: int) -> Found:
    """A serial number is one unit, in one place, whatever balance or move is asked."""
    return query(
        f"""
        SELECT g.item_id, g.lot_id, l.code, count(*), sum(g.qty)
        FROM (
            SELECT item_id, location_id, lot_id, sum(qty) AS qty
            FROM ({LEGS}) legs
            WHERE lot_id <> 0
            GROUP BY item_id, location_id, lot_id
        ) g
        JOIN stock_location p ON p.company_id = %(company)s AND p.id = g.location_id AND p.is_held
        JOIN items_lot l ON l.company_id = %(company)s AND l.id = g.lot_id AND l.is_serial
        WHERE g.qty <> 0
        GROUP BY g.item_id, g.lot_id, l.code
        HAVING count(*) > 1 OR sum(g.qty) <> 1
        ORDER BY 1, 2
        """,  # noqa: S608 - constant text
        {"company": company_id},
        lambda item_id, lot_id, code, places, qty: Finding(
            say("a serial number in more than one place"), f"item {item_id}, serial {code} (lot {lot_id})",
            "one unit in one place", f"{qty} units in {places} places",
        ),
    )  # fmt: skip


def never_negative(company_id: int) -> Found:
    """Outside the places that allow it, no balance was ever below zero, on any instant of its history."""
    instant = ledger_queries.instants(company_id)
    return query(
        f"""
        SELECT item_id, location_id, lot_id, min(at), min(balance)
        FROM (
            SELECT g.item_id, g.location_id, g.lot_id, g.at,
                   sum(g.qty) OVER (PARTITION BY g.item_id, g.location_id, g.lot_id ORDER BY g.at) AS balance
            FROM ({LEGS}) g  -- a sum by ORDER BY has all of its instant in it
            WHERE (g.location_id IN (SELECT id FROM stock_location
                                     WHERE company_id = %(company)s AND is_held AND NOT allow_negative)) IS TRUE
        ) b
        WHERE balance < 0
        GROUP BY item_id, location_id, lot_id
        ORDER BY 1, 2, 3
        """,  # noqa: S608 - constant text
        {"company": company_id},
        lambda item_id, location_id, lot_id, at, balance: Finding(
            say("a balance below zero where none is allowed"),
            f"item {item_id}, location {location_id}, lot {lot_id}, from {instant(at)}",
            "at least 0", f"{balance} at the lowest",
        ),
    )  # fmt: skip


def idempotency(company_id: int) -> Found:
    """No request was carried out twice: a batch and a key belong to one another."""
    return together(
        query(
            """
            SELECT idempotency_key, count(*) FROM stock_batch WHERE company_id = %(company)s
            GROUP BY idempotency_key HAVING count(*) > 1 ORDER BY 1
            """,
            {"company": company_id},
            lambda key, count: Finding(
                say("a key used twice"), f"key {key}", "one batch", f"{count} batches"
            ),
        ),
        query(
            """
            SELECT m.batch_id, count(*) FROM stock_move m
            LEFT JOIN stock_batch b ON b.company_id = m.company_id AND b.batch_id = m.batch_id
            WHERE m.company_id = %(company)s AND b.batch_id IS NULL
            GROUP BY m.batch_id ORDER BY 1
            """,
            {"company": company_id},
            lambda batch_id, count: Finding(
                say("moves without their batch"), f"batch {batch_id}", "a batch", f"none, for {count} moves"
            ),
        ),
        query(
            """
            SELECT m.document_id, count(*) FROM stock_move m
            LEFT JOIN stock_document d ON d.company_id = m.company_id AND d.document_id = m.document_id
            WHERE m.company_id = %(company)s AND d.document_id IS NULL
            GROUP BY m.document_id ORDER BY 1
            """,
            {"company": company_id},
            lambda document_id, count: Finding(
                say("moves without their document"),
                f"document {document_id}",
                "a document",
                f"none, for {count} moves",
            ),
        ),
    )


CHECKS = (
    Check(
        say("goods conserved"),
        say(
            "Goods come from somewhere and go somewhere: in from outside less out to outside is what "
            "is on hand."
        ),
        conservation,
    ),
    Check(say("balances"), say("Each balance of item, lot and place is the sum of its moves."), balances),
    Check(
        say("reservations"),
        say("Claims are on hand, and what is shown as reserved is the sum of open claims."),
        reservations,
    ),
    Check(say("serials"), say("A serial number is one unit in one place."), serials),
    Check(
        say("never negative"),
        say("No balance was ever below zero where that is not allowed."),
        never_negative,
    ),
    Check(
        say("written once"),
        say("No request was carried out twice, and every move has its batch and document."),
        idempotency,
    ),
)
