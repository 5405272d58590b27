"""The parameters that each kind of rule takes: what is checked when a pack is loaded."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from wherewithal.core.depreciation.conditions import CONDITION_RULE, as_date, condition_fits
from wherewithal.core.depreciation.errors import PackError
from wherewithal.core.depreciation.expressions import check_number, is_number
from wherewithal.core.depreciation.terms import Base, Convention, Method, Mode, Rounded, Step
from wherewithal.core.words import say


class Place(NamedTuple):
    """Where a parameter stands and what it may refer to."""

    pack: str
    where: str
    tables: Mapping[str, Any]
    facts: set[str]

    def error(self, rule: str, message: str) -> PackError:
        return PackError(self.pack, self.where, rule, message)

    def inside(self, part: str) -> "Place":
        return self._replace(where=f"{self.where}.{part}")


Checker = Callable[[Place, Any], None]


class Param(NamedTuple):
    """A parameter: how it is checked, and whether it must be there."""

    check: Checker
    required: bool = False


Shape = Mapping[str, Param]


def _number(place: Place, value: Any) -> None:
    check_number(place.pack, place.where, value, place.tables, place.facts)


def _literal(place: Place, value: Any) -> None:
    if not is_number(value):
        raise place.error("number", say("A number is expected here, not {value!r}.", value=value))


def _flag(place: Place, value: Any) -> None:
    if isinstance(value, Mapping) and set(value) == {"fact"}:
        _fact(place, value["fact"])
        return
    if not isinstance(value, bool):
        raise place.error("boolean", say("true, false or {{fact: name}} is expected here."))


def _text(place: Place, value: Any) -> None:
    if not isinstance(value, str) or not value:
        raise place.error("text", say("A text is expected here."))


def _fact(place: Place, value: Any) -> None:
    if not isinstance(value, str) or value not in place.facts:
        raise place.error("known", say("The pack declares no fact {value!r}.", value=value))


def _date(place: Place, value: Any) -> None:
    if as_date(value) is None:
        raise place.error("date", say("A date like 2026-11-22 is expected here."))


def _choice(*choices: str) -> Checker:
    def check(place: Place, value: Any) -> None:
        if value not in choices:
            raise place.error(
                "choice",
                say(
                    "One of {choices} is expected here, not {value!r}.",
                    choices=", ".join(choices),
                    value=value,
                ),
            )

    return check


def _choice_or_fact(*choices: str) -> Checker:
    plain = _choice(*choices)

    def check(place: Place, value: Any) -> None:
        if isinstance(value, Mapping) and set(value) == {"fact"}:
            _fact(place, value["fact"])
        else:
            plain(place, value)

    return check


def _list_of(check: Checker) -> Checker:
    def check_all(place: Place, value: Any) -> None:
        if not isinstance(value, list):
            raise place.error("list", say("A list is expected here."))
        for number, part in enumerate(value):
            check(place.inside(str(number)), part)

    return check_all


def _map_of(check: Checker) -> Checker:
    def check_all(place: Place, value: Any) -> None:
        if not isinstance(value, Mapping):
            raise place.error("object", say("An object is expected here."))
        for name, part in value.items():
            check(place.inside(str(name)), part)

    return check_all


def _object(shape: Shape) -> Checker:
    def check(place: Place, value: Any) -> None:
        if not isinstance(value, Mapping):
            raise place.error("object", say("An object is expected here."))
        check_shape(place.pack, place.where, shape, value, place.tables, place.facts)

    return check


def _when(place: Place, value: Any) -> None:
    if not isinstance(value, Mapping):
        raise place.error("object", say("An object is expected here."))
    for fact, condition in value.items():
        if fact not in place.facts:
            raise place.error("known", say("The pack declares no fact {fact!r}.", fact=fact))
        if not condition_fits(condition):
            raise place.error("condition", CONDITION_RULE)


def _dated_rates(place: Place, value: Any) -> None:
    """A list of [from date, number], ascending: what holds from that day on."""
    if not isinstance(value, list) or not value:
        raise place.error("list", say("A list of [date, number] is expected here."))
    before = None
    for number, row in enumerate(value):
        if not isinstance(row, list) or len(row) != 2 or not is_number(row[1]):
            raise place.inside(str(number)).error(
                "pair", say("A pair of a date and a number is expected here.")
            )
        _date(place.inside(str(number)), row[0])
        if before is not None and row[0] <= before:
            raise place.inside(str(number)).error("order", say("The dates ascend."))
        before = row[0]


def check_shape(
    pack: str, where: str, shape: Shape, params: Mapping[str, Any], tables: Mapping[str, Any], facts: set[str]
) -> None:
    """Raises PackError for a parameter that is missing, unknown or of a wrong form."""
    for name, param in shape.items():
        if param.required and name not in params:
            raise PackError(pack, f"{where}.{name}", "required", say("This rule cannot do without it."))
    for name, value in params.items():
        if name not in shape:
            raise PackError(
                pack,
                f"{where}.{name}",
                "known",
                say("This rule takes no such parameter; it takes {shape}.", shape=", ".join(sorted(shape))),
            )
        shape[name].check(Place(pack, f"{where}.{name}", tables, facts), value)


_ROUNDING = _object(
    {
        "mode": Param(_choice(*Mode)),
        "what": Param(_choice(*Rounded)),
        "unit": Param(_literal),
        "step": Param(_choice(*Step)),
    }
)

TERMS: Shape = {
    "method": Param(_choice(*Method), required=True),
    "life_years": Param(_number),
    "rate": Param(_number),
    "factor": Param(_number),
    "switches_to_straight_line": Param(_flag),
    "guarantee_rate": Param(_number),
    "revised_rate": Param(_number),
    "base": Param(_choice(*Base)),
    "convention": Param(_choice_or_fact(*Convention)),
    "step": Param(_choice(*Step)),
    "parts": Param(_list_of(_number)),
    "total_units": Param(_number),
    "rate_decimals": Param(_literal),
    "ends_with_fiscal_year": Param(_flag),
    "charges_rest_at_end": Param(_flag),
    "counts_first_day": Param(_flag),
    "suspends_while_idle": Param(_flag),
    "rounding": Param(_ROUNDING),
    "residual": Param(_number),
    "residual_amount": Param(_number),
}

PERCENTAGES: Shape = {
    "life_years": Param(_number, required=True),
    "factor": Param(_number),
    "convention": Param(_choice_or_fact("half_year", "mid_quarter", "mid_month"), required=True),
    "decimals": Param(_number, required=True),
    "percent_per_month": Param(_literal),
    "printed": Param(_map_of(_map_of(_list_of(_literal)))),
    "rounding": Param(_ROUNDING),
}

_STEPS = _list_of(
    _object(
        {"when": Param(_when, required=True), "rate": Param(_number, required=True), "source": Param(_text)}
    )
)

SHAPES: dict[str, dict[str, Shape]] = {
    "treatments": {
        "terms": TERMS,
        "percentages": PERCENTAGES,
        "level_parts": {
            "life_years": Param(_number, required=True),
            "first_factor": Param(_number),
            "convention": Param(_choice_or_fact(*Convention)),
        },
        "dated_parts": {"rate": Param(_text, required=True), "life_years": Param(_number, required=True)},
        "kept_parts": {
            "first_kept": Param(_number, required=True),
            "kept": Param(_number, required=True),
            "least": Param(_number, required=True),
        },
        "pool": {"pool": Param(_text, required=True)},
    },
    "allowances": {
        "elected_amount": {
            "elects": Param(_fact, required=True),
            "limit": Param(_text, required=True),
            "ceiling": Param(_number),
        },
        "rate": {"steps": Param(_STEPS, required=True)},
    },
    "rates": {
        "yearly_limit": {
            "limits": Param(_map_of(_list_of(_literal)), required=True),
            "step": Param(_literal),
        },
        "dated_rate": {
            "series": Param(_map_of(_dated_rates), required=True),
            "by": Param(_fact),
            "round_percent_up_to": Param(_literal),
        },
        "dated_limit": {
            "series": Param(_map_of(_dated_rates), required=True),
            "by": Param(_fact),
            "restricts": Param(_choice("lower_part", "none")),
        },
    },
    "uses": {
        "business_share": {
            "share": Param(_fact, required=True),
            "before": Param(_fact),
            "since": Param(_fact),
            "least": Param(_fact),
            "limits": Param(_map_of(_list_of(_literal))),
            "goes_on": Param(_when),
        },
    },
    "pools": {
        "writing_down": {
            "rate": Param(_text, required=True),
            "small_pool": Param(_literal),
            "private_use": Param(_flag),
            "per_asset": Param(_flag),
            "balancing_allowance": Param(_choice("on_cessation", "on_disposal"), required=True),
            "first_year": Param(_list_of(_text)),
        },
        "first_year_claim": {
            "rate": Param(_number),
            "bonus": Param(_number),
            "bonus_ends_on": Param(_date),
            "limit": Param(_text),
            "pools": Param(_list_of(_text), required=True),
            "disposal": Param(_choice("pool", "charge", "charge_and_pool"), required=True),
        },
        "block": {
            "rate": Param(_number, required=True),
            "least_days": Param(_literal, required=True),
            "late_factor": Param(_literal, required=True),
            "additional": Param(_number),
            "additional_when": Param(_when),
        },
        "declining_class": {
            "rate": Param(_number, required=True),
            "first_year_factor": Param(_number),
            "steps": Param(
                _list_of(
                    _object(
                        {
                            "when": Param(_when, required=True),
                            "factor": Param(_number, required=True),
                            "source": Param(_text),
                        }
                    )
                )
            ),
            "cost_cap": Param(_dated_rates),
            "per_asset": Param(_flag),
            "recapture": Param(_flag),
            "terminal_loss": Param(_flag),
            "half_rate_on_disposal": Param(_flag),
            "write_off_below": Param(_number),
        },
        "level": {
            "years": Param(_literal, required=True),
            "first_year_parts": Param(_literal),
        },
    },
    "year_tests": {
        "last_quarter_share": {
            "above": Param(_literal, required=True),
            "then": Param(_text, required=True),
            "otherwise": Param(_text, required=True),
            "months": Param(_literal, required=True),
        },
    },
}
"""section -> kind of rule -> its parameters."""
