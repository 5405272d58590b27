"""Rules of a mapping: which lines of a log are what. The first rule that fits a line decides.

    {"when": {"sku": {"in": ["POST", "DOT"]}}, "as": "service", "why": "Postage is not goods."}
    {"when": {"qty": {"below": 0}, "unit_price": {"above": 0}}, "as": "return_from_customer"}

A condition is a text or a number to be equal to, or an object of: in, starts_with, contains (one of these words,
whatever their case), empty (true or false), below, above, equals, has_lowercase (true or false). There are no regular
expressions on purpose: a mapping comes from a user, and a careless pattern can run for ever.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wherewithal.core.words import say
from wherewithal.feeds.coded import Coded
from wherewithal.kit.errors import Problem

Test = Callable[[Any], bool]


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    conditions: tuple[tuple[str, Test], ...]
    outcome: str
    why: str
    number: int  # counted from 1, for reports


def parse_rules(given: Any, names: Iterable[str]) -> tuple[tuple[Rule, ...], list[Problem]]:
    """The rules as functions, and all that is wrong with them."""
    if not isinstance(given, list):
        return (), [Problem("mapping.rules", "list", say("The rules are a list."), value=str(given)[:100])]
    rules: list[Rule] = []
    problems: list[Problem] = []
    known = frozenset(names)
    for number, one in enumerate(given, 1):
        where = f"mapping.rules.{number}"
        if (
            not isinstance(one, dict)
            or not isinstance(one.get("as"), str)
            or not isinstance(one.get("when"), dict)
        ):
            message = say('A rule is {{"when": {{field: condition}}, "as": what, "why": text}}.')
            problems.append(Problem(where, "form", message, value=str(one)[:100]))
            continue
        conditions: list[tuple[str, Test]] = []
        for name, condition in one["when"].items():
            if name not in known:
                message = say("{name} is no field of this import.", name=name)
                problems.append(Problem(f"{where}.{name}", "known", message, value=str(name)))
                continue
            tests, wrong = parse_condition(condition)
            conditions.extend((name, test) for test in tests)
            if wrong:
                problems.append(Problem(f"{where}.{name}", "condition", wrong, value=str(condition)[:100]))
        rules.append(Rule(tuple(conditions), one["as"], str(one.get("why", "")), number))
    return tuple(rules), problems


def parse_condition(condition: Any) -> tuple[list[Test], str]:
    """The tests of one condition, and what is wrong with it ('' if nothing)."""
    if not isinstance(condition, dict):
        condition = {"equals": condition}
    tests: list[Test] = []
    for kind, wanted in condition.items():
        maker = MAKERS.get(kind)
        if maker is None:
            return [], say("{kind} is no condition. Known: {known}.", kind=kind, known=", ".join(MAKERS))
        try:
            tests.append(maker(wanted))
        except (TypeError, ValueError, InvalidOperation, AttributeError):
            return [], say("{wanted!r} does not fit the condition {kind}.", wanted=wanted, kind=kind)
    return tests, ""


def _is_in(wanted: Sequence[str]) -> Test:
    if isinstance(wanted, str):
        raise TypeError
    words = frozenset(str(word) for word in wanted)
    return lambda value: str(value) in words


def _starts_with(wanted: str) -> Test:
    beginning = _text(wanted)
    return lambda value: value is not None and str(value).startswith(beginning)


def _contains(wanted: Sequence[str]) -> Test:
    if isinstance(wanted, str):
        raise TypeError
    words = tuple(_text(word).casefold() for word in wanted)
    return lambda value: value is not None and any(word in str(value).casefold() for word in words)


def _empty(wanted: bool) -> Test:
    if not isinstance(wanted, bool):
        raise TypeError
    return lambda value: (value is None) is wanted


def _has_lowercase(wanted: bool) -> Test:
    if not isinstance(wanted, bool):
        raise TypeError
    return lambda value: value is not None and any(char.islower() for char in str(value)) is wanted


def _below(wanted: Any) -> Test:
    limit = _number(wanted)
    return lambda value: isinstance(value, Decimal | int) and value < limit


def _above(wanted: Any) -> Test:
    limit = _number(wanted)
    return lambda value: isinstance(value, Decimal | int) and value > limit


def _equals(wanted: Any) -> Test:
    text = str(wanted)
    limit = None if isinstance(wanted, str) else _number(wanted)
    return lambda value: (
        value == limit if isinstance(value, Decimal | int) else value is not None and str(value) == text
    )


def _text(wanted: Any) -> str:
    if not isinstance(wanted, str):
        raise TypeError
    return wanted


def _number(wanted: Any) -> Decimal:
    if isinstance(wanted, bool):
        raise TypeError
    return Decimal(str(wanted))


MAKERS: Mapping[str, Callable[[Any], Test]] = {
    "in": _is_in,
    "starts_with": _starts_with,
    "contains": _contains,
    "empty": _empty,
    "has_lowercase": _has_lowercase,
    "below": _below,
    "above": _above,
    "equals": _equals,
}


def decide(rules: Sequence[Rule], columns: Mapping[str, Coded], count: int) -> NDArray[np.int32]:
    """The number of the rule that decides each row, 0 where none fits. Each distinct value is tested once per rule."""
    decided = np.zeros(count, np.int32)
    for rule in rules:
        fitting = decided == 0
        for name, test in rule.conditions:
            fitting &= columns[name].each(test)
        decided[fitting] = rule.number
    return decided
