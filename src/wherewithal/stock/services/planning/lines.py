"""One line of a document while it is read: converted exactly, its faults collected under its row."""

from collections import Counter
from collections.abc import Iterable, Iterator
from decimal import Decimal

from wherewithal.core.words import say
from wherewithal.items.units import LARGEST_QTY, unit_factor
from wherewithal.items.values import ItemFacts, Tracking
from wherewithal.kit.errors import Problem
from wherewithal.stock.drafts import DocumentDraft, DocumentKind, LineDraft, MoveKind
from wherewithal.stock.services.context import Context, Place
from wherewithal.stock.services.planning.values import (
    INTERNAL,
    LARGEST_AMOUNT,
    Original,
    Plan,
    half_even,
    original_ahead,
)

LARGEST_EXPONENT = 15  # of an amount as it is given


class Line:
    """One line while it is read: collects its faults under its row."""

    __slots__ = ("context", "document", "draft", "plan", "position", "row")

    def __init__(
        self, context: Context, plan: Plan, document: DocumentDraft, draft: LineDraft, row: int, position: int
    ) -> None:
        self.position = position
        self.context, self.plan, self.document, self.draft = context, plan, document, draft
        self.row = row if draft.row is None else draft.row

    def fault(self, field_: str, rule: str, message: str, value: object = None) -> None:
        text = None if value is None else str(value)
        self.plan.problems.append(Problem(field_, rule, message, self.row, text))

    def item(self) -> ItemFacts | None:
        item = self.context.items.get(self.draft.item_id)
        if item is None:
            self.fault("item_id", "exists", say("Name an item of this company."), self.draft.item_id)
        elif not item.active:
            self.fault(
                "item_id",
                "active",
                say("Item {item_sku} is not active: activate it first.", item_sku=item.sku),
                item.sku,
            )
        return item

    def place(self, field_: str, location_id: int | None, types: frozenset[str]) -> Place | None:
        """The named place; when none is named, the virtual one where that is clear."""
        if location_id is None:
            only = "customer" if "customer" in types else next(iter(types)) if len(types) == 1 else None
            if only is None or only in INTERNAL:
                self.fault(field_, "required", say("Name a location of type {types}.", types=_or(types)))
                return None
            location_id = self.context.virtual[only]
        place = self.context.places.get(location_id)
        if place is None:
            self.fault(field_, "exists", say("Name a location of this company."), location_id)
        elif place.type not in types:
            message = say(
                "{place_code} is of type {type}; a {document_kind} needs {types} here.",
                place_code=place.code,
                type=place.type,
                document_kind=self.document.kind,
                types=_or(types),
            )
            self.fault(field_, "location_type", message, place.code)
            return None
        elif not place.active:
            self.fault(
                field_, "active", say("Location {place_code} is closed.", place_code=place.code), place.code
            )
        return place

    def original_ahead(self, document_no: int, kinds: frozenset[MoveKind]) -> Original | None:
        """The one move of an earlier line of this batch that the line names."""
        assert self.draft.of_line is not None
        moves = self.plan.of_line[self.draft.of_line]
        if len(moves) != 1 or moves[0].document_no >= document_no or moves[0].kind not in kinds:
            message = say(
                "Name a line of an earlier document of the batch, with one move that can be returned."
            )
            self.fault("of_line", "exists", message, self.draft.of_line)
            return None
        of = original_ahead(moves[0])
        self.plan.ahead[of.move_id] = moves[0]
        return of

    def qty(
        self, item: ItemFacts, given: Decimal | int | None, *, signed: bool = False, name: str = "qty"
    ) -> int:
        """Smallest units; 0 when there was a fault."""
        if given is None:
            self.fault(name, "required", say("Give a quantity."))
            return 0
        if type(given) is int and self.draft.unit is None:
            smallest: int = given * 10**item.qty_decimals
        else:
            exact = self._exact_qty(item, Decimal(given), name)
            if exact is None:
                return 0
            smallest = exact
        if smallest == 0 or (smallest < 0 and not signed):
            wanted = "other than zero" if signed else "above zero"
            self.fault(name, "positive", say("The quantity must be {wanted}.", wanted=wanted), given)
            return 0
        if abs(smallest) >= LARGEST_QTY:
            self.fault(
                name,
                "qty_range",
                say("{given} is more than can be kept of {item_sku}.", given=given, item_sku=item.sku),
                given,
            )
            return 0
        return smallest

    def _exact_qty(self, item: ItemFacts, given: Decimal, name: str) -> int | None:
        if not given.is_finite() or given.adjusted() > 18:
            self.fault(name, "number", say("Give a number that an item can have."), given)
            return None
        factor = unit_factor(item, self.draft.unit)
        if factor is None:
            self.fault(
                "unit",
                "unit_known",
                say("{item_sku} is not counted in {unit}.", item_sku=item.sku, unit=self.draft.unit),
                self.draft.unit,
            )
            return None
        numerator, denominator = given.as_integer_ratio()
        numerator *= factor.numerator * 10**item.qty_decimals
        smallest, rest = divmod(int(numerator), denominator * factor.denominator)
        if rest:
            decimals = item.qty_decimals
            whole = f"whole {item.unit_code}" if not decimals else f"{decimals} decimals of {item.unit_code}"
            self.fault(
                name,
                "qty_fits_unit",
                say(
                    "{item_sku} is counted in {whole}: {given} does not fit.",
                    item_sku=item.sku,
                    whole=whole,
                    given=given,
                ),
                given,
            )
            return None
        return smallest

    def amount(self, item: ItemFacts, qty: int, currency: str, *, required: bool = True) -> int | None:
        """What the goods cost, in minor units of the currency; a unit cost is rounded half-even once, here."""
        draft = self.draft
        if draft.amount is not None and draft.unit_cost is not None:
            self.fault("amount", "one_of", say("Give a unit cost or an amount, not both."))
        elif draft.amount is not None:
            return self.money("amount", draft.amount, currency)
        elif draft.unit_cost is not None:
            return self._priced(item, qty, draft.unit_cost, currency)
        elif required:
            self.fault(
                "unit_cost",
                "required",
                say("Goods from outside need a unit cost or an amount (0 is allowed)."),
            )
        return None

    def money(self, name: str, given: Decimal, currency: str, *, signed: bool = False) -> int | None:
        """Minor units of the currency, exactly."""
        if not self._is_money(name, given, signed=signed):
            return None
        decimals = self.context.decimals(currency)
        numerator, denominator = given.as_integer_ratio()
        minor, rest = divmod(numerator * 10**decimals, denominator)
        if rest:
            self.fault(
                name,
                "decimals",
                say(
                    "{currency} has {decimals} decimals: {given} does not fit.",
                    currency=currency,
                    decimals=decimals,
                    given=given,
                ),
                given,
            )
            return None
        return self._in_range(name, minor, given)

    def _priced(self, item: ItemFacts, qty: int, unit_cost: Decimal, currency: str) -> int | None:
        factor = unit_factor(item, self.draft.unit)
        if factor is None or not self._is_money("unit_cost", unit_cost, signed=False):
            return None
        numerator, denominator = unit_cost.as_integer_ratio()
        numerator *= 10 ** self.context.decimals(currency) * qty * factor.denominator
        denominator *= 10**item.qty_decimals * factor.numerator
        return self._in_range("unit_cost", half_even(numerator, denominator), unit_cost)

    def _is_money(self, name: str, given: Decimal, *, signed: bool) -> bool:
        if given.is_finite() and given.adjusted() <= LARGEST_EXPONENT and (signed or given >= 0):
            return True
        wanted = "an amount of money" if signed else "an amount of money of zero or more"
        self.fault(name, "money", say("Give {wanted}.", wanted=wanted), given)
        return False

    def _in_range(self, name: str, minor: int, given: Decimal) -> int | None:
        if abs(minor) < LARGEST_AMOUNT:
            return minor
        self.fault(name, "money_range", say("That is more money than can be kept."), given)
        return None

    def lots(self, item: ItemFacts, qty: int) -> Iterator[tuple[int, str | None, int]]:
        """(lot_id, lot code still to be found, qty) of each move of this line."""
        draft = self.draft
        if item.tracking == Tracking.BULK:
            if draft.lot_id or draft.lot_code or draft.serials:
                self.fault(
                    "lot_code",
                    "untracked",
                    say("{item_sku} is not tracked by lot or serial: leave it empty.", item_sku=item.sku),
                )
                return
            yield 0, None, qty
        elif item.tracking == Tracking.SERIAL:
            yield from self._serials(item, qty)
        elif draft.serials:
            self.fault(
                "serials",
                "by_lot",
                say("{item_sku} is tracked by lot, not by serial: give a lot.", item_sku=item.sku),
            )
        elif draft.lot_id or draft.lot_code:
            yield draft.lot_id or 0, draft.lot_code if not draft.lot_id else None, qty
        else:
            self._want_lot(item)
            self.fault(
                "lot_code", "required", say("{item_sku} is tracked by lot: name the lot.", item_sku=item.sku)
            )

    def _want_lot(self, item: ItemFacts) -> None:
        """The next problem is that no lot is named: whoever refuses says which lie where the goods are taken or counted."""
        place = self.draft.from_location_id
        if place is None and self.document.kind == DocumentKind.ADJUSTMENT:
            place = self.draft.to_location_id
        if place is not None:
            self.plan.lot_wanted[len(self.plan.problems)] = (item.item_id, place)

    def _serials(self, item: ItemFacts, qty: int) -> Iterator[tuple[int, str | None, int]]:
        one = 10**item.qty_decimals
        serials = list(self.draft.serials) or ([self.draft.lot_code] if self.draft.lot_code else [])
        count = 1 if self.draft.lot_id else len(serials)
        if count * one != qty:
            if not count:
                self._want_lot(item)
            self.fault(
                "serials",
                "one_each",
                say(
                    "{item_sku} is serial: {qty} needed, {count} given.",
                    item_sku=item.sku,
                    qty=qty // one,
                    count=count,
                ),
                count,
            )
            return
        twice = [serial for serial, times in Counter(serials).items() if times > 1]
        if twice:
            self.fault("serials", "unique", say("Each serial can be named once only."), twice[0])
            return
        if self.draft.lot_id:
            yield self.draft.lot_id, None, one
        for serial in serials:
            yield 0, serial, one


def _or(types: Iterable[str]) -> str:
    return " or ".join(sorted(types))
