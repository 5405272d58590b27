"""Why a book says what it says of an asset: what each fact and each period did, step by step."""

import datetime
import json
from dataclasses import dataclass
from typing import Any

from wherewithal.assets.services.context import load_context
from wherewithal.assets.services.posting.decide import LONG_AGO, horizon_of
from wherewithal.assets.services.posting.history import linked, load_histories
from wherewithal.assets.services.posting.moves import costs_of_moves
from wherewithal.assets.services.posting.reading import Reader
from wherewithal.assets.terms import as_json, canonical
from wherewithal.core.assets.fold import History, fold
from wherewithal.core.assets.run import Step
from wherewithal.core.words import say
from wherewithal.kit.errors import NotFound, Problem


@dataclass(frozen=True, slots=True)
class Reasons:
    """The steps in order, and the segment that runs at the end of them (None: nothing depreciates)."""

    steps: tuple[Step, ...]
    terms: dict[str, Any] | None
    in_service_on: datetime.date | None
    starts_on: datetime.date | None
    opening: int
    residual: int
    charged: int


def reasons(
    company_id: int, asset_id: int, book_id: int, *, through_on: datetime.date | None = None
) -> Reasons:
    """Worked out anew from the facts, through the book's horizon or a later day; amounts in minor units."""
    context = load_context(company_id)
    book = context.book(book_id)
    histories = load_histories(company_id, linked(company_id, {asset_id}))
    if asset_id not in histories:
        raise NotFound(Problem("asset_id", "exists", say("There is no such asset."), value=str(asset_id)))
    costs = costs_of_moves(company_id, histories.values())
    read = [
        History(each.asset_id, each.class_id, Reader(context, book, each, costs).facts())
        for _, each in sorted(histories.items())
    ]
    horizon = max([horizon_of(book, each.facts) for each in read] + [through_on or LONG_AGO])
    answer = fold(read, book.calendar, horizon, explains=True)[asset_id]
    segment = answer.standing.segment
    return Reasons(
        tuple(answer.steps),
        None if segment is None else json.loads(canonical(as_json(segment.terms))),
        None if segment is None else segment.in_service_on,
        None if segment is None else segment.starts_on,
        0 if segment is None else segment.opening,
        0 if segment is None else segment.residual,
        answer.standing.charged,
    )
