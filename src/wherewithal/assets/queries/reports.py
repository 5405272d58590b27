"""What a company reports of its assets: movements by class, what came and went, what agrees with the ledger."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from wherewithal.core.posting import Role
from wherewithal.kit import db


class Movement(StrEnum):
    """The columns of a roll-forward (IAS 16.73)."""

    ADDITIONS = "additions"
    TRANSFERS = "transfers"
    DISPOSALS = "disposals"
    HELD_FOR_SALE = "held_for_sale"
    REVALUATION = "revaluation"
    IMPAIRMENT = "impairment"
    DEPRECIATION = "depreciation"
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
           coalesce(sum(v.cost_amount) FILTER (WHERE v.effective_on < %(from)s), 0)::bigint,
           coalesce(sum(v.carrying_amount) FILTER (WHERE v.effective_on < %(from)s), 0)::bigint,
           coalesce(sum(v.cost_amount) FILTER (WHERE v.effective_on >= %(from)s), 0)::bigint,
           coalesce(sum(v.carrying_amount) FILTER (WHERE v.effective_on >= %(from)s), 0)::bigint
    FROM assets_value v JOIN assets_class c ON c.company_id = v.company_id AND c.id = v.class_id
    WHERE v.company_id = %(company)s AND v.book_id = %(book)s AND v.effective_on <= %(to)s
      AND (%(known)s::timestamptz IS NULL OR v.recorded_at <= %(known)s)
    GROUP BY v.class_id, c.code, c.name, v.role ORDER BY c.code, v.role
"""


def roll_forward(
    company_id: int,
    *,
    book_id: int,
    from_on: datetime.date,
    to_on: datetime.date,
    known_at: datetime.datetime | None = None,
) -> list[RollForwardRow]:
    """Opening, movements and closing of each class between two days (both included), by effective day."""
    rows = db.fetch_all(
        _ROLL, {"company": company_id, "book": book_id, "from": from_on, "to": to_on, "known": known_at}
    )
    found: list[RollForwardRow] = []
    for class_id in dict.fromkeys(row[0] for row in rows):
        mine = [row for row in rows if row[0] == class_id]
        cost = dict.fromkeys(map(str, Movement), 0)
        carrying = dict.fromkeys(map(str, Movement), 0)
        for row in mine:
            movement = movement_of(Role(row[3]))
            cost[movement] += row[6]
            carrying[movement] += row[7]
        opening_cost, opening_carrying = sum(row[4] for row in mine), sum(row[5] for row in mine)
        found.append(
            RollForwardRow(
                class_id,
                mine[0][1],
                mine[0][2],
                opening_cost,
                opening_carrying,
                cost,
                carrying,
                opening_cost + sum(cost.values()),
                opening_carrying + sum(carrying.values()),
            )
        )
    return found


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
    """What left by one event, in minor units; `gain` below zero is a loss."""

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


def disposals(
    company_id: int,
    *,
    book_id: int,
    from_on: datetime.date,
    to_on: datetime.date,
    known_at: datetime.datetime | None = None,
) -> list[DisposalRow]:
    """Whole and partial disposals between two days, with what was gained or lost."""
    rows = db.fetch_all(
        """
        SELECT v.asset_id, a.tag, a.name, c.code, e.event_id, e.kind, coalesce(e.detail -> 'values' ->> 'how', ''),
               e.effective_on, -sum(v.cost_amount)::bigint, -(sum(v.cost_amount) - sum(v.carrying_amount))::bigint,
               -sum(v.carrying_amount)::bigint,
               coalesce(sum(v.amount) FILTER (WHERE v.role IN (%(proceeds)s, %(to_stock)s)), 0)::bigint,
               coalesce(sum(v.amount) FILTER (WHERE v.role = %(expense)s), 0)::bigint,
               coalesce(sum(CASE v.role WHEN %(gain)s THEN v.amount WHEN %(loss)s THEN -v.amount END), 0)::bigint
        FROM assets_value v
        JOIN assets_asset a ON a.company_id = v.company_id AND a.id = v.asset_id
        JOIN assets_class c ON c.company_id = v.company_id AND c.id = v.class_id
        JOIN assets_event e ON e.company_id = v.company_id AND e.event_id = v.event_id
        WHERE v.company_id = %(company)s AND v.book_id = %(book)s AND v.effective_on BETWEEN %(from)s AND %(to)s
          AND (v.role BETWEEN 170 AND 179 OR v.role = %(retired)s)
          AND (%(known)s::timestamptz IS NULL OR v.recorded_at <= %(known)s)
        GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
        HAVING bool_or(v.amount <> 0) AND (sum(v.cost_amount) <> 0 OR sum(v.amount) <> 0)
        ORDER BY e.effective_on, a.tag, e.event_id
        """,
        {
            "company": company_id, "book": book_id, "from": from_on, "to": to_on, "known": known_at,
            "proceeds": int(Role.DISPOSAL_PROCEEDS), "to_stock": int(Role.DISPOSED_TO_STOCK),
            "expense": int(Role.DISPOSAL_EXPENSE), "retired": int(Role.POOL_RETIRED),
            "gain": int(Role.DISPOSAL_GAIN), "loss": int(Role.DISPOSAL_LOSS),
        },
    )  # fmt: skip
    return [DisposalRow(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class UsedUpRow:
    """An asset that is still there though nothing is left to depreciate."""

    asset_id: int
    tag: str
    name: str
    class_code: str
    cost: int
    carrying: int
    last_charged_on: datetime.date


def fully_depreciated(
    company_id: int,
    *,
    book_id: int,
    as_of: datetime.date | None = None,
    known_at: datetime.datetime | None = None,
) -> list[UsedUpRow]:
    """Assets in use whose net book value has come down to their residual."""
    rows = db.fetch_all(
        """
        SELECT a.id, a.tag, a.name, c.code, v.cost, v.carrying, v.last_on
        FROM (SELECT v.asset_id, sum(v.cost_amount)::bigint AS cost, sum(v.carrying_amount)::bigint AS carrying,
                     max(v.effective_on) FILTER (WHERE v.role BETWEEN 120 AND 129) AS last_on
              FROM assets_value v
              WHERE v.company_id = %(company)s AND v.book_id = %(book)s
                AND (%(as_of)s::date IS NULL OR v.effective_on <= %(as_of)s)
                AND (%(known)s::timestamptz IS NULL OR v.recorded_at <= %(known)s)
              GROUP BY v.asset_id) v
        JOIN assets_asset a ON a.company_id = %(company)s AND a.id = v.asset_id AND a.status NOT IN (6, 7)
        JOIN assets_class c ON c.company_id = a.company_id AND c.id = a.class_id
        JOIN ledger_book b ON b.company_id = a.company_id AND b.id = %(book)s
        LEFT JOIN assets_asset_book x ON x.company_id = a.company_id AND x.asset_id = a.id AND x.book_id = b.id
        LEFT JOIN assets_terms t ON t.company_id = x.company_id AND t.terms_id = x.terms_id
        WHERE v.cost > 0 AND v.last_on IS NOT NULL
          AND v.carrying <= coalesce((t.terms ->> 'residual')::numeric * 10 ^ b.currency_decimals,
                                     v.cost * coalesce((t.terms ->> 'residual_percent')::numeric, 0) / 100)
        ORDER BY a.tag
        """,
        {"company": company_id, "book": book_id, "as_of": as_of, "known": known_at},
    )
    return [UsedUpRow(*row) for row in rows]


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

    key_id: int
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
    """Temporary differences and the deferred tax on them (above zero: a liability), `by` class or asset.

    Both books must have one currency; amounts are not converted.
    """
    subject = ("a.class_id", "k.code", "k.name") if by == "class" else ("a.id", "a.tag", "a.name")
    rows = db.fetch_all(
        f"""
        SELECT {", ".join(subject)},
               coalesce(sum(v.carrying_amount) FILTER (WHERE v.book_id = %(book)s), 0)::bigint,
               coalesce(sum(v.carrying_amount) FILTER (WHERE v.book_id = %(tax)s), 0)::bigint
        FROM assets_value v
        JOIN assets_asset a ON a.company_id = v.company_id AND a.id = v.asset_id
        JOIN assets_class k ON k.company_id = a.company_id AND k.id = a.class_id
        WHERE v.company_id = %(company)s AND v.book_id IN (%(book)s, %(tax)s)
          AND (%(as_of)s::date IS NULL OR v.effective_on <= %(as_of)s)
          AND (%(known)s::timestamptz IS NULL OR v.recorded_at <= %(known)s)
        GROUP BY 1, 2, 3 ORDER BY 2
        """,  # noqa: S608 - constant texts
        {"company": company_id, "book": book_id, "tax": tax_book_id, "as_of": as_of, "known": known_at},
    )
    return [
        ComparisonRow(key, code, name, one, other, one - other, round(rate * (one - other)))
        for key, code, name, one, other in rows
    ]
