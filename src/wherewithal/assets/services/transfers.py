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
from typing import Any

from django.db import connection

from wherewithal.assets.drafts import BatchResult, BookPreview, LinkedEvent
from wherewithal.assets.services.handing_over import (
    Basis,
    Leaving,
    Transfer,
    Whole,
    arriving,
    counterpart_of,
    tree_of,
    whole_of,
)
from wherewithal.assets.services.masters import ATTACHMENT_COLUMNS
from wherewithal.assets.services.posting.history import Event
from wherewithal.assets.services.record import hold_histories, hold_key, preview, record
from wherewithal.core.assets.facts import Kind
from wherewithal.core.words import say
from wherewithal.kit import db
from wherewithal.kit.errors import Conflict, NotFound, Problem, Refused, refuse
from wherewithal.ledger import queries as ledger_queries

NOT_ASKED = frozenset({"actor_id", "idempotency_key"})


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
    """An asset goes to another company at the end of a day, with name, serial, papers and what every book says of it, and
    with its components; what was recorded over there, the asset first. All or nothing, and repeated it is the first
    answer again.

    Books are matched by code; those without a match take after the primary one. `price` (in the company's currency) goes
    with the basis `price`, and is shared among the components by what they are carried at. `terms` of the asset by book
    code over there, instead of those that it has here. What is in a pool of a book goes from pool to pool at what it is
    carried at there. Refused for leases, for several obligations with different estimates, and for whatever `record`
    refuses on either side.
    """
    wanted = Transfer(
        company_id, to_company_id, actor_id, idempotency_key, asset_id, effective_on, class_code, tag,
        location_id, basis, price, terms or {},
    )  # fmt: skip
    _check(wanted)

    def work() -> BatchResult:
        with db.one_for_several():
            return _done_before(wanted) or _both(wanted)

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
    _check_leaves(wanted)
    whole = whole_of(wanted)
    here = preview(
        company_id=company_id, actor_id=actor_id, events=[_out(wanted, each) for each in whole.parts]
    )
    drafts, events = arriving(wanted, whole)
    there = preview(company_id=to_company_id, actor_id=actor_id, events=events, assets=drafts)
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
                idempotency_key=_key_of(half.company_id, company_id, idempotency_key),
                events=_reversals(half, event_id),
            )

    def work() -> BatchResult:
        with db.one_for_several():
            with db.company_transaction(company_id=company_id, actor_id=actor_id):
                hold_key(company_id, idempotency_key)
                here, there = _halves(company_id, event_id)
                earlier = _batch(company_id, "b.idempotency_key = %s", idempotency_key)
                if earlier is not None and not _takes_back(company_id, earlier, event_id):
                    raise _other_request(idempotency_key)
            if earlier is not None:
                return earlier
            reverse(there)
            return reverse(here)

    return work() if connection.in_atomic_block else db.run_retrying(work)


def _takes_back(company_id: int, batch: BatchResult, event_id: int) -> bool:
    row = db.fetch_one(
        "SELECT bool_and(kind = %s), bool_or(of_event_id = %s) FROM assets_event WHERE company_id = %s AND batch_id = %s",
        (str(Kind.REVERSAL), event_id, company_id, batch.batch_id),
    )
    return row == (True, True)


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
    """One company's side of a transfer: its assets, and which of their events belong to it."""

    company_id: int
    asset_ids: frozenset[int]
    belongs: Callable[[Event], bool]


def _halves(company_id: int, event_id: int) -> tuple[_Half, _Half]:
    """Here and there, by the event with which the asset left here, or one of its components."""
    rows = db.fetch_all(
        "SELECT e.event_id, e.asset_id, e.detail -> 'counterpart' FROM assets_event e"
        " JOIN assets_event n ON n.company_id = e.company_id AND n.batch_id = e.batch_id AND n.kind = e.kind"
        " WHERE n.company_id = %s AND n.event_id = %s AND n.kind = %s ORDER BY e.event_id",
        (company_id, event_id, str(Kind.INTERCOMPANY_OUT)),
    )
    if not rows or not all(row[2] for row in rows):
        raise _no_transfer(event_id)
    events = {row[0] for row in rows}
    there = _Half(
        rows[0][2]["company_id"],
        frozenset(row[2]["asset_id"] for row in rows),
        lambda event: "counterpart" in event.detail and event.kind != Kind.INTERCOMPANY_OUT,
    )
    return _Half(company_id, frozenset(row[1] for row in rows), lambda event: event.event_id in events), there


def _reversals(half: _Half, event_id: int) -> list[LinkedEvent]:
    """What takes one side back, its assets being held. `event_id` is that of the transfer, for the refusal."""
    histories = hold_histories(half.company_id, set(half.asset_ids))
    drafts = [
        LinkedEvent(
            Kind.REVERSAL,
            event.effective_on,
            asset_id=asset_id,
            of_event_id=event.event_id,
            counterpart=event.detail["counterpart"],
        )
        for asset_id in sorted(half.asset_ids)
        for event in histories[asset_id].alive()
        if half.belongs(event)
    ]
    if not drafts:
        raise _no_transfer(event_id)
    return drafts


def _no_transfer(event_id: int) -> NotFound:
    message = say("There is no such transfer to another company that stands.")
    return NotFound(Problem("event_id", "exists", message, value=str(event_id)))


def _check(wanted: Transfer) -> None:
    if wanted.basis not in tuple(Basis):
        raise refuse(
            "basis", "known", say("Choose one of {basis}.", basis=", ".join(Basis)), value=wanted.basis
        )
    if wanted.company_id == wanted.to_company_id:
        raise refuse("to_company_id", "another", say("Name another company: within one the place changes."))
    if (wanted.price is None) == (wanted.basis == Basis.PRICE):
        raise refuse("price", "with_basis", say("Give a price if it is sold at one, and none otherwise."))


# --- both halves --------------------------------------------------------------------------------------------------


def _check_leaves(wanted: Transfer) -> None:
    """What cannot leave is refused here before anything is looked at over there."""
    with db.company_transaction(company_id=wanted.company_id, actor_id=wanted.actor_id):
        ids = tree_of(wanted.company_id, wanted.asset_id)
        tags: dict[int, str] = dict(
            db.fetch_all(
                "SELECT id, tag FROM assets_asset WHERE company_id = %s AND id = ANY (%s)",
                (wanted.company_id, ids),
            )
        )
    price = {} if wanted.price is None else {"proceeds": wanted.price}
    events = [
        LinkedEvent(Kind.INTERCOMPANY_OUT, wanted.effective_on, asset_id=each, values=price) for each in ids
    ]
    try:
        preview(company_id=wanted.company_id, actor_id=wanted.actor_id, events=events)
    except Refused as refused:
        refused.problems = tuple(
            problem
            if problem.row is None or ids[problem.row] == wanted.asset_id
            else replace(
                problem,
                row=None,
                message=say("{part}: {message}", part=tags[ids[problem.row]], message=problem.message),
            )
            for problem in refused.problems
        )
        raise


def _both(wanted: Transfer) -> BatchResult:
    _check_leaves(wanted)
    whole = whole_of(wanted)
    drafts, events = arriving(wanted, whole)
    company_id = wanted.to_company_id
    with db.company_transaction(company_id=company_id, actor_id=wanted.actor_id):
        arrived = record(
            company_id=company_id,
            actor_id=wanted.actor_id,
            idempotency_key=_key_of(company_id, wanted.company_id, wanted.idempotency_key),
            events=events,
            assets=drafts,
        )
        ids = dict(zip((each.asset_id for each in whole.parts), arrived.asset_ids, strict=True))
        _put_together(company_id, whole, ids)
        rows = [(company_id, ids[each.asset_id], *file) for each in whole.parts for file in each.files]
        db.insert_rows("assets_attachment", ATTACHMENT_COLUMNS, rows)
        code = ledger_queries.company(company_id).code
        tags: dict[int, str] = dict(
            db.fetch_all(
                "SELECT id, tag FROM assets_asset WHERE company_id = %s AND id = ANY (%s)",
                (company_id, list(arrived.asset_ids)),
            )
        )
    record(
        company_id=wanted.company_id,
        actor_id=wanted.actor_id,
        idempotency_key=wanted.idempotency_key,
        events=[
            _out(wanted, each, counterpart_of(code, company_id, ids[each.asset_id], tags[ids[each.asset_id]]))
            for each in whole.parts
        ],
    )
    return arrived


def _put_together(company_id: int, whole: Whole, ids: Mapping[int, int]) -> None:
    """The tree of components over there is that of here."""
    pairs = [(ids[each.asset_id], ids[each.parent_id]) for each in whole.parts if each.parent_id is not None]
    if pairs:
        db.execute(
            "UPDATE assets_asset a SET parent_id = p.parent_id"
            " FROM unnest(%s::bigint[], %s::bigint[]) AS p (id, parent_id) WHERE a.company_id = %s AND a.id = p.id",
            (*map(list, zip(*pairs, strict=True)), company_id),
        )


def _out(wanted: Transfer, leaving: Leaving, counterpart: Mapping[str, Any] | None = None) -> LinkedEvent:
    """The half of here. A look (without a counterpart) is no request."""
    named = leaving.asset_id == wanted.asset_id
    return LinkedEvent(
        Kind.INTERCOMPANY_OUT,
        wanted.effective_on,
        asset_id=leaving.asset_id,
        values={} if leaving.price is None else {"proceeds": leaving.price},
        by_book={code: {"proceeds": amount} for code, amount in leaving.gets.items()},
        key=f"{wanted.idempotency_key} out" + ("" if named else f" {leaving.tag}"),
        reference="" if counterpart is None else f"{counterpart['company']} {counterpart['tag']}",
        counterpart=counterpart,
        request=_digest(wanted) if counterpart is not None and named else None,
    )


def _done_before(wanted: Transfer) -> BatchResult | None:
    """What this very transfer recorded over there, if it was done before; the same that is under way is waited for.
    Another request under its key is a Conflict."""
    with db.company_transaction(company_id=wanted.company_id, actor_id=wanted.actor_id):
        hold_key(wanted.company_id, wanted.idempotency_key)
        row = db.fetch_one(
            "SELECT e.kind, coalesce(e.detail ->> 'request', e.detail #>> '{counterpart,request}'),"
            " (e.detail #>> '{counterpart,asset_id}')::bigint"
            " FROM assets_batch b LEFT JOIN assets_event e ON e.company_id = b.company_id AND e.batch_id = b.batch_id"
            " WHERE b.company_id = %s AND b.idempotency_key = %s ORDER BY 2 LIMIT 1",
            (wanted.company_id, wanted.idempotency_key),
        )
    if row is None:
        return None
    if row[:2] != (Kind.INTERCOMPANY_OUT, _digest(wanted)):
        raise _other_request(wanted.idempotency_key)
    with db.company_transaction(company_id=wanted.to_company_id, actor_id=wanted.actor_id):
        return _batch(wanted.to_company_id, "e.kind = 'intercompany_in' AND e.asset_id = %s", row[2])


def _key_of(company_id: int, asked_in: int, key: str) -> str:
    """The key of one half: over there one of its own, that nobody there has taken for something else."""
    if company_id == asked_in:
        return key
    return f"transfer {asked_in} {hashlib.sha256(key.encode()).hexdigest()}"


def _digest(wanted: Transfer) -> str:
    """What was asked for, by whomever: the same under one key is one request."""
    asked = {name: value for name, value in asdict(wanted).items() if name not in NOT_ASKED}
    if wanted.price is not None:
        asked["price"] = wanted.price.normalize()
    return hashlib.sha256(json.dumps(asked, sort_keys=True, default=str).encode()).hexdigest()


def _other_request(key: str) -> Conflict:
    message = say("This key was used for another request: take a new key for a new one.")
    return Conflict(Problem("idempotency_key", "same_request", message, value=key))


def _batch(company_id: int, which: str, value: int | str) -> BatchResult | None:
    """The answer that was given with a batch, by its key or by one of its events."""
    row = db.fetch_one(
        "SELECT b.batch_id, b.recorded_at, b.asset_ids, b.event_ids, b.entry_ids"  # noqa: S608 - our own words
        " FROM assets_batch b JOIN assets_event e ON e.company_id = b.company_id AND e.batch_id = b.batch_id"
        f" WHERE b.company_id = %s AND {which} LIMIT 1",
        (company_id, value),
    )
    if row is None:
        return None
    batch_id, recorded_at, asset_ids, event_ids, entry_ids = row
    new = tuple(event_ids[len(asset_ids) :])
    return BatchResult(batch_id, recorded_at, tuple(asset_ids), new, tuple(entry_ids), repeated=True)
