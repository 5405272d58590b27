"""An asset goes to another company that is kept here too: both halves in one transaction, each naming the other.

Row-level security shows one company at a time, also within a transaction; so the halves are done one after the other,
each in the name of its company, and either both are committed or none.
"""

import datetime
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from math import ceil
from typing import Any

from django.db import connection

from wherewithal.assets.drafts import BatchResult, BookPreview, LinkedEvent
from wherewithal.assets.services.context import BookFacts, Context, load_context
from wherewithal.assets.services.masters import ATTACHMENT_COLUMNS, no_asset
from wherewithal.assets.services.posting.decide import groups_of
from wherewithal.assets.services.posting.history import Event
from wherewithal.assets.services.posting.moves import costs_of_moves
from wherewithal.assets.services.posting.reading import Reader
from wherewithal.assets.services.record import hold_books, hold_histories, preview, record
from wherewithal.assets.terms import as_json
from wherewithal.assets.values import AssetDraft
from wherewithal.core.assets.facts import Kind
from wherewithal.core.assets.fold import History, handed_over
from wherewithal.core.assets.state import NEVER, Bundle, State
from wherewithal.core.depreciation.accrual import service
from wherewithal.core.depreciation.calendar import ONE_DAY
from wherewithal.core.depreciation.terms import Method
from wherewithal.core.money import from_minor
from wherewithal.items import attributes, files
from wherewithal.items import queries as items_queries
from wherewithal.kit import db
from wherewithal.kit.errors import Conflict, NotFound, Problem, refuse
from wherewithal.ledger import queries as ledger_queries
from wherewithal.parties import queries as parties_queries


class Basis(StrEnum):
    """At what it is taken up there."""

    AS_IT_STANDS = "as_it_stands"
    """Cost, depreciation and impairment as here, for companies whose accounts are consolidated: no gain arises."""
    CARRYING_AMOUNT = "carrying_amount"
    """Its carrying amount is its cost there, and nothing is depreciated yet: no gain arises either."""
    PRICE = "price"
    """Sold: what the price is above the carrying amount is a gain here (to be eliminated on consolidation; a pool it is
    in gives up the price), and there it begins anew on the next day, by the terms of its class there."""


TAKEN_ALONG = (
    "name",
    "serial_no",
    "purchase_reference",
    "warranty_until",
    "insured_until",
    "insurance_reference",
    "attributes",
)
NOT_ASKED = frozenset({"actor_id", "idempotency_key"})
COST_IS_ALL = frozenset({Method.TABLE, Method.AMOUNTS})
"""Methods that know no other cost than the first one."""


@dataclass(frozen=True, slots=True)
class Transfer:
    """What is to be done: see `transfer_to_company`."""

    company_id: int
    to_company_id: int
    actor_id: int | None
    idempotency_key: str
    asset_id: int
    effective_on: datetime.date
    class_code: str
    tag: str | None
    location_id: int | None
    basis: str
    price: Decimal | None
    terms: Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class _Leaving:
    """What an asset takes along: who it is, and by code of the book what it is there."""

    company: str
    tag: str
    draft: dict[str, Any]
    sku: str | None
    supplier: str | None
    files: list[db.Row]
    values: dict[str, dict[str, Any]]
    currencies: dict[str, str]
    primary: str
    idle: list[tuple[str, str | None]]
    in_service: bool


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
    basis: str = Basis.AS_IT_STANDS,
    price: Decimal | None = None,
    terms: Mapping[str, Mapping[str, Any]] | None = None,
) -> BatchResult:
    """An asset goes to another company at the end of a day, with name, serial, papers and what every book says of it;
    what was recorded over there. All or nothing, and repeated it is the first answer again.

    Books are matched by code; those without a match take after the primary one. `price` (in the company's currency) goes
    with the basis `price`. `terms` by book code over there, instead of those that it has here. Refused for leases, for
    several obligations with different estimates, for what is in a pool of a book except at a price, and for whatever
    `record` refuses on either side.
    """
    wanted = Transfer(
        company_id, to_company_id, actor_id, idempotency_key, asset_id, effective_on, class_code, tag,
        location_id, basis, price, terms or {},
    )  # fmt: skip
    _check(wanted)

    def work() -> BatchResult:
        with db.one_for_several():
            return _done_before(wanted) if _is_done(wanted) else _both(wanted)

    return work() if connection.in_atomic_block else db.run_retrying(work)


def preview_transfer(
    *,
    company_id: int,
    to_company_id: int,
    actor_id: int | None,
    asset_id: int,
    effective_on: datetime.date,
    class_code: str,
    tag: str | None = None,
    location_id: int | None = None,
    basis: str = Basis.AS_IT_STANDS,
    price: Decimal | None = None,
    terms: Mapping[str, Mapping[str, Any]] | None = None,
) -> tuple[tuple[BookPreview, ...], tuple[BookPreview, ...]]:
    """What `transfer_to_company` would post here and there; nothing is kept."""
    wanted = Transfer(
        company_id, to_company_id, actor_id, "preview", asset_id, effective_on, class_code, tag, location_id,
        basis, price, terms or {},
    )  # fmt: skip
    _check(wanted)
    here = preview(company_id=company_id, actor_id=actor_id, events=[_out(wanted)])
    draft, events = _arriving(wanted, _leaving(wanted))
    there = preview(company_id=to_company_id, actor_id=actor_id, events=events, assets=[draft])
    return here, there


def take_back_transfer(
    *, company_id: int, actor_id: int | None, idempotency_key: str, event_id: int
) -> BatchResult:
    """A transfer never happened: both halves are reversed. `event_id`: that with which the asset left here.

    Refused as soon as more happened to it over there than the transfer itself.
    """

    def reverse(half: _Half) -> BatchResult:
        with db.company_transaction(company_id=half.company_id, actor_id=actor_id):
            return record(
                company_id=half.company_id,
                actor_id=actor_id,
                idempotency_key=idempotency_key,
                events=_reversals(half, event_id),
            )

    def work() -> BatchResult:
        with db.one_for_several():
            with db.company_transaction(company_id=company_id, actor_id=actor_id):
                here, there = _halves(company_id, event_id)
                earlier = _batch(company_id, idempotency_key)
                if earlier is not None and not _takes_back(company_id, earlier, event_id):
                    raise _other_request(idempotency_key)
            if earlier is not None:
                return earlier
            reverse(there)
            return reverse(here)

    return work() if connection.in_atomic_block else db.run_retrying(work)


def _takes_back(company_id: int, batch: BatchResult, event_id: int) -> bool:
    row = db.fetch_one(
        "SELECT count(*), min(kind), min(of_event_id) FROM assets_event WHERE company_id = %s AND batch_id = %s",
        (company_id, batch.batch_id),
    )
    return row == (1, Kind.REVERSAL, event_id)


def preview_take_back(
    *, company_id: int, actor_id: int | None, event_id: int
) -> tuple[tuple[BookPreview, ...], tuple[BookPreview, ...]]:
    """What `take_back_transfer` would post here and there; nothing is kept."""
    with db.company_transaction(company_id=company_id, actor_id=actor_id, read_only=True):
        halves = _halves(company_id, event_id)

    def look(half: _Half) -> tuple[BookPreview, ...]:
        with db.company_transaction(company_id=half.company_id, actor_id=actor_id):
            events = _reversals(half, event_id)
        return preview(company_id=half.company_id, actor_id=actor_id, events=events)

    here, there = map(look, halves)
    return here, there


@dataclass(frozen=True, slots=True)
class _Half:
    """One company's side of a transfer: its asset, and which of its events belong to it."""

    company_id: int
    asset_id: int
    belongs: Callable[[Event], bool]


def _halves(company_id: int, event_id: int) -> tuple[_Half, _Half]:
    """Here and there, by the event with which the asset left here."""
    row = db.fetch_one(
        "SELECT asset_id, detail -> 'counterpart' FROM assets_event WHERE company_id = %s"
        " AND event_id = %s AND kind = %s",
        (company_id, event_id, str(Kind.INTERCOMPANY_OUT)),
    )
    if row is None or not row[1]:
        raise _no_transfer(event_id)
    asset_id, other = row
    there = _Half(
        other["company_id"],
        other["asset_id"],
        lambda event: "counterpart" in event.detail and event.kind != Kind.INTERCOMPANY_OUT,
    )
    return _Half(company_id, asset_id, lambda event: event.event_id == event_id), there


def _reversals(half: _Half, event_id: int) -> list[LinkedEvent]:
    """What takes one side back, its asset being held. `event_id` is that of the transfer, for the refusal."""
    alive = hold_histories(half.company_id, {half.asset_id})[half.asset_id].alive()
    drafts = [
        LinkedEvent(
            Kind.REVERSAL,
            event.effective_on,
            asset_id=half.asset_id,
            of_event_id=event.event_id,
            counterpart=event.detail["counterpart"],
        )
        for event in alive
        if half.belongs(event)
    ]
    if not drafts:
        raise _no_transfer(event_id)
    return drafts


def _no_transfer(event_id: int) -> NotFound:
    message = "There is no such transfer to another company that stands."
    return NotFound(Problem("event_id", "exists", message, value=str(event_id)))


def _check(wanted: Transfer) -> None:
    if wanted.basis not in tuple(Basis):
        raise refuse("basis", "known", f"Choose one of {', '.join(Basis)}.", value=wanted.basis)
    if wanted.company_id == wanted.to_company_id:
        raise refuse("to_company_id", "another", "Name another company: within one the place changes.")
    if (wanted.price is None) == (wanted.basis == Basis.PRICE):
        raise refuse("price", "with_basis", "Give a price if it is sold at one, and none otherwise.")


# --- both halves --------------------------------------------------------------------------------------------------


def _both(wanted: Transfer) -> BatchResult:
    """What cannot leave is refused here before anything is looked at over there."""
    preview(company_id=wanted.company_id, actor_id=wanted.actor_id, events=[_out(wanted)])
    leaving = _leaving(wanted)
    draft, events = _arriving(wanted, leaving)
    with db.company_transaction(company_id=wanted.to_company_id, actor_id=wanted.actor_id):
        arrived = record(
            company_id=wanted.to_company_id,
            actor_id=wanted.actor_id,
            idempotency_key=wanted.idempotency_key,
            events=events,
            assets=[draft],
        )
        (asset_id,) = arrived.asset_ids
        there = _identity(wanted.to_company_id, asset_id)
        rows = [(wanted.to_company_id, asset_id, *file) for file in leaving.files]
        db.insert_rows("assets_attachment", ATTACHMENT_COLUMNS, rows)
        code = ledger_queries.company(wanted.to_company_id).code
    record(
        company_id=wanted.company_id,
        actor_id=wanted.actor_id,
        idempotency_key=wanted.idempotency_key,
        events=[
            _out(
                wanted,
                _counterpart(code, wanted.to_company_id, asset_id, there["tag"]),
            )
        ],
    )
    return arrived


def _counterpart(code: str, company_id: int, asset_id: int, tag: str) -> dict[str, Any]:
    return {"company": code, "company_id": company_id, "asset_id": asset_id, "tag": tag}


def _out(wanted: Transfer, counterpart: Mapping[str, Any] | None = None) -> LinkedEvent:
    """The half of here. A look (without a counterpart) is no request."""
    return LinkedEvent(
        Kind.INTERCOMPANY_OUT,
        wanted.effective_on,
        asset_id=wanted.asset_id,
        values={} if wanted.price is None else {"proceeds": wanted.price},
        key=f"{wanted.idempotency_key} out",
        reference="" if counterpart is None else f"{counterpart['company']} {counterpart['tag']}",
        counterpart=counterpart,
        request=None if counterpart is None else _digest(wanted),
    )


def _is_done(wanted: Transfer) -> bool:
    """Whether this very transfer was done before. Another request under its key is a Conflict."""
    with db.company_transaction(company_id=wanted.company_id, actor_id=wanted.actor_id):
        row = db.fetch_one(
            "SELECT e.kind, coalesce(e.detail ->> 'request', e.detail #>> '{counterpart,request}')"
            " FROM assets_batch b LEFT JOIN assets_event e ON e.company_id = b.company_id AND e.batch_id = b.batch_id"
            " WHERE b.company_id = %s AND b.idempotency_key = %s LIMIT 1",
            (wanted.company_id, wanted.idempotency_key),
        )
    if row is None:
        return False
    if row != (Kind.INTERCOMPANY_OUT, _digest(wanted)):
        raise _other_request(wanted.idempotency_key)
    return True


def _digest(wanted: Transfer) -> str:
    """What was asked for, by whomever: the same under one key is one request."""
    asked = {name: value for name, value in asdict(wanted).items() if name not in NOT_ASKED}
    if wanted.price is not None:
        asked["price"] = wanted.price.normalize()
    return hashlib.sha256(json.dumps(asked, sort_keys=True, default=str).encode()).hexdigest()


def _other_request(key: str) -> Conflict:
    message = "This key was used for another request: take a new key for a new one."
    return Conflict(Problem("idempotency_key", "same_request", message, value=key))


def _done_before(wanted: Transfer) -> BatchResult:
    with db.company_transaction(company_id=wanted.to_company_id, actor_id=wanted.actor_id):
        found = _batch(wanted.to_company_id, wanted.idempotency_key)
    assert found is not None, "both halves are committed together"
    return found


def _batch(company_id: int, key: str) -> BatchResult | None:
    row = db.fetch_one(
        "SELECT batch_id, recorded_at, asset_ids, event_ids, entry_ids FROM assets_batch"
        " WHERE company_id = %s AND idempotency_key = %s",
        (company_id, key),
    )
    if row is None:
        return None
    batch_id, recorded_at, asset_ids, event_ids, entry_ids = row
    new = tuple(event_ids[len(asset_ids) :])
    return BatchResult(batch_id, recorded_at, tuple(asset_ids), new, tuple(entry_ids), repeated=True)


# --- what leaves --------------------------------------------------------------------------------------------------


def _leaving(wanted: Transfer) -> _Leaving:
    company_id = wanted.company_id
    with db.company_transaction(company_id=company_id, actor_id=wanted.actor_id):
        hold_books(company_id)
        context = load_context(company_id)
        asset = _identity(company_id, wanted.asset_id)
        states = _states(context, wanted)
        item = items_queries.get_item(company_id, asset["item_id"]) if asset["item_id"] else None
        supplier_id = asset["supplier_id"]
        supplier = parties_queries.get_party(company_id, supplier_id) if supplier_id else None
        code = ledger_queries.company(company_id).code
        primary = next(book for book in context.books if book.is_primary)
        quantity = states[primary.code].bundle.quantity
        return _Leaving(
            code,
            asset["tag"],
            {name: asset[name] for name in TAKEN_ALONG}
            | {
                "qty": max(ceil(quantity), 1),
                "note": "\n".join(filter(None, (asset["note"], f"Formerly {asset['tag']} of {code}."))),
            },
            item["sku"] if item else None,
            supplier["code"] if supplier else None,
            _files(company_id, wanted.asset_id),
            {book.code: _values(wanted, book, states[book.code]) for book in context.books},
            {book.code: book.currency for book in context.books},
            primary.code,
            [
                (first.isoformat(), None if last == NEVER else last.isoformat())
                for first, last in states[primary.code].idle
            ],
            any(state.bundle.in_service_on is not None for state in states.values()),
        )


def _identity(company_id: int, asset_id: int) -> dict[str, Any]:
    rows = db.fetch_dicts(
        "SELECT * FROM assets_asset WHERE company_id = %s AND id = %s", (company_id, asset_id)
    )
    if not rows:
        raise no_asset(asset_id)
    return rows[0]


def _files(company_id: int, asset_id: int) -> list[db.Row]:
    """Papers and pictures: their content lies on disk once, whoever names it."""
    columns = ", ".join(name for name, _ in files.FILE_COLUMNS)
    return db.fetch_all(
        f"SELECT {columns} FROM assets_attachment WHERE company_id = %s AND asset_id = %s ORDER BY id",  # noqa: S608
        (company_id, asset_id),
    )


def _states(context: Context, wanted: Transfer) -> dict[str, State]:
    """Where it stands in each book at the end of the day, the asset and its parts being held."""
    histories = hold_histories(context.company_id, {wanted.asset_id})
    history = histories[wanted.asset_id]
    costs = costs_of_moves(context.company_id, histories.values())
    group = next(group for group in groups_of(histories) if history in group)
    found = {}
    for book in context.books:
        read = [History(h.asset_id, h.class_id, Reader(context, book, h, costs).facts()) for h in group]
        found[book.code] = handed_over(
            read,
            wanted.asset_id,
            book.calendar,
            wanted.effective_on,
            anew=wanted.basis != Basis.AS_IT_STANDS or bool(wanted.terms),
        )
    return found


def _values(wanted: Transfer, book: BookFacts, state: State) -> dict[str, Any]:
    """The fields of the event that takes it up, as this book would say them, in its currency."""
    bundle = state.bundle
    found: dict[str, Any] = {"reading": str(state.reading)} if state.reading else {}
    if wanted.basis == Basis.PRICE:
        return found | {"cost": wanted.price}
    if bundle.pool is not None:
        message = f"In the book {book.code} it is in a pool, which gives up what is got for it: hand it over at a price."
        raise refuse("basis", "pool", message, value=wanted.basis)
    amounts = {
        "construction": bundle.construction,
        "surplus": bundle.surplus,
        "grant": bundle.grant,
        "loss": bundle.loss,
        "held_loss": bundle.held_loss,
        "missed": bundle.missed,
    }
    if wanted.basis == Basis.CARRYING_AMOUNT:
        _refuse_first_cost(wanted, book, bundle)
        amounts["cost"] = bundle.depreciated_cost
    else:
        own = ("cost", "accumulated", "impairment", "impaired_surplus", "allowances")
        amounts |= {name: getattr(bundle, name) for name in own}
        amounts |= {
            "charged": bundle.charged,
            "surplus_used": bundle.surplus_gone,
            "grant_released": bundle.grant_gone,
        }
        if bundle.unimpaired is not None:
            track = bundle.unimpaired
            amounts["unimpaired"] = track.carrying if track.segment is None else track.segment.opening
    found |= {
        name: from_minor(amount, book.decimals)
        for name, amount in amounts.items()
        if amount or name in ("cost", "unimpaired")
    }
    if bundle.held:
        found["held"] = True
    if bundle.is_revalued:
        found |= {"revalued": True, "surplus_policy": bundle.surplus_policy.value}
    return found | _obligation(book, bundle) | _goes_on(wanted, bundle) | _terms(wanted, book, bundle)


def _refuse_first_cost(wanted: Transfer, book: BookFacts, bundle: Bundle) -> None:
    if bundle.terms is not None and bundle.terms.terms.method in COST_IS_ALL and not wanted.terms:
        message = (
            f"In the book {book.code} it is depreciated by a table of its first cost: hand it over as it stands, or give"
            " terms for what is left."
        )
        raise refuse("terms", "required", message)


def _obligation(book: BookFacts, bundle: Bundle) -> dict[str, Any]:
    to_meet = [each for each in bundle.obligations if each.flows]
    if not to_meet:
        return {}
    if len(to_meet) > 1:
        message = "It has several obligations, estimated apart: estimate them as one first (decommissioning change)."
        raise refuse("asset_id", "obligations", message)
    (obligation,) = to_meet
    return {
        "flows": [(day.isoformat(), from_minor(amount, book.decimals)) for day, amount in obligation.flows],
        "rate": str(obligation.rate),
        "estimated_on": obligation.starts_on.isoformat(),
    }


def _goes_on(wanted: Transfer, bundle: Bundle) -> dict[str, Any]:
    """Since when it is in service, and from when on what is left is spread."""
    if bundle.in_service_on is None:
        return {}
    through = wanted.effective_on if bundle.segment is None else bundle.segment.starts_on - ONE_DAY
    return {"in_service_on": bundle.in_service_on.isoformat(), "depreciated_through": through.isoformat()}


def _terms(wanted: Transfer, book: BookFacts, bundle: Bundle) -> dict[str, Any]:
    """How it goes on being depreciated: the same terms, with a life that counts from when it went into service."""
    if wanted.terms or bundle.in_service_on is None:
        return {}
    segment = bundle.segment
    if segment is None:
        return {"terms": {"method": Method.NONE.value}}
    terms = as_json(segment.terms)
    if segment.terms.life_months is not None:
        on = wanted.effective_on
        left = segment.terms.life_months - service(segment, book.calendar, on)
        counted_anew = replace(segment, elapsed_months=None)
        terms["life_months"] = service(counted_anew, book.calendar, on) + max(left, Fraction(0))
    if bundle.residual:
        terms["residual"] = str(from_minor(bundle.residual, book.decimals))
    return {"terms": terms} | ({"used_units": str(bundle.units)} if bundle.units else {})


# --- what arrives -------------------------------------------------------------------------------------------------


def _arriving(wanted: Transfer, leaving: _Leaving) -> tuple[AssetDraft, list[LinkedEvent]]:
    """The asset and its events as the other company reads them, in the currencies of its books."""
    company_id, on = wanted.to_company_id, wanted.effective_on
    with db.company_transaction(company_id=company_id, actor_id=wanted.actor_id):
        context = load_context(company_id)
        by_book = {book.code: _converted(wanted, leaving, book) for book in context.books}
        identity = leaving.draft | {"attributes": _attributes(context, wanted, leaving)}
        items = items_queries.item_ids_by_sku(company_id, [leaving.sku] if leaving.sku else [])
        parties = parties_queries.party_ids(company_id, [leaving.supplier] if leaving.supplier else [])
    draft = AssetDraft(
        class_code=wanted.class_code,
        tag=wanted.tag,
        location_id=wanted.location_id,
        item_id=items.get(leaving.sku or ""),
        supplier_id=parties.get(leaving.supplier or ""),
        terms=wanted.terms,
        **identity,
    )
    counterpart = _counterpart(leaving.company, wanted.company_id, wanted.asset_id, leaving.tag)
    arrives = LinkedEvent(
        Kind.INTERCOMPANY_IN,
        on,
        asset_no=0,
        by_book=by_book,
        key=f"{wanted.idempotency_key} in",
        reference=f"{leaving.company} {leaving.tag}",
        counterpart=counterpart | ({"idle": leaving.idle} if leaving.idle and not wanted.price else {}),
    )
    if not (leaving.in_service and wanted.basis == Basis.PRICE):
        return draft, [arrives]
    begins = LinkedEvent(
        Kind.IN_SERVICE,
        on + ONE_DAY,
        asset_no=0,
        key=f"{wanted.idempotency_key} in service",
        counterpart=counterpart,
    )
    return draft, [arrives, begins]


def _attributes(context: Context, wanted: Transfer, leaving: _Leaving) -> dict[str, Any]:
    """Those that the class over there has too, as far as it can hold them."""
    known = context.classes.get(context.class_ids.get(wanted.class_code, 0))
    given = leaving.draft["attributes"]
    if known is None or not given:
        return {}
    specs = items_queries.attribute_specs_by_category(context.company_id)
    ids = items_queries.category_ids(context.company_id)
    mine = {ids[code]: found for code, found in specs.items()}.get(known.category_path[0], {})
    return {
        name: value
        for name, value in given.items()
        if name in mine and not attributes.check_values({name: mine[name]}, {name: value})[1]
    }


def _converted(wanted: Transfer, leaving: _Leaving, book: BookFacts) -> dict[str, Any]:
    """What a book over there takes up. A price is one for all books, in the currency of the primary one here."""
    known = book.code in leaving.values and wanted.basis != Basis.PRICE
    source = book.code if known else leaving.primary
    pair = (leaving.currencies[source], wanted.effective_on)
    rate = ledger_queries.rates_of_days(wanted.to_company_id, book.currency, [pair])[pair]

    def convert(value: Any) -> Any:
        if isinstance(value, Decimal):
            return round(value * rate, book.decimals)
        return [(day, convert(amount)) for day, amount in value] if isinstance(value, list) else value

    return {name: convert(value) for name, value in leaving.values[source].items()}
