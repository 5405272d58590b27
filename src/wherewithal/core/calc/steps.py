"""The operations a costing case may have, and what each of them does to the calculator's little ledger."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from wherewithal.core.calc.ledger import Ledger
from wherewithal.core.calc.reading import (
    CaseError,
    decimals_of,
    mapping,
    not_negative,
    number,
    positive,
    sequence,
    text,
    whole,
)
from wherewithal.core.costing.facts import Method, PlaceType
from wherewithal.core.costing.landed import LandedError
from wherewithal.core.money import MAX_DECIMALS

METHODS = {
    "fifo": Method.FIFO,
    "lifo": Method.LIFO,
    "average": Method.AVERAGE,
    "moving_average": Method.AVERAGE,
    "avco": Method.AVERAGE,
    "periodic": Method.PERIODIC,
    "standard": Method.STANDARD,
    "specific": Method.SPECIFIC,
}
_REMARKS = {"op", "ref", "note", "comment", "date", "period"}
_METHOD_FIELDS = ("method", "new_method", "to", "to_method", "value")


class Step(NamedTuple):
    """One checked step. number: its place from 0."""

    number: int
    op: str
    ref: str
    said: Mapping[str, Any]
    where: str

    def at(self, field: str) -> str:
        """The place of a field, for complaints."""
        return f"{self.where}.{field}"


def method_of(value: Any, where: str) -> Method:
    """A costing method by its name."""
    found = METHODS.get(value.lower()) if isinstance(value, str) else None
    if found is None:
        raise CaseError(where, "method", f"The method is one of {', '.join(METHODS)}; not {value!r}.")
    return found


class Reader:
    """The steps of a case, read once: operations known, references unique, the quantity's decimals found."""

    def __init__(self, raw: Sequence[Any]) -> None:
        self.ignored: list[str] = []
        self.steps = [self._step(place, each) for place, each in enumerate(raw)]
        self.periods = _periods(self.steps)
        self.qty_decimals = max(
            (
                decimals_of(number(step.said[field], step.at(field)))
                for step in self.steps
                for field in ("qty", "new_qty")
                if field in step.said
            ),
            default=0,
        )
        if self.qty_decimals > MAX_DECIMALS:
            raise CaseError("steps", "qty_decimals", f"A quantity has at most {MAX_DECIMALS} decimals.")
        refs = [step.ref for step in self.steps]
        for step in self.steps:
            if refs.index(step.ref) != step.number:
                raise CaseError(step.at("ref"), "unique", f"The reference {step.ref!r} is already taken.")

    def _step(self, place: int, raw: Any) -> Step:
        where = f"steps[{place}]"
        said = mapping(raw, where)
        op = said.get("op")
        if not isinstance(op, str) or op not in OPS:
            raise CaseError(f"{where}.op", "op", f"The operation is one of {', '.join(OPS)}; not {op!r}.")
        fields = OPS[op].fields
        for field in OPS[op].needed:
            if said.get(field) is None:
                raise CaseError(f"{where}.{field}", "required", f"{op} needs {field!r}.")
        self.ignored += [f"{where}.{name}" for name in said if name not in _REMARKS and name not in fields]
        ref = text(said["ref"], f"{where}.ref") if said.get("ref") is not None else f"m{place + 1}"
        return Step(place, op, ref, said, where)


def _periods(steps: Sequence[Step]) -> list[int]:
    """The period of each step; it may only rise."""
    periods = [1]
    for step in steps:
        period = whole(step.said.get("period", periods[-1]), step.at("period"), 1, 100_000)
        if period < periods[-1]:
            raise CaseError(step.at("period"), "order", "Steps come in the order of their periods.")
        periods.append(period)
    return periods[1:]


# --- what the operations do -----------------------------------------------------------------------------------


def _qty(step: Step, ledger: Ledger) -> int:
    return ledger.smallest(positive(step.said["qty"], step.at("qty")))


def _price(step: Step, ledger: Ledger, qty: int) -> tuple[int | None, Decimal | None]:
    """(amount, unit cost) of a step: stated as amount, as unit_cost, or not at all."""
    if step.said.get("amount") is not None:
        return ledger.minor(number(step.said["amount"], step.at("amount"))), None
    if step.said.get("unit_cost") is None:
        return None, None
    unit_cost = number(step.said["unit_cost"], step.at("unit_cost"))
    return ledger.extended(unit_cost, qty), unit_cost


def _lot(step: Step, ledger: Ledger) -> int:
    lot = step.said.get("lot")
    return 0 if lot is None else ledger.lot(text(str(lot), step.at("lot")))


def _move(source: PlaceType, target: PlaceType) -> Callable[[Ledger, Step], None]:
    def act(ledger: Ledger, step: Step) -> None:
        qty = _qty(step, ledger)
        amount, unit_cost = _price(step, ledger, qty)
        ledger.move(step.ref, source, target, qty, amount=amount, unit_cost=unit_cost, lot=_lot(step, ledger))

    return act


def _return(source: PlaceType, target: PlaceType) -> Callable[[Ledger, Step], None]:
    def act(ledger: Ledger, step: Step) -> None:
        qty = _qty(step, ledger)
        amount, unit_cost = _price(step, ledger, qty)
        of = _known(step, ledger) if step.said.get("of") is not None else None
        if of is not None and (source == PlaceType.INTERNAL) == ledger.leaves_stock(of):
            raise CaseError(step.at("of"), "return", f"{of!r} did not go the way that {step.op} undoes.")
        ledger.move(
            step.ref, source, target, qty, amount=amount, unit_cost=unit_cost, lot=_lot(step, ledger), of=of
        )

    return act


def _known(step: Step, ledger: Ledger) -> str:
    of = text(step.said["of"], step.at("of"))
    if of not in ledger.moves:
        raise CaseError(step.at("of"), "reference", f"No earlier step that moves goods is called {of!r}.")
    return of


def _adjust(ledger: Ledger, step: Step) -> None:
    counted = number(step.said["qty"], step.at("qty"))
    if not counted:
        raise CaseError(
            step.at("qty"), "not_zero", "An adjustment finds (above zero) or misses (below zero) goods."
        )
    qty = ledger.smallest(abs(counted))
    places = (PlaceType.ADJUSTMENT, PlaceType.INTERNAL)
    source, target = places if counted > 0 else places[::-1]
    amount, unit_cost = _price(step, ledger, qty) if counted > 0 else (None, None)
    ledger.move(step.ref, source, target, qty, amount=amount, unit_cost=unit_cost, lot=_lot(step, ledger))


def _amend(ledger: Ledger, step: Step) -> None:
    ledger.amend(
        _known(step, ledger), ledger.smallest(not_negative(step.said["new_qty"], step.at("new_qty")))
    )


def _reverse(ledger: Ledger, step: Step) -> None:
    ledger.reverse(_known(step, ledger))


def _reprice(ledger: Ledger, step: Step) -> None:
    ref = _known(step, ledger)
    if ref not in ledger.paid:
        raise CaseError(step.at("of"), "price", f"{ref!r} has no price of its own that could be corrected.")
    ledger.reprice(ref, number(step.said["new_unit_cost"], step.at("new_unit_cost")))


def _landed(ledger: Ledger, step: Step) -> None:
    """A landed cost on one receipt, or on several by a basis."""
    amount = ledger.minor(number(step.said["amount"], step.at("amount")))
    of = step.said["of"]
    refs = [of] if isinstance(of, str) else list(sequence(of, step.at("of"), 1000))
    for place, ref in enumerate(refs):
        if text(ref, f"{step.at('of')}[{place}]") not in ledger.moves:
            raise CaseError(
                step.at("of"), "reference", f"No earlier step that moves goods is called {ref!r}."
            )
    try:
        ledger.landed(refs, amount, str(step.said.get("by", "quantity")))
    except LandedError as error:
        raise CaseError(step.at("by"), "basis", str(error)) from None


def _revalue(ledger: Ledger, step: Step) -> None:
    ledger.revalue(step.ref, ledger.minor(number(step.said["amount"], step.at("amount"))))


def _set_standard(ledger: Ledger, step: Step) -> None:
    ledger.change_policy(standard=not_negative(step.said["value"], step.at("value")))


def _change_method(ledger: Ledger, step: Step) -> None:
    field = next((name for name in _METHOD_FIELDS if step.said.get(name) is not None), "method")
    method = method_of(step.said.get(field), step.at(field))
    standard = step.said.get("standard_cost")
    ledger.change_policy(
        method=method,
        standard=None if standard is None else not_negative(standard, step.at("standard_cost")),
    )


class Op(NamedTuple):
    """An operation: what it does, the fields it needs and those it may have."""

    act: Callable[[Ledger, Step], None]
    needed: tuple[str, ...]
    optional: tuple[str, ...] = ()

    @property
    def fields(self) -> tuple[str, ...]:
        """All its fields."""
        return self.needed + self.optional


_P = PlaceType
_PRICED = ("unit_cost", "amount", "lot")

OPS: dict[str, Op] = {
    "receive": Op(_move(_P.SUPPLIER, _P.INTERNAL), ("qty",), _PRICED),
    "issue": Op(_move(_P.INTERNAL, _P.CUSTOMER), ("qty",), ("lot",)),
    "scrap": Op(_move(_P.INTERNAL, _P.SCRAP), ("qty",), ("lot",)),
    "adjust": Op(_adjust, ("qty",), _PRICED),
    "return_to_supplier": Op(_return(_P.INTERNAL, _P.SUPPLIER), ("qty",), ("of", *_PRICED)),
    "return_from_customer": Op(_return(_P.CUSTOMER, _P.INTERNAL), ("qty",), ("of", *_PRICED)),
    "dropship_supplier_to_customer": Op(_move(_P.SUPPLIER, _P.CUSTOMER), ("qty",), _PRICED),
    "dropship": Op(_move(_P.SUPPLIER, _P.CUSTOMER), ("qty",), _PRICED),
    "internal_transfer": Op(_move(_P.INTERNAL, _P.INTERNAL), ("qty",), ("lot",)),
    "amend_quantity_of_past_move": Op(_amend, ("of", "new_qty")),
    "amend_unit_cost_of_past_move": Op(_reprice, ("of", "new_unit_cost")),
    "reverse": Op(_reverse, ("of",)),
    "landed_cost": Op(_landed, ("of", "amount"), ("by",)),
    "revalue": Op(_revalue, ("amount",)),
    "set_standard_cost": Op(_set_standard, ("value",)),
    "change_cost_method": Op(_change_method, (), (*_METHOD_FIELDS, "standard_cost")),
}
