"""All books of the company in one pass: each appends where it can and replays a window where it must."""

import datetime
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from wherewithal.core.costing import window
from wherewithal.core.costing.facts import Kind, Method, Move, Policy, Prior
from wherewithal.core.costing.order import INTERNAL_PHASE
from wherewithal.ledger.queries import AccountResolver
from wherewithal.stock.drafts import MoveKind
from wherewithal.stock.services.context import BookFacts, Context, add_items, place_rows
from wherewithal.stock.services.posting import load
from wherewithal.stock.services.posting.collecting import without_collecting
from wherewithal.stock.services.posting.decide import Decision, Window, append, replay
from wherewithal.stock.services.posting.differences import Booked
from wherewithal.stock.services.posting.entries import AccountsOfRows, Postings
from wherewithal.stock.services.posting.facts import RETURNS, AnyFact, CostFact, Fact, Rates, Reader, by_move
from wherewithal.stock.services.posting.policies import Policies
from wherewithal.stock.services.posting.window_reads import FactTable, load_booked, load_window


@dataclass(slots=True)
class Change:
    """What a batch changes, and what is known around it. `facts` and `costs` are new and not yet written."""

    context: Context
    policies: Policies
    resolver: AccountResolver
    first_open: Mapping[int, datetime.date | None]
    last_at: Mapping[int, int]
    facts: Sequence[AnyFact]
    costs: Sequence[CostFact]
    rates: dict[tuple[int, str, str], Decimal]
    items: frozenset[int]  # held: all that may have to be recomputed
    from_day: int  # the earliest day that changes
    pools: load.Pools  # of these items, as they are
    always_replay: bool = False  # a policy or an account map changed rather than a fact
    readings: "dict[int, Reading]" = field(default_factory=dict)  # of books that have read the facts ahead


@dataclass(frozen=True, slots=True)
class Reading:
    """The new facts as a book reads them."""

    reader: Reader
    moves: list[Move]
    policies: Mapping[int, Sequence[Policy]]


def read_ahead(change: Change) -> None:
    """Let each book that needs no rate for it read the new facts before it is known what is held. For batches that turn out
    to be later than all that is known of their items, or are given up: no book asks again whether it can append."""
    items = {fact.item_id for fact in change.facts}
    currencies = {fact.currency for fact in change.facts} - {None}
    for book in change.context.books:
        if currencies <= {book.currency}:
            change.readings[book.book_id] = _reading(change, book, items, {})


def _reading(change: Change, book: BookFacts, items: Iterable[int], rates: Rates) -> Reading:
    reader = Reader(change.context, book, rates)
    return Reading(reader, reader.moves(change.facts, {}), _policies(change, book, items))


@dataclass(slots=True)
class _Seen:
    """What was read for the books that replay: the same facts for all of them."""

    facts: FactTable
    costs: dict[int, list[CostFact]]
    tied: list[Fact]
    rates: dict[tuple[int, str, str], Decimal]


def post_books(
    change: Change,
    books: Sequence[BookFacts],
    postings: Postings,
    *,
    all_read: Callable[[], None] | None = None,
) -> list[Decision]:
    """What each book has to write: values into the postings, pools as decisions.

    `all_read` is called when no book reads anything more, before the work that needs no database begins; not at all where
    a book replays.
    """
    appending = []
    if not change.always_replay and not change.costs:
        appending = [book for book in books if book.book_id in change.readings or _can_append(change, book)]
    replaying = [book for book in books if book not in appending]
    decisions = []
    if appending:
        decisions += _append_books(change, appending, postings, None if replaying else all_read)
    if replaying:
        with without_collecting():
            decisions += _replay_books(change, replaying, postings)
    return decisions


def _policies(change: Change, book: BookFacts, items: Iterable[int]) -> dict[int, tuple[Policy, ...]]:
    known = change.context.items
    return {item: change.policies.of(book.book_id, known[item]) for item in items}


def _can_append(change: Change, book: BookFacts) -> bool:
    """Whether every new fact is later than everything known of its item; asked per book, for its policies."""
    if not change.facts:
        return False
    items = {fact.item_id for fact in change.facts}
    policies = _policies(change, book, items)
    periodic = {i for i in items if any(p.method == Method.PERIODIC for p in policies[i])}
    if periodic:
        moves = Reader(change.context, book, change.rates).moves(change.facts, {})
        return window.is_append(moves, change.last_at, policies)
    return all(
        fact.at > change.last_at[fact.item_id] and fact.kind not in (MoveKind.AMENDMENT, MoveKind.REVERSAL)
        for fact in change.facts
    )


# --- append -----------------------------------------------------------------------------------------------


def _append_books(
    change: Change, books: Sequence[BookFacts], postings: Postings, all_read: Callable[[], None] | None
) -> list[Decision]:
    items = {fact.item_id for fact in change.facts}
    named = {f.of_move_id for f in change.facts if f.of_move_id and f.kind in RETURNS}
    rates, families = change.rates, None
    if named:
        families = _Families(change.context.company_id, named - {f.move_id for f in change.facts})
        _know_places(change.context, _places_of(families.facts))
        rates = rates | families.rates(change.context.books)
    tied = _tied(change, change.facts, items)
    if all_read is not None:
        all_read()
    decisions = []
    for book in books:
        reading = change.readings.get(book.book_id) or _reading(change, book, items, rates)
        reader = reading.reader
        decisions.append(
            append(
                book=book,
                moves=reading.moves,
                context=reader.places_of(tied) if tied else (),
                policies=reading.policies,
                stored=change.pools.of(book.book_id, items),
                priors={} if families is None else families.priors(reader, before=None),
                accounts=AccountsOfRows(change.context, book, change.resolver),
                postings=postings,
                first_open=change.first_open[book.book_id],
            )
        )
    return decisions


def _tied(change: Change, facts: Sequence[AnyFact], items: Collection[int]) -> list[Fact]:
    """Other internal moves of the company at instants where the order of these needs the supply graph."""
    events: dict[int, int] = {}
    tied = {
        fact.at
        for fact in facts
        if fact.phase == INTERNAL_PHASE
        and fact.item_id in items
        and events.setdefault(fact.at, fact.event_id) != fact.event_id
    }
    return _internal_at(change.context, tied)


def _internal_at(context: Context, instants: Collection[int]) -> list[Fact]:
    """The internal moves of the company at these instants."""
    if not instants:
        return []
    found = load.load_internal_at(context.company_id, instants, ())
    _know_places(context, _places_of(found))
    return found


class _Families:
    """Originals of returns that lie outside what is replayed, with all that names them and what is booked of it."""

    def __init__(self, company_id: int, originals: Collection[int]) -> None:
        self.company_id = company_id
        self.originals = set(originals)
        self.facts = load.load_family(company_id, self.originals)
        self.costs = load.load_costs_of(company_id, {fact.move_id for fact in self.facts})
        self.rows = load.load_rows_of(company_id, self.facts)

    def rates(self, books: Sequence[BookFacts]) -> dict[tuple[int, str, str], Decimal]:
        return load.load_rates(self.company_id, self.facts, self.costs, books)

    def priors(self, reader: Reader, *, before: int | None) -> dict[int, Prior]:
        """What is left to return of each at the start of `before` (None: now), as the book has it."""
        if not self.originals:
            return {}
        _know_places(reader.context, _places_of(self.facts))
        moves = reader.moves(self.facts, by_move(self.costs))
        by_id = {move.move_id: move for move in moves}
        roots = {move.move_id: _root(move, by_id) for move in moves}
        rows = self.rows.get(reader.book.book_id, [])
        found = {}
        for original in self.originals:
            mine = [move for move in moves if roots[move.move_id] == original]
            returns = [
                m for m in moves if by_id[roots[m.move_id]].of == original and roots[m.move_id] != original
            ]
            family = {move.move_id for move in (*mine, *returns)}
            found[original] = window.prior_of(
                mine, returns, [row for row in rows if row.move_id in family], before=before
            )
        return found


def _root(move: Move, by_id: Mapping[int, Move]) -> int:
    """The move that a chain of amendments and reversals is about."""
    while move.kind in (Kind.AMENDMENT, Kind.REVERSAL):
        move = by_id[move.of]
    return move.move_id


def _places_of(facts: Iterable[AnyFact]) -> set[int]:
    return {f.from_location_id for f in facts} | {f.to_location_id for f in facts}


def _know_places(context: Context, named: Collection[int]) -> None:
    missing = [place for place in named if place not in context.places]
    if missing:
        context.places.update(place_rows(context.company_id, missing))


# --- replay -----------------------------------------------------------------------------------------------


def _replay_books(change: Change, books: Sequence[BookFacts], postings: Postings) -> list[Decision]:
    company_id, items = change.context.company_id, change.items
    add_items(change.context, items)
    stored = change.pools
    since = _since(change, books, stored)
    since_on = datetime.date.fromordinal(since)
    seen = _read(change, since_on, books)
    outside = seen.facts.outside(items)
    all_items = items | {fact.item_id for fact in outside}
    add_items(change.context, all_items)
    outside_rows = load.load_rows_of(company_id, outside)
    at_start = load.load_pools_at(company_id, items, stored, since)
    booked = load_booked(company_id, items, since_on)
    before = _Families(company_id, seen.facts.originals_before())
    last_day = max(seen.facts["day"].tolist(), default=since)
    rates = seen.rates | before.rates(change.context.books)
    decisions = []
    for book in books:
        reader = Reader(change.context, book, rates)
        window_ = Window(
            since=since,
            last_day=last_day,
            items=items,
            moves=seen.facts.moves(reader, seen.costs),
            context=reader.places_of(seen.tied),
            at_start=at_start.get(book.book_id, {}),
            stored=stored.by_book.get(book.book_id, {}),
            boundary=window.boundary_cost(outside_rows.get(book.book_id, [])),
            priors=before.priors(reader, before=since),
            booked=booked.get(book.book_id) or Booked(),
        )
        decisions.append(
            replay(
                book=book,
                seen=window_,
                policies=_policies(change, book, all_items),
                accounts=AccountsOfRows(change.context, book, change.resolver),
                postings=postings,
                first_open=change.first_open[book.book_id],
            )
        )
    return decisions


def _since(change: Change, books: Sequence[BookFacts], stored: load.Pools) -> int:
    """The day whose start the replay begins at: the changed day itself where each pool's state at its start is at
    hand, else the start of its month, or of the period of a periodic average."""
    day = change.from_day
    periods = {
        window.start_day(day, change.items, _policies(change, book, change.items), snapshot_day=_same_day)
        for book in books
    }
    at_hand = all(
        row.day < day or (row.day == day and row.before is not None)
        for book in books
        for row in stored.by_book.get(book.book_id, {}).values()
    )
    if at_hand and periods == {day} and not change.always_replay:
        return day
    return min(window.start_day(day, change.items, _policies(change, book, change.items)) for book in books)


def _same_day(day: int) -> int:
    return day


def _read(change: Change, since_on: datetime.date, books: Sequence[BookFacts]) -> _Seen:
    company_id = change.context.company_id
    found = load_window(company_id, change.items, since_on)
    foreign = found.table.foreign([book.currency for book in books])
    rates = change.rates | load.load_rates(company_id, foreign, found.costs, books)
    facts = found.table.and_also(change.facts)
    _know_places(change.context, facts.places())
    tied = _internal_at(change.context, facts.tied_instants(change.items))
    if tied:
        known = set(facts["move_id"].tolist())
        tied = [fact for fact in tied if fact.move_id not in known]
    return _Seen(facts, by_move([*found.costs, *change.costs]), tied, rates)
