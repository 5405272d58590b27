"""Import of what happened to assets: one row, one event, of any kind that can be recorded by hand.

The columns are the fields of all kinds of event together; a row fills those of its own kind. `key` names an event, so
that another row (or another file) can reverse, correct or take a part of it: `of` has that name.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from wherewithal.assets.drafts import EventDraft
from wherewithal.assets.fields import FIELDS, NAMING, PHASE_OF, RoomKind, Type
from wherewithal.assets.services import record
from wherewithal.core.words import say
from wherewithal.feeds import cells, queries
from wherewithal.feeds.kinds.asset_columns import (
    PLACE_FIELDS,
    TERM_FIELDS,
    TERM_NAMES,
    Loaded,
    Masters,
    fraction,
    in_our_names,
    look_up,
    of_books,
    row_values,
    terms_in,
    without_changed,
)
from wherewithal.feeds.mapping import Field, Rows
from wherewithal.feeds.work import Plan, RunContext, Stage, Unit, cut_every, digest_of
from wherewithal.kit.errors import Problem, Refused
from wherewithal.kit.ids import content_key

CHUNK_ROWS = 2_000
EVENT_KINDS = tuple(kind for kind in FIELDS if kind != RoomKind.REGISTERED)
MASTERS = ("tag", "class", "location", "custodian", "custodian_user", "cost_centre", "party")
COLUMN_OF_ID = {
    "location_id": "location",
    "custodian_party_id": "custodian",
    "custodian_user_id": "custodian_user",
    "cost_centre_id": "cost_centre",
    "class_id": "class",
}
HEAD = frozenset({"kind", "tag", "date", "book", "currency", "key", "of", "party", "reference", "note"})


@dataclass(slots=True, eq=False)
class EventUnit(Unit):
    draft: EventDraft = field(kw_only=True)
    of: str | None = None  # the key of the event that it names


@dataclass(frozen=True, slots=True)
class AssetEventKind:
    """Rows that become events."""

    name: str
    label: str
    about: str
    fields: tuple[Field, ...]
    permissions: tuple[str, ...]
    outcomes: tuple[str, ...] = ()

    def plan(self, run: RunContext, rows: Rows, mapping: Any) -> Plan:
        masters = look_up(run.company_id, rows, MASTERS)
        loaded = _loaded(run, rows)
        named = _named(rows, loaded)
        for position in range(len(rows)):
            for name, rule, message in _row_faults(row_values(rows, position), masters, named):
                rows.fault(position, name, rule, message)
        faulty = {problem.line for problem in rows.problems}
        units = [
            _unit(run, rows, position, masters)
            for position in range(len(rows))
            if rows.lines[position] not in faulty
        ]
        units = without_changed(rows, units, loaded, "key")
        writer = _Writer(run, {key: event_id for key, event_id in named.items() if event_id})
        stage = Stage(self.label, list(_in_order(units)), writer.write, cut_every(CHUNK_ROWS), writer.recall)
        return Plan([stage], rows.problems)


def _loaded(run: RunContext, rows: Rows) -> Loaded:
    """The events of earlier imports whose keys the file has or names."""
    wanted = {key for name in ("key", "of") for key in rows.column(name) if key is not None}
    return queries.loaded(run.company_id, run.source, sorted(wanted))


def _named(rows: Rows, loaded: Loaded) -> dict[str, int]:
    """The events that rows may name: those that were imported before with their ids, those of this file with 0."""
    first: dict[str, int] = {}
    for position, key in enumerate(rows.column("key")):
        if key is not None and first.setdefault(key, position) != position:
            line = rows.lines[first[key]]
            rows.fault(
                position, "key", "unique", say("Line {line} has the key {key} already.", line=line, key=key)
            )
    return dict.fromkeys(first, 0) | {key: made for key, (_, made, _) in loaded.items() if made is not None}


def _row_faults(
    values: Mapping[str, Any], masters: Masters, named: Mapping[str, int]
) -> Iterator[tuple[str, str, str]]:
    """What is wrong with a row as a whole: (column, rule, message)."""
    kind, of = values.get("kind"), values.get("of")
    if of is not None and of not in named:
        message = say("No event has the key {of}, neither here nor in an earlier import.", of=of)
        yield "of", "exists", message
    if kind is None:
        return
    if kind in NAMING and of is None:
        yield "of", "required", say("A row of kind {kind} names an event: put its key here.", kind=kind)
    takes = _columns_of(kind)
    for name in values:
        base = name.partition(":")[0]
        if base not in HEAD and base not in takes:
            known = ", ".join(sorted(takes)) or say("none")
            yield (
                name,
                "known",
                say("An event of kind {kind} has no such field. It has: {known}.", kind=kind, known=known),
            )
    if (book := values.get("book")) is not None and book.casefold() not in masters.books:
        known = ", ".join(one.code for one in masters.books.values())
        yield "book", "exists", say("There is no book {book}. There are: {known}.", book=book, known=known)


def _columns_of(kind: str) -> frozenset[str]:
    """The columns that rows of a kind may fill, beside those that every row has."""
    names = {COLUMN_OF_ID.get(name, name) for name in FIELDS[kind]}
    return frozenset(names - {"terms"} | TERM_NAMES if "terms" in names else names)


def _unit(run: RunContext, rows: Rows, position: int, masters: Masters) -> EventUnit:
    values = row_values(rows, position)
    key = values.get("key") or f"{run.sha256[:20]}:{rows.lines[position]}"
    draft = EventDraft(
        kind=values["kind"],
        effective_on=values["date"],
        asset_id=masters.id_of("tag", values),
        values=_values(values, masters),
        by_book=_by_book(values, masters),
        book=masters.books[values["book"].casefold()].code if "book" in values else None,
        currency=values.get("currency"),
        party_id=masters.id_of("party", values),
        key=f"{run.source}|{key}",
        reference=values.get("reference", ""),
        note=values.get("note", ""),
        row=position,
    )
    digest = digest_of([f"{name}={value}" for name, value in sorted(values.items())])
    return EventUnit(key, (position,), None, digest, draft=draft, of=values.get("of"))


def _values(values: Mapping[str, Any], masters: Masters) -> dict[str, Any]:
    """The fields of the event that hold for every book."""
    found: dict[str, Any] = {}
    for name, spec in FIELDS[values["kind"]].items():
        if spec.type is Type.TERMS:
            if terms := terms_in(values):
                found[name] = terms
        elif name in COLUMN_OF_ID:
            found[name] = masters.id_of(COLUMN_OF_ID[name], values)
        elif name in values:
            found[name] = values[name]
    return {name: value for name, value in found.items() if value is not None}


def _by_book(values: Mapping[str, Any], masters: Masters) -> dict[str, dict[str, Any]]:
    """The fields that hold for one book alone. Its terms are those of the row, with its own laid over them."""
    specs = FIELDS[values["kind"]]
    found = of_books(values, masters, specs.keys() - {"terms"})
    if "terms" in specs:
        for code, own in of_books(values, masters, TERM_NAMES).items():
            found.setdefault(code, {})["terms"] = {**terms_in(values), **terms_in(own)}
    return found


def _in_order(units: Sequence[EventUnit]) -> Iterator[EventUnit]:
    """By day and phase, and what names another event never before it."""
    by_key = {unit.key: unit for unit in units}

    def place(unit: EventUnit) -> tuple[date, int, int]:
        on, depth, at = unit.draft.effective_on, 0, unit
        while at.of in by_key and depth < len(units):
            at = by_key[at.of]
            on, depth = max(on, at.draft.effective_on), depth + 1
        return on, depth, PHASE_OF[unit.draft.kind]

    yield from sorted(units, key=place)


class _Writer:
    """Writes chunks of events; knows the ids of those that others name."""

    def __init__(self, run: RunContext, event_ids: dict[str, int]) -> None:
        self.run, self.event_ids = run, event_ids

    def recall(self, loaded: Sequence[tuple[Unit, int | None]]) -> None:
        self.event_ids |= {unit.key: event_id for unit, event_id in loaded if event_id is not None}

    def write(self, chunk: Sequence[Unit]) -> Sequence[int]:
        units = [unit for unit in chunk if isinstance(unit, EventUnit)]
        places = {unit.key: number for number, unit in enumerate(units)}
        try:
            result = record(
                company_id=self.run.company_id,
                actor_id=self.run.actor_id,
                idempotency_key=f"import:{content_key(self.run.source, *places)}",
                events=[self._draft(unit, places) for unit in units],
                source="import",
            )
        except Refused as refused:
            raise in_our_names(refused, {"effective_on": "date", "key": "key"}) from None
        self.event_ids |= dict(zip(places, result.event_ids, strict=True))
        return result.event_ids

    def _draft(self, unit: EventUnit, places: Mapping[str, int]) -> EventDraft:
        if unit.of is None:
            return unit.draft
        if unit.of in places:
            return replace(unit.draft, of_no=places[unit.of])
        if unit.of in self.event_ids:
            return replace(unit.draft, of_event_id=self.event_ids[unit.of])
        message = say("The event {of} that it names has not been loaded.", of=unit.of)
        raise Refused(Problem("of", "exists", message, unit.positions[0], unit.of))


# --- the columns --------------------------------------------------------------------------------------------------


def _parts(parse: cells.Parser) -> cells.Parser:
    """Several values in one cell, separated by bars."""

    def read(cell: str, formats: cells.Formats) -> list[Any]:
        return [parse(part.strip(), formats) for part in cell.split("|") if part.strip()]

    return read


def _flow(cell: str, formats: cells.Formats) -> list[Any]:
    """2026-01-01=1000"""
    on, equals, amount = cell.partition("=")
    if not equals:
        raise cells.BadCell(
            "flow", say("{cell!r} is no payment: write it like 2026-01-31=1000.00.", cell=cell[:40])
        )
    return [cells.day(on.strip(), formats), cells.number(amount.strip(), formats)]


PARSERS: Mapping[Type, Callable[[str, cells.Formats], Any]] = {
    Type.MONEY: cells.number,
    Type.SIGNED_MONEY: cells.number,
    Type.MONEYS: _parts(cells.number),
    Type.FLOWS: _parts(_flow),
    Type.DAY: cells.day,
    Type.NUMBER: fraction,
    Type.WHOLE: cells.whole_number,
    Type.WHOLES: _parts(cells.whole_number),
    Type.FLAG: cells.yes_no,
    Type.WORD: cells.text,
    Type.TEXT: cells.text,
}
MANY = {Type.MONEYS: " Several, separated by bars.", Type.FLOWS: " 2026-01-31=1000|2026-02-28=1000."}


def _field_columns() -> tuple[Field, ...]:
    """One column for each field of any kind, with the kinds that take it."""
    taken = {one.name for one in (*TERM_FIELDS, *PLACE_FIELDS)} | {"class", "terms"}
    kinds: dict[str, list[str]] = {}
    found: dict[str, Field] = {}
    for kind in EVENT_KINDS:
        for name, spec in FIELDS[kind].items():
            if name in taken or name in COLUMN_OF_ID:
                continue
            kinds.setdefault(name, []).append(kind)
            text = spec.meaning or name.replace("_", " ")
            meaning = f"{text[0].upper()}{text[1:]}.{MANY.get(spec.type, '')}"
            found.setdefault(name, Field(name, PARSERS[spec.type], meaning=meaning, suffixed=True))
    return tuple(
        replace(one, meaning=f"{one.meaning} For {', '.join(kinds[name])}.") for name, one in found.items()
    )


ASSET_EVENTS = AssetEventKind(
    name="asset_events",
    label=say("Asset events"),
    about=say(
        "What happened to assets: one row per event. A row fills the columns of its kind; "
        "amount:TAX or life_months:TAX speak for the book TAX alone."
    ),
    fields=(
        Field("kind", cells.choice(*EVENT_KINDS), True, ", ".join(EVENT_KINDS)),
        Field("tag", required=True, meaning=say("An asset that exists.")),
        Field("date", cells.day, True, "The day on which it happened."),
        Field("book", meaning=say("Code of the only book that hears of it; without it every book.")),
        Field("currency", meaning=say("Three letters; without it the company's.")),
        Field("key", meaning=say("Your own name for the event, unique; the row is then known in any file.")),
        Field(
            "of", meaning=say("The key of the event that is reversed, corrected, reinstated or taken from.")
        ),
        Field("party", meaning=say("Code of the supplier, the buyer or whoever else.")),
        Field("reference", meaning=say("Number of the document.")),
        Field("note"),
        Field("class", meaning=say("Code of the new class, for class_transfer.")),
        *PLACE_FIELDS,
        *_field_columns(),
        *TERM_FIELDS,
    ),
    permissions=("assets.record", "assets.custody"),
)
