"""The kinds of `calc`: each a pure function from a case to an answer, with its schemas."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from wherewithal.core.calc.costing import calc_costing
from wherewithal.core.calc.costing_schema import ANSWER, CASE
from wherewithal.core.calc.depreciation import calc_depreciation
from wherewithal.core.calc.depreciation_schema import ANSWER as DEPRECIATION_ANSWER
from wherewithal.core.calc.depreciation_schema import CASE as DEPRECIATION_CASE
from wherewithal.core.calc.impairment import calc_impairment
from wherewithal.core.calc.impairment_schema import ANSWER as IMPAIRMENT_ANSWER
from wherewithal.core.calc.impairment_schema import CASE as IMPAIRMENT_CASE
from wherewithal.core.calc.jsontext import dumps, loads
from wherewithal.core.calc.lease import calc_lease
from wherewithal.core.calc.lease_schema import ANSWER as LEASE_ANSWER
from wherewithal.core.calc.lease_schema import CASE as LEASE_CASE
from wherewithal.core.calc.measurement import calc_measurement
from wherewithal.core.calc.measurement_schema import ANSWER as MEASUREMENT_ANSWER
from wherewithal.core.calc.measurement_schema import CASE as MEASUREMENT_CASE


class CalcKind(NamedTuple):
    """A calculation: `calculate` raises CaseError for a case it cannot answer.

    summary: one sentence; meaning: what a case says; tables: which parts of an answer people read as tables.
    """

    calculate: Callable[[Mapping[str, Any]], dict[str, Any]]
    case_schema: Mapping[str, Any]
    answer_schema: Mapping[str, Any]
    summary: str
    meaning: str = ""
    example: Mapping[str, Any] | None = None
    tables: tuple[str, ...] = ()


KINDS: dict[str, CalcKind] = {
    "costing": CalcKind(
        calc_costing,
        CASE,
        ANSWER,
        "What the stock of one item is worth, step by step: quantities, values, unit costs and entries.",
        "The case names a method, currency_decimals, perhaps an initial_standard_cost, and the steps.",
        {
            "method": "fifo",
            "currency_decimals": 2,
            "steps": [
                {"op": "receive", "qty": 10, "unit_cost": "1.20"},
                {"op": "receive", "qty": 10, "unit_cost": "1.40"},
                {"op": "issue", "qty": 15},
            ],
        },
        ("moves", "layers", "entries"),
    ),
    "depreciation": CalcKind(
        calc_depreciation,
        DEPRECIATION_CASE,
        DEPRECIATION_ANSWER,
        "What an asset is charged year by year or month by month, for stated terms.",
        "The case names cost, residual, method, life or rate, and the day of going into service; or a spreadsheet's "
        "function with its arguments; or a country's pack and a class.",
        {
            "cost": 10000,
            "residual": 1000,
            "method": "declining_switch",
            "factor": 2,
            "life": 5,
            "in_service_on": "2026-03-15",
        },
        ("rows",),
    ),
    "lease": CalcKind(
        calc_lease,
        LEASE_CASE,
        LEASE_ANSWER,
        "What a lessee books for a lease: liability, right-of-use asset, schedule, and what each change came to.",
        "The case names payments, term and rate, and perhaps changes; or the carrying amounts before a remeasurement; "
        "or what a sale and leaseback was agreed at. IFRS 16 unless it says otherwise.",
        {
            "term_years": 10,
            "payments_in_advance": 50000,
            "ibr": "5%",
            "initial_direct_costs": 20000,
            "lease_incentive": 5000,
        },
        ("changes", "schedule", "years", "entries"),
    ),
    "impairment": CalcKind(
        calc_impairment,
        IMPAIRMENT_CASE,
        IMPAIRMENT_ANSWER,
        "Whether an asset, a unit or a disposal group is impaired, who bears the loss, and what may be reversed.",
        "The case names cash flows and a rate, or what is recoverable, and what is carried: an asset, or a unit with "
        "goodwill and assets, or a group held for sale.",
        {
            "goodwill": 1000,
            "identifiable_assets": 1833,
            "cash_flows": [230, 253, 273, 290, 304, 313, 307, 289, 245, 184, 61],
            "discount_rate": "15%",
        },
        ("allocated", "after"),
    ),
    "measurement": CalcKind(
        calc_measurement,
        MEASUREMENT_CASE,
        MEASUREMENT_ANSWER,
        "What revaluation, dismantling, a grant, components, disposal or holding for sale does to an asset.",
        "The case names the event, or fields that tell it, and the asset's cost or carrying amount.",
        {
            "event": "revaluation",
            "cost": 1500,
            "accumulated_depreciation": 444,
            "revalued_to": 1400,
            "surplus": 0,
        },
        ("revaluations", "changes", "years", "later", "by_component", "repaid"),
    ),
}


def calculate_text(kind: str, case: str) -> str:
    """JSON text in, JSON text out, numbers exact. Raises CaseError or JsonError (both ValueErrors)."""
    return dumps(KINDS[kind].calculate(loads(case))) + "\n"
