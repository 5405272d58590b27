"""What the years to come will cost if nothing else happens, or if this and that does: planned purchases, sales, changes.

A scenario is what `record` takes, and is read by the same code; nothing of it is kept.
"""

import datetime
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.db import connection

from wherewithal.assets.drafts import EventDraft
from wherewithal.assets.services.context import BookFacts, Context, load_context
from wherewithal.assets.services.posting.decide import LONG_AGO, groups_of
from wherewithal.assets.services.posting.history import AssetHistory, linked, load_histories
from wherewithal.assets.services.posting.moves import costs_of_moves
from wherewithal.assets.services.posting.reading import MoveCosts, Reader
from wherewithal.assets.services.posting.standing import (
    SLOW,
    charges_by_class,
    read_bulk,
)
from wherewithal.assets.services.posting.values import CARRYING_EFFECT, COST_EFFECT, effect_of
from wherewithal.assets.services.record import prepare_scenario
from wherewithal.assets.values import AssetDraft
from wherewithal.core.assets.facts import ValueRow
from wherewithal.core.assets.fold import History, fold
from wherewithal.core.posting import AccountRole, Role
from wherewithal.kit import db
from wherewithal.kit.errors import refuse

MOST_YEARS = 10
CHUNK = 5_000
CASH_ROLES = frozenset(
    {AccountRole.ASSET_CLEARING, AccountRole.DISPOSAL_PROCEEDS, AccountRole.GRANT_RECEIVABLE}
)
CASH_EFFECT = {int(role): effect_of(role, CASH_ROLES) for role in Role if role >= 100}
CHARGES = frozenset({*range(120, 124), int(Role.LEASE_DEPRECIATION), int(Role.LEASE_OPERATING_AMORTISATION)})


@dataclass(frozen=True, slots=True)
class ForecastRow:
    """One class of one book in one period, in minor units. `cash`: what is paid (below zero) or received."""

    book_id: int
    class_id: int
    from_on: datetime.date
    to_on: datetime.date
    charge: int
    cost: int
    carrying: int
    cash: int


class _Enough(Exception):
    """All that a scenario wrote is taken back."""

    def __init__(self, rows: list[ForecastRow]) -> None:
        super().__init__()
        self.rows = rows


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
    if by not in ("month", "year"):
        raise refuse("by", "choice", "Choose month or year.", value=by)

    def work() -> list[ForecastRow]:
        try:
            with db.company_transaction(company_id=company_id, actor_id=actor_id):
                context = load_context(company_id)
                changed: dict[int, AssetHistory] = {}
                if assets or events:
                    context, changed = prepare_scenario(company_id, actor_id, assets, events)
                books = [b for b in context.books if b.filled and (book_ids is None or b.book_id in book_ids)]
                found = [row for book in books for row in _of_book(context, book, through_on, changed, by)]
                raise _Enough(found)
        except _Enough as enough:
            return enough.rows

    return work() if connection.in_atomic_block else db.run_retrying(work)


Cell = tuple[int, datetime.date, datetime.date]
"""(class, first day, last day of the period)"""


def _of_book(
    context: Context,
    book: BookFacts,
    through_on: datetime.date,
    changed: Mapping[int, AssetHistory],
    by: str,
) -> list[ForecastRow]:
    since = book.horizon_on or _before_all(context.company_id)
    if through_on > since + datetime.timedelta(days=366 * MOST_YEARS):
        message = f"Ten years from the last run at most: up to {since.replace(year=since.year + MOST_YEARS)}."
        raise refuse("through_on", "range", message, value=through_on)
    company_id = context.company_id
    opening = _opening(company_id, book.book_id, since, changed)
    cells: dict[Cell, list[int]] = defaultdict(lambda: [0, 0, 0, 0])

    def put(row: ValueRow) -> None:
        period = (book.calendar.period if by == "month" else book.calendar.year)(row.effective_on)
        cell = cells[row.class_id, period.first, period.last]
        cell[0] += row.amount if row.role in CHARGES else 0
        cell[1] += COST_EFFECT[row.role] * row.amount
        cell[2] += CARRYING_EFFECT[row.role] * row.amount
        cell[3] += CASH_EFFECT[row.role] * row.amount

    slow = _slow(company_id, book.book_id) - changed.keys()
    apart = {*slow, *changed}
    for row in _still_to_come(context, book, since, through_on, apart):
        put(row)
    for group, costs in _groups(company_id, sorted(slow), changed):
        known = any(asset.asset_id in changed for asset in group)
        for row in _rows(context, book, group, costs, through_on, LONG_AGO if known else since, apart):
            if row.effective_on <= since:
                start = opening.setdefault(row.class_id, [0, 0])
                start[0] += COST_EFFECT[row.role] * row.amount
                start[1] += CARRYING_EFFECT[row.role] * row.amount
            elif row.effective_on <= through_on:
                put(row)
    return _standing(book, opening, cells, since, through_on, by)


def _standing(
    book: BookFacts,
    opening: Mapping[int, list[int]],
    cells: Mapping[Cell, list[int]],
    since: datetime.date,
    through_on: datetime.date,
    by: str,
) -> list[ForecastRow]:
    """Each class in each period, what stands at its end carried forward."""
    periods = []
    day = since + datetime.timedelta(days=1)
    while day <= through_on:
        period = book.calendar.period(day) if by == "month" else book.calendar.year(day)
        periods.append((period.first, period.last))
        day = period.last + datetime.timedelta(days=1)
    rows = []
    for class_id in sorted({*opening, *(cell[0] for cell in cells)}):
        cost, carrying = opening.get(class_id, (0, 0))
        for first, last in periods:
            charge, cost_change, change, cash = cells.get((class_id, first, last), (0, 0, 0, 0))
            cost, carrying = cost + cost_change, carrying + change
            rows.append(ForecastRow(book.book_id, class_id, first, last, charge, cost, carrying, cash))
    return rows


def _before_all(company_id: int) -> datetime.date:
    row = db.fetch_one("SELECT min(effective_on) - 1 FROM assets_event WHERE company_id = %s", (company_id,))
    return row[0] if row and row[0] else LONG_AGO


def _opening(
    company_id: int, book_id: int, since: datetime.date, changed: Mapping[int, AssetHistory]
) -> dict[int, list[int]]:
    """Cost and net book value by class at the end of the last run; what a scenario changes is worked out anew."""
    rows = db.fetch_all(
        "SELECT class_id, sum(cost_amount)::bigint, sum(carrying_amount)::bigint FROM assets_value"
        " WHERE company_id = %s AND book_id = %s AND effective_on <= %s AND asset_id <> ALL (%s) GROUP BY class_id",
        (company_id, book_id, since, sorted(changed)),
    )
    return {class_id: [cost, carrying] for class_id, cost, carrying in rows}


def _slow(company_id: int, book_id: int) -> set[int]:
    """Assets of which more moves than depreciation."""
    rows = db.fetch_all(
        "SELECT asset_id FROM assets_standing WHERE company_id = %s AND book_id = %s AND way = %s",
        (company_id, book_id, SLOW),
    )
    return {row[0] for row in rows}


def _still_to_come(
    context: Context,
    book: BookFacts,
    since: datetime.date,
    through_on: datetime.date,
    without: Collection[int],
) -> Iterator[ValueRow]:
    """Of all other assets, by class and day: what events after the last run have booked, and the charges to come."""
    for class_id, on, role, amount in db.fetch_all(
        "SELECT class_id, effective_on, role, sum(amount)::bigint FROM assets_value"
        " WHERE company_id = %s AND book_id = %s AND effective_on > %s AND effective_on <= %s"
        " AND asset_id <> ALL (%s) GROUP BY 1, 2, 3",
        (context.company_id, book.book_id, since, through_on, sorted(without)),
    ):
        yield ValueRow(on, 0, role, class_id, amount)
    bulk = read_bulk(context.company_id, book, through_on, without)
    if bulk is not None:
        for class_id, on, amount in charges_by_class(book, bulk, through_on):
            yield ValueRow(on, 0, Role.DEPRECIATION, class_id, amount)


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
    wanted: Collection[int],
) -> list[ValueRow]:
    histories = [History(a.asset_id, a.class_id, Reader(context, book, a, move_costs).facts()) for a in group]
    folded = fold(histories, book.calendar, through_on, after_on=after_on)
    return [row for asset_id, answer in folded.items() if asset_id in wanted for row in answer.rows]
