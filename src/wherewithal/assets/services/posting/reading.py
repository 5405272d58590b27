"""One book's reading of an asset's history: events become the facts that the pure core folds."""

import datetime
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any

from wherewithal.assets.fields import MONEY_FIELDS, RoomKind
from wherewithal.assets.services.context import BookFacts, Context
from wherewithal.assets.services.posting.history import AssetHistory, Event, reversed_ids
from wherewithal.assets.terms import StatedTerms, canonical, parse
from wherewithal.core.assets import facts as core
from wherewithal.core.assets.facts import Fact, Kind
from wherewithal.core.assets.state import NEVER
from wherewithal.core.assets.terms import Allowance, BookTerms, PoolTakes
from wherewithal.core.depreciation.conditions import unmet
from wherewithal.core.depreciation.errors import PackError
from wherewithal.core.depreciation.packs import built_in
from wherewithal.core.depreciation.resolve import Resolution, resolve
from wherewithal.core.depreciation.terms import Method, TermsError
from wherewithal.core.discounting import Compounding
from wherewithal.core.lease.terms import ChangeKind, Lease, LeaseChange, Payment, ScopeBasis, Standard
from wherewithal.core.money import convert
from wherewithal.core.words import say

MoveCosts = Mapping[tuple[int, int], int]
"""(move, book) -> what its goods cost that book, in minor units."""

AS_STATED = (
    "grant",
    "unimpaired",
    "loss",
    "impaired_surplus",
    "revalued",
    "held",
    "held_loss",
    "missed",
    "charged",
    "surplus_used",
    "grant_released",
)
"""Fields that an asset brings from another company and that are read as they are written."""
ROOM_KINDS = frozenset(RoomKind)
OPENED = frozenset({Kind.OPENING, Kind.INTERCOMPANY_IN})
FIRST_YEAR_CLAIM = "allowance"
"""The election that names the first-year claim asked for in a pool (full expensing, AIA)."""
POOL_TAKES = {
    "writing_down": PoolTakes.COST,
    "declining_class": PoolTakes.COST,
    "block": PoolTakes.ALL,
    "level": PoolTakes.NOTHING,
}
"""By kind of pool."""
COSTS = frozenset(
    {
        Kind.ACQUISITION,
        Kind.OPENING,
        Kind.INTERCOMPANY_IN,
        Kind.COST_ADDITION,
        Kind.CONSTRUCTION_COST,
        Kind.DECOMMISSIONING,
    }
)


@dataclass(slots=True)
class Reader:
    """Reads one asset's events as one book does."""

    context: Context
    book: BookFacts
    history: AssetHistory
    move_costs: MoveCosts

    def facts(self) -> list[Fact]:
        """What this book hears of the asset, reversals included."""
        return [
            self.fact(event)
            for event in self.history.heard(self.book.book_id)
            if event.kind not in ROOM_KINDS
            and (event.kind != Kind.POOL_END or may_pool(self.history.terms.get(self.book.book_id)))
        ]

    def fact(self, event: Event) -> Fact:
        """Raises TermsError or PackError where its terms are no terms."""
        return BUILDERS[event.kind](self, event)

    # --- fields -----------------------------------------------------------------------------------------------

    def values(self, event: Event) -> dict[str, Any]:
        """The fields as this book reads them: money in its own minor units."""
        stated = event.detail.get("values", {})
        own = event.detail.get("books", {}).get(str(self.book.book_id), {})
        money = MONEY_FIELDS[event.kind]
        found = {
            name: self._money(event, value) if name in money and name not in own else value
            for name, value in stated.items()
        }
        found |= own
        if event.move_id is not None and event.kind in COSTS:
            name = "cost" if event.kind == Kind.ACQUISITION else "amount"
            found[name] = self.move_costs.get((event.move_id, self.book.book_id), 0)
        elif event.move_id is not None and event.kind == Kind.DISPOSAL:
            found["taken_in"] = self.move_costs.get((event.move_id, self.book.book_id), 0)
        return found

    def _money(self, event: Event, value: Any) -> Any:
        if isinstance(value, str):  # the day of a flow
            return value
        if isinstance(value, list):
            return [self._money(event, part) for part in value]
        if event.currency is None or event.currency == self.book.currency:
            return value
        rate = event.rates[self.book.currency]
        return convert(value, rate, self.context.decimals(event.currency), self.book.decimals)

    # --- terms ------------------------------------------------------------------------------------------------

    def terms(self, event: Event, values: Mapping[str, Any]) -> BookTerms | None:
        """The terms that an event gives this book: its own, else those the book began with. None: no depreciation."""
        found = self._stated(event, values)
        return None if found is None else self.book_terms(*found)

    def pool(self, event: Event, values: Mapping[str, Any]) -> tuple[StatedTerms, str] | None:
        """The terms of an asset that is depreciated with a pool, and the pool of their pack. None: by itself, or not."""
        if not may_pool(self.history.terms.get(self.book.book_id)):
            return None
        found = self._stated(event, values)
        if found is None or found[0].pack is None:
            return None
        pool = self._resolved(*found).pool
        return None if pool is None else (found[0], pool)

    def pool_takes(self, event: Event, values: Mapping[str, Any]) -> PoolTakes | None:
        """What its pool takes of what is got for the asset; None without a pool."""
        found = self.pool(event, values)
        if found is None:
            return None
        stated, pool = found
        return POOL_TAKES[built_in(str(stated.pack)).rule("pools", pool).kind]

    def _stated(
        self, event: Event, values: Mapping[str, Any]
    ) -> tuple[StatedTerms, datetime.date, datetime.date] | None:
        """The terms as they were stated, the day whose cost they go by, and the day of going into service. What corrects
        another event is read in its place."""
        given = values.get("terms")
        text = canonical(given) if given is not None else self.history.terms.get(self.book.book_id)
        if text is None:
            return None
        stated, named = parse(text), self._named(event)
        since = _day(values.get("in_service_on"))
        if (
            named.kind in OPENED
        ):  # it was in service before the books opened, and what it cost is known since then
            since = since or _day(self.values(named).get("in_service_on"))
            return stated, named.effective_on, since or named.effective_on
        if named.kind == Kind.IN_SERVICE:
            return stated, since or named.effective_on, since or named.effective_on
        return stated, named.effective_on, self.served_on(named.effective_on)

    def _named(self, event: Event) -> Event:
        """What a chain of corrections is about; else the event itself."""
        by_id = {known.event_id: known for known in self.history.events}
        while event.kind == Kind.ERROR_CORRECTION and event.of_event_id in by_id:
            event = by_id[event.of_event_id]
        return event

    def book_terms(
        self, stated: StatedTerms, day: datetime.date, served_on: datetime.date
    ) -> BookTerms | None:
        """What the terms are for what the asset had cost by a day; a pack goes by the day it went into service."""
        cost = self.cost_until(day)
        residual = stated.residual_of(cost, self.book.decimals)
        if stated.terms is not None:
            return None if stated.terms.method is Method.NONE else BookTerms(stated.terms, residual)
        answer = self._resolved(stated, day, served_on)
        if answer.terms is None:
            return None
        allowances = tuple(Allowance(part.code, part.amount) for part in answer.allowances)
        return BookTerms(answer.terms, answer.residual, allowances)

    def _resolved(self, stated: StatedTerms, day: datetime.date, served_on: datetime.date) -> Resolution:
        assert stated.pack is not None, "terms are stated or come from a pack"
        return resolve(
            built_in(stated.pack),
            str(stated.pack_class),
            acquired_on=min(self.acquired_on(served_on), served_on),
            in_service_on=served_on,
            cost=self.cost_until(day),
            elections=without_claim(stated),
            calendar=self.book.calendar,
        )

    def cost_until(self, day: datetime.date) -> int:
        """What the asset had cost by the end of a day, before anything was disposed of: what shares of cost are of."""
        total = 0
        for event in events_of(self.history, self.book.book_id):
            if event.kind in COSTS and event.effective_on <= day:
                values = self.values(event)
                total += values.get("cost", values.get("amount", 0)) + values.get("construction", 0)
        return total

    def served_on(self, day: datetime.date) -> datetime.date:
        """When the asset first went into service as this book knows it, a given day if it has not."""
        return self.in_service_on() or day

    def in_service_on(self) -> datetime.date | None:
        """When the asset first went into service as this book knows it, corrections included; None: never."""
        mine = events_of(self.history, self.book.book_id)
        found = []
        for event in mine:
            if event.kind not in OPENED and event.kind != Kind.IN_SERVICE:
                continue
            version = last_version(event, mine)
            since = None if version is None else self.values(version).get("in_service_on")
            since = _day(since or self.values(event).get("in_service_on"))
            found.append(event.effective_on if since is None and event.kind == Kind.IN_SERVICE else since)
        return min((each for each in found if each is not None), default=None)

    def acquired_on(self, day: datetime.date) -> datetime.date:
        """When it was bought; of what came in part-way through its life only the day of service is known, which is earlier
        than the day on which the books opened with it."""
        days = [e.effective_on for e in events_of(self.history, self.book.book_id) if e.kind in COSTS]
        return min([*days, day])


def without_claim(stated: StatedTerms) -> dict[str, Any]:
    """What the rules of a pack may ask about the asset; the claim is asked of its pool."""
    return {name: value for name, value in stated.elections.items() if name != FIRST_YEAR_CLAIM}


@lru_cache(maxsize=4096)
def may_pool(text: str | None) -> bool:
    """Whether an asset of these terms may go into a pool, whatever it cost and whenever that was."""
    stated = None if text is None else parse(text)
    if stated is None or stated.pack is None:
        return False
    try:
        pack = built_in(stated.pack)
        asset_class = pack.asset_class(str(stated.pack_class))
        facts = pack.facts_of(without_claim(stated), asset_class, {})
    except PackError:  # terms that no pack answers are named where the asset is read
        return False
    rules = [pack.rule("treatments", name) for name in asset_class.treatments]
    return any(
        rule.kind == "pool"
        and unmet(pack.code, {k: v for k, v in rule.when.items() if k in facts}, facts) is None
        for rule in rules
    )


Builder = Callable[[Reader, Event], Fact]


def _head(event: Event) -> dict[str, Any]:
    return {"event_id": event.event_id, "key": event.key, "effective_on": event.effective_on}


def _day(value: str | None) -> datetime.date | None:
    return None if value is None else datetime.date.fromisoformat(value)


def _acquisition(reader: Reader, event: Event) -> Fact:
    values = reader.values(event)
    source = core.Source(
        values.get("source", core.Source.SUPPLIER if event.move_id is None else core.Source.STOCK)
    )
    quantity = values.get("quantity", reader.history.qty)
    return core.Acquisition(**_head(event), cost=values.get("cost", 0), source=source, quantity=quantity)


def _opening(
    kind: type[core.Opening] | type[core.IntercompanyIn],
    more: Callable[[Event, Mapping[str, Any]], dict[str, Any]] = lambda _event, _values: {},
) -> Builder:
    def build(reader: Reader, event: Event) -> Fact:
        values = reader.values(event)
        since = _day(values.get("in_service_on"))
        return kind(
            **_head(event),
            cost=values.get("cost", 0),
            accumulated=values.get("accumulated", 0),
            impairment=values.get("impairment", 0),
            surplus=values.get("surplus", 0),
            allowances=values.get("allowances", 0),
            construction=values.get("construction", 0),
            quantity=values.get("quantity", reader.history.qty),
            in_service_on=since,
            depreciated_through=_day(values.get("depreciated_through")),
            terms=None if since is None else reader.terms(event, values),
            pool=None if since is None else reader.pool_takes(event, values),
            used_units=Fraction(values.get("used_units", 0)),
            **more(event, values),
        )

    return build


def _handed_over(event: Event, values: Mapping[str, Any]) -> dict[str, Any]:
    """What only an asset has that comes from another company: see `core.IntercompanyIn`."""
    found = {name: values[name] for name in AS_STATED if name in values}
    if "surplus_policy" in values:
        found["surplus_policy"] = core.SurplusPolicy(values["surplus_policy"])
    if values.get("flows"):
        found["flows"] = _flows(values["flows"])
    return found | {
        "rate": Fraction(values.get("rate", 0)),
        "estimated_on": _day(values.get("estimated_on")),
        "reading": Fraction(values.get("reading", 0)),
        "idle": idle_of(event.detail),
    }


def idle_of(detail: Mapping[str, Any]) -> tuple[tuple[datetime.date, datetime.date], ...]:
    """The spans out of use that an asset brought from another company; one without an end goes on."""
    spans = detail.get("counterpart", {}).get("idle", ())
    return tuple((datetime.date.fromisoformat(first), _day(last) or NEVER) for first, last in spans)


def _flows(given: Sequence[tuple[str, int]]) -> tuple[tuple[datetime.date, int], ...]:
    return tuple((datetime.date.fromisoformat(day), amount) for day, amount in given)


def _cost(kind: type[core.ConstructionCost] | type[core.CostAddition]) -> Builder:
    def build(reader: Reader, event: Event) -> Fact:
        values = reader.values(event)
        source = core.Source(
            values.get("source", core.Source.SUPPLIER if event.move_id is None else core.Source.STOCK)
        )
        return kind(**_head(event), amount=values.get("amount", 0), source=source)

    return build


def _in_service(reader: Reader, event: Event) -> Fact:
    values = reader.values(event)
    return core.InService(
        **_head(event), terms=reader.terms(event, values), pool=reader.pool_takes(event, values)
    )


def _estimate(reader: Reader, event: Event) -> Fact:
    values = reader.values(event)
    terms = reader.terms(event, values)
    if terms is None:
        raise TermsError("method", "depreciates", say("Say how it is depreciated from now on."))
    return core.EstimateChange(**_head(event), terms=terms, remaining_life=values.get("remaining_life", True))


def _catch_up(reader: Reader, event: Event) -> Fact:
    terms = reader.terms(event, reader.values(event))
    if terms is None:
        raise TermsError("method", "depreciates", say("Say how it is depreciated from now on."))
    takes_back = bool(reader.values(event).get("takes_back_allowances"))
    # Of years before an opening only the sum is known: it is all that section 280F(b)(2) asks for.
    opened = any(e.kind == Kind.OPENING for e in events_of(reader.history, reader.book.book_id))
    return core.TermsCatchUp(
        **_head(event), terms=terms, takes_back=takes_back, from_service=takes_back and opened
    )


def _correction(reader: Reader, event: Event) -> Fact:
    values = reader.values(event)
    return core.ErrorCorrection(
        **_head(event),
        of=event.of_event_id or 0,
        terms=reader.terms(event, values),
        pool=reader.pool_takes(event, values),
        in_service_on=_day(values.get("in_service_on")),
        restated_before=_day(values.get("restated_before")),
    )


def _reading(reader: Reader, event: Event) -> Fact:
    return core.MeterReading(**_head(event), reading=Fraction(reader.values(event)["reading"]))


def _class_transfer(reader: Reader, event: Event) -> Fact:
    values = reader.values(event)
    terms = reader.terms(event, values) if "terms" in values else None
    return core.ClassTransfer(**_head(event), class_id=int(values["class_id"]), terms=terms)


def _part_in(reader: Reader, event: Event) -> Fact:
    return core.PartIn(**_head(event), of=event.of_event_id or 0, **reader.values(event))


def _part_out(reader: Reader, event: Event) -> Fact:
    values = reader.values(event)
    return core.PartOut(
        **_head(event),
        weights=tuple(values.get("weights", ())),
        amounts=tuple(values.get("amounts", ())),
        construction_only=values.get("construction_only", False),
    )


def _obligation(kind: type[core.Decommissioning] | type[core.DecommissioningChange]) -> Builder:
    def build(reader: Reader, event: Event) -> Fact:
        values = reader.values(event)
        return kind(
            **_head(event),
            flows=_flows(values["flows"]),
            rate=Fraction(values["rate"]),
        )

    return build


def _lease(reader: Reader, event: Event) -> Fact:
    values = reader.values(event)
    lease = Lease(
        commencement_on=event.effective_on,
        ends_on=datetime.date.fromisoformat(values["ends_on"]),
        payments=_payments(values),
        rate=Fraction(values["rate"]),
        interval_months=values.get("interval_months", 12),
        compounding=Compounding(values.get("compounding", Compounding.EFFECTIVE)),
        standard=Standard(values.get("standard", Standard.IFRS16)),
        direct_costs=values.get("direct_costs", 0),
        incentives=values.get("incentives", 0),
        prepaid=values.get("prepaid", 0),
        restoration=values.get("restoration", 0),
        life_ends_on=_day(values.get("life_ends_on")),
        keeps_asset=values.get("keeps_asset", False),
    )
    return core.LeaseStart(**_head(event), lease=lease)


def _payments(values: Mapping[str, Any]) -> tuple[Payment, ...]:
    at_end = values.get("in_arrears", False)
    return tuple(
        Payment(datetime.date.fromisoformat(on), amount, at_end) for on, amount in values["payments"]
    )


def _lease_change(reader: Reader, event: Event) -> Fact:
    values = reader.values(event)
    change = LeaseChange(
        key=event.key.hex(),
        on=event.effective_on,
        kind=ChangeKind(values["change"]),
        payments=_payments(values) if "payments" in values else None,
        factor=_number(values.get("factor")),
        rate=_number(values.get("rate")),
        ends_on=_day(values.get("ends_on")),
        life_ends_on=_day(values.get("life_ends_on")),
        retained=Fraction(values.get("retained", 1)),
        basis=ScopeBasis(values.get("basis", ScopeBasis.SCOPE)),
        amount=values.get("amount", 0),
        penalty=values.get("penalty", 0),
        direct_costs=values.get("direct_costs", 0),
        incentives=values.get("incentives", 0),
    )
    return core.LeaseChanged(**_head(event), change=change)


def _number(value: str | None) -> Fraction | None:
    return None if value is None else Fraction(value)


def _partial(reader: Reader, event: Event) -> Fact:
    values = reader.values(event)
    if "share" in values:
        values["share"] = Fraction(values["share"])
    values["how"] = core.DisposalKind(values["how"])
    return core.PartialDisposal(**_head(event), **values)


def _words(kind: type[Fact], **words: type[Any]) -> Builder:
    """A fact whose fields are the stored ones; those named here are words of a list."""

    def build(reader: Reader, event: Event) -> Fact:
        values = reader.values(event)
        for name, word in words.items():
            if name in values:
                values[name] = word(values[name])
        return kind(**_head(event), **values)

    return build


def _naming(kind: type[core.Reinstatement] | type[core.Reversal]) -> Builder:
    """A fact that names another one."""

    def build(reader: Reader, event: Event) -> Fact:
        return kind(**_head(event), of=event.of_event_id or 0, **reader.values(event))

    return build


BUILDERS: dict[str, Builder] = {
    Kind.ACQUISITION: _acquisition,
    Kind.OPENING: _opening(core.Opening),
    Kind.INTERCOMPANY_IN: _opening(core.IntercompanyIn, _handed_over),
    Kind.CONSTRUCTION_COST: _cost(core.ConstructionCost),
    Kind.COST_ADDITION: _cost(core.CostAddition),
    Kind.IN_SERVICE: _in_service,
    Kind.ESTIMATE_CHANGE: _estimate,
    Kind.TERMS_CATCH_UP: _catch_up,
    Kind.ERROR_CORRECTION: _correction,
    Kind.IDLE: _words(core.Idle),
    Kind.RESUME: _words(core.Resume),
    Kind.METER_READING: _reading,
    Kind.CLASS_TRANSFER: _class_transfer,
    Kind.REVALUATION: _words(
        core.Revaluation, method=core.RevaluationMethod, surplus_policy=core.SurplusPolicy
    ),
    Kind.IMPAIRMENT: _words(core.Impairment),
    Kind.IMPAIRMENT_REVERSAL: _words(core.ImpairmentReversal),
    Kind.HELD_FOR_SALE: _words(core.HeldForSale),
    Kind.HELD_MEASUREMENT: _words(core.HeldMeasurement),
    Kind.BACK_TO_USE: _words(core.BackToUse),
    Kind.DECOMMISSIONING: _obligation(core.Decommissioning),
    Kind.DECOMMISSIONING_CHANGE: _obligation(core.DecommissioningChange),
    Kind.DECOMMISSIONING_SETTLEMENT: _words(core.DecommissioningSettlement),
    Kind.LEASE: _lease,
    Kind.LEASE_CHANGE: _lease_change,
    Kind.GRANT: _words(core.Grant, treatment=core.GrantTreatment),
    Kind.GRANT_REPAYMENT: _words(core.GrantRepayment, treatment=core.GrantTreatment),
    Kind.PART_OUT: _part_out,
    Kind.PART_IN: _part_in,
    Kind.PARTIAL_DISPOSAL: _partial,
    Kind.DISPOSAL: _words(core.Disposal, how=core.DisposalKind),
    Kind.INTERCOMPANY_OUT: _words(core.IntercompanyOut),
    Kind.POOL_END: lambda _reader, event: core.PoolEnd(**_head(event)),
    Kind.REINSTATEMENT: _naming(core.Reinstatement),
    Kind.REVERSAL: _naming(core.Reversal),
}
"""How each kind is read."""


def stated_terms(history: AssetHistory, book_id: int) -> Mapping[str, Any]:
    """The terms a book began with, as JSON."""
    text = history.terms.get(book_id)
    found: Mapping[str, Any] = json.loads(text) if text else {}
    return found


def events_of(history: AssetHistory, book_id: int) -> Sequence[Event]:
    """The standing events that a book hears of, with money or without."""
    dead = reversed_ids(history.events)
    return [e for e in history.heard(book_id) if e.event_id not in dead and e.kind != Kind.REVERSAL]


def last_version(event: Event, events: Iterable[Event]) -> Event | None:
    """The correction of an event that counts."""
    claims = {each.of_event_id: each for each in events if each.kind == Kind.ERROR_CORRECTION}
    found, following = None, claims.get(event.event_id)
    while following is not None:
        found, following = following, claims.pop(following.event_id, None)
    return found
