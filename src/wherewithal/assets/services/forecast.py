"""What the years to come will cost if nothing else happens, or if this and that does: planned purchases, sales, changes.

A scenario is what `record` takes, and is read by the same code; nothing of it is kept.
"""

import datetime
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from django.db import connection

from wherewithal.assets.drafts import EventDraft
from wherewithal.assets.plans import CashKind, CashRow, ForecastRow, Projection, cash_kind
from wherewithal.assets.services.context import BookFacts, Context, load_context
from wherewithal.assets.services.posting.bulk import charges_by_class, read_bulk
from wherewithal.assets.services.posting.decide import LONG_AGO, groups_of
from wherewithal.assets.services.posting.history import AssetHistory, linked, load_histories, reversed_ids
from wherewithal.assets.services.posting.moves import costs_of_moves
from wherewithal.assets.services.posting.pools import has_pools, pooled_ids, read_pools
from wherewithal.assets.services.posting.reading import MoveCosts, Reader
from wherewithal.assets.services.posting.standing import SLOW
from wherewithal.assets.services.posting.values import CARRYING_EFFECT, COST_EFFECT, POOL_ROLES, effect_of
from wherewithal.assets.services.record import prepare_scenario
from wherewithal.assets.values import Aspect, AssetDraft
from wherewithal.core.assets.facts import ValueRow
from wherewithal.core.assets.fold import History, fold
from wherewithal.core.depreciation.calendar import ONE_DAY
from wherewithal.core.depreciation.errors import PackError
from wherewithal.core.posting import AccountRole, Role
from wherewithal.core.words import say
from wherewithal.kit import db
from wherewithal.kit.errors import refuse

MOST_YEARS = 10
CHUNK = 5_000
CASH_ROLES = frozenset(
    {
        AccountRole.ASSET_CLEARING,
        AccountRole.DISPOSAL_PROCEEDS,
        AccountRole.GRANT_RECEIVABLE,
        AccountRole.LEASE_PAYMENTS,
    }
)
CASH_EFFECT = {int(role): effect_of(role, CASH_ROLES) for role in Role if role >= 100}
CHARGES = frozenset({*range(120, 127), int(Role.LEASE_DEPRECIATION), int(Role.LEASE_OPERATING_AMORTISATION)})


class _Enough(Exception):
    """All that a scenario wrote is taken back."""

    def __init__(self, found: Projection) -> None:
        super().__init__()
        self.found = found


def forecast(
    *,
    company_id: int,
    actor_id: int | None,
    through_on: datetime.date,
    book_ids: Sequence[int] | None = None,
    assets: Sequence[AssetDraft] = (),
    events: Sequence[EventDraft] = (),
    by: str = "month",
) -> list[ForecastRow]:
    """Charges, cost, net book value and cash of each class from the day after a book's last run to a day, at most ten
    years on, by `month` (the book's periods) or fiscal `year`. `assets` and `events`: the scenario. Refused as `record`
    would be."""
    return project(
        company_id=company_id, actor_id=actor_id, through_on=through_on, book_ids=book_ids,
        assets=assets, events=events, by=by,
    ).rows  # fmt: skip


def project(
    *,
    company_id: int,
    actor_id: int | None,
    through_on: datetime.date,
    from_on: datetime.date | None = None,
    book_ids: Sequence[int] | None = None,
    assets: Sequence[AssetDraft] = (),
    events: Sequence[EventDraft] = (),
    by: str = "month",
    cost_centres: bool = False,
) -> Projection:
    """As `forecast`, with cash by day and (asked for) apart by cost centre.

    From the period of `from_on`; where that is before the book's last run, periods begin with what is booked. A change
    of cost centre takes the net book value along."""
    if by not in ("month", "year"):
        raise refuse("by", "choice", say("Choose month or year."), value=by)

    def work() -> Projection:
        try:
            with db.company_transaction(company_id=company_id, actor_id=actor_id):
                context = load_context(company_id)
                changed: dict[int, AssetHistory] = {}
                if assets or events:
                    context, changed = prepare_scenario(company_id, actor_id, assets, events)
                found = Projection()
                for book in context.books:
                    if book.filled and (book_ids is None or book.book_id in book_ids):
                        span = _span(context, book, from_on, through_on, by)
                        _of_book(Ahead(context, book, span, by, cost_centres, changed), found)
                raise _Enough(found)
        except _Enough as enough:
            return enough.found

    return work() if connection.in_atomic_block else db.run_retrying(work)


class Span(NamedTuple):
    """Days of a forecast. start_on: what stands at its end is carried forward; run_on: the end of the last run."""

    start_on: datetime.date
    run_on: datetime.date
    from_on: datetime.date
    through_on: datetime.date


def _span(
    context: Context, book: BookFacts, from_on: datetime.date | None, through_on: datetime.date, by: str
) -> Span:
    run_on = book.horizon_on or _before_all(context.company_id)
    if through_on > run_on + datetime.timedelta(days=366 * MOST_YEARS):
        message = say(
            "Ten years from the last run at most: up to {run_on}.",
            run_on=run_on.replace(year=run_on.year + MOST_YEARS),
        )
        raise refuse("through_on", "range", message, value=through_on)
    if from_on is None:
        return Span(run_on, run_on, run_on + ONE_DAY, through_on)
    if from_on > through_on:
        raise refuse("from_on", "order", say("The first day is not after the last."), value=from_on)
    first = (book.calendar.period if by == "month" else book.calendar.year)(from_on).first
    return Span(min(run_on, first - ONE_DAY), run_on, first, through_on)


Place = tuple[int, int]
"""(class, cost centre)"""
Cell = tuple[int, int, datetime.date, datetime.date]
"""(class, cost centre, first day, last day of the period)"""
CHARGE, COST, CARRYING, CASH, PURCHASES, PROCEEDS, LEASES = range(7)
_CASH_COLUMN = {CashKind.PURCHASE: PURCHASES, CashKind.PROCEEDS: PROCEEDS, CashKind.LEASE: LEASES}


@dataclass(slots=True)
class Ahead:
    """One book as it is worked out: what stood at the start, and what moves it, by period."""

    context: Context
    book: BookFacts
    span: Span
    by: str
    cost_centres: bool
    changed: Mapping[int, AssetHistory]
    opening: dict[Place, list[int]] = field(default_factory=lambda: defaultdict(lambda: [0, 0]))
    cells: dict[Cell, list[int]] = field(default_factory=lambda: defaultdict(lambda: [0] * 7))
    cash: dict[tuple[int, int, datetime.date, CashKind], int] = field(
        default_factory=lambda: defaultdict(int)
    )

    def cell(self, class_id: int, centre: int, on: datetime.date) -> list[int]:
        period = (self.book.calendar.period if self.by == "month" else self.book.calendar.year)(on)
        return self.cells[class_id, centre if self.cost_centres else 0, period.first, period.last]

    def put(self, row: ValueRow, centre: int) -> None:
        """A row of a day after the start."""
        cell = self.cell(row.class_id, centre, row.effective_on)
        cell[CHARGE] += row.amount if row.role in CHARGES else 0
        cell[COST] += COST_EFFECT[row.role] * row.amount
        cell[CARRYING] += CARRYING_EFFECT[row.role] * row.amount
        cash = CASH_EFFECT[row.role] * row.amount
        if cash:
            kind = cash_kind(row.role)
            cell[CASH] += cash
            if kind in _CASH_COLUMN:
                cell[_CASH_COLUMN[kind]] += cash
            if row.effective_on >= self.span.from_on:
                self.cash[row.class_id, centre if self.cost_centres else 0, row.effective_on, kind] += cash

    def stand(self, row: ValueRow, centre: int) -> None:
        """A row of a day up to the start."""
        start = self.opening[row.class_id, centre if self.cost_centres else 0]
        start[0] += COST_EFFECT[row.role] * row.amount
        start[1] += CARRYING_EFFECT[row.role] * row.amount


def _of_book(ahead: Ahead, found: Projection) -> None:
    company_id, book, span = ahead.context.company_id, ahead.book, ahead.span
    anew = _moved(company_id, span.start_on) if ahead.cost_centres else set()
    anew = linked(company_id, anew) | ahead.changed.keys()
    _stood(ahead, anew)
    slow = _slow(company_id, book.book_id) | (anew - ahead.changed.keys())
    apart = {*slow, *anew}
    for row, centre in _still_to_come(ahead, apart):
        ahead.put(row, centre)
    rows_anew: dict[int, list[ValueRow]] = {}
    for group, costs in _groups(company_id, sorted(slow - ahead.changed.keys()), ahead.changed):
        known = any(asset.asset_id in anew for asset in group)
        after_on = LONG_AGO if known else span.start_on
        answers = _rows(ahead.context, book, group, costs, span.through_on, after_on)
        for asset in group:
            if asset.asset_id in apart:
                rows = answers[asset.asset_id]
                if asset.asset_id in anew:
                    rows_anew[asset.asset_id] = rows
                else:
                    rows = [row for row in rows if row.effective_on > span.start_on]
                _follow(ahead, asset, rows)
    _from_pools(ahead, rows_anew)
    carry_forward(ahead, found)


def _from_pools(ahead: Ahead, rows_anew: Mapping[int, Sequence[ValueRow]]) -> None:
    """What pools say of their assets, posted and to come. A pack without an answer says nothing; the run names it."""
    context, book, span = ahead.context, ahead.book, ahead.span
    if not pooled_ids(context.company_id, book.book_id) and not has_pools(book, ahead.changed.values()):
        return
    reading = read_pools(context, book, changed=ahead.changed, instead=rows_anew)
    for pack in sorted(reading.members):
        try:
            said = reading.worked_out(pack, charged_through=span.through_on, shown_through=datetime.date.min)
        except PackError:
            continue
        for key, amount in said.rows.items():
            row = ValueRow(key.on, key.cause_id, key.role, key.class_id, amount)
            if key.on <= span.through_on:
                (ahead.stand if key.on <= span.start_on else ahead.put)(row, key.cost_centre_id)


def _follow(ahead: Ahead, asset: AssetHistory, rows: Sequence[ValueRow]) -> None:
    """One asset's rows; where its cost centre changes after the start, what it is worth then goes along."""
    start_on, through_on = ahead.span.start_on, ahead.span.through_on
    dead = reversed_ids(asset.events)
    changes = sorted({on for on, *_ in asset.cost_centres if start_on < on <= through_on})
    centre = asset.cost_centre_on(start_on, dead)
    worth: dict[int, list[int]] = defaultdict(lambda: [0, 0])
    for row in sorted(rows, key=lambda each: each.effective_on):
        while changes and changes[0] <= row.effective_on:
            centre = _carry(ahead, asset, dead, changes.pop(0), centre, worth)
        if row.effective_on > through_on:
            break
        worth[row.class_id][0] += COST_EFFECT[row.role] * row.amount
        worth[row.class_id][1] += CARRYING_EFFECT[row.role] * row.amount
        (ahead.stand if row.effective_on <= start_on else ahead.put)(row, centre)
    for on in changes:
        centre = _carry(ahead, asset, dead, on, centre, worth)


def _carry(
    ahead: Ahead,
    asset: AssetHistory,
    dead: Collection[int],
    on: datetime.date,
    before: int,
    worth: Mapping[int, list[int]],
) -> int:
    """The net book value goes to who bears the cost from a day on."""
    after = asset.cost_centre_on(on, dead)
    if ahead.cost_centres and after != before:
        for class_id, (cost, carrying) in worth.items():
            for centre, sign in ((before, -1), (after, 1)):
                cell = ahead.cell(class_id, centre, on)
                cell[COST] += sign * cost
                cell[CARRYING] += sign * carrying
    return after


def carry_forward(ahead: Ahead, found: Projection) -> None:
    """Each class (and cost centre) in each period, what stands at its end carried forward."""
    book, span, cells = ahead.book, ahead.span, ahead.cells
    periods = []
    day = span.start_on + ONE_DAY
    while day <= span.through_on:
        period = book.calendar.period(day) if ahead.by == "month" else book.calendar.year(day)
        periods.append((period.first, period.last))
        day = period.last + ONE_DAY
    for class_id, centre in sorted({*ahead.opening, *((cell[0], cell[1]) for cell in cells)}):
        cost, carrying = ahead.opening.get((class_id, centre), (0, 0))
        for first, last in periods:
            moved = cells.get((class_id, centre, first, last), [0] * 7)
            cost, carrying = cost + moved[COST], carrying + moved[CARRYING]
            if last >= span.from_on:
                found.rows.append(
                    ForecastRow(
                        book_id=book.book_id,
                        class_id=class_id,
                        from_on=first,
                        to_on=last,
                        charge=moved[CHARGE],
                        cost=cost,
                        carrying=carrying,
                        cash=moved[CASH],
                        purchases=moved[PURCHASES],
                        proceeds=moved[PROCEEDS],
                        lease_payments=moved[LEASES],
                        cost_centre_id=centre,
                        booked=last <= span.run_on,
                    )
                )
    for (class_id, centre, on, kind), amount in sorted(ahead.cash.items()):
        if amount:
            found.cash.append(CashRow(book.book_id, class_id, centre, on, kind, amount))


def _before_all(company_id: int) -> datetime.date:
    row = db.fetch_one("SELECT min(effective_on) - 1 FROM assets_event WHERE company_id = %s", (company_id,))
    return row[0] if row and row[0] else LONG_AGO


_STOOD = """
    SELECT v.class_id, 0, sum(v.cost_amount)::bigint, sum(v.carrying_amount)::bigint FROM assets_value v
    WHERE v.company_id = %s AND v.book_id = %s AND v.effective_on <= %s AND v.asset_id <> ALL (%s)
      AND v.role <> ALL (%s)
    GROUP BY 1
"""
_STOOD_APART = """
    SELECT v.class_id, coalesce(a.cost_centre_id, 0), sum(v.cost_amount)::bigint, sum(v.carrying_amount)::bigint
    FROM assets_value v JOIN assets_asset a ON a.company_id = v.company_id AND a.id = v.asset_id
    WHERE v.company_id = %s AND v.book_id = %s AND v.effective_on <= %s AND v.asset_id <> ALL (%s)
      AND v.role <> ALL (%s)
    GROUP BY 1, 2
"""


def _stood(ahead: Ahead, anew: Collection[int]) -> None:
    """Cost and net book value at the start; what is worked out anew is left out, and what pools say."""
    rows = db.fetch_all(
        _STOOD_APART if ahead.cost_centres else _STOOD,
        (ahead.context.company_id, ahead.book.book_id, ahead.span.start_on, sorted(anew), list(POOL_ROLES)),
    )
    for class_id, centre_id, cost, carrying in rows:
        ahead.opening[class_id, centre_id] = [cost, carrying]


def _moved(company_id: int, start_on: datetime.date) -> set[int]:
    """Assets whose cost centre changes after a day."""
    rows = db.fetch_all(
        "SELECT DISTINCT p.asset_id FROM assets_placement p"
        " WHERE p.company_id = %(company)s AND p.aspect = %(aspect)s AND p.effective_on > %(start)s"
        " AND EXISTS (SELECT FROM assets_placement q WHERE q.company_id = p.company_id AND q.asset_id = p.asset_id"
        " AND q.aspect = p.aspect AND q.event_id <> p.event_id)",
        {"company": company_id, "aspect": int(Aspect.COST_CENTRE), "start": start_on},
    )
    return {row[0] for row in rows}


def _slow(company_id: int, book_id: int) -> set[int]:
    """Assets of which more moves than depreciation."""
    rows = db.fetch_all(
        "SELECT asset_id FROM assets_standing WHERE company_id = %s AND book_id = %s AND way = %s",
        (company_id, book_id, SLOW),
    )
    return {row[0] for row in rows}


def _still_to_come(ahead: Ahead, without: Collection[int]) -> Iterator[tuple[ValueRow, int]]:
    """Of all other assets, by class, cost centre and day: what is booked after the start, and the charges to come."""
    company_id, book, span = ahead.context.company_id, ahead.book, ahead.span
    for class_id, centre, on, role, amount in db.fetch_all(
        "SELECT class_id, cost_centre_id, effective_on, role, sum(amount)::bigint FROM assets_value"
        " WHERE company_id = %s AND book_id = %s AND effective_on > %s AND effective_on <= %s"
        " AND asset_id <> ALL (%s) AND role <> ALL (%s) GROUP BY 1, 2, 3, 4",
        (company_id, book.book_id, span.start_on, span.through_on, sorted(without), list(POOL_ROLES)),
    ):
        yield ValueRow(on, 0, role, class_id, amount), centre
    bulk = read_bulk(company_id, book, span.through_on, without)
    if bulk is not None:
        for class_id, centre, on, amount in charges_by_class(
            book, bulk, span.through_on, cost_centres=ahead.cost_centres
        ):
            yield ValueRow(on, 0, Role.DEPRECIATION, class_id, amount), centre


def _groups(
    company_id: int, slow: Sequence[int], changed: Mapping[int, AssetHistory]
) -> Iterator[tuple[list[AssetHistory], MoveCosts]]:
    """Assets that are read one by one, those that hang together as one; the scenario's instead of what is recorded."""
    seen: set[int] = set(changed)
    for start in range(0, len(slow), CHUNK):
        wanted = linked(company_id, set(slow[start : start + CHUNK])) - seen
        wanted &= set(slow)
        seen |= wanted
        histories = load_histories(company_id, linked(company_id, wanted) - changed.keys())
        costs = costs_of_moves(company_id, histories.values())
        for group in groups_of(histories):
            yield group, costs
    costs = costs_of_moves(company_id, changed.values())
    for group in groups_of(changed):
        yield group, costs


def _rows(
    context: Context,
    book: BookFacts,
    group: Sequence[AssetHistory],
    move_costs: MoveCosts,
    through_on: datetime.date,
    after_on: datetime.date,
) -> dict[int, list[ValueRow]]:
    """The rows of assets that hang together, by asset."""
    histories = [History(a.asset_id, a.class_id, Reader(context, book, a, move_costs).facts()) for a in group]
    folded = fold(histories, book.calendar, through_on, after_on=after_on)
    return {asset_id: answer.rows for asset_id, answer in folded.items()}
