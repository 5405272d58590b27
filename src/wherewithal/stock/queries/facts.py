"""Facts as one book reads them: what costing is given for a full recompute (verify --deep, tests)."""

import datetime
from collections.abc import Collection
from dataclasses import dataclass

from wherewithal.core.costing.facts import Move, Policy
from wherewithal.stock.drafts import OwnAmount
from wherewithal.stock.services.context import book_facts, load_context
from wherewithal.stock.services.planning.values import OWN_AMOUNT
from wherewithal.stock.services.posting import load
from wherewithal.stock.services.posting.facts import Reader, by_move
from wherewithal.stock.services.posting.locks import closure
from wherewithal.stock.services.posting.policies import load_policies
from wherewithal.stock.services.posting.window_reads import load_window


@dataclass(frozen=True, slots=True)
class BookFacts:
    """All facts of some items and of what hangs together with them, and the policies of those items."""

    items: frozenset[int]
    moves: tuple[Move, ...]
    policies: dict[int, tuple[Policy, ...]]


def facts_of_items(company_id: int, *, book_id: int, item_ids: Collection[int]) -> BookFacts:
    """For the items, all that they are made of or into: moves with their costs, in the book's currency and scopes."""
    items = closure(company_id, item_ids, datetime.date.min, both_ways=True)
    found = load_window(company_id, items, datetime.date.min)
    places = {f.from_location_id for f in found.facts} | {f.to_location_id for f in found.facts}
    context = load_context(company_id=company_id, location_ids=places, item_ids=items)
    book = book_facts(company_id, book_id)
    reader = Reader(context, book, load.load_rates(company_id, found.facts, found.costs, [book]))
    policies = load_policies(company_id, context.timezone, items)
    return BookFacts(
        frozenset(items),
        tuple(reader.moves(found.facts, by_move(found.costs))),
        policies.of_items(book_id, [context.items[item] for item in items]),
    )


def own_amounts(company_id: int, move_id: int) -> tuple[OwnAmount, ...]:
    """What a move is in books that were told so, in place of its amount."""
    return tuple(
        OwnAmount(cost.book_id or 0, cost.amount, cost.currency)
        for cost in load.load_costs_of(company_id, [move_id])
        if cost.kind == OWN_AMOUNT
    )


def move_ids_by_document(company_id: int, document_ids: Collection[int]) -> dict[int, list[int]]:
    """The moves of each document in line order; they are consecutive."""
    from_db = load.documents_moves(company_id, document_ids)
    return {document: list(range(first, first + count)) for document, first, count in from_db}
