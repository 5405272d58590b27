"""Events of several assets at once: a cash-generating unit that is impaired."""

import datetime
from collections.abc import Mapping, Sequence

from wherewithal.assets.drafts import BatchResult, BookPreview, EventDraft, UnitDraft
from wherewithal.assets.services.context import BookFacts, Context, load_context
from wherewithal.assets.services.masters import no_asset
from wherewithal.assets.services.posting.history import linked, load_histories
from wherewithal.assets.services.posting.moves import costs_of_moves
from wherewithal.assets.services.posting.reading import Reader
from wherewithal.assets.services.record import preview, record
from wherewithal.core.assets.facts import Kind
from wherewithal.core.assets.fold import Folded, History, fold
from wherewithal.core.impairment.unit import UnitAsset, allocate_loss
from wherewithal.core.money import AmountError, from_minor, to_minor
from wherewithal.core.words import say
from wherewithal.kit import db
from wherewithal.kit.errors import refuse


def impair_unit(
    *, company_id: int, actor_id: int | None, idempotency_key: str, unit: UnitDraft
) -> BatchResult:
    """Write a cash-generating unit down to its recoverable amount (IAS 36.104): goodwill first, the rest in proportion
    to net book values, no asset below its floor.

    Shares are worked out now, with what is known now, and stay as they are. Refused where the unit is worth at least what
    it is carried at.
    """
    events = _events(company_id, actor_id, idempotency_key, unit)
    return record(company_id=company_id, actor_id=actor_id, idempotency_key=idempotency_key, events=events)


def preview_unit(*, company_id: int, actor_id: int | None, unit: UnitDraft) -> tuple[BookPreview, ...]:
    """What `impair_unit` would post; nothing is kept."""
    events = _events(company_id, actor_id, "preview", unit)
    return preview(company_id=company_id, actor_id=actor_id, events=events)


def _events(company_id: int, actor_id: int | None, key: str, unit: UnitDraft) -> list[EventDraft]:
    """An impairment of each asset that bears a share of the loss."""
    with db.company_transaction(company_id=company_id, actor_id=actor_id):
        context = load_context(company_id)
        code = unit.book or next(each.code for each in context.books if each.is_primary)
        if code not in context.book_ids:
            raise refuse("book", "exists", say("There is no book {code}.", code=code), value=code)
        facts = context.book(context.book_ids[code])
        _check(unit)
        everything = sorted({*unit.asset_ids, *([unit.goodwill_id] if unit.goodwill_id else [])})
        carrying = {
            asset_id: state.balances.nbv
            for asset_id, state in _states(context, facts, everything, unit.effective_on).items()
        }
        losses = _losses(facts, carrying, unit)
    return [
        EventDraft(
            Kind.IMPAIRMENT,
            unit.effective_on,
            asset_id=asset_id,
            book=code,
            currency=facts.currency,
            values={"loss": from_minor(loss, facts.decimals)},
            key=f"{key} {asset_id}",
            note=unit.note,
        )
        for asset_id, loss in sorted(losses.items())
        if loss
    ]


def _check(unit: UnitDraft) -> None:
    if len(set(unit.asset_ids)) < len(unit.asset_ids):
        raise refuse("asset_ids", "once", say("Name each asset of the unit once."))
    others = sorted(unit.floors.keys() - (set(unit.asset_ids) - {unit.goodwill_id}))
    if others:
        message = say("Give floors for assets of the unit only; goodwill has none: it bears the loss first.")
        raise refuse("floors", "of_unit", message, value=others[0])


def _losses(book: BookFacts, carrying: Mapping[int, int], unit: UnitDraft) -> dict[int, int]:
    try:
        target = to_minor(unit.recoverable, book.decimals)
        lowest = {asset_id: to_minor(floor, book.decimals) for asset_id, floor in unit.floors.items()}
    except AmountError as error:
        raise refuse("recoverable", "money", str(error)) from error
    others = sorted(set(unit.asset_ids) - {unit.goodwill_id})
    bearing = [UnitAsset(asset_id, carrying[asset_id], lowest.get(asset_id)) for asset_id in others]
    if target >= sum(carrying.values()):
        message = say(
            "The unit is carried at {values}: nothing is impaired.",
            values=from_minor(sum(carrying.values()), book.decimals),
        )
        raise refuse("recoverable", "below_carrying", message, value=unit.recoverable)
    answer = allocate_loss(carrying.get(unit.goodwill_id or 0, 0), bearing, target)
    losses = {asset_id: answer.shares.get(asset_id, 0) for asset_id in others}
    if unit.goodwill_id:
        losses[unit.goodwill_id] = answer.goodwill
    return losses


def _states(
    context: Context, book: BookFacts, asset_ids: Sequence[int], on: datetime.date
) -> dict[int, Folded]:
    """Where assets stand in a book at the end of a day."""
    histories = load_histories(context.company_id, linked(context.company_id, set(asset_ids)))
    missing = set(asset_ids) - histories.keys()
    if missing:
        raise no_asset(min(missing))
    costs = costs_of_moves(context.company_id, histories.values())
    read = [
        History(each.asset_id, each.class_id, Reader(context, book, each, costs).facts())
        for _, each in sorted(histories.items())
    ]
    folded = fold(read, book.calendar, on)
    return {asset_id: folded[asset_id] for asset_id in asset_ids}
