"""What if assets are kept longer than their lives say: changes of estimate, for a scenario."""

import datetime
import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from wherewithal.assets.drafts import EventDraft
from wherewithal.assets.services.context import Context, load_context
from wherewithal.assets.services.posting.decide import groups_of
from wherewithal.assets.services.posting.history import linked, load_histories
from wherewithal.assets.services.posting.moves import costs_of_moves
from wherewithal.assets.services.posting.reading import Reader
from wherewithal.assets.services.posting.standing import BULK, STILL
from wherewithal.assets.terms import as_json as terms_as_json
from wherewithal.assets.terms import canonical, parse
from wherewithal.core.assets.fold import History, fold
from wherewithal.core.depreciation.accrual import service
from wherewithal.core.depreciation.calendar import ONE_DAY
from wherewithal.core.depreciation.errors import PackError
from wherewithal.core.depreciation.terms import Terms, TermsError
from wherewithal.core.lease.terms import LeaseError
from wherewithal.core.money import from_minor
from wherewithal.core.words import say
from wherewithal.kit import db
from wherewithal.kit.errors import refuse

MOST_MONTHS = 600


class _Life(NamedTuple):
    """The terms that an asset lives by in a book. from_here: their life counts from the day asked for, else it is the
    whole life."""

    asset_id: int
    book_id: int
    terms: Terms
    residual: int
    from_here: bool


def planned_longer_use(
    *,
    company_id: int,
    actor_id: int | None,
    on: datetime.date,
    months: int,
    asset_ids: Sequence[int] = (),
    class_id: int | None = None,
) -> list[EventDraft]:
    """What if these assets (or all of a class) are kept some months longer: their lives change from a day on.

    Only in books whose terms say a life (a table or a rate does not change because a thing is kept), and only where
    something is left to depreciate. A remaining life that was set is extended as one. Refused where that is nowhere.
    """
    if not 0 < months <= MOST_MONTHS:
        raise refuse(
            "months",
            "range",
            say("Give 1 to {most_months} months.", most_months=MOST_MONTHS),
            value=str(months),
        )
    with db.company_transaction(company_id=company_id, actor_id=actor_id, read_only=True):
        context = load_context(company_id)
        rows = db.fetch_all(
            "SELECT s.asset_id, s.book_id, s.way, s.residual, t.terms::text FROM assets_standing s"
            " LEFT JOIN assets_terms t ON t.company_id = s.company_id AND t.terms_id = s.terms_id"
            " WHERE s.company_id = %s AND s.way <> %s AND (s.asset_id = ANY (%s) OR s.class_id = %s)",
            (company_id, STILL, list(asset_ids), class_id),
        )
        lives: list[_Life] = []
        for asset_id, book_id, way, residual, text in rows:
            terms = parse(text).terms if way == BULK else None
            if terms is not None:
                lives.append(_Life(asset_id, book_id, terms, residual, False))
        apart = {(asset_id, book_id) for asset_id, book_id, way, *_ in rows if way != BULK}
        lives += _read(context, apart, on)
    found = []
    for life in sorted(lives, key=lambda life: (life.asset_id, life.book_id)):
        if not life.terms.life_months or life.terms.table:
            continue
        book = context.book(life.book_id)
        lasting = replace(life.terms, life_months=life.terms.life_months + months)
        longer: dict[str, Any] = terms_as_json(lasting)
        longer["residual"] = f"{from_minor(life.residual, book.decimals):f}"
        values = {"terms": json.loads(canonical(longer)), "remaining_life": life.from_here}
        found.append(EventDraft("estimate_change", on, asset_id=life.asset_id, book=book.code, values=values))
    if not found:
        message = say("None of these assets has a life that is still running: choose others.")
        raise refuse("asset_ids", "running", message)
    return found


def _read(context: Context, wanted: set[tuple[int, int]], on: datetime.date) -> Iterator[_Life]:
    """The lives of assets that more happened to than depreciation, from their facts."""
    histories = load_histories(context.company_id, linked(context.company_id, {one for one, _ in wanted}))
    move_costs = costs_of_moves(context.company_id, histories.values())
    for book_id in sorted({book_id for _, book_id in wanted}):
        book = context.book(book_id)
        for group in groups_of(histories):
            try:
                read = [
                    History(asset.asset_id, asset.class_id, Reader(context, book, asset, move_costs).facts())
                    for asset in group
                ]
                folded = fold(read, book.calendar, on, after_on=on)
            except (TermsError, PackError, LeaseError):
                continue  # what cannot be read is charged nowhere: the run names it
            for asset_id, answer in folded.items():
                segment = answer.standing.segment
                if segment is None or (asset_id, book_id) not in wanted:
                    continue
                terms, from_here = segment.terms, segment.elapsed_months is not None
                if terms.life_months is not None:
                    used = service(segment, book.calendar, on - ONE_DAY)
                    if used >= terms.life_months:
                        continue
                    if from_here:
                        terms = replace(terms, life_months=terms.life_months - used)
                yield _Life(asset_id, book_id, terms, segment.residual, from_here)
