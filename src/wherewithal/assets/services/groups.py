"""Events of several assets at once: a cash-generating unit that is impaired, an asset that goes to a sister company."""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

from wherewithal.assets.drafts import BatchResult, BookPreview, EventDraft
from wherewithal.assets.services.context import BookFacts, Context, load_context
from wherewithal.assets.services.masters import no_asset
from wherewithal.assets.services.posting.history import AssetHistory, linked, load_histories
from wherewithal.assets.services.posting.moves import costs_of_moves
from wherewithal.assets.services.posting.reading import Reader
from wherewithal.assets.services.record import preview, record
from wherewithal.assets.terms import as_json
from wherewithal.assets.values import AssetDraft
from wherewithal.core.assets.facts import Kind
from wherewithal.core.assets.fold import Folded, History, fold
from wherewithal.core.depreciation.accrual import service
from wherewithal.core.impairment.unit import UnitAsset, allocate_loss
from wherewithal.core.money import AmountError, from_minor, to_minor
from wherewithal.core.posting import Role
from wherewithal.kit import db
from wherewithal.kit.errors import Problem, Refused, refuse
from wherewithal.ledger import queries as ledger_queries

CARRIED = {
    "intercompany_cost": ("cost", 1),
    "intercompany_accumulated": ("accumulated", 1),
    "intercompany_impairment": ("impairment", 1),
    "intercompany_construction": ("construction", 1),
    "intercompany_surplus": ("surplus", 1),
}


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
    with db.company_transaction(company_id=company_id, actor_id=actor_id):
        context = load_context(company_id)
        code = book or next(each.code for each in context.books if each.is_primary)
        if code not in context.book_ids:
            raise refuse("book", "exists", f"There is no book {code}.", value=code)
        facts = context.book(context.book_ids[code])
        everything = sorted({*asset_ids, *([goodwill_id] if goodwill_id else [])})
        carrying = {
            key: state.balances.nbv
            for key, state in _states(context, facts, everything, effective_on).items()
        }
        losses = _losses(facts, carrying, asset_ids, goodwill_id, recoverable, floors or {})
        events = [
            EventDraft(
                Kind.IMPAIRMENT,
                effective_on,
                asset_id=asset_id,
                book=code,
                currency=facts.currency,
                values={"loss": from_minor(loss, facts.decimals)},
                key=f"{idempotency_key} {asset_id}",
                note=note,
            )
            for asset_id, loss in sorted(losses.items())
            if loss
        ]
    return record(company_id=company_id, actor_id=actor_id, idempotency_key=idempotency_key, events=events)


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
        message = f"The unit is carried at {from_minor(sum(carrying.values()), book.decimals)}: nothing is impaired."
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


# --- to another company -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Leaving:
    """What an asset takes along, by code of the book it is taken from."""

    history: AssetHistory
    name: str
    serial_no: str
    values: dict[str, dict[str, Any]]
    currencies: dict[str, str]
    primary: str


def transfer_to_company(
    *,
    company_id: int,
    to_company_id: int,
    actor_id: int | None,
    idempotency_key: str,
    asset_id: int,
    effective_on: datetime.date,
    class_code: str,
    tag: str | None = None,
    location_id: int | None = None,
) -> BatchResult:
    """An asset goes to another company as it stands, with cost, depreciation and terms of each book; what was recorded
    over there. Books are matched by code, those without a match take after the primary one.

    Two companies are two transactions: should the second fail, the same call completes what the first has begun.
    """
    out = EventDraft(Kind.INTERCOMPANY_OUT, effective_on, asset_id=asset_id, key=f"{idempotency_key} out")
    leaving = _leaving(company_id, actor_id, idempotency_key, out)
    draft, event = _arriving(to_company_id, actor_id, leaving, effective_on, class_code, tag, location_id)
    event = replace(event, key=f"{idempotency_key} in", reference=leaving.history.tag)
    done = _done(to_company_id, actor_id, idempotency_key)
    if done is None:
        preview(company_id=to_company_id, actor_id=actor_id, events=[event], assets=[draft])
    record(company_id=company_id, actor_id=actor_id, idempotency_key=idempotency_key, events=[out])
    if done is not None:
        return done
    return record(
        company_id=to_company_id,
        actor_id=actor_id,
        idempotency_key=idempotency_key,
        events=[event],
        assets=[draft],
    )


def _done(company_id: int, actor_id: int | None, key: str) -> BatchResult | None:
    """What was recorded there under this key before."""
    with db.company_transaction(company_id=company_id, actor_id=actor_id):
        row = db.fetch_one(
            "SELECT batch_id, recorded_at, asset_ids, event_ids, entry_ids FROM assets_batch"
            " WHERE company_id = %s AND idempotency_key = %s",
            (company_id, key),
        )
    if row is None:
        return None
    batch_id, recorded_at, asset_ids, event_ids, entry_ids = row
    return BatchResult(
        batch_id,
        recorded_at,
        tuple(asset_ids),
        tuple(event_ids[len(asset_ids) :]),
        tuple(entry_ids),
        repeated=True,
    )


def _leaving(company_id: int, actor_id: int | None, key: str, out: EventDraft) -> _Leaving:
    assert out.asset_id is not None, "the caller names the asset"
    with db.company_transaction(company_id=company_id, actor_id=actor_id):
        context = load_context(company_id)
        row = db.fetch_one(
            "SELECT name, serial_no FROM assets_asset WHERE company_id = %s AND id = %s",
            (company_id, out.asset_id),
        )
        if row is None:
            raise no_asset(out.asset_id)
        again = db.fetch_one(
            "SELECT 1 FROM assets_batch WHERE company_id = %s AND idempotency_key = %s", (company_id, key)
        )
        history = load_histories(company_id, {out.asset_id})[out.asset_id]
        carried = {} if again else _carried(preview(company_id=company_id, actor_id=actor_id, events=[out]))
        if again:
            carried = _carried_before(company_id, key)
        values = {}
        for book in context.books:
            found = dict(carried.get(book.code, {}))
            state = _states(context, book, [out.asset_id], out.effective_on - datetime.timedelta(days=1))
            found |= _terms(book, state[out.asset_id], out.effective_on)
            values[book.code] = found
    return _Leaving(
        history,
        row[0],
        row[1],
        values,
        {book.code: book.currency for book in context.books},
        next(book.code for book in context.books if book.is_primary),
    )


def _carried(books: Sequence[BookPreview]) -> dict[str, dict[str, Any]]:
    """What leaves each book, by field of the event that takes it up."""
    found: dict[str, dict[str, Any]] = {}
    for book in books:
        mine = found.setdefault(book.code, {})
        for row in book.rows:
            if row.role in CARRIED:
                name, _ = CARRIED[row.role]
                mine[name] = from_minor(-row.amount, book.decimals)
    return found


def _carried_before(company_id: int, key: str) -> dict[str, dict[str, Any]]:
    """The same, of what was recorded before under this key."""
    names = {number: name for name, number in _role_numbers().items()}
    rows = db.fetch_all(
        "SELECT b.code, b.currency_decimals, v.role, sum(v.amount)::bigint FROM assets_batch a"
        " JOIN assets_value v ON v.company_id = a.company_id AND v.batch_id = a.batch_id"
        " JOIN ledger_book b ON b.company_id = v.company_id AND b.id = v.book_id"
        " WHERE a.company_id = %s AND a.idempotency_key = %s AND v.role = ANY (%s) GROUP BY 1, 2, 3",
        (company_id, key, sorted(names)),
    )
    found: dict[str, dict[str, Any]] = {}
    for code, decimals, role, amount in rows:
        found.setdefault(code, {})[CARRIED[names[role]][0]] = from_minor(-amount, decimals)
    return found


def _role_numbers() -> dict[str, int]:
    return {name: int(Role[name.upper()]) for name in CARRIED}


def _terms(book: BookFacts, state: Folded, on: datetime.date) -> dict[str, Any]:
    """How it goes on being depreciated: the same terms, with a life that counts from when it went into service."""
    segment = state.standing.segment
    if segment is None:
        return {}
    terms = as_json(segment.terms)
    if segment.terms.life_months is not None and segment.elapsed_months is not None:
        used = service(replace(segment, elapsed_months=None), book.calendar, on)
        left = segment.terms.life_months - service(segment, book.calendar, on)
        terms["life_months"] = used + max(left, Fraction(0))
    if segment.residual:
        terms["residual"] = str(from_minor(segment.residual, book.decimals))
    return {
        "in_service_on": segment.in_service_on.isoformat(),
        "depreciated_through": on.isoformat(),
        "terms": terms,
    }


def _arriving(
    company_id: int,
    actor_id: int | None,
    leaving: _Leaving,
    on: datetime.date,
    class_code: str,
    tag: str | None,
    location_id: int | None,
) -> tuple[AssetDraft, EventDraft]:
    """The asset and the event as the other company reads them, in the currencies of its books."""
    draft = AssetDraft(
        leaving.name,
        class_code,
        tag=tag,
        serial_no=leaving.serial_no,
        location_id=location_id,
        note=f"Formerly {leaving.history.tag}",
    )
    with db.company_transaction(company_id=company_id, actor_id=actor_id):
        by_book = {}
        for book in load_context(company_id).books:
            source = book.code if book.code in leaving.values else leaving.primary
            rate = ledger_queries.exchange_rate(company_id, leaving.currencies[source], book.currency, on)
            if rate is None:
                message = f"No rate from {leaving.currencies[source]} to {book.currency} is known for {on}."
                raise Refused(Problem("rates", "known", message))
            by_book[book.code] = {
                name: round(value * rate, book.decimals) if isinstance(value, Decimal) else value
                for name, value in leaving.values[source].items()
            }
    return draft, EventDraft(Kind.INTERCOMPANY_IN, on, asset_no=0, by_book=by_book)
