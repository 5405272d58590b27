"""A depreciation case that is a spreadsheet's function with its arguments."""

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any

from wherewithal.core.calc.fields import REMARKS
from wherewithal.core.calc.reading import CaseError, whole
from wherewithal.core.depreciation.spreadsheet import FUNCTIONS, NUM, Function, FunctionError
from wherewithal.core.money import AmountError, from_minor, half_even, parse, power_of_ten

VALUE = "#VALUE!"
DECIMALS = 15
"""Decimals of an answer that is not asked to be rounded: what a spreadsheet can hold."""

_DATES = {"date_purchased", "first_period"}
_OTHER_NAMES = {
    "purchased": "date_purchased",
    "purchase_date": "date_purchased",
    "first_period_end": "first_period",
    "start": "start_period",
    "end": "end_period",
    "months": "month",
    "noswitch": "no_switch",
}
_EPOCH = date(1899, 12, 30)
"""Day 0 of the serial dates of spreadsheets (right from March 1900 on)."""


def calc_function(case: Mapping[str, Any]) -> dict[str, Any]:
    """{"value": ...}, or {"error": "#NUM!"} as the spreadsheet would show. Raises CaseError for an unknown function."""
    name = str(case["function"]).upper()
    function = FUNCTIONS.get(name)
    if function is None:
        raise CaseError("function", "choice", f"One of {', '.join(FUNCTIONS)} is expected here.")
    arguments = _named(function, case)
    try:
        value = function.calculate(**{each: _argument(each, said) for each, said in arguments.items()})
    except FunctionError as error:
        return {"function": name, "error": error.code}
    except (AmountError, InvalidOperation, OverflowError):
        return {"function": name, "error": VALUE}
    return {"function": name, "value": _rounded(value, case)}


def _rounded(value: Fraction, case: Mapping[str, Any]) -> Decimal:
    decimals = DECIMALS if case.get("round") is None else whole(case["round"], "round", 0, DECIMALS)
    scaled = value * power_of_ten(decimals)
    return from_minor(half_even(scaled.numerator, scaled.denominator), decimals)


def _named(function: Function, case: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments by name, from a list in order or from an object; optional ones filled in."""
    said = case.get("args", case.get("arguments"))
    names = (*function.needed, *function.optional)
    if said is None:
        said = {name: value for name, value in case.items() if name not in {"function", "round", *REMARKS}}
    if isinstance(said, list | tuple):
        if len(said) > len(names):
            raise CaseError("args", "length", f"The arguments are {', '.join(names)}.")
        found = dict(zip(names, said, strict=False))
    elif isinstance(said, Mapping):
        found = {_OTHER_NAMES.get(str(name), str(name)): value for name, value in said.items()}
    else:
        raise CaseError("args", "object", f"The arguments {', '.join(names)}, as an object or a list.")
    unknown = [name for name in found if name not in names]
    missing = [name for name in function.needed if name not in found]
    if unknown or missing:
        raise CaseError("args", "names", f"The arguments are {', '.join(names)}.")
    return dict(function.optional) | {name: value for name, value in found.items() if value is not None}


def _argument(name: str, said: Any) -> Any:
    if name in _DATES:
        return _date(said)
    if isinstance(said, bool):
        return said if name == "no_switch" else Fraction(int(said))
    if not isinstance(said, int | float | Decimal | str | Fraction):
        raise FunctionError(VALUE)
    value = Fraction(said) if isinstance(said, int | Fraction) else Fraction(parse(str(said)))
    return value != 0 if name == "no_switch" else value


def _date(said: Any) -> date:
    """YYYY-MM-DD or the serial number of a day."""
    if isinstance(said, bool):
        raise FunctionError(VALUE)
    try:
        if isinstance(said, int | Decimal):
            if not 61 <= said <= 2_958_465:
                raise FunctionError(NUM)
            return _EPOCH + timedelta(days=int(said))
        return date.fromisoformat(str(said))
    except ValueError:
        raise FunctionError(VALUE) from None
