"""An asset's charges in a book: those posted, and those to come if nothing else happens."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from wherewithal.assets.services.context import BookFacts, Context, load_context
from wherewithal.assets.services.posting.decide import horizon_of
from wherewithal.assets.services.posting.history import AssetHistory, linked, load_histories
from wherewithal.assets.services.posting.moves import costs_of_moves
from wherewithal.assets.services.posting.pools import has_pools, read_pools
from wherewithal.assets.services.posting.reading import MoveCosts, Reader
from wherewithal.assets.services.posting.values import CARRYING_EFFECT, COST_EFFECT
from wherewithal.core.assets.facts import Fact, ValueRow
from wherewithal.core.assets.fold import History, fold
from wherewithal.core.depreciation.calendar import Calendar
from wherewithal.core.depreciation.errors import PackError
from wherewithal.core.words import say
from wherewithal.kit.errors import NotFound, Problem

CHARGES = range(120, 127)
LEASE_CHARGES = frozenset({217, 219})
STRIDE = 10  # years looked ahead at a time
LONGEST = 100


@dataclass(frozen=True, slots=True)
class ScheduleRow:
    """One period of a book, in minor units. `charge`: depreciation; `other`: all else that changed the net book value.

    `posted`: within what the book has been run to (or events have brought it to); otherwise it is planned.
    """

    from_on: datetime.date
    to_on: datetime.date
    charge: int
    other: int
    cost: int
    accumulated: int
    carrying: int
    posted: bool


@dataclass(frozen=True, slots=True)
class Schedule:
    book_id: int
    code: str
    currency: str
    decimals: int
    rows: tuple[ScheduleRow, ...]


def schedule(company_id: int, asset_id: int, *, book_id: int | None = None) -> list[Schedule]:
    """The asset's schedule in every book (or one), past and future."""
    context = load_context(company_id)
    histories = load_histories(company_id, linked(company_id, {asset_id}))
    if asset_id not in histories:
        raise NotFound(Problem("asset_id", "exists", say("There is no such asset."), value=str(asset_id)))
    move_costs = costs_of_moves(company_id, histories.values())
    group = [histories[key] for key in sorted(histories)]
    return [
        Schedule(
            book.book_id,
            book.code,
            book.currency,
            book.decimals,
            tuple(_rows(context, book, group, asset_id, move_costs)),
        )
        for book in context.books
        if book_id in (None, book.book_id)
    ]


def _rows(
    context: Context, book: BookFacts, group: Sequence[AssetHistory], asset_id: int, move_costs: MoveCosts
) -> list[ScheduleRow]:
    facts = {asset.asset_id: Reader(context, book, asset, move_costs).facts() for asset in group}
    if not facts[asset_id]:
        return []
    horizon = max(horizon_of(book, mine) for mine in facts.values())
    rows = _all_rows(book, group, facts, asset_id, horizon)
    if has_pools(book, group):
        rows = sorted([*rows, *_from_its_pool(context, book, asset_id, horizon)])
    return periods_of(book, rows, horizon)


def _all_rows(
    book: BookFacts,
    group: Sequence[AssetHistory],
    facts: dict[int, list[Fact]],
    asset_id: int,
    horizon: datetime.date,
) -> list[ValueRow]:
    """Rows until nothing more comes, looking some years further each time."""
    histories = [History(asset.asset_id, asset.class_id, facts[asset.asset_id]) for asset in group]
    for years in range(STRIDE, LONGEST + 1, STRIDE):
        through = datetime.date(min(horizon.year + years, 2199), 12, 31)
        rows = fold(histories, book.calendar, through)[asset_id].rows
        last = max((row.effective_on for row in rows), default=horizon)
        if last < through - datetime.timedelta(days=400):
            break
    return rows


def _from_its_pool(
    context: Context, book: BookFacts, asset_id: int, horizon: datetime.date
) -> list[ValueRow]:
    """The asset's share in its pool: what is posted, and some years to come if nothing else joins or leaves the pool."""
    reading = read_pools(context, book)
    pack = next(
        (p for p, found in reading.members.items() if any(m.asset_id == asset_id for m in found)), None
    )
    if pack is None:
        return []
    through = datetime.date(min(horizon.year + STRIDE, 2199), 12, 31)
    try:
        rows = reading.worked_out(pack, charged_through=through, shown_through=datetime.date.min).rows
    except PackError:  # the run names it; nothing is posted and nothing can be planned
        return []
    return [
        ValueRow(key.on, key.cause_id, key.role, key.class_id, amount)
        for key, amount in rows.items()
        if key.asset_id == asset_id
    ]


def periods_of(book: BookFacts, rows: Sequence[ValueRow], horizon: datetime.date) -> list[ScheduleRow]:
    """Rows by period of the book, with what stands at the end of each."""
    found: dict[tuple[datetime.date, datetime.date], list[ValueRow]] = {}
    for row in rows:
        period = book.calendar.period(row.effective_on)
        found.setdefault((period.first, period.last), []).append(row)
    cost = carrying = 0
    answer = []
    for (first, last), mine in sorted(found.items()):
        charge = -sum(CARRYING_EFFECT[row.role] * row.amount for row in mine if is_charge(row.role))
        change = sum(CARRYING_EFFECT[row.role] * row.amount for row in mine)
        cost += sum(COST_EFFECT[row.role] * row.amount for row in mine)
        carrying += change
        if change or charge or any(COST_EFFECT[row.role] for row in mine):
            answer.append(
                ScheduleRow(
                    first, last, charge, change + charge, cost, cost - carrying, carrying, last <= horizon
                )
            )
    return answer


def is_charge(role: int) -> bool:
    """Whether a role is depreciation (the amortisation of a right of use included)."""
    return role in CHARGES or role in LEASE_CHARGES


def book_calendar(company_id: int, book_id: int) -> Calendar:
    """The fiscal years and periods of a book."""
    return load_context(company_id).book(book_id).calendar
