"""What a company reports of its assets: movements by class, what came and went, what agrees with the ledger."""

import datetime
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import cache
from itertools import accumulate

from wherewithal.assets.services.posting.values import ASSET_ROLES, effect_of
from wherewithal.core.money import convert
from wherewithal.core.posting import RULES, AccountRole, Role
from wherewithal.core.words import say
from wherewithal.kit import db
from wherewithal.kit.errors import refuse
from wherewithal.ledger import queries as ledger_queries
from wherewithal.ledger.currencies import currency_decimals


class Movement(StrEnum):
    """The columns of a roll-forward (IAS 16.73)."""

    ADDITIONS = "additions"
    TRANSFERS = "transfers"
    DISPOSALS = "disposals"
    HELD_FOR_SALE = "held_for_sale"
    REVALUATION = "revaluation"
    IMPAIRMENT = "impairment"
    DEPRECIATION = "depreciation"
    EXCHANGE = "exchange"
    OTHER = "other"


_RANGES: tuple[tuple[int, int, Movement], ...] = (
    (100, 112, Movement.ADDITIONS),
    (113, 113, Movement.TRANSFERS),
    (120, 129, Movement.DEPRECIATION),
    (130, 139, Movement.REVALUATION),
    (140, 149, Movement.IMPAIRMENT),
    (150, 169, Movement.TRANSFERS),
    (170, 179, Movement.DISPOSALS),
    (180, 189, Movement.HELD_FOR_SALE),
    (240, 240, Movement.DISPOSALS),
    (241, 241, Movement.TRANSFERS),
)


def movement_of(role: Role) -> Movement:
    """The column of a value role. Leases are sorted by what their roles are called."""
    for first, last, movement in _RANGES:
        if first <= role <= last:
            return movement
    name = role.name
    if "DEPRECIATION" in name or "AMORTISATION" in name:
        return Movement.DEPRECIATION
    if "IMPAIR" in name:
        return Movement.IMPAIRMENT
    if "RETIRE" in name or "SCOPE" in name:
        return Movement.DISPOSALS
    return Movement.ADDITIONS if name.startswith("LEASE") else Movement.OTHER


@dataclass(frozen=True, slots=True)
class RollForwardRow:
    """One class in one book, in minor units: cost, accumulated depreciation and impairment, and the net of both.

    `cost` and `carrying` are by movement; opening and closing stand for themselves. Amounts that leave are negative.
    """

    class_id: int
    class_code: str
    class_name: str
    opening_cost: int
    opening_carrying: int
    cost: Mapping[str, int]
    carrying: Mapping[str, int]
    closing_cost: int
    closing_carrying: int


_ROLL = """
    SELECT v.class_id, c.code, c.name, v.role,
           CASE WHEN v.effective_on >= %(from)s AND %(daily)s THEN v.effective_on ELSE %(to)s END,
           coalesce(sum(v.cost_amount) FILTER (WHERE v.effective_on < %(from)s), 0)::bigint,
           coalesce(sum(v.carrying_amount) FILTER (WHERE v.effective_on < %(from)s), 0)::bigint,
           coalesce(sum(v.cost_amount) FILTER (WHERE v.effective_on >= %(from)s), 0)::bigint,
           coalesce(sum(v.carrying_amount) FILTER (WHERE v.effective_on >= %(from)s), 0)::bigint
    FROM assets_value v JOIN assets_class c ON c.company_id = v.company_id AND c.id = v.class_id
    WHERE v.company_id = %(company)s AND v.book_id = %(book)s AND v.effective_on <= %(to)s
      AND (%(known)s::timestamptz IS NULL OR v.recorded_at <= %(known)s)
    GROUP BY 1, 2, 3, 4, 5 ORDER BY c.code, v.role
"""


def roll_forward(
    company_id: int,
    *,
    book_id: int,
    from_on: datetime.date,
    to_on: datetime.date,
    known_at: datetime.datetime | None = None,
    currency: str | None = None,
) -> list[RollForwardRow]:
    """Opening, movements and closing of each class between two days (both included), by effective day.

    In another `currency` (of presentation) what stood is translated at the rate of its day, movements at the rates of
    theirs, and what is left between them are exchange differences (IAS 21.39). Refused where a rate is not known.
    """
    rows = db.fetch_all(
        _ROLL,
        {
            "company": company_id,
            "book": book_id,
            "from": from_on,
            "to": to_on,
            "known": known_at,
            "daily": currency is not None,
        },
    )
    translate = _translation(company_id, book_id, currency)
    before_on = from_on - datetime.timedelta(days=1)
    found: list[RollForwardRow] = []
    for class_id in dict.fromkeys(row[0] for row in rows):
        mine = [row for row in rows if row[0] == class_id]
        sides = []
        for opening_at, moved_at in ((5, 7), (6, 8)):
            moved = dict.fromkeys(map(str, Movement), 0)
            opening = sum(row[opening_at] for row in mine)
            closing = opening + sum(row[moved_at] for row in mine)
            for row in mine:
                moved[movement_of(Role(row[3]))] += translate(row[moved_at], row[4])
            opening, closing = translate(opening, before_on), translate(closing, to_on)
            moved[Movement.EXCHANGE] = closing - opening - sum(moved.values())
            sides.append((opening, moved, closing))
        (cost_before, cost, cost_after), (before, carrying, after) = sides
        found.append(
            RollForwardRow(
                class_id, mine[0][1], mine[0][2], cost_before, before, cost, carrying, cost_after, after
            )
        )
    return found


@dataclass(frozen=True, slots=True)
class CarriedClass:
    """What the assets of one class were carried at, in minor units: at the end of each day that was asked for."""

    class_id: int
    class_name: str
    carrying: tuple[int, ...]


def carrying_by_class(
    company_id: int,
    *,
    book_id: int,
    days: Sequence[datetime.date],
    known_at: datetime.datetime | None = None,
) -> list[CarriedClass]:
    """Net book values by class at the ends of `days` (ascending), by effective day: the closings of roll-forwards."""
    rows = db.fetch_all(
        """
        SELECT v.class_id, c.name, width_bucket(v.effective_on - 1, %(days)s::date[]), sum(v.carrying_amount)::bigint
        FROM assets_value v JOIN assets_class c ON c.company_id = v.company_id AND c.id = v.class_id
        WHERE v.company_id = %(company)s AND v.book_id = %(book)s AND v.effective_on <= %(last)s
          AND (%(known)s::timestamptz IS NULL OR v.recorded_at <= %(known)s)
        GROUP BY v.class_id, c.code, c.name, 3 ORDER BY c.code
        """,
        {"company": company_id, "book": book_id, "days": list(days), "last": days[-1], "known": known_at},
    )
    moved: dict[tuple[int, str], list[int]] = {}
    for class_id, name, day, amount in rows:
        moved.setdefault((class_id, name), [0] * len(days))[day] = amount
    return [CarriedClass(*of_class, tuple(accumulate(amounts))) for of_class, amounts in moved.items()]


@dataclass(frozen=True, slots=True)
class MovedRow:
    """What one rule did to one asset in one class of a book, in minor units."""

    asset_id: int
    tag: str
    name: str
    class_code: str
    role: int
    meaning: str
    first_on: datetime.date
    last_on: datetime.date
    cost: int
    carrying: int


@dataclass(frozen=True, slots=True)
class Moved:
    """Which movements: of a class, of one column of the roll-forward; all of them where that is not said."""

    book_id: int
    from_on: datetime.date
    to_on: datetime.date
    known_at: datetime.datetime | None = None
    class_id: int | None = None
    movement: Movement | None = None


_MOVED = """
    FROM assets_value v JOIN assets_class c ON c.company_id = v.company_id AND c.id = v.class_id
    LEFT JOIN assets_asset a ON a.company_id = v.company_id AND a.id = v.asset_id
    WHERE v.company_id = %(company)s AND v.book_id = %(book)s AND v.effective_on BETWEEN %(from)s AND %(to)s
      AND (%(known)s::timestamptz IS NULL OR v.recorded_at <= %(known)s)
      AND (%(class)s::int IS NULL OR v.class_id = %(class)s)
      AND v.role = ANY(%(roles)s) AND (v.cost_amount <> 0 OR v.carrying_amount <> 0)
"""


def _moved(company_id: int, of: Moved) -> dict[str, object]:
    return {
        "company": company_id,
        "book": of.book_id,
        "from": of.from_on,
        "to": of.to_on,
        "known": of.known_at,
        "class": of.class_id,
        "roles": [int(role) for role in Role if of.movement in (None, movement_of(role))],
    }


def movements(
    company_id: int, of: Moved, *, after: tuple[str, str, int] | None = None, limit: int = 200
) -> list[MovedRow]:
    """What is behind the figures of a roll-forward: by tag, class and rule. What left a pool has no tag."""
    rows = db.fetch_all(
        "SELECT v.asset_id, coalesce(a.tag, ''), coalesce(a.name, ''), c.code, v.role, min(v.effective_on),"
        f" max(v.effective_on), sum(v.cost_amount)::bigint, sum(v.carrying_amount)::bigint {_MOVED}"
        " AND (%(tag)s::text IS NULL OR (coalesce(a.tag, ''), c.code, v.role) > (%(tag)s, %(code)s, %(role)s))"
        " GROUP BY 1, 2, 3, 4, 5 ORDER BY 2, 4, 5 LIMIT %(limit)s",
        _moved(company_id, of)
        | dict(zip(("tag", "code", "role"), after or (None, None, None), strict=True))
        | {"limit": max(1, min(limit, 10_001))},
    )
    return [MovedRow(*(*row[:5], RULES[Role(row[4])].meaning, *row[5:])) for row in rows]


def movements_total(company_id: int, of: Moved) -> tuple[int, int]:
    """Cost and net book value that moved, in minor units: the figures of the roll-forward."""
    rows = db.fetch_all(
        "SELECT coalesce(sum(v.cost_amount), 0)::bigint, coalesce(sum(v.carrying_amount), 0)::bigint"
        + _MOVED,
        _moved(company_id, of),
    )
    return rows[0][0], rows[0][1]


def _translation(company_id: int, book_id: int, currency: str | None) -> Callable[[int, datetime.date], int]:
    """Minor units of a book into those of another currency, at the rate of a day."""
    book = ledger_queries.book(company_id, book_id)
    if currency in (None, book.currency):
        return lambda amount, _day: amount
    assert currency is not None, "told apart above"
    decimals = currency_decimals(currency)

    @cache
    def rate_on(day: datetime.date) -> Decimal:
        rate = ledger_queries.exchange_rate(company_id, book.currency, currency, day)
        if rate is None:
            message = say(
                "No rate from {book_currency} to {currency} is known by {day}: record one.",
                book_currency=book.currency,
                currency=currency,
                day=day,
            )
            raise refuse("currency", "rate", message, value=currency)
        return rate

    def translate(amount: int, day: datetime.date) -> int:
        return convert(amount, rate_on(day), book.currency_decimals, decimals) if amount else 0

    return translate


@dataclass(frozen=True, slots=True)
class AdditionRow:
    """Cost that came in by one event, in minor units."""

    asset_id: int
    tag: str
    name: str
    class_code: str
    event_id: int
    kind: str
    effective_on: datetime.date
    amount: int
    reference: str
    party_id: int | None


def additions(
    company_id: int,
    *,
    book_id: int,
    from_on: datetime.date,
    to_on: datetime.date,
    known_at: datetime.datetime | None = None,
) -> list[AdditionRow]:
    """Acquisitions, openings and cost added between two days."""
    roles = [int(role) for role in Role if role >= 100 and movement_of(role) is Movement.ADDITIONS]
    rows = db.fetch_all(
        """
        SELECT v.asset_id, a.tag, a.name, c.code, e.event_id, e.kind, e.effective_on, sum(v.cost_amount)::bigint,
               e.reference, e.party_id
        FROM assets_value v
        JOIN assets_asset a ON a.company_id = v.company_id AND a.id = v.asset_id
        JOIN assets_class c ON c.company_id = v.company_id AND c.id = v.class_id
        JOIN assets_event e ON e.company_id = v.company_id AND e.event_id = v.event_id
        WHERE v.company_id = %(company)s AND v.book_id = %(book)s AND v.effective_on BETWEEN %(from)s AND %(to)s
          AND v.role = ANY (%(roles)s) AND (%(known)s::timestamptz IS NULL OR v.recorded_at <= %(known)s)
        GROUP BY 1, 2, 3, 4, 5, 6, 7, 9, 10 HAVING sum(v.cost_amount) <> 0
        ORDER BY e.effective_on, a.tag, e.event_id
        """,
        {
            "company": company_id,
            "book": book_id,
            "from": from_on,
            "to": to_on,
            "roles": roles,
            "known": known_at,
        },
    )
    return [AdditionRow(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class DisposalRow:
    """What left by one event, in minor units; `gain` below zero is a loss: proceeds less costs less carrying amount.

    Of a lease that ends, `proceeds` is the liability that is owed no longer and `costs` the penalty. What was held for
    sale has no cost and depreciation any more, only its carrying amount.
    """

    asset_id: int
    tag: str
    name: str
    class_code: str
    event_id: int
    kind: str
    how: str
    effective_on: datetime.date
    cost: int
    accumulated: int
    carrying: int
    proceeds: int
    costs: int
    gain: int


_GAINS = frozenset({AccountRole.DISPOSAL_GAIN, AccountRole.DISPOSAL_LOSS, AccountRole.LEASE_GAIN})
_LEAVING = [
    role for role in ASSET_ROLES if movement_of(role) is Movement.DISPOSALS or role == Role.LEASE_PENALTY
]
_PROCEEDS = (Role.DISPOSAL_PROCEEDS, Role.DISPOSED_TO_STOCK, Role.LEASE_SCOPE_LIABILITY)
_COSTS = (Role.DISPOSAL_EXPENSE, Role.LEASE_PENALTY)


def disposals(
    company_id: int,
    *,
    book_id: int,
    from_on: datetime.date,
    to_on: datetime.date,
    known_at: datetime.datetime | None = None,
) -> list[DisposalRow]:
    """Whole and partial disposals, and ends of leases, between two days, with what was gained or lost."""
    rows = db.fetch_all(
        """
        SELECT v.asset_id, a.tag, a.name, c.code, e.event_id, e.kind,
               coalesce(e.detail -> 'values' ->> 'how', e.detail -> 'values' ->> 'change', ''),
               e.effective_on, -sum(v.cost_amount)::bigint,
               coalesce(sum(v.carrying_amount - v.cost_amount) FILTER (WHERE v.role <> %(held)s), 0)::bigint,
               -sum(v.carrying_amount)::bigint,
               coalesce(sum(v.amount) FILTER (WHERE v.role = ANY (%(proceeds)s)), 0)::bigint,
               coalesce(sum(v.amount) FILTER (WHERE v.role = ANY (%(costs)s)), 0)::bigint,
               sum(v.amount * r.gain)::bigint
        FROM assets_value v
        JOIN unnest(%(roles)s::int[], %(gains)s::int[]) AS r (role, gain) ON r.role = v.role
        JOIN assets_asset a ON a.company_id = v.company_id AND a.id = v.asset_id
        JOIN assets_class c ON c.company_id = v.company_id AND c.id = v.class_id
        JOIN assets_event e ON e.company_id = v.company_id AND e.event_id = v.event_id
        WHERE v.company_id = %(company)s AND v.book_id = %(book)s AND v.effective_on BETWEEN %(from)s AND %(to)s
          AND (%(known)s::timestamptz IS NULL OR v.recorded_at <= %(known)s)
        GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
        HAVING bool_or(v.amount <> 0) AND (sum(v.cost_amount) <> 0 OR sum(v.amount) <> 0)
        ORDER BY e.effective_on, a.tag, e.event_id
        """,
        {
            "company": company_id, "book": book_id, "from": from_on, "to": to_on, "known": known_at,
            "roles": list(map(int, _LEAVING)), "gains": [-effect_of(role, _GAINS) for role in _LEAVING],
            "proceeds": list(map(int, _PROCEEDS)), "costs": list(map(int, _COSTS)),
            "held": int(Role.DISPOSED_HELD),
        },
    )  # fmt: skip
    return [DisposalRow(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class TieOutRow:
    """An account that carries assets: what the register says of it, and what the ledger says."""

    account_id: int
    code: str
    name: str
    register: int
    ledger: int

    @property
    def difference(self) -> int:
        return self.ledger - self.register


_TIE_OUT = """
    WITH control AS (
        SELECT DISTINCT account_id FROM ledger_account_map
        WHERE company_id = %(company)s AND book_id = %(book)s
          AND account_role IN ('asset_cost', 'construction_in_progress', 'accumulated_depreciation',
                               'accumulated_impairment', 'asset_held_for_sale')
    ), said AS (
        SELECT s.account_id, sum(s.amount) AS amount FROM assets_value v
        CROSS JOIN LATERAL (VALUES (v.debit_account_id, v.amount), (v.credit_account_id, -v.amount)) s (account_id, amount)
        WHERE v.company_id = %(company)s AND v.book_id = %(book)s
          AND (%(as_of)s::date IS NULL OR v.posting_on <= %(as_of)s)
          AND (%(known)s::timestamptz IS NULL OR v.recorded_at <= %(known)s)
        GROUP BY s.account_id
    ), posted AS (
        SELECT l.account_id, sum(l.amount) AS amount FROM ledger_line l JOIN control USING (account_id)
        WHERE l.company_id = %(company)s AND l.book_id = %(book)s
          AND (%(as_of)s::date IS NULL OR l.posting_on <= %(as_of)s)
          AND (%(known)s::timestamptz IS NULL OR l.recorded_at <= %(known)s)
        GROUP BY l.account_id
    )
    SELECT a.id, a.code, a.name, coalesce(s.amount, 0)::bigint, coalesce(p.amount, 0)::bigint
    FROM control k JOIN ledger_account a ON a.company_id = %(company)s AND a.id = k.account_id
    LEFT JOIN said s ON s.account_id = k.account_id LEFT JOIN posted p ON p.account_id = k.account_id
    WHERE s.amount IS NOT NULL OR p.amount IS NOT NULL
    ORDER BY a.code
"""


def tie_out(
    company_id: int,
    *,
    book_id: int,
    as_of: datetime.date | None = None,
    known_at: datetime.datetime | None = None,
) -> list[TieOutRow]:
    """Every account that carries assets in the book, by posting day: register against ledger."""
    rows = db.fetch_all(_TIE_OUT, {"company": company_id, "book": book_id, "as_of": as_of, "known": known_at})
    return [TieOutRow(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class ComparisonRow:
    """One asset or class in two books, in minor units: `difference` = first less second, `deferred_tax` at the rate."""

    code: str
    name: str
    carrying: int
    tax_base: int
    difference: int
    deferred_tax: int


def compare_books(
    company_id: int,
    *,
    book_id: int,
    tax_book_id: int,
    rate: Decimal,
    by: str = "class",
    as_of: datetime.date | None = None,
    known_at: datetime.datetime | None = None,
) -> list[ComparisonRow]:
    """Temporary differences and the deferred tax on them (above zero: a liability), `by` class or asset. What assets that
    left have left in a pool is a tax base too: of its class, and of no asset (an empty code).

    A tax base in another currency is translated at the rate of the day (IAS 12.41). Refused where none is known.
    """
    subject = ("k.code", "k.name") if by == "class" else ("coalesce(a.tag, '')", "coalesce(a.name, '')")
    rows = db.fetch_all(
        f"""
        SELECT {", ".join(subject)},
               coalesce(sum(v.carrying_amount) FILTER (WHERE v.book_id = %(book)s), 0)::bigint,
               coalesce(sum(v.carrying_amount) FILTER (WHERE v.book_id = %(tax)s), 0)::bigint
        FROM assets_value v
        LEFT JOIN assets_asset a ON a.company_id = v.company_id AND a.id = v.asset_id
        JOIN assets_class k ON k.company_id = v.company_id AND k.id = v.class_id
        WHERE v.company_id = %(company)s AND v.book_id IN (%(book)s, %(tax)s)
          AND (%(as_of)s::date IS NULL OR v.effective_on <= %(as_of)s)
          AND (%(known)s::timestamptz IS NULL OR v.recorded_at <= %(known)s)
        GROUP BY 1, 2 ORDER BY 1
        """,  # noqa: S608 - constant texts
        {"company": company_id, "book": book_id, "tax": tax_book_id, "as_of": as_of, "known": known_at},
    )
    translate = _translation(company_id, tax_book_id, ledger_queries.book(company_id, book_id).currency)
    rows = [(*row[:3], translate(row[3], as_of or datetime.date.max)) for row in rows]
    return [
        ComparisonRow(code, name, one, other, one - other, round(rate * (one - other)))
        for code, name, one, other in rows
    ]
