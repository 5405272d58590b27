"""Pools and blocks of a tax book (capital allowances, written-down value, CCA), worked out from the facts."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from wherewithal.assets.services.context import BookFacts, Context, load_context
from wherewithal.assets.services.posting.history import AssetHistory, Event, load_histories
from wherewithal.assets.services.posting.moves import costs_of_moves
from wherewithal.assets.services.posting.reading import FIRST_YEAR_CLAIM, MoveCosts, Reader
from wherewithal.assets.terms import StatedTerms, parse
from wherewithal.core.assets.facts import Kind
from wherewithal.core.depreciation.packs import Pack, built_in
from wherewithal.core.depreciation.pool_facts import Addition, Disposal, PoolPeriod, PoolYear
from wherewithal.core.depreciation.pools import pool_period
from wherewithal.core.depreciation.resolve import resolve
from wherewithal.kit import db
from wherewithal.kit.errors import refuse

MOST_YEARS = 60


@dataclass(frozen=True, slots=True)
class PoolComputation:
    """One pool of a pack in one fiscal year of the book, in minor units."""

    pack: str
    from_on: datetime.date
    to_on: datetime.date
    year: PoolYear


@dataclass(slots=True)
class _Member:
    """An asset in a pool: when and at what it joined, and what was got for it."""

    tag: str
    pool: str
    joined_on: datetime.date
    cost: int
    elections: Mapping[str, Any]
    disposals: list[tuple[datetime.date, int, bool]]


def pool_computations(company_id: int, *, book_id: int, through_on: datetime.date) -> list[PoolComputation]:
    """Every pool of the book year by year, from the first asset that joined one to the fiscal year that has a day.

    Assets belong to the pool that the pack of their terms answers with; money for what leaves goes into the pool.
    """
    context = load_context(company_id)
    book = context.book(book_id)
    packs: dict[str, list[_Member]] = {}
    for code, member in _members(context, book):
        packs.setdefault(code, []).append(member)
    found: list[PoolComputation] = []
    for code, members in sorted(packs.items()):
        found += _of_pack(book, built_in(code), members, through_on)
    return found


def _members(context: Context, book: BookFacts) -> list[tuple[str, _Member]]:
    rows = db.fetch_all(
        "SELECT x.asset_id FROM assets_asset_book x JOIN assets_terms t ON t.company_id = x.company_id"
        " AND t.terms_id = x.terms_id WHERE x.company_id = %s AND x.book_id = %s AND jsonb_exists(t.terms, 'pack')"
        " ORDER BY 1",
        (context.company_id, book.book_id),
    )
    histories = load_histories(context.company_id, [row[0] for row in rows])
    costs = costs_of_moves(context.company_id, histories.values())
    found = []
    for _, history in sorted(histories.items()):
        stated = parse(history.terms[book.book_id])
        member = _member(context, book, history, stated, costs)
        if member is not None and stated.pack is not None:
            found.append((stated.pack, member))
    return found


def _member(
    context: Context, book: BookFacts, history: AssetHistory, stated: StatedTerms, costs: MoveCosts
) -> _Member | None:
    reader = Reader(context, book, history, costs)
    events = [e for e in history.alive() if e.book_id in (None, book.book_id)]
    joined_on = next((on for e in events if (on := _joined(reader, e)) is not None), None)
    if joined_on is None:
        return None
    cost = reader.cost_until(joined_on)
    elections = {name: value for name, value in stated.elections.items() if name != FIRST_YEAR_CLAIM}
    answer = resolve(
        built_in(str(stated.pack)),
        str(stated.pack_class),
        acquired_on=min(reader.acquired_on(joined_on), joined_on),
        in_service_on=joined_on,
        cost=cost,
        elections=elections,
        calendar=book.calendar,
    )
    if answer.pool is None:
        return None
    disposals = [
        (e.effective_on, reader.values(e).get("proceeds", 0), e.kind == Kind.DISPOSAL)
        for e in events
        if e.kind in (Kind.DISPOSAL, Kind.PARTIAL_DISPOSAL)
    ]
    return _Member(history.tag, answer.pool, joined_on, cost, stated.elections, disposals)


def _joined(reader: Reader, event: Event) -> datetime.date | None:
    if event.kind == Kind.IN_SERVICE:
        return event.effective_on
    stated = reader.values(event).get("in_service_on") if event.kind == Kind.OPENING else None
    return datetime.date.fromisoformat(stated) if stated else None


def _of_pack(
    book: BookFacts, pack: Pack, members: list[_Member], through_on: datetime.date
) -> list[PoolComputation]:
    """Year by year, all pools of a year together, because limits hold over all of them."""
    pools = sorted({member.pool for member in members})
    balances: dict[str, tuple[int, Mapping[str, int]]] = {}
    found: list[PoolComputation] = []
    for count, year in enumerate(book.calendar.years(min(member.joined_on for member in members))):
        if year.first > through_on:
            break
        if count >= MOST_YEARS:
            raise refuse(
                "through_on", "range", f"At most {MOST_YEARS} years are worked out.", value=through_on
            )
        periods = {pool: _period(members, pool, year.first, year.last) for pool in pools}
        answers = pool_period(pack, balances, periods)
        for pool, answer in sorted(answers.items()):
            balances[pool] = (answer.closing, answer.carry)
            if answer.opening or answer.closing or answer.lines[1:]:
                found.append(PoolComputation(pack.code, year.first, year.last, answer))
    return found


def _period(members: list[_Member], pool: str, first: datetime.date, last: datetime.date) -> PoolPeriod:
    mine = [member for member in members if member.pool == pool and member.joined_on <= last]
    additions = tuple(
        Addition(
            member.cost,
            member.joined_on,
            member.elections.get(FIRST_YEAR_CLAIM),
            {name: value for name, value in member.elections.items() if name != FIRST_YEAR_CLAIM},
        )
        for member in mine
        if first <= member.joined_on
    )
    disposals = tuple(
        Disposal(proceeds, on, member.cost, member.elections.get(FIRST_YEAR_CLAIM))
        for member in mine
        for on, proceeds, _ in member.disposals
        if first <= on <= last
    )
    left = [m for m in mine if not any(whole and on <= last for on, _, whole in m.disposals)]
    return PoolPeriod(first, last, additions, disposals, empty=not left)
