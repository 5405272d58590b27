"""Value: what each book says the stock is worth, told three ways that must agree, and never goods without value."""

import datetime

from wherewithal.core.words import say
from wherewithal.reporting.checks.values import Check, Finding, Found, query, together

# A value row debits one account and credits another; this lays both sides out as signed amounts by account.
POSTINGS = """
    SELECT v.book_id, v.entry_id, v.batch_id, v.effective_on, v.posting_on, s.account_id, s.amount
    FROM stock_value v
    CROSS JOIN LATERAL (VALUES (v.debit_account_id, v.amount), (v.credit_account_id, -v.amount)) s (account_id, amount)
    WHERE v.company_id = %(company)s
"""
CONTROL_ACCOUNTS = """
    SELECT DISTINCT book_id, account_id FROM ledger_account_map
    WHERE company_id = %(company)s
      AND account_role IN ('inventory', 'goods_in_transit', 'transfer_clearing', 'nrv_allowance')
"""
STOCK_ACCOUNTS = """
    SELECT DISTINCT book_id, account_id FROM ledger_account_map
    WHERE company_id = %(company)s AND account_role IN ('inventory', 'goods_in_transit')
"""


def pools(company_id: int) -> Found:
    """The value that a pool carries is the sum of its value rows, and its quantity is what is on hand there."""
    return together(
        query(
            """
            SELECT coalesce(v.book_id, c.book_id), coalesce(v.item_id, c.item_id), coalesce(v.scope_id, c.scope_id),
                   coalesce(v.value, 0), coalesce(c.value, 0)
            FROM (
                SELECT book_id, item_id, scope_id, sum(stock_amount) AS value
                FROM stock_value WHERE company_id = %(company)s GROUP BY book_id, item_id, scope_id
            ) v
            FULL JOIN (
                SELECT book_id, item_id, scope_id, sum(value) AS value
                FROM stock_cost_state WHERE company_id = %(company)s GROUP BY book_id, item_id, scope_id
            ) c ON c.book_id = v.book_id AND c.item_id = v.item_id AND c.scope_id = v.scope_id
            WHERE coalesce(v.value, 0) <> coalesce(c.value, 0)
            ORDER BY 1, 2, 3
            """,
            {"company": company_id},
            lambda book_id, item_id, scope_id, rows, state: Finding(
                say("a pool whose value is not the sum of its value rows"),
                f"book {book_id}, item {item_id}, scope {scope_id}",
                f"{rows}", f"{state}",
            ),
        ),
        query(
            """
            WITH held AS (
                SELECT b.id AS book_id, q.item_id, sum(q.qty) AS qty,
                       CASE b.cost_scope WHEN 'company' THEN 0 ELSE coalesce(l.warehouse_id, l.id) END AS scope_id
                FROM stock_quant q
                JOIN stock_location l ON l.company_id = q.company_id AND l.id = q.location_id
                JOIN ledger_book b ON b.company_id = q.company_id
                JOIN stock_filled_book f ON f.company_id = b.company_id AND f.book_id = b.id
                WHERE q.company_id = %(company)s
                GROUP BY 1, 2, 4
            )
            SELECT coalesce(h.book_id, c.book_id), coalesce(h.item_id, c.item_id), coalesce(h.scope_id, c.scope_id),
                   coalesce(h.qty, 0), coalesce(c.qty, 0)
            FROM held h
            FULL JOIN (
                SELECT book_id, item_id, scope_id, sum(qty) AS qty
                FROM stock_cost_state WHERE company_id = %(company)s GROUP BY book_id, item_id, scope_id
            ) c ON c.book_id = h.book_id AND c.item_id = h.item_id AND c.scope_id = h.scope_id
            WHERE coalesce(h.qty, 0) <> coalesce(c.qty, 0)
            ORDER BY 1, 2, 3
            """,
            {"company": company_id},
            lambda book_id, item_id, scope_id, held, costed: Finding(
                say("a pool that costs another quantity than is on hand"),
                f"book {book_id}, item {item_id}, scope {scope_id}",
                f"{held}", f"{costed}",
            ),
        ),
        query(
            """
            SELECT book_id, item_id, scope_id, lot_id, value FROM stock_cost_state
            WHERE company_id = %(company)s AND qty = 0 AND value <> 0
            ORDER BY 1, 2, 3, 4
            """,
            {"company": company_id},
            lambda book_id, item_id, scope_id, lot_id, value: Finding(
                say("value without goods"), f"book {book_id}, item {item_id}, scope {scope_id}, lot {lot_id}", "0",
                f"{value}",
            ),
        ),
    )  # fmt: skip


def general_ledger(company_id: int) -> Found:
    """The inventory accounts say, on every posting day and in every book, what the value rows say."""
    return together(
        query(
            f"""
            SELECT coalesce(v.book_id, l.book_id), coalesce(v.account_id, l.account_id),
                   coalesce(v.posting_on, l.posting_on), coalesce(v.amount, 0), coalesce(l.amount, 0)
            FROM (
                SELECT p.book_id, p.account_id, p.posting_on, sum(p.amount) AS amount
                FROM ({POSTINGS}) p JOIN ({CONTROL_ACCOUNTS}) a USING (book_id, account_id)
                GROUP BY p.book_id, p.account_id, p.posting_on
            ) v
            FULL JOIN (
                SELECT l.book_id, l.account_id, l.posting_on, sum(l.amount) AS amount
                FROM ledger_line l JOIN ({CONTROL_ACCOUNTS}) a USING (book_id, account_id)
                WHERE l.company_id = %(company)s
                GROUP BY l.book_id, l.account_id, l.posting_on
            ) l ON l.book_id = v.book_id AND l.account_id = v.account_id AND l.posting_on = v.posting_on
            WHERE coalesce(v.amount, 0) <> coalesce(l.amount, 0)
            ORDER BY 1, 2, 3
            """,  # noqa: S608 - constant text
            {"company": company_id},
            _off_account,
        ),
        query(
            f"""
            SELECT coalesce(v.book_id, l.book_id), coalesce(v.amount, 0), coalesce(l.amount, 0)
            FROM (
                SELECT book_id, sum(stock_amount) AS amount FROM stock_value WHERE company_id = %(company)s
                GROUP BY book_id
            ) v
            FULL JOIN (
                SELECT l.book_id, sum(l.amount) AS amount
                FROM ledger_line l JOIN ({STOCK_ACCOUNTS}) a USING (book_id, account_id)
                WHERE l.company_id = %(company)s
                GROUP BY l.book_id
            ) l ON l.book_id = v.book_id
            WHERE coalesce(v.amount, 0) <> coalesce(l.amount, 0)
            ORDER BY 1
            """,  # noqa: S608 - constant text
            {"company": company_id},
            lambda book_id, stock, ledger: Finding(
                say("the stock is worth another sum than the inventory accounts say"), f"book {book_id}",
                f"{stock} by value rows", f"{ledger} in the ledger",
            ),
        ),
    )  # fmt: skip


def _off_account(book_id: int, account_id: int, day: datetime.date, rows: int, lines: int) -> Finding:
    where = f"book {book_id}, account {account_id}, posted on {day}"
    return Finding(
        say("an inventory account that does not agree with the stock"), where, f"{rows}", f"{lines}"
    )


def entries_decompose(company_id: int) -> Found:
    """Every cent of an entry that stock has posted is made of value rows, account by account."""
    return query(
        f"""
        WITH stock_entry AS (
            SELECT DISTINCT book_id, entry_id FROM stock_value
            WHERE company_id = %(company)s AND entry_id IS NOT NULL
            UNION
            SELECT e.book_id, e.entry_id FROM ledger_entry e
            JOIN stock_batch b ON b.company_id = e.company_id AND b.batch_id = e.batch_id
            WHERE e.company_id = %(company)s
        )
        SELECT coalesce(v.book_id, l.book_id), coalesce(v.entry_id, l.entry_id), coalesce(v.account_id, l.account_id),
               coalesce(v.amount, 0), coalesce(l.amount, 0)
        FROM (
            SELECT book_id, entry_id, account_id, sum(amount) AS amount FROM ({POSTINGS} AND v.entry_id IS NOT NULL) p
            GROUP BY book_id, entry_id, account_id HAVING sum(amount) <> 0
        ) v
        FULL JOIN (
            SELECT l.book_id, l.entry_id, l.account_id, sum(l.amount) AS amount
            FROM ledger_line l JOIN stock_entry s USING (book_id, entry_id)
            WHERE l.company_id = %(company)s
            GROUP BY l.book_id, l.entry_id, l.account_id
        ) l ON l.book_id = v.book_id AND l.entry_id = v.entry_id AND l.account_id = v.account_id
        WHERE coalesce(v.amount, 0) <> coalesce(l.amount, 0)
        ORDER BY 1, 2, 3
        """,  # noqa: S608 - constant text
        {"company": company_id},
        lambda book_id, entry_id, account_id, rows, lines: Finding(
            say("an entry that its value rows do not add up to"), f"book {book_id}, entry {entry_id}, account {account_id}",
            f"{rows}", f"{lines}",
        ),
    )  # fmt: skip


def value_dates(company_id: int) -> Found:
    """A value row carries the dates and the batch of its entry, and names a move and a cause that exist.

    Rows without an entry are right only where those of their batch and days net to nothing on every account.
    """
    return together(
        query(
            f"""
            SELECT book_id, batch_id, posting_on, account_id, sum(amount)
            FROM ({POSTINGS} AND v.entry_id IS NULL) p
            GROUP BY book_id, batch_id, effective_on, posting_on, account_id HAVING sum(amount) <> 0
            ORDER BY 1, 2, 3, 4
            """,  # noqa: S608 - constant text
            {"company": company_id},
            lambda book_id, batch_id, posting_on, account_id, amount: Finding(
                say("value rows that no entry carries"),
                f"book {book_id}, batch {batch_id}, posted on {posting_on}, account {account_id}",
                "an entry, or rows that net to 0", f"{amount}",
            ),
        ),
        query(
            """
            SELECT v.book_id, v.move_id, v.cause_id, v.role, v.entry_id, e.entry_id IS NULL,
                   v.batch_id IS DISTINCT FROM e.batch_id
            FROM stock_value v
            LEFT JOIN ledger_entry e
                   ON e.company_id = v.company_id AND e.book_id = v.book_id AND e.entry_id = v.entry_id
            WHERE v.company_id = %(company)s AND v.entry_id IS NOT NULL
              AND (e.entry_id IS NULL
                   OR (v.effective_on, v.posting_on, v.recorded_at, v.batch_id)
                      IS DISTINCT FROM (e.effective_on, e.posting_on, e.recorded_at, e.batch_id))
            ORDER BY 1, 2, 3
            """,
            {"company": company_id},
            lambda book_id, move_id, cause_id, role, entry_id, missing, strange: Finding(
                say("a value row without its entry") if missing
                else say("a value row of another batch than its entry") if strange
                else say("a value row with other dates than its entry"),
                f"book {book_id}, move {move_id}, cause {cause_id}, role {role}, entry {entry_id}",
                f"an entry of the same {'batch' if strange and not missing else 'dates'}",
                "none" if missing else "another" if strange else "other dates",
            ),
        ),
        query(
            """
            SELECT v.book_id, v.move_id, v.cause_id, v.role, v.entry_id
            FROM stock_value v
            LEFT JOIN stock_move m ON m.company_id = v.company_id AND m.move_id = v.move_id
            WHERE v.company_id = %(company)s AND v.move_id > 0 AND m.item_id IS DISTINCT FROM v.item_id
            UNION  -- most moves are their own cause: they need not be looked up twice
            SELECT v.book_id, v.move_id, v.cause_id, v.role, v.entry_id
            FROM stock_value v
            LEFT JOIN stock_move c ON c.company_id = v.company_id AND c.move_id = v.cause_id
            WHERE v.company_id = %(company)s AND v.cause_id > 0 AND v.cause_id <> v.move_id
              AND c.item_id IS DISTINCT FROM v.item_id
            ORDER BY 1, 2, 3
            """,
            {"company": company_id},
            lambda book_id, move_id, cause_id, role, entry_id: Finding(
                say("value without goods"),
                f"book {book_id}, move {move_id}, cause {cause_id}, role {role}, entry {entry_id}",
                "a move of this item", "none",
            ),
        ),
    )  # fmt: skip


def goods_with_value(company_id: int) -> Found:
    """Goods never move without their value: whatever enters or leaves a pool has a value row in every book.

    A move whose value rounds to nothing has no row, so only those are named that cannot be worth nothing: their
    quantity at the lowest unit cost that ever came into the pool is at least one minor unit. Items that may go below
    zero are left out (their provisional cost may be none), and so are amended and reversed moves, whose net counts.
    """
    return query(
        """
        WITH book AS (
            SELECT id AS book_id, cost_scope = 'warehouse' AS by_warehouse FROM ledger_book
            WHERE company_id = %(company)s
              AND EXISTS (SELECT FROM stock_filled_book f WHERE f.company_id = %(company)s AND f.book_id = ledger_book.id)
        ), crossing AS (
            SELECT b.book_id, m.move_id
            FROM stock_move m
            JOIN stock_location f ON f.company_id = m.company_id AND f.id = m.from_location_id AND NOT f.allow_negative
            JOIN stock_location t ON t.company_id = m.company_id AND t.id = m.to_location_id
            CROSS JOIN book b
            WHERE m.company_id = %(company)s AND m.kind NOT IN (14, 15)
              AND (f.is_held <> t.is_held
                   OR f.is_held AND b.by_warehouse AND coalesce(f.warehouse_id, f.id) <> coalesce(t.warehouse_id, t.id))
        ), without AS MATERIALIZED (
            SELECT book_id, move_id FROM crossing
            EXCEPT
            SELECT book_id, move_id FROM stock_value WHERE company_id = %(company)s
        ), unvalued AS MATERIALIZED (
            SELECT w.book_id, m.move_id, m.item_id, m.qty
            FROM without w
            CROSS JOIN LATERAL (SELECT * FROM stock_move m WHERE m.company_id = %(company)s AND m.move_id = w.move_id) m
            WHERE NOT EXISTS (SELECT FROM stock_move x WHERE x.company_id = %(company)s AND x.of_move_id = m.move_id
                              AND x.kind IN (14, 15))
              AND NOT EXISTS (SELECT FROM stock_standard_cost s
                              WHERE s.company_id = %(company)s AND s.item_id = m.item_id)
        ), came AS MATERIALIZED (
            SELECT book_id, item_id, move_id, sum(stock_amount) AS amount FROM stock_value
            WHERE company_id = %(company)s AND item_id = ANY (ARRAY(SELECT DISTINCT item_id FROM unvalued))
            GROUP BY book_id, item_id, move_id
        ), least AS MATERIALIZED (
            SELECT i.book_id, i.item_id, min(coalesce(c.amount, 0)::numeric / m.qty) AS unit_cost
            FROM (SELECT DISTINCT book_id, item_id FROM unvalued) i
            JOIN stock_move m ON m.company_id = %(company)s AND m.item_id = i.item_id AND m.kind NOT IN (14, 15)
            JOIN stock_location f ON f.company_id = m.company_id AND f.id = m.from_location_id AND NOT f.is_held
            JOIN stock_location t ON t.company_id = m.company_id AND t.id = m.to_location_id AND t.is_held
            LEFT JOIN came c ON c.book_id = i.book_id AND c.item_id = i.item_id AND c.move_id = m.move_id
            GROUP BY i.book_id, i.item_id
        )
        SELECT u.book_id, u.move_id, u.item_id, u.qty, floor(u.qty * l.unit_cost)
        FROM unvalued u
        JOIN least l ON l.book_id = u.book_id AND l.item_id = u.item_id
        WHERE u.qty * l.unit_cost >= 1
        ORDER BY 1, 2
        """,
        {"company": company_id},
        lambda book_id, move_id, item_id, qty, worth: Finding(
            say("goods that moved without value"), f"book {book_id}, move {move_id} (item {item_id}, quantity {qty})",
            f"value rows of at least {worth}", "none",
        ),
    )  # fmt: skip


def costs_of_moves(company_id: int) -> Found:
    """What was charged to a move later is found by its item and day; what a move is in one book is in that book's money."""
    return query(
        """
        SELECT c.cost_id, c.move_id, c.item_id, c.effective_on, c.currency FROM stock_move_cost c
        LEFT JOIN stock_move m ON m.company_id = c.company_id AND m.move_id = c.move_id
        LEFT JOIN ledger_book b ON b.company_id = c.company_id AND b.id = c.book_id
        WHERE c.company_id = %(company)s
          AND ((m.item_id, m.effective_on) IS DISTINCT FROM (c.item_id, c.effective_on)
               OR c.kind = 3 AND c.currency <> b.currency)
        ORDER BY 1
        """,
        {"company": company_id},
        lambda cost_id, move_id, item_id, effective_on, currency: Finding(
            say("a cost of another move than the one it names, or not in the money of its book"),
            f"cost {cost_id}, move {move_id}", "its item, its day, its money",
            f"item {item_id}, {effective_on}, {currency}",
        ),
    )  # fmt: skip


CHECKS = (
    Check(
        say("stock value"),
        say(
            "Each pool's value is the sum of its value rows, its quantity is on hand, and no value "
            "is without goods."
        ),
        pools,
    ),
    Check(
        say("stock and ledger"),
        say(
            "The inventory accounts of every book agree with the stock's value, on every posting "
            "day, to the cent."
        ),
        general_ledger,
    ),
    Check(
        say("entries decompose"),
        say("Each entry that stock has posted is the net of its value rows by account."),
        entries_decompose,
    ),
    Check(
        say("value rows"),
        say("Each value row has the dates and the batch of its entry and a move that exists."),
        value_dates,
    ),
    Check(
        say("goods with value"),
        say("No goods entered or left stock without value in every book."),
        goods_with_value,
    ),
    Check(
        say("costs of moves"),
        say(
            "What was charged to a move is of its item and day, and an amount of one book in that book's money."
        ),
        costs_of_moves,
    ),
)
