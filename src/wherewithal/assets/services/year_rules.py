"""Rules that look at all assets of a tax year: the mid-quarter convention of the United States."""

import datetime
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from wherewithal.assets.drafts import BatchResult, BookPreview, EventDraft
from wherewithal.assets.services.context import BookFacts, Context, load_context
from wherewithal.assets.services.posting.history import AssetHistory, Event, load_histories
from wherewithal.assets.services.posting.moves import costs_of_moves
from wherewithal.assets.services.posting.reading import MoveCosts, Reader, events_of, stated_terms
from wherewithal.assets.services.record import preview, record
from wherewithal.assets.terms import canonical, parse
from wherewithal.core.assets.facts import Kind
from wherewithal.core.depreciation.packs import built_in
from wherewithal.core.depreciation.resolve import resolve
from wherewithal.core.depreciation.year_tests import YearAsset, takes_part, year_test
from wherewithal.kit import db

ELECTION = "convention"
EXPENSED = frozenset({"section_179"})


@dataclass(frozen=True, slots=True)
class YearTestResult:
    """What the test said: the share of the last months, the outcome, and the assets that were brought in line with it."""

    share: Fraction
    outcome: str
    because: str
    assets: int
    changed: tuple[int, ...]
    batch: BatchResult | None


@dataclass(frozen=True, slots=True)
class _Tested:
    asset_id: int
    in_service_on: datetime.date
    basis: int
    counts: bool
    terms: Mapping[str, Any]


def apply_year_test(
    *,
    company_id: int,
    actor_id: int | None,
    book_id: int,
    on: datetime.date,
    pack: str = "us",
    test: str = "mid_quarter",
) -> YearTestResult:
    """Test the assets that went into service in the fiscal year of a day, and give those that are depreciated otherwise
    the terms that the outcome asks for, as an event of the book on the day the last of them went into service.

    The months before keep what was right when they were looked at; the difference is charged on that day. Again after a
    further purchase it changes what has to be changed, otherwise nothing.
    """
    with db.company_transaction(company_id=company_id, actor_id=actor_id):
        result, events, state = _test(company_id, book_id, on, pack, test)
    if not events:
        return result
    batch = record(
        company_id=company_id,
        actor_id=actor_id,
        idempotency_key=f"{test} {state}",
        events=events,
        source="assets",
    )
    return replace(result, batch=batch)


def preview_year_test(
    *,
    company_id: int,
    actor_id: int | None,
    book_id: int,
    on: datetime.date,
    pack: str = "us",
    test: str = "mid_quarter",
) -> tuple[YearTestResult, tuple[BookPreview, ...]]:
    """What the test says, and what `apply_year_test` would post; nothing is kept."""
    with db.company_transaction(company_id=company_id, actor_id=actor_id):
        result, events, _ = _test(company_id, book_id, on, pack, test)
    if not events:
        return result, ()
    return result, preview(company_id=company_id, actor_id=actor_id, events=events)


def _test(
    company_id: int, book_id: int, on: datetime.date, pack: str, test: str
) -> tuple[YearTestResult, list[EventDraft], str]:
    """What the test says, the change of terms it asks for, and a name for the state of things that it looked at: two who
    apply it at once do it once, and after something else happened it is another request."""
    context = load_context(company_id)
    book = context.book(book_id)
    rules = built_in(pack)
    tested, latest_event = _tested(context, book, pack, on)
    year_assets = [YearAsset(each.in_service_on, each.basis, each.counts) for each in tested]
    answer = year_test(rules, test, on, year_assets, book.calendar)
    usual = str(rules.default_facts()[ELECTION])
    others = [
        each
        for each in tested
        if each.counts and (each.terms.get("elections") or {}).get(ELECTION, usual) != answer.outcome
    ]
    last_on = max((each.in_service_on for each in tested), default=on)
    events = [_event(each, book.code, answer.outcome, last_on) for each in others]
    changed = tuple(each.asset_id for each in others)
    result = YearTestResult(answer.share, answer.outcome, answer.because.title, len(tested), changed, None)
    asked = f"{book.code} {last_on} {answer.outcome} {changed} {latest_event}"
    return result, events, hashlib.sha256(asked.encode()).hexdigest()


def _event(tested: _Tested, book: str, outcome: str, on: datetime.date) -> EventDraft:
    terms = dict(tested.terms)
    terms["elections"] = {**(terms.get("elections") or {}), ELECTION: outcome}
    return EventDraft(
        Kind.TERMS_CATCH_UP,
        on,
        asset_id=tested.asset_id,
        book=book,
        values={"terms": terms},
        note=f"All purchases of the year together ask for {outcome.replace('_', ' ')}.",
    )


def _tested(context: Context, book: BookFacts, pack: str, on: datetime.date) -> tuple[list[_Tested], int]:
    """The assets that the test looks at, and the latest event of those that follow the pack."""
    rows = db.fetch_all(
        "SELECT x.asset_id FROM assets_asset_book x JOIN assets_terms t ON t.company_id = x.company_id"
        " AND t.terms_id = x.terms_id WHERE x.company_id = %s AND x.book_id = %s AND t.terms ->> 'pack' = %s"
        " ORDER BY 1",
        (context.company_id, book.book_id, pack),
    )
    histories = load_histories(context.company_id, [row[0] for row in rows])
    costs = costs_of_moves(context.company_id, histories.values())
    found = [_one(context, book, history, on, costs) for _, history in sorted(histories.items())]
    latest = max((event.event_id for each in histories.values() for event in each.events), default=0)
    return [tested for tested in found if tested is not None], latest


def _one(
    context: Context, book: BookFacts, history: AssetHistory, on: datetime.date, costs: MoveCosts
) -> _Tested | None:
    """The asset as the test sees it; None if it did not go into service in that year or left in it."""
    reader = Reader(context, book, history, costs)
    year = book.calendar.year(on)
    mine = events_of(history, book.book_id)
    served = reader.in_service_on() if any(e.kind == Kind.IN_SERVICE for e in mine) else None
    if served is None or not year.first <= served <= year.last:
        return None
    if any(e.kind == Kind.DISPOSAL and e.effective_on <= year.last for e in mine):
        return None
    terms = _terms_now(mine, stated_terms(history, book.book_id), book.book_id)
    stated = parse(canonical(terms))
    if stated.pack is None:
        return None
    cost = reader.cost_until(served)
    answer = resolve(
        built_in(stated.pack),
        str(stated.pack_class),
        acquired_on=min(reader.acquired_on(served), served),
        in_service_on=served,
        cost=cost,
        elections=stated.elections,
        calendar=book.calendar,
    )
    expensed = sum(part.amount for part in answer.allowances if part.code in EXPENSED)
    counts = takes_part(built_in(stated.pack), str(stated.pack_class))
    return _Tested(history.asset_id, served, cost - expensed, counts, terms)


def _terms_now(events: Iterable[Event], first: Mapping[str, Any], book_id: int) -> Mapping[str, Any]:
    """The terms a book goes by: those of the last event that states some, else those it began with."""
    terms = first
    for event in sorted(events, key=lambda e: (e.effective_on, e.phase, e.key)):
        said = event.detail.get("books", {}).get(str(book_id), {}).get("terms")
        said = said or event.detail.get("values", {}).get("terms")
        terms = said or terms
    return terms
