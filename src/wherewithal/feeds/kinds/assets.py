"""Import of a register of assets: one row, one asset, bought from a day on or there when the books were opened.

A column such as `accumulated` speaks for every book; `accumulated:tax` for that book alone, in its own currency. An
asset with `opened_on` comes in part-way through its life: with what had been depreciated of it in each book by then.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from wherewithal.assets.drafts import EventDraft
from wherewithal.assets.queries import asset_ids
from wherewithal.assets.services import record
from wherewithal.assets.values import AssetDraft
from wherewithal.core.words import say
from wherewithal.feeds import cells, queries
from wherewithal.feeds.kinds.asset_columns import (
    PLACE_FIELDS,
    TERM_FIELDS,
    Loaded,
    Masters,
    fraction,
    in_our_names,
    look_up,
    of_books,
    plain,
    row_values,
    terms_in,
    without_changed,
)
from wherewithal.feeds.mapping import Field, Rows
from wherewithal.feeds.work import Plan, RunContext, Stage, Unit, cut_every, digest_of
from wherewithal.kit.errors import Refused
from wherewithal.kit.ids import content_key

CHUNK_ROWS = 2_000
MASTERS = ("class", "item", "location", "custodian", "custodian_user", "cost_centre", "supplier")
OPENING_MONEY = ("cost", "accumulated", "impairment", "surplus", "allowances")
BALANCES = OPENING_MONEY[1:]
TEXTS = ("serial_no", "purchase_reference", "insurance_reference", "note")


@dataclass(frozen=True, slots=True)
class NewAsset:
    """What a row becomes; the events name the asset once its place in the batch is known."""

    asset: AssetDraft
    events: tuple[EventDraft, ...]


@dataclass(frozen=True, slots=True)
class AssetKind:
    """Rows that become assets with their first events."""

    name: str
    label: str
    about: str
    fields: tuple[Field, ...]
    permissions: tuple[str, ...]
    outcomes: tuple[str, ...] = ()

    def plan(self, run: RunContext, rows: Rows, mapping: Any) -> Plan:
        masters = look_up(run.company_id, rows, MASTERS)
        loaded = _check_tags(run, rows)
        parents = _check_parents(run, rows)
        for position in range(len(rows)):
            _check_row(run, rows, position, masters)
        faulty = {problem.line for problem in rows.problems}
        units = [
            _unit(run, rows, position, masters)
            for position in _wholes_first(rows, parents)
            if rows.lines[position] not in faulty
        ]
        kept: list[Unit] = without_changed(rows, units, loaded, "tag")
        stage = Stage(self.label, kept, lambda chunk: _write(run, chunk), cut_every(CHUNK_ROWS))
        return Plan([stage], rows.problems)


def _write(run: RunContext, chunk: Sequence[Unit]) -> Sequence[int]:
    """The ids of the new assets, in the order of the chunk."""
    assets, events = [], []
    for number, unit in enumerate(chunk):
        assets.append(unit.content.asset)
        events += [replace(event, asset_no=number) for event in unit.content.events]
    try:
        result = record(
            company_id=run.company_id,
            actor_id=run.actor_id,
            idempotency_key=f"import:{content_key(run.source, *(unit.key for unit in chunk))}",
            assets=assets,
            events=events,
            source="import",
        )
    except Refused as refused:
        raise in_our_names(refused, {"effective_on": "acquired_on", "party_id": "supplier"}) from None
    return result.asset_ids


# --- tags and wholes ----------------------------------------------------------------------------------------------


def _key(run: RunContext, rows: Rows, position: int) -> str:
    """A tag is a name for ever; a row without one is known by its file and line."""
    tag: str | None = rows.column("tag")[position]
    return tag if tag is not None else f"{run.sha256[:20]}:{rows.lines[position]}"


def _check_tags(run: RunContext, rows: Rows) -> Loaded:
    """Note tags that occur twice, and those of assets that somebody has registered by hand; those loaded before."""
    first: dict[str, int] = {}
    for position, tag in enumerate(rows.column("tag")):
        if tag is not None and first.setdefault(tag, position) != position:
            line = rows.lines[first[tag]]
            rows.fault(
                position, "tag", "unique", say("Line {line} has the tag {tag} already.", line=line, tag=tag)
            )
    loaded = queries.loaded(run.company_id, run.source, list(first))
    for tag in sorted(set(asset_ids(run.company_id, sorted(first))) - set(loaded)):
        rows.fault(
            first[tag], "tag", "unique", say("There is an asset {tag} already: take another tag.", tag=tag)
        )
    return loaded


def _check_parents(run: RunContext, rows: Rows) -> dict[str, str]:
    """tag -> the tag above it, within the file. Notes parents that are nowhere, and circles."""
    tags, above = rows.column("tag"), rows.column("parent")
    in_file = {tag for tag in tags if tag is not None}
    outside = asset_ids(run.company_id, sorted({tag for tag in above if tag} - in_file))
    parents = {tag: up for tag, up in zip(tags, above, strict=True) if tag and up in in_file}
    for position, up in enumerate(above):
        if up is None:
            continue
        if up not in in_file and up not in outside:
            message = say("There is no asset {up}, neither here nor in the register.", up=up)
            rows.fault(position, "parent", "exists", message)
        elif tags[position] is not None and tags[position] in _line_above(up, parents):
            rows.fault(
                position, "parent", "tree", say("{tags} would be a part of itself.", tags=tags[position])
            )
    return parents


def _line_above(tag: str, parents: Mapping[str, str]) -> list[str]:
    """The tag and all above it, each once."""
    line: list[str] = []
    at: str | None = tag
    seen = set()
    while at is not None and at not in seen:
        seen.add(at)
        line.append(at)
        at = parents.get(at)
    return line


def _wholes_first(rows: Rows, parents: Mapping[str, str]) -> list[int]:
    """Positions, every whole before its parts, else in the order of the file."""
    above = rows.column("parent")
    levels = [0 if up is None else len(_line_above(up, parents)) for up in above]
    return sorted(range(len(rows)), key=levels.__getitem__)


# --- one row ------------------------------------------------------------------------------------------------------


def _check_row(run: RunContext, rows: Rows, position: int, masters: Masters) -> None:
    """Note what is wrong with the row as a whole."""
    values = row_values(rows, position)
    for name, rule, message in _row_faults(run, values, masters):
        rows.fault(position, name, rule, message)


def _row_faults(
    run: RunContext, values: Mapping[str, Any], masters: Masters
) -> Iterator[tuple[str, str, str]]:
    bought, opened, service = (values.get(name) for name in ("acquired_on", "opened_on", "in_service_on"))
    own = of_books(values, masters, OPENING_MONEY)
    has_cost = "cost" in values or (
        own and all("cost" in own.get(b.code, {}) for b in masters.books.values())
    )
    if (bought or opened or service) and not has_cost:
        yield "cost", "required", say("Say what it cost (0 is allowed).")
    if has_cost and not (bought or opened):
        message = say("Say when it was bought, or with opened_on since when it is in these books.")
        yield "acquired_on", "required", message
    if not (bought or opened or service or has_cost) and "since_on" not in values:
        message = say("Say when it was bought; of an asset that is only planned say since_on, since when.")
        yield "acquired_on", "required", message
    if bought and service and service < bought:
        yield (
            "in_service_on",
            "order",
            say("It cannot be in service before it was bought ({bought}).", bought=bought),
        )
    if bought and opened and opened < bought:
        yield (
            "opened_on",
            "order",
            say("The books cannot open with it before it was bought ({bought}).", bought=bought),
        )
    if values.get("custodian") and values.get("custodian_user"):
        yield "custodian_user", "one_of", say("Name a party or a user as custodian, not both.")
    currency = values.get("currency", run.currency)
    if not (len(currency) == 3 and currency.isalpha() and currency.isupper()):
        yield "currency", "iso4217", say("A currency is three capital letters, such as EUR.")
    alike = {book.code for book in masters.books.values() if book.currency == currency}
    in_books = {
        code: {**({"cost": values.get("cost")} if code in alike else {}), **stated}
        for code, stated in of_books(values, masters, (*OPENING_MONEY, "residual")).items()
    }
    yield from _balance_faults(values, in_books, opened)


def _balance_faults(
    values: Mapping[str, Any], own: Mapping[str, Mapping[str, Any]], opened: date | None
) -> Iterator[tuple[str, str, str]]:
    for code, stated in [("", values), *own.items()]:
        suffix = f":{code}" if code else ""
        given = [name for name in BALANCES if stated.get(name)]
        if given and opened is None:
            message = say(
                "What had been depreciated belongs to an opening balance: say opened_on, the day it is of."
            )
            yield given[0] + suffix, "opening", message
        for name in OPENING_MONEY:
            if (stated.get(name) or 0) < 0 and not (code and stated[name] is values.get(name)):
                yield name + suffix, "not_negative", say("{name} is zero or more.", name=name)
        cost = stated.get("cost")
        if cost is not None and sum(stated.get(name, 0) for name in ("accumulated", "impairment")) > cost:
            message = say("No more than its cost of {cost} can be used up.", cost=cost)
            yield "accumulated" + suffix, "at_most_cost", message
        residual = stated.get("residual")
        if residual is not None and cost is not None and not 0 <= residual <= cost:
            message = say("The residual lies between 0 and the cost of {cost}.", cost=cost)
            yield "residual" + suffix, "range", message


def _unit(run: RunContext, rows: Rows, position: int, masters: Masters) -> Unit:
    values = row_values(rows, position)
    content = NewAsset(_asset(run, position, values, masters), tuple(_events(position, values, masters)))
    digest = digest_of([f"{name}={value}" for name, value in sorted(values.items())])
    return Unit(_key(run, rows, position), (position,), content, digest)


def _asset(run: RunContext, position: int, values: Mapping[str, Any], masters: Masters) -> AssetDraft:
    return AssetDraft(
        name=values["name"],
        class_code=values["class"],
        tag=values.get("tag"),
        parent_tag=values.get("parent"),
        item_id=masters.id_of("item", values),
        qty=values.get("qty", 1),
        supplier_id=masters.id_of("supplier", values),
        warranty_until=values.get("warranty_until"),
        insured_until=values.get("insured_until"),
        attributes={name[10:]: value for name, value in values.items() if name.startswith("attribute:")},
        terms=_terms(run, values, masters),
        location_id=masters.id_of("location", values),
        custodian_party_id=masters.id_of("custodian", values),
        custodian_user_id=masters.id_of("custodian_user", values),
        cost_centre_id=masters.id_of("cost_centre", values),
        since_on=values.get("since_on"),
        row=position,
        **{name: values.get(name, "") for name in TEXTS},
    )


def _terms(run: RunContext, values: Mapping[str, Any], masters: Masters) -> dict[str, dict[str, Any]]:
    """By book code. A residual is in the currency of the cost; a book in another currency takes it in proportion."""
    common = terms_in(values)
    own = {
        code: terms_in(stated)
        for code, stated in of_books(values, masters, [one.name for one in TERM_FIELDS]).items()
    }
    residual: Decimal | None = values.get("residual")
    currency = values.get("currency", run.currency)
    foreign = [book for book in masters.books.values() if book.currency != currency]
    if residual is not None and foreign:
        del common["residual"]
        for book in masters.books.values():
            stated = own.setdefault(book.code, {})
            if "residual" in stated or "residual_percent" in stated:
                continue
            if book not in foreign:
                stated["residual"] = plain(residual)
            elif values.get("cost"):
                share = Fraction(residual) * 100 / Fraction(values["cost"])
                stated |= {"residual": None, "residual_percent": plain(share)}
    return {code: stated for code, stated in {"": common, **own}.items() if stated}


def _events(position: int, values: Mapping[str, Any], masters: Masters) -> Iterator[EventDraft]:
    """The acquisition or the opening balance, and the day of service where that comes later."""
    opened, bought, service = (values.get(name) for name in ("opened_on", "acquired_on", "in_service_on"))
    if opened is None and bought is None:
        return
    in_use = service is not None and opened is not None and service <= opened
    head: dict[str, Any] = {"currency": values.get("currency"), "row": position}
    if opened is not None:
        given = {name: values[name] for name in OPENING_MONEY if name in values}
        if in_use:
            used = ("depreciated_through", "used_units")
            given |= {"in_service_on": service} | {name: values[name] for name in used if name in values}
        note = f"Acquired on {bought}." if bought else ""
        by_book = of_books(values, masters, OPENING_MONEY)
        yield EventDraft("opening", opened, values=given, by_book=by_book, note=note, **head)
    elif bought is not None:
        yield EventDraft(
            "acquisition",
            bought,
            values={"cost": values["cost"]} if "cost" in values else {},
            by_book=of_books(values, masters, ("cost",)),
            party_id=masters.id_of("supplier", values),
            reference=values.get("purchase_reference", ""),
            **head,
        )
    if service is not None and not in_use:
        yield EventDraft("in_service", service, row=position)


ASSETS = AssetKind(
    name="assets",
    label=say("Assets"),
    about=say(
        "The register: one row per asset, bought, or there when the books open with what is used "
        "up in each book. Columns such as cost, accumulated or life_months speak for every book; "
        "cost:TAX speaks for the book TAX alone."
    ),
    fields=(
        Field("tag", meaning=say("Your own number of the asset, unique; without it the next of its class.")),
        Field("name", required=True, meaning=say("What people call it.")),
        Field("class", required=True, meaning=say("Code of a class of assets that exists.")),
        Field("parent", meaning=say("Tag of the asset of which it is a part, here or in the register.")),
        Field("item", meaning=say("SKU, where it is a thing that stock knows.")),
        Field("serial_no"),
        Field("qty", cells.whole_number, meaning=say("How many alike it stands for. Default 1.")),
        *PLACE_FIELDS,
        Field("supplier", meaning=say("Code of the party it was bought from.")),
        Field("purchase_reference", meaning=say("Number of the order or bill.")),
        Field("warranty_until", cells.day),
        Field("insured_until", cells.day),
        Field("insurance_reference", meaning=say("Number of the policy.")),
        Field("note"),
        Field(
            "since_on", cells.day, meaning=say("From when place and people hold; else from its first event.")
        ),
        Field("acquired_on", cells.day, meaning=say("When it was bought.")),
        Field(
            "in_service_on", cells.day, meaning=say("Since when (or from when) it is used and depreciated.")
        ),
        Field("opened_on", cells.day, meaning=say("The first day in these books, for an opening balance.")),
        Field("currency", meaning=say("Three letters; without it the company's.")),
        Field("cost", cells.number, meaning=say("What it cost."), suffixed=True),
        Field("accumulated", cells.number, meaning=say("Depreciated before opened_on."), suffixed=True),
        Field("impairment", cells.number, meaning=say("Impaired before opened_on."), suffixed=True),
        Field(
            "allowances",
            cells.number,
            meaning=say("First-year allowances within accumulated."),
            suffixed=True,
        ),
        Field("surplus", cells.number, meaning=say("Revaluation surplus on opened_on."), suffixed=True),
        Field("depreciated_through", cells.day, meaning=say("The last day that accumulated covers.")),
        Field("used_units", fraction, meaning=say("Units used before opened_on.")),
        *TERM_FIELDS,
    ),
    permissions=("assets.write", "assets.record"),
)
