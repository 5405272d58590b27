"""What is kept beside the facts so that nobody has to wait for it: each row follows from facts, and says what they say.

Balances are looked at in `goods`, values and states of cost in `stock_value`, seals and chain in `ledger`; costs, states
and snapshots are worked out again in `replay`. Here is all the rest.
"""

import datetime

from wherewithal.core.costing.order import INTERNAL_PHASE
from wherewithal.core.words import say
from wherewithal.ledger import queries as ledger_queries
from wherewithal.reporting.checks.values import Check, Finding, Found, query, together
from wherewithal.stock.drafts import MoveKind

CORRECTIONS = [int(MoveKind.AMENDMENT), int(MoveKind.REVERSAL)]


def months(company_id: int) -> Found:
    """What came less what went, by month, item and place (`stock_quant_month`): past balances are read from it."""
    return query(
        """
        WITH moved AS MATERIALIZED (  -- summed before it is joined: a third of the time, and a tenth without statistics
            SELECT effective_on - date_part('day', effective_on)::int + 1 AS month, item_id, from_location_id,
                   to_location_id, sum(qty) AS qty
            FROM stock_move WHERE company_id = %(company)s GROUP BY 1, 2, 3, 4
        )
        SELECT coalesce(m.month, q.month), coalesce(m.item_id, q.item_id), coalesce(m.location_id, q.location_id),
               coalesce(m.qty, 0), coalesce(q.qty, 0)
        FROM (
            SELECT g.month, g.item_id, g.location_id, sum(g.qty) AS qty
            FROM (
                SELECT month, item_id, to_location_id AS location_id, qty FROM moved
                UNION ALL
                SELECT month, item_id, from_location_id, -qty FROM moved
            ) g
            JOIN stock_location l ON l.company_id = %(company)s AND l.id = g.location_id AND l.is_held
            GROUP BY g.month, g.item_id, g.location_id
        ) m
        FULL JOIN (
            SELECT month, item_id, location_id, qty FROM stock_quant_month WHERE company_id = %(company)s
        ) q ON q.month = m.month AND q.item_id = m.item_id AND q.location_id = m.location_id
        WHERE coalesce(m.qty, 0) <> coalesce(q.qty, 0)
        ORDER BY 1, 2, 3
        """,
        {"company": company_id},
        lambda month, item_id, location_id, moved, kept: Finding(
            say("a month that is not the sum of its moves"), f"month {month:%Y-%m}, item {item_id}, location {location_id}",
            f"{moved}", f"{kept}",
        ),
    )  # fmt: skip


def latest_instants(company_id: int) -> Found:
    """No fact is later than the item's row says it is: such a row would let a late fact pass for the newest one."""
    instant = ledger_queries.instants(company_id)
    return query(
        """
        SELECT m.item_id, m.last_at, m.last_recorded_at,
               nullif(k.last_at, '-infinity'), nullif(k.last_recorded_at, '-infinity')
        FROM (
            SELECT item_id, max(effective_at) AS last_at, max(recorded_at) AS last_recorded_at
            FROM stock_move WHERE company_id = %(company)s GROUP BY item_id
        ) m
        LEFT JOIN stock_item_lock k ON k.company_id = %(company)s AND k.item_id = m.item_id
        WHERE k.item_id IS NULL OR k.last_at < m.last_at OR k.last_recorded_at < m.last_recorded_at
        ORDER BY 1
        """,
        {"company": company_id},
        lambda item_id, last_at, recorded_at, kept_at, kept_recorded_at: Finding(
            say("an item whose latest fact is later than is kept"),
            f"item {item_id}",
            f"{instant(last_at)}, recorded {instant(recorded_at)}",
            ", recorded ".join(instant(at) if at else "never" for at in (kept_at, kept_recorded_at)),
        ),
    )


def edges(company_id: int) -> Found:
    """Items that were made of others are known to be: a replay follows these rows to all that hangs on a cost."""
    return query(
        """
        WITH leg AS MATERIALIZED (
            SELECT m.event_id, m.item_id, m.effective_on, t.type = 'production' AS consumed, f.type = 'production' AS made
            FROM stock_move m
            JOIN stock_location f ON f.company_id = m.company_id AND f.id = m.from_location_id
            JOIN stock_location t ON t.company_id = m.company_id AND t.id = m.to_location_id
            WHERE m.company_id = %(company)s AND m.phase = %(internal)s AND m.kind <> ALL (%(corrections)s)
              AND (t.type = 'production' OR f.type = 'production')
        ), made_of AS (
            SELECT a.item_id AS from_item_id, b.item_id AS to_item_id, max(b.effective_on) AS last_on
            FROM leg a JOIN leg b ON b.event_id = a.event_id AND a.consumed AND b.made AND a.item_id <> b.item_id
            GROUP BY a.item_id, b.item_id
        )
        SELECT m.from_item_id, m.to_item_id, m.last_on, e.last_on
        FROM made_of m
        LEFT JOIN stock_cost_edge e ON e.company_id = %(company)s
              AND e.from_item_id = m.from_item_id AND e.to_item_id = m.to_item_id
        WHERE e.last_on IS NULL OR e.last_on < m.last_on
        ORDER BY 1, 2
        """,
        {"company": company_id, "internal": INTERNAL_PHASE, "corrections": CORRECTIONS},
        lambda source, target, last_on, kept_on: Finding(
            say("an item that was made of another one, unknown to replays"), f"item {target}, made of item {source}",
            f"{last_on} or later", f"{kept_on or 'no row'}",
        ),
    )  # fmt: skip


def documents(company_id: int) -> Found:
    """A document has the moves that it says it has, in one run of numbers."""
    return query(
        """
        SELECT d.document_id, d.number, d.first_move_id, d.move_count, m.first_id, coalesce(m.n, 0)
        FROM stock_document d
        LEFT JOIN (
            SELECT document_id, min(move_id) AS first_id, max(move_id) AS last_id, count(*) AS n FROM stock_move
            WHERE company_id = %(company)s GROUP BY document_id
        ) m ON m.document_id = d.document_id
        WHERE d.company_id = %(company)s
          AND (d.move_count <> coalesce(m.n, 0)
               OR m.n > 0 AND (d.first_move_id IS DISTINCT FROM m.first_id OR m.last_id <> m.first_id + m.n - 1))
        ORDER BY 1
        """,
        {"company": company_id},
        lambda document_id, number, first, count, first_id, n: Finding(
            say("a document with other moves than it says"), f"document {document_id} ({number})",
            f"{count} moves from {first}", f"{n} moves from {first_id}",
        ),
    )  # fmt: skip


def batches(company_id: int) -> Found:
    """A batch was recorded in one moment."""
    return query(
        """
        SELECT x.what, x.batch_id, x.n FROM (
            SELECT 'moves' AS what, m.batch_id, count(*) AS n FROM stock_move m
            JOIN stock_batch b ON b.company_id = m.company_id AND b.batch_id = m.batch_id
            WHERE m.company_id = %(company)s AND m.recorded_at <> b.recorded_at GROUP BY m.batch_id
            UNION ALL
            SELECT 'value rows', v.batch_id, count(*) FROM stock_value v
            LEFT JOIN stock_batch b ON b.company_id = v.company_id AND b.batch_id = v.batch_id
            WHERE v.company_id = %(company)s AND v.recorded_at IS DISTINCT FROM b.recorded_at GROUP BY v.batch_id
        ) x
        ORDER BY 2, 1
        """,
        {"company": company_id},
        lambda what, batch_id, n: Finding(
            say("{what} that were not recorded with their batch", what=what),
            f"batch {batch_id}",
            "its moment",
            f"{n} others",
        ),
    )  # fmt: skip


def local_days(company_id: int) -> Found:
    """The day of a move is the day of its instant where the company is."""
    return query(
        """
        SELECT m.move_id, m.effective_on, (m.effective_at AT TIME ZONE c.timezone)::date
        FROM stock_move m JOIN ledger_company c ON c.id = m.company_id
        WHERE m.company_id = %(company)s AND m.effective_on <> (m.effective_at AT TIME ZONE c.timezone)::date
        ORDER BY 1
        """,
        {"company": company_id},
        lambda move_id, day, local_day: Finding(
            say("a move on another day than its instant"), f"move {move_id}", f"{local_day}", f"{day}"
        ),
    )


def filled_books(company_id: int) -> Found:
    """A book either tells every movement of goods or none: none has values without being filled."""
    return query(
        """
        SELECT b.id, b.code FROM ledger_book b
        WHERE b.company_id = %(company)s
          AND EXISTS (SELECT FROM stock_value v WHERE v.company_id = b.company_id AND v.book_id = b.id)
          AND NOT EXISTS (SELECT FROM stock_filled_book f WHERE f.company_id = b.company_id AND f.book_id = b.id)
        ORDER BY 1
        """,
        {"company": company_id},
        lambda book_id, code: Finding(
            say("a book with values that is not kept up"), f"book {book_id} ({code})", "filled", "not filled"
        ),
    )


def periods(company_id: int) -> Found:
    """A period is what its trail says was last done to it."""
    return query(
        """
        SELECT coalesce(p.book_id, e.book_id), coalesce(p.end_on, e.end_on), e.to_state, p.state
        FROM (SELECT * FROM ledger_period WHERE company_id = %(company)s) p
        FULL JOIN (
            SELECT DISTINCT ON (book_id, end_on) book_id, end_on, to_state FROM ledger_period_event
            WHERE company_id = %(company)s ORDER BY book_id, end_on, id DESC
        ) e ON e.book_id = p.book_id AND e.end_on = p.end_on
        WHERE p.state IS DISTINCT FROM e.to_state
        ORDER BY 1, 2
        """,
        {"company": company_id},
        _period,
    )


def _period(book_id: int, end_on: datetime.date, traced: int | None, state: int | None) -> Finding:
    names = {0: "open", 1: "closed", 2: "locked", None: "nothing"}
    where = f"book {book_id}, month to {end_on}"
    return Finding(say("a period that is not what was last done to it"), where, names[traced], names[state])


CHECKS = (
    Check(
        say("months"), say("What is kept by month, item and place is the sum of that month's moves."), months
    ),
    Check(
        say("late facts"),
        say(
            "What decides whether a fact is late is known: each item's latest instant, and what was "
            "made of what."
        ),
        lambda company_id: together(latest_instants(company_id), edges(company_id)),
    ),
    Check(
        say("batches"),
        say(
            "Batches and documents have the moves, moments and entries that they say, and moves the "
            "day of their instant."
        ),
        lambda company_id: together(batches(company_id), documents(company_id), local_days(company_id)),
    ),
    Check(
        say("books and periods"),
        say("Books with values are kept up, and each period is what its trail says."),
        lambda company_id: together(filled_books(company_id), periods(company_id)),
    ),
)
