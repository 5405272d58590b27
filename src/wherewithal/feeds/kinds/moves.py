"""Imports of opening stock and of moves: one row, one line of a document."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from wherewithal.core.words import say
from wherewithal.feeds import cells
from wherewithal.feeds.kinds.documents import DocumentWriter, Entry, Head, Originals, group
from wherewithal.feeds.mapping import Field, Rows
from wherewithal.feeds.work import Plan, RunContext
from wherewithal.items import queries as item_queries
from wherewithal.parties import queries as party_queries
from wherewithal.stock import queries as stock_queries
from wherewithal.stock.drafts import DocumentKind as Kind

TYPES = (
    Kind.OPENING,
    Kind.RECEIPT,
    Kind.ISSUE,
    Kind.TRANSFER,
    Kind.DISPATCH,
    Kind.ARRIVAL,
    Kind.ADJUSTMENT,
    Kind.SCRAP,
    Kind.RETURN_TO_SUPPLIER,
    Kind.RETURN_FROM_CUSTOMER,
    Kind.DROPSHIP,
)
COSTED = frozenset({Kind.OPENING, Kind.RECEIPT, Kind.DROPSHIP})
RETURNS = {Kind.RETURN_TO_SUPPLIER: Kind.RECEIPT, Kind.RETURN_FROM_CUSTOMER: Kind.ISSUE}
NEEDS_FROM = frozenset({Kind.TRANSFER, Kind.DISPATCH, Kind.ISSUE, Kind.SCRAP})
NEEDS_TO = frozenset({Kind.TRANSFER, Kind.ARRIVAL, Kind.RECEIPT, Kind.OPENING})

GOODS = (
    Field("sku", required=True, meaning=say("An item that exists.")),
    Field("qty", cells.number, True, "How much, in the unit named or the item's base unit."),
    Field("unit", meaning=say("A unit of the item; without it the base unit.")),
    Field("lot", meaning=say("For items tracked by lot.")),
    Field("serial", meaning=say("For items tracked by serial: one row each, quantity 1.")),
    Field("expires_on", cells.day, meaning=say("Expiry of a lot that comes in.")),
    Field("unit_cost", cells.number, meaning=say("Cost of one unit, for goods that come in from outside.")),
    Field("amount", cells.number, meaning=say("Cost of the whole line, instead of unit_cost.")),
    Field("currency", meaning=say("Three letters; without it the company's.")),
)


@dataclass(frozen=True, slots=True)
class MoveKind:
    """Rows that say themselves what they are (or are all of one type)."""

    name: str
    label: str
    about: str
    fields: tuple[Field, ...]
    permissions: tuple[str, ...]
    type: Kind | None = None
    outcomes: tuple[str, ...] = ()

    def plan(self, run: RunContext, rows: Rows, mapping: Any) -> Plan:
        check_masters(run, rows)
        faulty = {problem.line for problem in rows.problems}
        originals = Originals()
        pairs: list[tuple[Head, Entry]] = []
        for position in _in_time(rows):
            row = _Row(rows, position, self.type)
            if row.readable and row.check(run) and rows.lines[position] not in faulty:
                pairs.extend(row.pairs(run, originals))
        writer = DocumentWriter(run)
        return Plan([writer.stage(self.label, group(pairs, run))], rows.problems)


def _in_time(rows: Rows) -> list[int]:
    """Positions in the order of time, so that what is returned has been met before its return."""
    at = rows.column("at")
    known = [position for position in range(len(rows)) if at[position] is not None]
    issues_first = {Kind.RETURN_FROM_CUSTOMER.value: 1, Kind.RETURN_TO_SUPPLIER.value: 1}
    types = rows.column("type")
    known.sort(key=lambda position: (at[position], issues_first.get(types[position] or "", 0)))
    return known


def check_masters(run: RunContext, rows: Rows) -> None:
    """Note every item, location and party of the file that does not exist."""
    looked_up: Mapping[str, tuple[str, Any]] = {
        "sku": ("item", item_queries.item_ids_by_sku),
        "party": ("party", party_queries.party_ids),
        "from": ("location", stock_queries.location_ids),
        "to": ("location", stock_queries.location_ids),
        "location": ("location", stock_queries.location_ids),
    }
    for name, (what, look_up) in looked_up.items():
        wanted = {value for value in rows.column(name) if value is not None}
        missing = wanted - set(look_up(run.company_id, wanted)) if wanted else set()
        for position, value in enumerate(rows.column(name) if missing else ()):
            if value in missing:
                rows.fault(
                    position,
                    name,
                    "exists",
                    say("There is no {what} {value}: create it first.", what=what, value=value),
                )


class _Row:
    """One row while it becomes entries."""

    def __init__(self, rows: Rows, position: int, fixed: Kind | None) -> None:
        self.rows, self.position = rows, position
        self.values = {name: column[position] for name, column in rows.values.items()}
        word = fixed or self.values["type"]
        self.readable = word is not None and self.values["qty"] is not None
        self.kind = Kind(word) if word is not None else Kind.ISSUE

    def check(self, run: RunContext) -> bool:
        """Note what is wrong with the row as a whole; whether it can go on."""
        before = len(self.rows.problems)
        values, kind = self.values, self.kind
        if values["qty"] == 0 or (values["qty"] < 0 and kind is not Kind.ADJUSTMENT):
            self.fault(
                "qty", "positive", say("The quantity must be above zero; only an adjustment may be negative.")
            )
        if kind in COSTED and values.get("unit_cost") is None and values.get("amount") is None:
            self.fault(
                "unit_cost",
                "required",
                say("A row of type {kind} needs unit_cost or amount (0 is allowed).", kind=kind),
            )
        for name in ("unit_cost", "amount"):
            if (values.get(name) or 0) < 0:
                self.fault(name, "not_negative", say("{name} is zero or more.", name=name))
        if self.source(run) is None and kind in NEEDS_FROM:
            self.fault(
                "from", "required", say("A row of type {kind} needs the location it comes from.", kind=kind)
            )
        if self.target(run) is None and kind in NEEDS_TO:
            self.fault(
                "to", "required", say("A row of type {kind} needs the location it goes to.", kind=kind)
            )
        currency = values.get("currency")
        if currency is not None and not (len(currency) == 3 and currency.isalpha() and currency.isupper()):
            self.fault("currency", "iso4217", say("A currency is three capital letters, such as EUR."))
        return len(self.rows.problems) == before

    def fault(self, name: str, rule: str, message: str) -> None:
        self.rows.fault(self.position, name, rule, message)

    def source(self, run: RunContext) -> str | None:
        given: str | None = self.values.get("from")
        if given is None and self.kind in NEEDS_FROM | {Kind.RETURN_TO_SUPPLIER}:
            return run.options.get("location")
        if given is None and self.kind is Kind.ADJUSTMENT and self.values["qty"] < 0:
            return self.values.get("to") or run.options.get("location")
        return given

    def target(self, run: RunContext) -> str | None:
        given: str | None = self.values.get("to") or self.values.get("location")
        if (
            given is None
            and self.kind in NEEDS_TO | {Kind.RETURN_FROM_CUSTOMER}
            and self.kind is not Kind.TRANSFER
        ):
            return run.options.get("location")
        if given is None and self.kind is Kind.ADJUSTMENT and self.values["qty"] > 0:
            return self.values.get("from") or run.options.get("location")
        return given

    def pairs(self, run: RunContext, originals: Originals) -> list[tuple[Head, Entry]]:
        values = self.values
        entry = Entry(
            position=self.position,
            sku=values["sku"],
            qty=values["qty"],
            unit=values.get("unit"),
            from_code=self.source(run),
            to_code=self.target(run),
            lot=values.get("lot"),
            serial=values.get("serial"),
            expires_on=values.get("expires_on"),
            unit_cost=values.get("unit_cost"),
            amount=values.get("amount"),
        )
        if self.kind is Kind.ADJUSTMENT:
            entry.from_code, entry.to_code = (
                (None, entry.to_code) if entry.qty > 0 else (entry.from_code, None)
            )
        head = Head(
            self.kind,
            values["at"],
            values.get("document"),
            values.get("party"),
            values.get("currency"),
            values.get("reference"),
            values.get("note"),
        )
        key = (
            values.get("document"),
            values["sku"],
            values.get("unit"),
            values.get("lot"),
            values.get("serial"),
        )
        if self.kind in (Kind.ISSUE, Kind.RECEIPT):
            originals.add((self.kind, *key), entry, f"{values.get('document')} {values['at'].isoformat()}")
        if self.kind in RETURNS and values.get("of_document") is not None:
            parts, missing = originals.take((RETURNS[self.kind], values["of_document"], *key[1:]), entry)
            if missing:
                message = say(
                    "Document {of_document} has not as much of {sku} left to return above.",
                    of_document=values["of_document"],
                    sku=values["sku"],
                )
                self.fault("of_document", "returnable", message)
                return []
            return [(head, part) for part in parts]
        return [(head, entry)]


OPENING_STOCK = MoveKind(
    name="opening_stock",
    label=say("Opening stock"),
    about=say("What lies where when you begin, and what it cost: one row per item, location and lot."),
    fields=(
        *GOODS,
        Field("location", required=True, meaning=say("Code of the location where it lies.")),
        Field("at", cells.instant, True, "The day (or instant) from which it is there."),
        Field("reference"),
        Field("note"),
    ),
    permissions=("stock.receive", "stock.adjust"),
    type=Kind.OPENING,
)

MOVES = MoveKind(
    name="moves",
    label=say("Moves"),
    about=say(
        "Receipts, issues, transfers and the rest: one row per line, rows of one document share its number."
    ),
    fields=(
        Field("type", cells.choice(*(kind.value for kind in TYPES)), True, ", ".join(TYPES)),
        Field("document", meaning=say("Number of the document; rows with the same one belong together.")),
        Field("at", cells.instant, True, "Date and time, such as 2026-03-31 14:30."),
        *GOODS,
        Field("from", meaning=say("Code of the location it leaves.")),
        Field("to", meaning=say("Code of the location it goes to.")),
        Field("party", meaning=say("Code of the supplier or customer.")),
        Field("of_document", meaning=say("For returns: the document of this file that is given back.")),
        Field("reference"),
        Field("note"),
    ),
    permissions=("stock.receive", "stock.issue", "stock.transfer", "stock.adjust", "stock.scrap"),
)
