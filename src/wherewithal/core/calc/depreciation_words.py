"""The words of a depreciation case: what each method, convention and rounding is called in the field."""

from typing import NamedTuple

from wherewithal.core.depreciation.schedule import By
from wherewithal.core.depreciation.terms import Convention, Method, Mode, Rounded, Step


class Meant(NamedTuple):
    """What a word for a method says beyond the method. factor: where none is stated. switch: to which straight line
    ("rest": the rest over the rest of the life; "original": cost over the whole life)."""

    method: Method
    factor: int | None = None
    switch: str | None = None
    base_is_cost: bool = False
    ends_with_fiscal_year: bool = False


OTHER_NAMES: dict[str, str] = {
    # ERPNext
    "gross_purchase_amount": "cost",
    "expected_value_after_useful_life": "residual",
    "total_number_of_depreciations": "n",
    "frequency_of_depreciation": "months",
    "available_for_use_date": "in_service_on",
    "depreciation_start_date": "first_charge",
    "depreciation_method": "method",
    "rate_of_depreciation": "rate_pct",
    "opening_accumulated_depreciation": "opening_accumulated",
    "opening_number_of_booked_depreciations": "already_booked",
    "number_of_depreciations_booked": "already_booked",
    # OCA account_asset_management, Odoo
    "purchase_value": "cost",
    "original_value": "cost",
    "method_number": "years",
    "method_period": "period",
    "method_progress_factor": "factor",
    "date_start": "start",
    # Tryton
    "depreciated_amount": "opening_accumulated",
    "depreciation_duration": "months",
    "start_date": "in_service_on",
}
"""What other systems call a field."""

METHODS: dict[str, Meant] = {
    "straight_line": Meant(Method.STRAIGHT_LINE),
    "linear": Meant(Method.STRAIGHT_LINE),
    "sl": Meant(Method.STRAIGHT_LINE),
    "prime_cost": Meant(Method.STRAIGHT_LINE),
    "constant": Meant(Method.STRAIGHT_LINE),
    "linear_limit": Meant(Method.STRAIGHT_LINE, base_is_cost=True),
    "declining": Meant(Method.DECLINING),
    "declining_balance": Meant(Method.DECLINING),
    "degressive": Meant(Method.DECLINING),
    "degressive_limit": Meant(Method.DECLINING),
    "degr_limit": Meant(Method.DECLINING),
    "written_down_value": Meant(Method.DECLINING),
    "wdv": Meant(Method.DECLINING),
    "reducing_balance": Meant(Method.DECLINING),
    "diminishing_value": Meant(Method.DECLINING, factor=2),
    "double_declining": Meant(Method.DECLINING, factor=2),
    "double_declining_balance": Meant(Method.DECLINING, factor=2),
    "declining_then_linear": Meant(Method.DECLINING, switch="original"),
    "degressive_linear": Meant(Method.DECLINING, switch="original"),
    "degr_linear": Meant(Method.DECLINING, switch="original"),
    "degressif": Meant(Method.DECLINING, switch="rest", ends_with_fiscal_year=True),
    "declining_switch": Meant(Method.DECLINING, switch="rest"),
    "200db": Meant(Method.DECLINING, factor=2, switch="rest"),
    "150db": Meant(Method.DECLINING, switch="rest"),
    "sum_of_digits": Meant(Method.SUM_OF_DIGITS),
    "sum_of_years_digits": Meant(Method.SUM_OF_DIGITS),
    "syd": Meant(Method.SUM_OF_DIGITS),
    "units": Meant(Method.UNITS),
    "units_of_production": Meant(Method.UNITS),
    "annuity": Meant(Method.ANNUITY),
    "sinking_fund": Meant(Method.ANNUITY),
    "table": Meant(Method.TABLE),
    "amounts": Meant(Method.AMOUNTS),
    "manual": Meant(Method.AMOUNTS),
    "none": Meant(Method.NONE),
    "land": Meant(Method.NONE),
}

CONVENTIONS: dict[str, Convention] = {
    **{each.value: each for each in Convention},
    "next_month": Convention.FOLLOWING_MONTH,
    "modified_mid_month": Convention.HALF_MONTH,
    "half_year_rule": Convention.HALF_YEAR,
    "none": Convention.FULL_YEAR,
    "no_prorata": Convention.FULL_YEAR,
    "daily": Convention.DAILY_ACTUAL,
    "actual_actual": Convention.DAILY_ACTUAL,
    "actual_365": Convention.DAILY_365,
    "30_360": Convention.DAILY_360,
    "days_of_life": Convention.DAILY_LIFE,
    "prorata": Convention.DAILY_YEAR,
}


class Rounds(NamedTuple):
    """A named rounding. whole: to whole units of the currency instead of its smallest."""

    mode: Mode
    whole: bool = False
    what: Rounded | None = None


ROUNDINGS: dict[str, Rounds] = {
    "half_even": Rounds(Mode.HALF_EVEN),
    "half_up": Rounds(Mode.HALF_UP),
    "nearest": Rounds(Mode.HALF_UP, whole=True, what=Rounded.BALANCE),
    "round": Rounds(Mode.HALF_UP, whole=True, what=Rounded.BALANCE),
    "down": Rounds(Mode.DOWN),
    "up": Rounds(Mode.UP),
    "whole": Rounds(Mode.HALF_UP, whole=True, what=Rounded.BALANCE),
    "nearest_yen": Rounds(Mode.HALF_UP, whole=True, what=Rounded.BALANCE),
    "round_yen": Rounds(Mode.HALF_UP, whole=True, what=Rounded.BALANCE),
    "whole_half_even": Rounds(Mode.HALF_EVEN, whole=True, what=Rounded.BALANCE),
    "truncate": Rounds(Mode.DOWN, whole=True, what=Rounded.BALANCE),
    "truncate_yen": Rounds(Mode.DOWN, whole=True, what=Rounded.BALANCE),
    "floor": Rounds(Mode.DOWN, whole=True, what=Rounded.BALANCE),
    "printed_table": Rounds(Mode.HALF_UP, what=Rounded.BALANCE),
    "rest_last": Rounds(Mode.HALF_EVEN, what=Rounded.CHARGE),
}
MODES: dict[str, Mode] = {each.value: each for each in Mode} | {
    "truncate": Mode.DOWN,
    "nearest": Mode.HALF_UP,
}
WHATS: dict[str, Rounded] = {each.value: each for each in Rounded}
STEPS: dict[str, Step] = {
    "year": Step.FISCAL_YEAR,
    "fiscal_year": Step.FISCAL_YEAR,
    "asset_year": Step.ASSET_YEAR,
    "period": Step.PERIOD,
    "month": Step.PERIOD,
}
SWITCHES: dict[str, str | None] = {"rest": "rest", "original": "original", "none": None}

BYS: dict[str, By | None] = {
    "month": By.PERIOD,
    "monthly": By.PERIOD,
    "period": By.PERIOD,
    "quarter": By.QUARTER,
    "quarterly": By.QUARTER,
    "year": By.YEAR,
    "yearly": By.YEAR,
    "charge": None,
}
"""charge: a row for each charge of a case that counts them (`n`)."""
