"""What an asset takes along to another company, with the parts it is made of: who it is, and what every book says of it."""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from itertools import accumulate, pairwise
from math import ceil
from typing import Any

from wherewithal.assets.drafts import LinkedEvent
from wherewithal.assets.services.context import BookFacts, Context, load_context
from wherewithal.assets.services.masters import no_asset
from wherewithal.assets.services.posting.decide import groups_of
from wherewithal.assets.services.posting.history import AssetHistory
from wherewithal.assets.services.posting.moves import costs_of_moves
from wherewithal.assets.services.posting.pools import PoolBook, read_pools
from wherewithal.assets.services.posting.reading import FIRST_YEAR_CLAIM, Reader
from wherewithal.assets.services.posting.values import CARRYING_EFFECT
from wherewithal.assets.services.record import hold_books, hold_histories
from wherewithal.assets.terms import as_json, parse
from wherewithal.assets.values import AssetDraft, Status
from wherewithal.core import money
from wherewithal.core.assets.facts import Kind
from wherewithal.core.assets.fold import History, handed_over
from wherewithal.core.assets.state import NEVER, Bundle, State
from wherewithal.core.assets.terms import PoolTakes
from wherewithal.core.depreciation.accrual import service
from wherewithal.core.depreciation.calendar import ONE_DAY
from wherewithal.core.depreciation.packs import built_in
from wherewithal.core.depreciation.terms import Method
from wherewithal.core.money import allocate, from_minor, to_minor
from wherewithal.core.words import say
from wherewithal.items import attributes
from wherewithal.items import queries as items_queries
from wherewithal.kit import db, files
from wherewithal.kit.errors import refuse
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
COST_IS_ALL = frozenset({Method.TABLE, Method.AMOUNTS})
"""Methods that know no other cost than the first one."""


NOT_NEW = ("new", "incentive")
"""What a pack asks about things that were not owned before, nor by anybody near."""


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
class Leaving:
    """One asset and what it takes along: who it is, and by code of the book what it is there. `parent_id`: of what else
    leaves it is a part. `gets`: by code of a book that has it in a pool, what the pool gets for it."""

    asset_id: int
    tag: str
    parent_id: int | None
    class_code: str
    draft: dict[str, Any]
    sku: str | None
    supplier: str | None
    files: list[db.Row]
    values: dict[str, dict[str, Any]]
    gets: dict[str, Decimal]
    pool_terms: dict[str, dict[str, Any]]
    price: Decimal | None
    idle: list[tuple[str, str | None]]
    in_service: bool


@dataclass(frozen=True, slots=True)
class Whole:
    """All that leaves, the asset that was named first and parts after what they are parts of."""

    company: str
    currencies: dict[str, str]
    primary: str
    parts: list[Leaving]


@dataclass(frozen=True, slots=True)
class _Books:
    """What the giver's books say of everything that leaves, at the end of the day."""

    context: Context
    states: dict[int, dict[str, State]]
    histories: Mapping[int, AssetHistory]
    pools: dict[str, dict[int, int]]


# --- what leaves --------------------------------------------------------------------------------------------------

_TREE = """
    WITH RECURSIVE tree AS (
        SELECT id, tag, 0 AS depth FROM assets_asset WHERE company_id = %(company)s AND id = %(asset)s
        UNION ALL
        SELECT a.id, a.tag, t.depth + 1 FROM assets_asset a JOIN tree t ON a.company_id = %(company)s AND a.parent_id = t.id
        WHERE a.status <> ALL (%(gone)s)
    )
    SELECT id FROM tree ORDER BY depth, tag
"""
NOT_THERE = (Status.PLANNED, Status.DISPOSED, Status.LOST)


def tree_of(company_id: int, asset_id: int) -> list[int]:
    """An asset and the components it has now, the whole before its parts."""
    given = {"company": company_id, "asset": asset_id, "gone": [int(status) for status in NOT_THERE]}
    found = [int(row[0]) for row in db.fetch_all(_TREE, given)]
    if not found:
        raise no_asset(asset_id)
    return found


def whole_of(wanted: Transfer) -> Whole:
    """What leaves, read in the name of the company that gives it."""
    company_id = wanted.company_id
    with db.company_transaction(company_id=company_id, actor_id=wanted.actor_id):
        hold_books(company_id)
        context = load_context(company_id)
        ids = tree_of(company_id, wanted.asset_id)
        books = _books(context, wanted, ids)
        primary = next(book for book in context.books if book.is_primary)
        prices = _prices(
            wanted, ids, {key: states[primary.code] for key, states in books.states.items()}, primary
        )
        code = ledger_queries.company(company_id).code
        return Whole(
            code,
            {book.code: book.currency for book in context.books},
            primary.code,
            [
                _leaving(replace(wanted, price=prices.get(each)), books, each, code, primary.code, set(ids))
                for each in ids
            ],
        )


def _prices(
    wanted: Transfer, ids: Sequence[int], states: Mapping[int, State], primary: BookFacts
) -> dict[int, Decimal]:
    """One price for a whole is shared among its parts by what they are carried at (else: by what they cost)."""
    if wanted.price is None:
        return {}
    if len(ids) == 1:
        return {ids[0]: wanted.price}
    weights = [max(states[each].bundle.carrying, 0) for each in ids]
    if not any(weights):
        weights = [max(states[each].bundle.cost, 0) for each in ids]
    if not any(weights):
        weights = [1] * len(ids)
    shares = allocate(to_minor(wanted.price, primary.decimals), weights)
    return {each: from_minor(share, primary.decimals) for each, share in zip(ids, shares, strict=True)}


def _leaving(
    wanted: Transfer, books: _Books, asset_id: int, company: str, primary: str, tree: set[int]
) -> Leaving:
    company_id, states = wanted.company_id, books.states[asset_id]
    asset = _identity(company_id, asset_id)
    item = items_queries.get_item(company_id, asset["item_id"]) if asset["item_id"] else None
    supplier_id = asset["supplier_id"]
    supplier = parties_queries.get_party(company_id, supplier_id) if supplier_id else None
    context, quantity = books.context, states[primary].bundle.quantity
    pooled = [book for book in context.books if _goes_by_share(wanted, states[book.code])]
    terms = {book.code: _pool_terms(books.histories[asset_id], book) for book in pooled}
    return Leaving(
        asset_id,
        asset["tag"],
        asset["parent_id"] if asset["parent_id"] in tree else None,
        context.classes[asset["class_id"]].code,
        {name: asset[name] for name in TAKEN_ALONG}
        | {
            "qty": max(ceil(quantity), 1),
            "note": "\n".join(filter(None, (asset["note"], f"Formerly {asset['tag']} of {company}."))),
        },
        item["sku"] if item else None,
        supplier["code"] if supplier else None,
        _files(company_id, asset_id),
        {book.code: _values(wanted, books, asset_id, book) for book in context.books},
        {book.code: _share(books, asset_id, book) for book in pooled},
        terms,
        wanted.price,
        [
            (first.isoformat(), None if last == NEVER else last.isoformat())
            for first, last in states[primary].idle
        ],
        any(state.bundle.in_service_on is not None for state in states.values()),
    )


def _goes_by_share(wanted: Transfer, state: State) -> bool:
    return wanted.basis != Basis.PRICE and state.bundle.pool is not None


def _share(books: _Books, asset_id: int, book: BookFacts) -> Decimal:
    """What an asset is carried at in its pool: at that, the pool gives it up without a charge and without a loss, and the
    pool over there takes it up. A pool that goes on whatever leaves it gives up nothing."""
    takes = books.states[asset_id][book.code].bundle.pool
    carried = 0 if takes is PoolTakes.NOTHING else books.pools[book.code].get(asset_id, 0)
    return from_minor(max(carried, 0), book.decimals)


def _pool_terms(history: AssetHistory, book: BookFacts) -> dict[str, Any]:
    """The same class of the same pack, as something that was owned before; nothing is claimed for it a second time."""
    stated = parse(history.terms[book.book_id])
    known = built_in(str(stated.pack)).facts
    elections = {name: value for name, value in stated.elections.items() if name != FIRST_YEAR_CLAIM}
    elections |= {name: False for name in NOT_NEW if name in known}
    return {"pack": stated.pack, "pack_class": stated.pack_class, "elections": elections}


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


def _books(context: Context, wanted: Transfer, ids: Sequence[int]) -> _Books:
    """Where each stands in each book at the end of the day, the assets and what hangs together with them being held."""
    histories = hold_histories(context.company_id, set(ids))
    costs = costs_of_moves(context.company_id, histories.values())
    groups = {history.asset_id: group for group in groups_of(histories) for history in group}
    states: dict[int, dict[str, State]] = {each: {} for each in ids}
    pools: dict[str, dict[int, int]] = {}
    for book in context.books:
        for each in ids:
            group = groups[each]
            read = [History(h.asset_id, h.class_id, Reader(context, book, h, costs).facts()) for h in group]
            states[each][book.code] = handed_over(
                read,
                each,
                book.calendar,
                wanted.effective_on,
                anew=wanted.basis != Basis.AS_IT_STANDS or bool(wanted.terms),
            )
        if any(_goes_by_share(wanted, states[each][book.code]) for each in ids):
            reading = read_pools(context, book, as_of=wanted.effective_on)
            pools[book.code] = _carried(reading, wanted.effective_on)
    return _Books(context, states, histories, pools)


def _carried(reading: PoolBook, on: datetime.date) -> dict[int, int]:
    """What each asset is carried at in its pool at the end of a day, whether or not its book was run until then."""
    found: dict[int, int] = {}
    for move in reading.moves:
        found[move.asset_id] = found.get(move.asset_id, 0) + move.carrying
    for pack in reading.members:
        for key, amount in reading.worked_out(pack, charged_through=on, shown_through=on).rows.items():
            if key.on <= on:
                found[key.asset_id] = found.get(key.asset_id, 0) + CARRYING_EFFECT[key.role] * amount
    return found


def _values(wanted: Transfer, books: _Books, asset_id: int, book: BookFacts) -> dict[str, Any]:
    """The fields of the event that takes it up, as this book would say them, in its currency."""
    state = books.states[asset_id][book.code]
    bundle = state.bundle
    found: dict[str, Any] = {"reading": str(state.reading)} if state.reading else {}
    if wanted.basis == Basis.PRICE:
        return found | {"cost": wanted.price}
    if bundle.pool is not None:
        return found | {"cost": _share(books, asset_id, book)} | _goes_on(wanted, bundle)
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
        message = say(
            "In the book {book_code} it is depreciated by a table of its first cost: hand it over as "
            "it stands, or give terms for what is left.",
            book_code=book.code,
        )
        raise refuse("terms", "required", message)


def _obligation(book: BookFacts, bundle: Bundle) -> dict[str, Any]:
    to_meet = [each for each in bundle.obligations if each.flows]
    if not to_meet:
        return {}
    if len(to_meet) > 1:
        message = say(
            "It has several obligations, estimated apart: estimate them as one first "
            "(decommissioning change)."
        )
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


def arriving(wanted: Transfer, whole: Whole) -> tuple[list[AssetDraft], list[LinkedEvent]]:
    """The assets and their events as the other company reads them, in the currencies of its books."""
    company_id = wanted.to_company_id
    with db.company_transaction(company_id=company_id, actor_id=wanted.actor_id):
        context = load_context(company_id)
        skus = sorted({leaving.sku for leaving in whole.parts if leaving.sku})
        codes = sorted({leaving.supplier for leaving in whole.parts if leaving.supplier})
        items = items_queries.item_ids_by_sku(company_id, skus)
        parties = parties_queries.party_ids(company_id, codes)
        drafts, events = [], []
        for number, leaving in enumerate(whole.parts):
            by_book = {book.code: _converted(context, wanted, whole, leaving, book) for book in context.books}
            drafts.append(_draft(context, wanted, leaving, items, parties, named=number == 0))
            events += _events(wanted, whole, leaving, by_book, number)
    return drafts, events


def _draft(
    context: Context,
    wanted: Transfer,
    leaving: Leaving,
    items: Mapping[str, int],
    parties: Mapping[str, int],
    *,
    named: bool,
) -> AssetDraft:
    """The asset over there. Of a part class and terms are its own, as far as there are such over there."""
    code = leaving.class_code if not named and leaving.class_code in context.class_ids else wanted.class_code
    here = {book.code for book in context.books}
    terms = {book: given for book, given in leaving.pool_terms.items() if book in here}
    return AssetDraft(
        class_code=code,
        tag=wanted.tag if named else None,
        location_id=wanted.location_id,
        item_id=items.get(leaving.sku or ""),
        supplier_id=parties.get(leaving.supplier or ""),
        terms={**terms, **wanted.terms} if named else terms,
        **leaving.draft | {"attributes": _attributes(context, code, leaving)},
    )


def _events(
    wanted: Transfer, whole: Whole, leaving: Leaving, by_book: dict[str, dict[str, Any]], number: int
) -> list[LinkedEvent]:
    """How it comes there; at a price it begins anew on the next day. The keys of parts are by what they were called."""
    key = f"{wanted.idempotency_key} in" + (f" {leaving.tag}" if number else "")
    counterpart = counterpart_of(whole.company, wanted.company_id, leaving.asset_id, leaving.tag)
    arrives = LinkedEvent(
        Kind.INTERCOMPANY_IN,
        wanted.effective_on,
        asset_no=number,
        by_book=by_book,
        key=key,
        reference=f"{whole.company} {leaving.tag}",
        counterpart=counterpart
        | ({"idle": leaving.idle} if leaving.idle and wanted.basis != Basis.PRICE else {}),
    )
    if not (leaving.in_service and wanted.basis == Basis.PRICE):
        return [arrives]
    begins = LinkedEvent(
        Kind.IN_SERVICE,
        wanted.effective_on + ONE_DAY,
        asset_no=number,
        key=f"{key} service",
        counterpart=counterpart,
    )
    return [arrives, begins]


def counterpart_of(code: str, company_id: int, asset_id: int, tag: str) -> dict[str, Any]:
    """Where the other half of a transfer is."""
    return {"company": code, "company_id": company_id, "asset_id": asset_id, "tag": tag}


def _attributes(context: Context, class_code: str, leaving: Leaving) -> dict[str, Any]:
    """Those that the class over there has too, as far as it can hold them."""
    known = context.classes.get(context.class_ids.get(class_code, 0))
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


def _converted(
    context: Context, wanted: Transfer, whole: Whole, leaving: Leaving, book: BookFacts
) -> dict[str, Any]:
    """What a book over there takes up. A price is one for all books, in the currency of the primary one here."""
    known = book.code in leaving.values and wanted.basis != Basis.PRICE
    source = book.code if known else whole.primary
    pair = (whole.currencies[source], wanted.effective_on)
    rate = ledger_queries.rates_of_days(wanted.to_company_id, book.currency, [pair])[pair]
    decimals = context.decimals(whole.currencies[source])

    def convert(value: Any) -> Any:
        if isinstance(value, Decimal):
            return round(value * rate, book.decimals)
        if isinstance(value, Mapping):
            return _terms_in(value, rate, decimals, book.decimals)
        return [(day, convert(amount)) for day, amount in value] if isinstance(value, list) else value

    return {name: convert(value) for name, value in leaving.values[source].items()}


def _terms_in(terms: Mapping[str, Any], rate: Decimal, decimals: int, to_decimals: int) -> dict[str, Any]:
    """Terms with their amounts in another currency: the residual, and the planned amounts, whose sums are converted, so
    that the whole plan is worth what the asset is."""
    found = dict(terms)
    if "residual" in found:
        found["residual"] = str(round(Decimal(found["residual"]) * rate, to_decimals))
    if "amounts" in found:
        sums = [money.convert(each, rate, decimals, to_decimals) for each in accumulate(found["amounts"])]
        found["amounts"] = [now - before for before, now in pairwise([0, *sums])]
    return found
