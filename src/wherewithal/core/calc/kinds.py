"""The kinds of `calc`: each a pure function from a case to an answer, with its schemas."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from wherewithal.core.calc.costing import calc_costing
from wherewithal.core.calc.costing_schema import ANSWER, CASE
from wherewithal.core.calc.impairment import calc_impairment
from wherewithal.core.calc.impairment_schema import ANSWER as IMPAIRMENT_ANSWER
from wherewithal.core.calc.impairment_schema import CASE as IMPAIRMENT_CASE
from wherewithal.core.calc.jsontext import dumps, loads
from wherewithal.core.calc.lease import calc_lease
from wherewithal.core.calc.lease_schema import ANSWER as LEASE_ANSWER
from wherewithal.core.calc.lease_schema import CASE as LEASE_CASE


class CalcKind(NamedTuple):
    """A calculation: `calculate` raises CaseError for a case it cannot answer."""

    calculate: Callable[[Mapping[str, Any]], dict[str, Any]]
    case_schema: Mapping[str, Any]
    answer_schema: Mapping[str, Any]
    summary: str


KINDS: dict[str, CalcKind] = {
    "costing": CalcKind(calc_costing, CASE, ANSWER, "Values the stock of one item step by step."),
    "lease": CalcKind(
        calc_lease,
        LEASE_CASE,
        LEASE_ANSWER,
        "Measures a lease of a lessee: liability, right of use, schedule, changes.",
    ),
    "impairment": CalcKind(
        calc_impairment,
        IMPAIRMENT_CASE,
        IMPAIRMENT_ANSWER,
        "Tests an asset, a unit or a disposal group for impairment, and shares the loss out.",
    ),
}


def calculate_text(kind: str, case: str) -> str:
    """JSON text in, JSON text out, numbers exact. Raises CaseError or JsonError (both ValueErrors)."""
    return dumps(KINDS[kind].calculate(loads(case))) + "\n"
