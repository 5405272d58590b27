"""Events of several assets at once: a cash-generating unit that is impaired."""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from wherewithal.assets.drafts import BatchResult, BookPreview, EventDraft
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


@dataclass(frozen=True, slots=True)
class _Unit:
    """What is to be done: see `impair_unit`."""

    company_id: int
    actor_id: int | None
    key: str
    effective_on: datetime.date
    asset_ids: Sequence[int]
    recoverable: Decimal
    book: str | None
    goodwill_id: int | None
    floors: Mapping[int, Decimal]
    note: str


def impair_unit(
    *,
    company_id: int,
    actor_id: int | None,
    idempotency_key: str,
    effective_on: datetime.date,
    asset_ids: Sequence[int],
    recoverable: Decimal,
    book: str | None = None,
    goodwill_id: int | None = None,
    floors: Mapping[int, Decimal] | None = None,
    note: str = "",
) -> BatchResult:
    """Write a cash-generating unit down to its recoverable amount (IAS 36.104): goodwill first, the rest in proportion
    to net book values, no asset below its floor (fair value less costs of disposal, or value in use).

    Amounts are in the currency of the book (default: the primary one), which alone hears of it. Shares are worked out
    now, with what is known now, and stay as they are. Refused where the unit is worth at least what it is carried at.
    """
    unit = _Unit(
        company_id, actor_id, idempotency_key, effective_on, asset_ids, recoverable, book, goodwill_id,
        floors or {}, note,
    )  # fmt: skip
    return record(
        company_id=company_id, actor_id=actor_id, idempotency_key=idempotency_key, events=_events(unit)
    )


def preview_unit(
    *,
    company_id: int,
    actor_id: int | None,
    effective_on: datetime.date,
    asset_ids: Sequence[int],
    recoverable: Decimal,
    book: str | None = None,
    goodwill_id: int | None = None,
    floors: Mapping[int, Decimal] | None = None,
    note: str = "",
) -> tuple[BookPreview, ...]:
    """What `impair_unit` would post; nothing is kept."""
    unit = _Unit(
        company_id, actor_id, "preview", effective_on, asset_ids, recoverable, book, goodwill_id, floors or {}, note
    )  # fmt: skip
    return preview(company_id=company_id, actor_id=actor_id, events=_events(unit))


def _events(unit: _Unit) -> list[EventDraft]:
    """An impairment of each asset that bears a share of the loss."""
    with db.company_transaction(company_id=unit.company_id, actor_id=unit.actor_id):
        context = load_context(unit.company_id)
        code = unit.book or next(each.code for each in context.books if each.is_primary)
        if code not in context.book_ids:
            raise refuse("book", "exists", say("There is no book {code}.", code=code), value=code)
        facts = context.book(context.book_ids[code])
        _check(unit)
        everything = sorted({*unit.asset_ids, *([unit.goodwill_id] if unit.goodwill_id else [])})
        carrying = {
            key: state.balances.nbv
            for key, state in _states(context, facts, everything, unit.effective_on).items()
        }
        losses = _losses(facts, carrying, unit.asset_ids, unit.goodwill_id, unit.recoverable, unit.floors)
    return [
        EventDraft(
            Kind.IMPAIRMENT,
            unit.effective_on,
            asset_id=asset_id,
            book=code,
            currency=facts.currency,
            values={"loss": from_minor(loss, facts.decimals)},
            key=f"{unit.key} {asset_id}",
            note=unit.note,
        )
        for asset_id, loss in sorted(losses.items())
        if loss
    ]


def _check(unit: _Unit) -> None:
    if len(set(unit.asset_ids)) < len(unit.asset_ids):
        raise refuse("asset_ids", "once", say("Name each asset of the unit once."))
    others = sorted(unit.floors.keys() - (set(unit.asset_ids) - {unit.goodwill_id}))
    if others:
        message = say("Give floors for assets of the unit only; goodwill has none: it bears the loss first.")
        raise refuse("floors", "of_unit", message, value=others[0])


def _losses(
    book: BookFacts,
    carrying: Mapping[int, int],
    asset_ids: Sequence[int],
    goodwill_id: int | None,
    recoverable: Decimal,
    floors: Mapping[int, Decimal],
) -> dict[int, int]:
    try:
        target = to_minor(recoverable, book.decimals)
        lowest = {asset_id: to_minor(floor, book.decimals) for asset_id, floor in floors.items()}
    except AmountError as error:
        raise refuse("recoverable", "money", str(error)) from error
    unit = [
        UnitAsset(asset_id, carrying[asset_id], lowest.get(asset_id))
        for asset_id in sorted(set(asset_ids) - {goodwill_id})
    ]
    if target >= sum(carrying.values()):
        message = say(
            "The unit is carried at {values}: nothing is impaired.",
            values=from_minor(sum(carrying.values()), book.decimals),
        )
        raise refuse("recoverable", "below_carrying", message, value=recoverable)
    answer = allocate_loss(carrying.get(goodwill_id or 0, 0), unit, target)
    losses = {asset_id: answer.shares.get(asset_id, 0) for asset_id in sorted(set(asset_ids) - {goodwill_id})}
    if goodwill_id:
        losses[goodwill_id] = answer.goodwill
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
