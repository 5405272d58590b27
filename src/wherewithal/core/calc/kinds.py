"""The kinds of `calc`: each a pure function from a case to an answer, with its schemas."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from wherewithal.core.calc.costing import calc_costing
from wherewithal.core.calc.costing_schema import ANSWER, CASE
from wherewithal.core.calc.jsontext import dumps, loads


class CalcKind(NamedTuple):
    """A calculation: `calculate` raises CaseError for a case it cannot answer."""

    calculate: Callable[[Mapping[str, Any]], dict[str, Any]]
    case_schema: Mapping[str, Any]
    answer_schema: Mapping[str, Any]
    summary: str


KINDS: dict[str, CalcKind] = {
    "costing": CalcKind(calc_costing, CASE, ANSWER, "Values the stock of one item step by step."),
}


def calculate_text(kind: str, case: str) -> str:
    """JSON text in, JSON text out, numbers exact. Raises CaseError or JsonError (both ValueErrors)."""
    return dumps(KINDS[kind].calculate(loads(case))) + "\n"
