"""Fixed assets: what the register says of them, told by events, value rows and the ledger, which must agree."""

from wherewithal.assets import queries
from wherewithal.assets.queries import proof
from wherewithal.assets.values import GONE, Aspect
from wherewithal.core.words import say
from wherewithal.reporting.checks.values import Check, Finding, Found, listed, query, together
from wherewithal.stock.drafts import MoveKind

_GONE = [int(status) for status in GONE]

POSTINGS = """
    SELECT v.book_id, v.entry_id, v.batch_id, v.effective_on, v.posting_on, s.account_id, s.amount
    FROM assets_value v
    CROSS JOIN LATERAL (VALUES (v.debit_account_id, v.amount), (v.credit_account_id, -v.amount)) s (account_id, amount)
    WHERE v.company_id = %(company)s
"""
CONTROL_ACCOUNTS = """
    SELECT DISTINCT book_id, account_id FROM ledger_account_map
    WHERE company_id = %(company)s
      AND account_role IN ('asset_cost', 'construction_in_progress', 'accumulated_depreciation',
                           'accumulated_impairment', 'asset_held_for_sale', 'asset_transfer_clearing', 'asset_disposal')
"""


def general_ledger(company_id: int) -> Found:
    """The accounts that carry assets say, on every posting day and in every book, what the value rows say."""
    return query(
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
        lambda book_id, account_id, on, rows, lines: Finding(
            say("an asset account that does not agree with the register"),
            f"book {book_id}, account {account_id}, posted on {on}", f"{rows}", f"{lines}",
        ),
    )  # fmt: skip


def entries_decompose(company_id: int) -> Found:
    """Every cent of an entry that assets have posted is made of value rows, account by account, of the same dates."""
    return together(
        query(
            f"""
            WITH asset_entry AS (
                SELECT DISTINCT book_id, entry_id FROM assets_value
                WHERE company_id = %(company)s AND entry_id IS NOT NULL
                UNION
                SELECT e.book_id, e.entry_id FROM ledger_entry e
                JOIN assets_batch b ON b.company_id = e.company_id AND b.batch_id = e.batch_id
                WHERE e.company_id = %(company)s
            )
            SELECT coalesce(v.book_id, l.book_id), coalesce(v.entry_id, l.entry_id),
                   coalesce(v.account_id, l.account_id), coalesce(v.amount, 0), coalesce(l.amount, 0)
            FROM (
                SELECT book_id, entry_id, account_id, sum(amount) AS amount
                FROM ({POSTINGS} AND v.entry_id IS NOT NULL) p
                GROUP BY book_id, entry_id, account_id HAVING sum(amount) <> 0
            ) v
            FULL JOIN (
                SELECT l.book_id, l.entry_id, l.account_id, sum(l.amount) AS amount
                FROM ledger_line l JOIN asset_entry s USING (book_id, entry_id)
                WHERE l.company_id = %(company)s
                GROUP BY l.book_id, l.entry_id, l.account_id HAVING sum(l.amount) <> 0
            ) l ON l.book_id = v.book_id AND l.entry_id = v.entry_id AND l.account_id = v.account_id
            WHERE coalesce(v.amount, 0) <> coalesce(l.amount, 0)
            ORDER BY 1, 2, 3
            """,  # noqa: S608 - constant text
            {"company": company_id},
            lambda book_id, entry_id, account_id, rows, lines: Finding(
                say("an entry that its value rows do not add up to"),
                f"book {book_id}, entry {entry_id}, account {account_id}", f"{rows}", f"{lines}",
            ),
        ),
        query(
            """
            SELECT v.book_id, v.asset_id, v.event_id, v.entry_id FROM assets_value v
            LEFT JOIN ledger_entry e
                   ON e.company_id = v.company_id AND e.book_id = v.book_id AND e.entry_id = v.entry_id
            WHERE v.company_id = %(company)s AND v.entry_id IS NOT NULL
              AND (v.effective_on, v.posting_on, v.recorded_at)
                  IS DISTINCT FROM (e.effective_on, e.posting_on, e.recorded_at)
            ORDER BY 1, 2, 3
            """,
            {"company": company_id},
            lambda book_id, asset_id, event_id, entry_id: Finding(
                say("a value row with other dates than its entry"),
                f"book {book_id}, asset {asset_id}, event {event_id}, entry {entry_id}", "the same dates", "others",
            ),
        ),
    )  # fmt: skip


def gone_is_gone(company_id: int) -> Found:
    """An asset that has left carries nothing, in every book, and is charged nothing from the day after it left."""
    return together(
        query(
            """
            SELECT v.book_id, a.tag, sum(v.cost_amount), sum(v.carrying_amount)
            FROM assets_asset a JOIN assets_value v ON v.company_id = a.company_id AND v.asset_id = a.id
            WHERE a.company_id = %(company)s AND a.status = ANY (%(gone)s)
            GROUP BY v.book_id, a.tag HAVING sum(v.cost_amount) <> 0 OR sum(v.carrying_amount) <> 0
            ORDER BY 1, 2
            """,
            {"company": company_id, "gone": _GONE},
            lambda book_id, tag, cost, carrying: Finding(
                say("an asset that has left and is still carried"), f"book {book_id}, asset {tag}", "0",
                f"cost {cost}, net book value {carrying}",
            ),
        ),
        query(
            """
            SELECT v.book_id, a.tag, v.effective_on, sum(v.amount)
            FROM assets_asset a
            CROSS JOIN LATERAL (
                SELECT max(p.effective_on) AS left_on FROM assets_placement p
                WHERE p.company_id = a.company_id AND p.asset_id = a.id AND p.aspect = %(status)s
                  AND p.value_id = ANY (%(gone)s)) g
            JOIN assets_value v ON v.company_id = a.company_id AND v.asset_id = a.id AND v.role BETWEEN 120 AND 129
                               AND v.effective_on > g.left_on
            WHERE a.company_id = %(company)s AND a.status = ANY (%(gone)s)
            GROUP BY v.book_id, a.tag, v.effective_on HAVING sum(v.amount) <> 0
            ORDER BY 1, 2, 3
            """,
            {"company": company_id, "gone": _GONE, "status": int(Aspect.STATUS)},
            lambda book_id, tag, on, amount: Finding(
                say("depreciation after disposal"), f"book {book_id}, asset {tag}, {on}", "0", f"{amount}"
            ),
        ),
    )  # fmt: skip


def only_in_service(company_id: int) -> Found:
    """Nothing depreciates before it is in service, and land and construction never do."""
    return query(
        """
        WITH since AS MATERIALIZED (  -- once for each asset, not for each of its values
            SELECT e.asset_id, min(e.effective_on) AS first_on FROM assets_event e
            WHERE e.company_id = %(company)s
              AND e.kind IN ('in_service', 'opening', 'intercompany_in', 'part_in', 'error_correction')
            GROUP BY e.asset_id
        ), charged AS MATERIALIZED (
            SELECT x.book_id, x.asset_id, x.class_id, x.effective_on, sum(x.amount) AS amount FROM assets_value x
            WHERE x.company_id = %(company)s AND x.role BETWEEN 120 AND 129
            GROUP BY x.book_id, x.asset_id, x.class_id, x.effective_on
        )
        SELECT v.book_id, a.tag, v.effective_on, sum(v.amount)
        FROM charged v
        JOIN assets_asset a ON a.company_id = %(company)s AND a.id = v.asset_id
        JOIN assets_class c ON c.company_id = %(company)s AND c.id = v.class_id
        LEFT JOIN since s ON s.asset_id = v.asset_id
        WHERE c.kind IN ('land', 'under_construction') OR s.first_on IS NULL OR s.first_on > v.effective_on
        GROUP BY v.book_id, a.tag, v.effective_on HAVING sum(v.amount) <> 0
        ORDER BY 1, 2, 3
        """,
        {"company": company_id},
        lambda book_id, tag, on, amount: Finding(
            say("depreciation of what is not in service"),
            f"book {book_id}, asset {tag}, {on}",
            "0",
            f"{amount}",
        ),
    )


def as_placed(company_id: int) -> Found:
    """What the register says of place, people, class, status and first day of service is what the events that stand say."""
    return query(
        """
        WITH reversed AS (
            SELECT r.of_event_id AS event_id FROM assets_event r
            WHERE r.company_id = %(company)s AND r.kind = 'reversal' AND r.of_event_id IS NOT NULL
              AND assets_stands(r.company_id, r.event_id, NULL)
        ), standing AS (
            SELECT p.* FROM assets_placement p
            WHERE p.company_id = %(company)s AND p.event_id NOT IN (SELECT event_id FROM reversed)
        ), latest AS (
            SELECT DISTINCT ON (asset_id, aspect) asset_id, aspect, value_id FROM standing
            ORDER BY asset_id, aspect, effective_on DESC, phase DESC, key DESC
        ), said AS (
            SELECT asset_id, max(value_id) FILTER (WHERE aspect = 1) AS location_id,
                   max(value_id) FILTER (WHERE aspect = 4) AS cost_centre_id,
                   max(value_id) FILTER (WHERE aspect = 5) AS class_id,
                   max(value_id) FILTER (WHERE aspect = 6) AS status
            FROM latest GROUP BY asset_id
        )
        SELECT a.tag, s.location_id, s.cost_centre_id, s.class_id, s.status, f.in_service_on,
               a.location_id, a.cost_centre_id, a.class_id, a.status, a.in_service_on
        FROM assets_asset a LEFT JOIN said s ON s.asset_id = a.id
        LEFT JOIN assets_in_service_on(%(company)s, NULL, ARRAY (SELECT event_id FROM reversed)) f ON f.asset_id = a.id
        WHERE a.company_id = %(company)s
          AND (a.location_id, a.cost_centre_id, a.class_id, a.status, a.in_service_on) IS DISTINCT FROM
              (s.location_id, s.cost_centre_id, s.class_id, s.status::smallint, f.in_service_on)
        ORDER BY a.tag
        """,
        {"company": company_id},
        lambda tag, *both: Finding(
            say("an asset that is not where its events put it"),
            tag,
            ", ".join(map(str, both[:5])),
            ", ".join(map(str, both[5:])),
        ),
    )


def clearing_from_stock(company_id: int) -> Found:
    """What left stock for assets has arrived there, in every book, and no asset counts on goods that never moved."""
    return together(_under_way(company_id), _without_goods(company_id))


def _without_goods(company_id: int) -> Found:
    return query(
        """
        SELECT a.tag, e.event_id, e.move_id FROM assets_event e
        JOIN assets_asset a ON a.company_id = e.company_id AND a.id = e.asset_id
        WHERE e.company_id = %(company)s AND e.move_id IS NOT NULL AND assets_stands(e.company_id, e.event_id, NULL)
          AND EXISTS (
            SELECT FROM stock_move r
            WHERE r.company_id = e.company_id AND r.of_move_id = e.move_id AND r.kind = %(reversal)s
              AND NOT EXISTS (SELECT FROM stock_move b
                              WHERE b.company_id = r.company_id AND b.of_move_id = r.move_id AND b.kind = r.kind))
        ORDER BY 1, 2
        """,
        {"company": company_id, "reversal": int(MoveKind.REVERSAL)},
        lambda tag, event_id, move_id: Finding(
            say("an event of an asset whose goods were taken back"),
            f"asset {tag}, event {event_id}",
            "taken back too",
            f"move {move_id} was reversed",
        ),
    )


def _under_way(company_id: int) -> Found:
    return query(
        """
        SELECT l.book_id, l.account_id, sum(l.amount) FROM ledger_line l
        JOIN (SELECT DISTINCT book_id, account_id FROM ledger_account_map
              WHERE company_id = %(company)s AND account_role = 'asset_stock_clearing') a USING (book_id, account_id)
        WHERE l.company_id = %(company)s
        GROUP BY l.book_id, l.account_id HAVING sum(l.amount) <> 0
        ORDER BY 1, 2
        """,
        {"company": company_id},
        lambda book_id, account_id, amount: Finding(
            say("value on its way between stock and assets"),
            f"book {book_id}, account {account_id}",
            "0",
            f"{amount}",
        ),
    )


def parts_arrived(company_id: int) -> Found:
    """Every part that an asset gave by the day through which a book is charged has been taken by another one. Later ones
    may still be on their way."""
    charged = [book.horizon_on for book in queries.books(company_id) if book.horizon_on is not None]
    late = queries.parts_under_way(company_id, as_of=max(charged)) if charged else []
    return listed(
        [
            Finding(
                say("a part that no asset has taken"),
                f"asset {row.tag}, event {row.event_id}, part {row.part}",
                "taken by another asset",
                f"on its way since {row.effective_on}",
            )
            for row in late
        ]
    )


def replayed(company_id: int) -> Found:
    """Every asset folded again from its first fact: what each book should say is what its value rows say."""
    return listed(
        [
            Finding(
                say("an asset whose value rows are not what its facts make of it"), where, expected, found
            )
            for where, expected, found in proof.differences(company_id)
        ]
    )


def pools(company_id: int) -> Found:
    """Every pool worked out again from the cost that its assets are booked at: what is posted of it is what is due, and
    nothing of what left is waiting for its pool."""
    return listed(
        [
            Finding(
                say("a pool whose value rows are not what its computation makes of it"),
                where,
                expected,
                found,
            )
            for where, expected, found in proof.pool_differences(company_id)
        ]
        + [
            Finding(
                say("a disposal that neither a pool nor a gain or loss has taken up"), where, expected, found
            )
            for where, expected, found in proof.disposals_left(company_id)
        ]
    )


def handed_over(company_id: int) -> Found:
    """What went to another company as it stood is there what it is here: nothing has become known of it since."""
    return listed(
        [
            Finding(say("an asset that another company took up at another value"), where, expected, found)
            for where, expected, found in proof.handed_over(company_id)
        ]
    )


CHECKS = (
    Check(
        say("assets in the ledger"),
        say(
            "Cost, depreciation and net book value of every book agree with the accounts that carry "
            "assets, to the cent."
        ),
        general_ledger,
    ),
    Check(
        say("asset entries decompose"),
        say("Each entry that assets have posted is the net of its value rows by account."),
        entries_decompose,
    ),
    Check(
        say("gone is gone"), say("Nothing is carried or depreciated of an asset that has left."), gone_is_gone
    ),
    Check(
        say("only in service"),
        say("Nothing depreciates before service, under construction, or as land."),
        only_in_service,
    ),
    Check(
        say("assets as placed"),
        say("Place, cost centre, class, status and first day of service are what the events say."),
        as_placed,
    ),
    Check(
        say("pools"),
        say(
            "What is posted of a pool and its assets is what its computation makes due, and every "
            "disposal is taken up."
        ),
        pools,
    ),
    Check(
        say("handed over"),
        say("What went to another company has the value here at which it was taken up there."),
        handed_over,
    ),
    Check(
        say("parts have arrived"),
        say("What one asset gave before the last depreciation, another one has taken."),
        parts_arrived,
    ),
    Check(
        say("stock to assets"),
        say(
            "What left stock for assets has arrived in the register, and no asset counts on goods that were taken back."
        ),
        clearing_from_stock,
    ),
    Check(
        say("assets replayed"),
        say(
            "Worked out again from its facts, every asset has the value rows it has; posted and "
            "planned add up."
        ),
        replayed,
        deep=True,
    ),
)
