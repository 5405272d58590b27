"""Imports of a sales or purchase log: lines whose nature is decided by the rules of a mapping.

What a log does not say is worked out, by rules that the mapping states and the report repeats:
- what is goods and what is not (postage, fees, corrections of debts are services: reported, not loaded);
- which earlier sale a return gives back: the latest of the same customer and item that has something left; where
  there is none, the goods come back without an original, at the last cost;
- what must have been in stock: the least that keeps every item at or above zero at every instant, either all of it
  before the first day (`"restock": "at_once"`) or the first month's need then and each later month's need on its first
  day (`"monthly"`); it cost a stated share of the median price of the goods it covers.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import chain, pairwise, repeat
from typing import Any

import numpy as np

from wherewithal.core.words import say
from wherewithal.feeds import cells, queries
from wherewithal.feeds.coded import Coded, Whole, counted
from wherewithal.feeds.kinds.documents import DocumentUnit, DocumentWriter, Entry, Head, Originals, group
from wherewithal.feeds.kinds.restock import Calendar, Changes, Need, needs, unit_costs
from wherewithal.feeds.mapping import Field, Rows
from wherewithal.feeds.rules import Rule, decide
from wherewithal.feeds.work import Plan, RunContext, Stage, Unit, cut_every
from wherewithal.items import queries as item_queries
from wherewithal.items import services as items
from wherewithal.items.values import ItemDraft
from wherewithal.parties import queries as party_queries
from wherewithal.parties import services as parties
from wherewithal.parties.values import PartyDraft
from wherewithal.stock import queries as stock_queries
from wherewithal.stock.drafts import DocumentKind as Kind
from wherewithal.stock.drafts import MoveKind

NOT_GOODS = ("service", "ignore")
GOODS = (
    Kind.ISSUE,
    Kind.RECEIPT,
    Kind.RETURN_FROM_CUSTOMER,
    Kind.RETURN_TO_SUPPLIER,
    Kind.ADJUSTMENT,
    Kind.SCRAP,
)
INTO = frozenset({Kind.RECEIPT, Kind.RETURN_FROM_CUSTOMER})
OUT_OF = frozenset({Kind.ISSUE, Kind.RETURN_TO_SUPPLIER, Kind.SCRAP})
RETURN_OF = {Kind.RETURN_FROM_CUSTOMER: Kind.ISSUE, Kind.RETURN_TO_SUPPLIER: Kind.RECEIPT}
RETURNABLE = frozenset(RETURN_OF.values())
MOVE_KINDS = {kind: MoveKind[kind.name] for kind in GOODS}
DIFFERENCES_SHOWN = 20
OPTIONS = {
    "location": "Code of the location where the goods lie. Required.",
    "create_items": "true: make an item of each unknown SKU.",
    "create_parties": "true: make a party of each unknown code.",
    "item_category": "Category of items made.",
    "restock": "at_once or monthly: work out what must have been in stock. Without it nothing is worked out.",
    "cost_share": "Cost as a share of the median price, such as 0.60.",
    "currency": "Currency of prices and costs; without it the company's.",
}


@dataclass(frozen=True, slots=True)
class LogKind:
    name: str
    label: str
    about: str
    default: Kind  # what a line is that no rule decides
    party_role: str
    permissions: tuple[str, ...]
    fields: tuple[Field, ...] = (
        Field("document", required=True, meaning=say("Number of the invoice or receipt.")),
        Field("at", cells.instant, True, "Date and time of the document."),
        Field("sku", required=True),
        Field("item_name", meaning=say("Name of the item, for items that are made.")),
        Field("qty", cells.number, True, "Quantity; negative where the log says so."),
        Field("unit_price", cells.number, meaning=say("Price of one, for rules and for the cost share.")),
        Field("unit_cost", cells.number, meaning=say("Cost of one, where the log has it (purchases).")),
        Field("party", meaning=say("Code of the customer or supplier.")),
        Field("party_name"),
        Field("country"),
    )
    outcomes: tuple[str, ...] = (*NOT_GOODS, *(kind.value for kind in GOODS))

    def plan(self, run: RunContext, rows: Rows, mapping: Any) -> Plan:
        location, share = _options(run, rows)
        outcomes = self._decide(rows, mapping)
        log = _Log(run, rows, outcomes, location, self)
        log.check()
        writer = DocumentWriter(run)
        pairs = log.pairs()
        worked_out = log.restock(share) if run.options.get("restock") else []
        units = group([*pairs, *worked_out], run)
        stages = [*log.master_stages(), writer.stage(self.label, units)]
        report = _report(rows, outcomes, mapping.rules, pairs, worked_out)
        return Plan(stages, rows.problems, report, lambda: log.reconcile(units))

    def _decide(self, rows: Rows, mapping: Any) -> Coded:
        """The outcome of each row; the codes are the numbers of the rules."""
        columns = {one.name: rows.coded(one.name) for one in self.fields}
        otherwise = mapping.otherwise or self.default.value
        outcomes = [otherwise, *(rule.outcome for rule in mapping.rules)]
        return Coded(outcomes, decide(mapping.rules, columns, len(rows)))


def _options(run: RunContext, rows: Rows) -> tuple[str, Decimal]:
    """The location and the cost share, noting what is wrong with the options."""
    location = run.options.get("location")
    if not isinstance(location, str) or location not in stock_queries.location_ids(
        run.company_id, [str(location)]
    ):
        rows.fault_of_file(
            "options.location",
            "exists",
            say("There is no location {location}: create it first.", location=location),
        )
    if run.options.get("restock") not in (None, "at_once", "monthly"):
        rows.fault_of_file("options.restock", "choice", say("restock is at_once or monthly."))
    try:
        share = cells.number(str(run.options.get("cost_share", "0.60")), cells.Formats())
    except cells.BadCell as bad:
        rows.fault_of_file("options.cost_share", bad.rule, str(bad))
        share = Decimal(0)
    return str(location), share


class _Log:
    """The lines of a log on their way to documents."""

    def __init__(self, run: RunContext, rows: Rows, outcomes: Coded, location: str, kind: LogKind) -> None:
        self.run, self.rows, self.outcomes, self.location, self.kind = run, rows, outcomes, location, kind
        self.at: list[datetime] = rows.column("at")
        self.sku: list[str] = rows.column("sku")
        qty = rows.coded("qty")
        self.coded_amounts = Coded(list(map(_whole_where_possible, qty.values)), qty.codes)
        self.amounts: list[Decimal | int] = self.coded_amounts.in_rows()
        self.goods: Whole = np.flatnonzero(outcomes.each(lambda outcome: outcome not in NOT_GOODS))
        self.order = self.goods  # by time, once they are checked
        self.new_skus: list[str] = []
        self.new_parties: list[str] = []

    # --- checks and masters ---

    def check(self) -> None:
        """Note unknown outcomes, zero quantities, and masters that are missing and not to be made."""
        decided = {self.outcomes.values[rule] for rule in np.unique(self.outcomes.codes).tolist()}
        for outcome in decided.difference(self.kind.outcomes):
            known = ", ".join(self.kind.outcomes)
            self.rows.fault_of_file(
                "rules",
                "known",
                say("A rule decides {outcome}; known are: {known}.", outcome=outcome, known=known),
            )
        zero = self.coded_amounts.each(lambda qty: not qty)[self.goods]
        for position in self.goods[zero].tolist():
            self.rows.fault(position, "qty", "not_zero", say("The quantity of goods must not be zero."))
        self.new_skus = self._missing("sku", item_queries.item_ids_by_sku, "create_items")
        self.new_parties = self._missing("party", party_queries.party_ids, "create_parties")
        faulty = {problem.line for problem in self.rows.problems}
        if faulty:
            lines = self.rows.lines
            sound = [position for position in self.goods.tolist() if lines[position] not in faulty]
            self.goods = np.array(sound, np.int64)
        self.order = self._in_order()

    def _missing(self, name: str, look_up: Any, option: str) -> list[str]:
        """The codes that do not exist; each of their rows is faulty unless the option says to make them."""
        column = self.rows.coded(name)
        codes = {column.values[code] for code in np.unique(column.codes[self.goods]).tolist()} - {None}
        missing = codes - set(look_up(self.run.company_id, codes)) if codes else set()
        if missing and self.run.options.get(option) is not True:
            for position in self.goods.tolist():
                code = self.rows.values[name][position]
                if code in missing:
                    message = say(
                        "There is no {name} {code}: create it first, or set the option {option}.",
                        name=name,
                        code=code,
                        option=option,
                    )
                    self.rows.fault(position, name, "exists", message)
            return []
        return sorted(missing)

    def master_stages(self) -> list[Stage]:
        """Items and parties to be made, before the documents that name them."""
        stages = []
        if self.new_skus:
            called = (self.rows.coded("sku"), self.rows.coded("item_name"))
            names = _most_common(*called, self.goods, self.rows.coded("unit_price"))
            category = self.run.options.get("item_category")
            drafts = [ItemDraft(sku, names.get(sku, sku), category_code=category) for sku in self.new_skus]
            stages.append(self._masters("Items", [draft.sku for draft in drafts], drafts, self._create_items))
        if self.new_parties:
            role: dict[str, Any] = {
                "is_customer": self.kind.party_role == "customer",
                "is_supplier": self.kind.party_role == "supplier",
            }
            called = (self.rows.coded("party"), self.rows.coded("party_name"))
            names = _most_common(*called, self.goods, self.rows.coded(""))
            parts = [PartyDraft(code, names.get(code, code), **role) for code in self.new_parties]
            stages.append(
                self._masters("Parties", [part.code for part in parts], parts, self._create_parties)
            )
        return stages

    def _masters(self, name: str, codes: Sequence[str], drafts: Sequence[Any], create: Any) -> Stage:
        units = [Unit(f"{name}|{code}"[:200], (), draft) for code, draft in zip(codes, drafts, strict=True)]
        return Stage(name, units, lambda chunk: create([unit.content for unit in chunk]), cut_every(2_000))

    def _create_items(self, drafts: Sequence[ItemDraft]) -> Sequence[int]:
        return items.create_items(company_id=self.run.company_id, actor_id=self.run.actor_id, items=drafts)

    def _create_parties(self, drafts: Sequence[PartyDraft]) -> Sequence[int]:
        return parties.create_parties(
            company_id=self.run.company_id, actor_id=self.run.actor_id, parties=drafts
        )

    # --- documents ---

    def pairs(self) -> list[tuple[Head, Entry]]:
        """Every line of goods as an entry of a document; returns are tied to what they give back."""
        document, party = self.rows.column("document"), self.rows.column("party")
        currency = self.run.options.get("currency")
        heads: dict[tuple[Any, ...], Head] = {}
        originals = Originals()
        given_back = self._given_back(party)
        pairs: list[tuple[Head, Entry]] = []
        for outcome, positions in self._runs():
            first = positions[0]
            key = (outcome, self.at[first], document[first], party[first])
            head = heads.get(key) or heads.setdefault(key, Head(Kind(outcome), *key[1:], currency))
            entries = self._entries(head.kind, positions)
            if head.kind in RETURN_OF:
                pairs.extend((head, part) for one in entries for part in self._returned(one, head, originals))
                continue
            if head.kind in RETURNABLE and head.party is not None:
                name = f"{head.number} {head.at.isoformat()}"
                for entry in entries:
                    if (head.party, entry.sku) in given_back:
                        originals.add((head.kind, head.party, entry.sku), entry, name)
            pairs.extend(zip(repeat(head), entries))
        return pairs

    def _in_order(self) -> Whole:
        """The lines of goods in the order of time; within an instant returns come last, else as in the file."""
        _, instant = self.rows.coded("at").ranked()
        late = self.outcomes.each(RETURN_OF.__contains__)
        return self.goods[np.argsort((instant * 2 + late)[self.goods], kind="stable")]

    def _runs(self) -> Iterator[tuple[str, list[int]]]:
        """Lines of one outcome, instant, document and party that stand together."""
        heads = (self.outcomes, *(self.rows.coded(name) for name in ("at", "document", "party")))
        starts = np.zeros(len(self.order), bool)
        for column in heads:
            codes = column.codes[self.order]
            starts[1:] |= codes[1:] != codes[:-1]
        bounds = [0, *np.flatnonzero(starts).tolist(), len(self.order)]
        positions, outcomes = self.order.tolist(), self.outcomes.codes[self.order].tolist()
        for start, end in pairwise(bounds):
            if start < end:
                yield self.outcomes.values[outcomes[start]], positions[start:end]

    def _given_back(self, party: Sequence[str | None]) -> set[tuple[str | None, str]]:
        """Whose returns of what there are: no other line need be remembered for them."""
        returns = self.goods[self.outcomes.each(RETURN_OF.__contains__)[self.goods]]
        return {(party[position], self.sku[position]) for position in returns.tolist()}

    def _entries(self, kind: Kind, positions: Sequence[int]) -> list[Entry]:
        sku, amounts, place = self.sku, self.amounts, self.location
        if kind is Kind.ADJUSTMENT:
            return [
                Entry(at, sku[at], amounts[at], None, *((place, None) if amounts[at] < 0 else (None, place)))
                for at in positions
            ]
        source, target = (place, None) if kind in OUT_OF else (None, place)
        entries = [
            Entry(at, sku[at], amounts[at] if amounts[at] > 0 else -amounts[at], None, source, target)
            for at in positions
        ]
        if kind is Kind.RECEIPT:
            costs = self.rows.column("unit_cost")
            for entry in entries:
                entry.unit_cost = costs[entry.position]
        return entries

    @staticmethod
    def _returned(entry: Entry, head: Head, originals: Originals) -> list[Entry]:
        """One entry per original that is given back, and one for what has none."""
        if head.party is None:
            return [entry]
        parts, rest = originals.take((RETURN_OF[head.kind], head.party, entry.sku), entry)
        return [*parts, replace(entry, qty=rest)] if rest else parts

    # --- proof ---

    def reconcile(self, units: Sequence[DocumentUnit]) -> dict[str, Any]:
        """Compare, item by item, what the file's lines say with the moves that were written for them."""
        written = [unit for unit in units if unit.document_id is not None and unit.positions]
        named = np.zeros(len(self.rows), bool)
        named[list(chain.from_iterable(unit.positions for unit in written))] = True
        positions = np.flatnonzero(named)
        said: dict[tuple[str, int, bool], Decimal | int] = defaultdict(int)
        kinds = {kind.value: (kind in INTO, kind is Kind.ADJUSTMENT, MOVE_KINDS[kind]) for kind in GOODS}
        lines = (self.rows.coded("sku"), self.outcomes, self.coded_amounts)
        for (sku, outcome, qty), count in counted(lines, positions):
            into, either, kind = kinds[outcome]
            said[sku, int(kind), into or (either and qty > 0)] += abs(qty) * count
        moved = queries.moved_by_documents(self.run.company_id, [unit.document_id or 0 for unit in written])
        differences = [
            {
                "sku": key[0],
                "kind": MoveKind(key[1]).name.lower(),
                "file": Decimal(said.get(key, 0)),
                "moves": moved.get(key, 0),
            }
            for key in sorted(said.keys() | moved.keys())
            if said.get(key, 0) != moved.get(key, 0)
        ]
        totals: Counter[str] = Counter()
        for (_, move_kind, into), qty in moved.items():
            totals[f"{MoveKind(move_kind).name.lower()} {'in' if into else 'out'}"] += qty  # type: ignore[assignment]
        return {
            "reconciled": not differences,
            "lines_reconciled": len(positions),
            "differences": differences[:DIFFERENCES_SHOWN],
            "qty_moved": {name: str(qty) for name, qty in sorted(totals.items())},
        }

    # --- what must have been there ---

    def restock(self, share: Decimal) -> list[tuple[Head, Entry]]:
        """The receipts without which the log could not have happened."""
        if not len(self.order):
            return []
        zone = self.rows.formats.timezone
        calendar = Calendar(self.rows.coded("sku"), self.rows.coded("at"), zone)
        monthly = self.run.options.get("restock") == "monthly"
        found = needs(calendar, self.order, self._changes(), monthly=monthly)
        costs = unit_costs(calendar, self._sold(), self.rows.coded("unit_price"), found, share)
        currency = self.run.options.get("currency")
        opening_at = (
            self.at[self.order[0]].astimezone(zone).replace(hour=12, minute=0, second=0, microsecond=0)
        )
        opening = Head(Kind.OPENING, opening_at - timedelta(days=1), "opening", None, currency)
        heads = {
            month: Head(Kind.RECEIPT, month, f"restock {month:%Y-%m}", None, currency) if month else opening
            for month in {need.month_at for need in found}
        }
        return [(heads[need.month_at], self._restock_entry(need, costs)) for need in found]

    def _changes(self) -> Changes:
        """By how much each line changes what is in stock."""
        amounts = np.array(self.coded_amounts.values, dtype=object)
        sizes = np.array([abs(qty or 0) for qty in amounts], dtype=object)
        kind = self.outcomes.each(lambda name: 1 if name in INTO else 2 if name in OUT_OF else 0, np.int64)
        by_kind = np.stack((amounts, sizes, -sizes))
        changes: Changes = by_kind[kind[self.order], self.coded_amounts.codes[self.order]]
        return changes

    def _sold(self) -> Whole:
        """The lines of priced sales."""
        sale = self.outcomes.each(lambda name: name == self.kind.default.value)
        priced = self.rows.coded("unit_price").each(lambda price: price is not None and price > 0)
        sold: Whole = self.goods[(sale & priced)[self.goods]]
        return sold

    def _restock_entry(self, need: Need, costs: Mapping[Need, Decimal]) -> Entry:
        return Entry(-1, need.sku, need.qty, to_code=self.location, unit_cost=costs[need])


def _whole_where_possible(qty: Decimal | None) -> Decimal | int | None:
    """The same number, as int where it is whole: these are added much faster."""
    return int(qty) if qty is not None and qty == qty.to_integral_value() else qty


def _most_common(codes: Coded, names: Coded, rows: Whole, price: Coded) -> dict[str, str]:
    """For each code the name it is called by most often, looking at priced lines first: remarks have no price."""
    priced = Coded((False, True), price.each(bool).astype(np.int32))
    weights: dict[str, Counter[str]] = {}
    for (code, name, has_price), count in counted((codes, names, priced), rows):
        if code is not None and name is not None:
            weights.setdefault(code, Counter())[name] += count * (1001 if has_price else 1)
    return {code: max(sorted(found), key=found.__getitem__) for code, found in weights.items()}


def _report(
    rows: Rows,
    outcomes: Coded,
    rules: Sequence[Rule],
    pairs: Sequence[tuple[Head, Entry]],
    worked_out: Sequence[tuple[Head, Entry]],
) -> dict[str, Any]:
    """How many lines went where and by which rule, with their quantities."""
    by_outcome: dict[str, dict[str, Any]] = {}
    for (outcome, amount), count in counted((outcomes, rows.coded("qty")), np.arange(len(rows))):
        one = by_outcome.setdefault(outcome, {"lines": 0, "qty": Decimal(0)})
        one["lines"] += count
        one["qty"] += (amount or 0) * count
    returns = [entry for head, entry in pairs if head.kind in RETURN_OF]
    lines = np.bincount(outcomes.codes, minlength=len(rules) + 1).tolist()
    none = {"rule": 0, "as": "", "why": "no rule fits", "lines": lines[0]}
    by_rule = [
        {"rule": rule.number, "as": rule.outcome, "why": rule.why, "lines": lines[rule.number]}
        for rule in rules
    ]
    return {
        "outcomes": {name: one | {"qty": str(one["qty"])} for name, one in sorted(by_outcome.items())},
        "rules": [one for one in (none, *by_rule) if one["lines"]],
        "returns": {
            "with_original": sum(entry.of is not None for entry in returns),
            "without_original": sum(entry.of is None for entry in returns),
        },
        "worked_out": {
            "lines": len(worked_out),
            "qty": str(sum(entry.qty for _, entry in worked_out)),
        },
    }


SALES_LOG = LogKind(
    name="sales_log",
    label=say("Sales log"),
    about=say("Invoice lines of a shop or another system: issues to customers, returns, write-offs."),
    default=Kind.ISSUE,
    party_role="customer",
    permissions=(
        "stock.issue",
        "stock.receive",
        "stock.adjust",
        "stock.scrap",
        "items.write",
        "parties.write",
    ),
)

PURCHASE_LOG = LogKind(
    name="purchase_log",
    label=say("Purchase log"),
    about=say("Receipt or bill lines of another system: receipts from suppliers, returns to them."),
    default=Kind.RECEIPT,
    party_role="supplier",
    permissions=("stock.receive", "stock.issue", "stock.adjust", "items.write", "parties.write"),
)
