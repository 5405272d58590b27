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
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from wherewithal.core.words import say
from wherewithal.feeds import cells, queries
from wherewithal.feeds.kinds.documents import DocumentUnit, DocumentWriter, Entry, Head, Originals, group
from wherewithal.feeds.kinds.restock import Need, needs, unit_costs
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
        outcomes, rules = self._decide(rows, mapping)
        log = _Log(run, rows, outcomes, location, self)
        log.check()
        writer = DocumentWriter(run)
        pairs = log.pairs()
        worked_out = log.restock(pairs, share) if run.options.get("restock") else []
        units = group([*pairs, *worked_out], run)
        stages = [*log.master_stages(), writer.stage(self.label, units)]
        report = _report(rows, outcomes, rules, pairs, worked_out)
        return Plan(stages, rows.problems, report, lambda: log.reconcile(units))

    def _decide(self, rows: Rows, mapping: Any) -> tuple[list[str], list[Rule | None]]:
        columns = {one.name: rows.column(one.name) for one in self.fields}
        rules = decide(mapping.rules, columns, len(rows))
        otherwise = mapping.otherwise or self.default.value
        return [rule.outcome if rule else otherwise for rule in rules], rules


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

    def __init__(
        self, run: RunContext, rows: Rows, outcomes: Sequence[str], location: str, kind: LogKind
    ) -> None:
        self.run, self.rows, self.outcomes, self.location, self.kind = run, rows, outcomes, location, kind
        self.at: list[datetime] = rows.column("at")
        self.sku: list[str] = rows.column("sku")
        self.qty: list[Decimal] = rows.column("qty")
        self.amounts = _whole_where_possible(self.qty)
        self.goods = [position for position, outcome in enumerate(outcomes) if outcome not in NOT_GOODS]
        self.new_skus: list[str] = []
        self.new_parties: list[str] = []

    # --- checks and masters ---

    def check(self) -> None:
        """Note unknown outcomes, zero quantities, and masters that are missing and not to be made."""
        unknown = {outcome for outcome in set(self.outcomes) if outcome not in self.kind.outcomes}
        for outcome in unknown:
            known = ", ".join(self.kind.outcomes)
            self.rows.fault_of_file(
                "rules",
                "known",
                say("A rule decides {outcome}; known are: {known}.", outcome=outcome, known=known),
            )
        for position in self.goods:
            if not self.qty[position]:
                self.rows.fault(position, "qty", "not_zero", say("The quantity of goods must not be zero."))
        self.new_skus = self._missing(
            "sku",
            [self.sku[position] for position in self.goods],
            item_queries.item_ids_by_sku,
            "create_items",
        )
        party = self.rows.column("party")
        self.new_parties = self._missing(
            "party", [party[position] for position in self.goods], party_queries.party_ids, "create_parties"
        )
        faulty = {problem.line for problem in self.rows.problems}
        if faulty:
            self.goods = [position for position in self.goods if self.rows.lines[position] not in faulty]

    def _missing(self, name: str, wanted: Sequence[str | None], look_up: Any, option: str) -> list[str]:
        """The codes that do not exist; each of their rows is faulty unless the option says to make them."""
        codes = {code for code in wanted if code is not None}
        missing = codes - set(look_up(self.run.company_id, codes)) if codes else set()
        if missing and self.run.options.get(option) is not True:
            for position in self.goods:
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
            names = _most_common(
                self.sku, self.rows.column("item_name"), self.goods, self.rows.column("unit_price")
            )
            category = self.run.options.get("item_category")
            drafts = [ItemDraft(sku, names.get(sku, sku), category_code=category) for sku in self.new_skus]
            stages.append(self._masters("Items", [draft.sku for draft in drafts], drafts, self._create_items))
        if self.new_parties:
            role: dict[str, Any] = {
                "is_customer": self.kind.party_role == "customer",
                "is_supplier": self.kind.party_role == "supplier",
            }
            party = self.rows.column("party")
            names = _most_common(party, self.rows.column("party_name"), self.goods, None)
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
        costs, currency = self.rows.column("unit_cost"), self.run.options.get("currency")
        heads: dict[tuple[Any, ...], Head] = {}
        originals = Originals()
        pairs: list[tuple[Head, Entry]] = []
        outcomes, at = self.outcomes, self.at
        # Within an instant returns come last: sorting keeps the order of what is equal.
        order = [position for position in self.goods if outcomes[position] not in RETURN_OF]
        order += [position for position in self.goods if outcomes[position] in RETURN_OF]
        order.sort(key=at.__getitem__)
        before: tuple[Any, ...] = ()
        for position in order:
            key = (outcomes[position], at[position], document[position], party[position])
            if key != before:  # lines of one document mostly stand together
                before = key
                head = heads.get(key) or Head(Kind(key[0]), key[1], key[2], key[3], currency)
                heads[key] = head
                kind, name = head.kind, f"{head.number} {head.at.isoformat()}"
                gives_back, returnable = kind in RETURN_OF, kind in RETURNABLE and head.party is not None
            entry = self._entry(position, kind, costs[position])
            if gives_back:
                pairs.extend((head, part) for part in self._returned(entry, head, originals))
                continue
            if returnable:
                originals.add((kind, head.party, entry.sku), entry, name)
            pairs.append((head, entry))
        return pairs

    def _entry(self, position: int, kind: Kind, unit_cost: Decimal | None) -> Entry:
        qty = self.amounts[position]
        if kind is not Kind.ADJUSTMENT and qty < 0:
            qty = -qty
        source = self.location if kind in OUT_OF or (kind is Kind.ADJUSTMENT and qty < 0) else None
        target = None if source else self.location
        entry = Entry(position, self.sku[position], qty, None, source, target)
        if kind is Kind.RECEIPT:
            entry.unit_cost = unit_cost
        return entry

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
        positions = {position for unit in written for position in unit.positions}
        said: dict[tuple[str, int, bool], Decimal | int] = defaultdict(int)
        kinds = {kind.value: (kind in INTO, kind is Kind.ADJUSTMENT, MOVE_KINDS[kind]) for kind in GOODS}
        for position in positions:
            qty = self.amounts[position]
            into, either, kind = kinds[self.outcomes[position]]
            key = (self.sku[position], int(kind), into or (either and qty > 0))
            said[key] += qty if qty > 0 else -qty
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

    def restock(self, pairs: Sequence[tuple[Head, Entry]], share: Decimal) -> list[tuple[Head, Entry]]:
        """The receipts without which the log could not have happened."""
        if not pairs:
            return []
        zone = self.rows.formats.timezone
        found = needs(pairs, zone, monthly=self.run.options.get("restock") == "monthly")
        costs = unit_costs(self._prices(), found, zone, share)
        currency = self.run.options.get("currency")
        opening_at = (
            pairs[0][0].at.astimezone(zone).replace(hour=12, minute=0, second=0, microsecond=0)
        )  # they are in the order of time
        opening = Head(Kind.OPENING, opening_at - timedelta(days=1), "opening", None, currency)
        return [
            (self._restock_head(need, opening, currency), self._restock_entry(need, costs)) for need in found
        ]

    def _prices(self) -> list[tuple[str, datetime, Decimal]]:
        """(sku, instant, price) of every priced sale."""
        price = self.rows.column("unit_price")
        sku, at, sale = self.sku, self.at, self.kind.default.value
        asked = {value for value in set(price) if value is not None and value > 0}
        outcomes = self.outcomes
        return [
            (sku[position], at[position], price[position])
            for position in self.goods
            if outcomes[position] == sale and price[position] in asked
        ]

    @staticmethod
    def _restock_head(need: Need, opening: Head, currency: str | None) -> Head:
        if need.month_at is None:
            return opening
        return Head(Kind.RECEIPT, need.month_at, f"restock {need.month_at:%Y-%m}", None, currency)

    def _restock_entry(self, need: Need, costs: Mapping[Need, Decimal]) -> Entry:
        return Entry(-1, need.sku, need.qty, to_code=self.location, unit_cost=costs[need])


def _whole_where_possible(quantities: Sequence[Decimal]) -> list[Decimal | int]:
    """The same numbers, as int where they are whole: these are added much faster. Each object is looked at once."""
    known: dict[int, Decimal | int] = {
        key: int(qty) if qty is not None and qty == qty.to_integral_value() else qty
        for key, qty in {id(qty): qty for qty in quantities}.items()
    }
    return [known[id(qty)] for qty in quantities]


def _most_common(
    codes: Sequence[str | None],
    names: Sequence[str | None],
    positions: Sequence[int],
    price: Sequence[Any] | None,
) -> dict[str, str]:
    """For each code the name it is called by most often, looking at priced lines first: remarks have no price."""
    chosen = positions if len(positions) < len(codes) else range(len(codes))
    priced = [None] * len(codes) if price is None else price
    counted = Counter((codes[position], names[position], bool(priced[position])) for position in chosen)
    weights: dict[str, Counter[str]] = {}
    for (code, name, has_price), count in counted.items():
        if code is not None and name is not None:
            weights.setdefault(code, Counter())[name] += count * (1001 if has_price else 1)
    return {code: max(sorted(found), key=found.__getitem__) for code, found in weights.items()}


def _report(
    rows: Rows,
    outcomes: Sequence[str],
    rules: Sequence[Rule | None],
    pairs: Sequence[tuple[Head, Entry]],
    worked_out: Sequence[tuple[Head, Entry]],
) -> dict[str, Any]:
    """How many lines went where and by which rule, with their quantities."""
    qty = rows.column("qty")
    by_outcome: dict[str, dict[str, Any]] = {}
    for (outcome, amount), count in Counter(zip(outcomes, qty, strict=True)).items():
        one = by_outcome.setdefault(outcome, {"lines": 0, "qty": Decimal(0)})
        one["lines"] += count
        one["qty"] += (amount or 0) * count
    returns = [entry for head, entry in pairs if head.kind in RETURN_OF]
    counted = Counter(rules)
    return {
        "outcomes": {name: one | {"qty": str(one["qty"])} for name, one in sorted(by_outcome.items())},
        "rules": [
            {"rule": rule.number, "as": rule.outcome, "why": rule.why, "lines": lines}
            if rule
            else {"rule": 0, "as": "", "why": "no rule fits", "lines": lines}
            for rule, lines in sorted(counted.items(), key=lambda pair: pair[0].number if pair[0] else 0)
        ],
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
