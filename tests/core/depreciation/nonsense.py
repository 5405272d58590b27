"""Nonsense in every place of a case or a pack."""

from typing import Any

NASTY: list[Any] = [
    None,
    True,
    "",
    "x",
    "max",
    -1,
    0,
    1e-9,
    10**14,
    "1e400",
    [],
    [[]],
    [None, None],
    {},
    {"a": {}},
]
NASTY += [
    "9999-12-31",
    "0001-01-01",
    "2024-02-29",
    [["2024-01-01", "2024-06-30"]],
    [{"amount": 5}],
    [{"on": 5}],
]


def variants(value: Any) -> list[Any]:
    """A value with each part of it in turn replaced by each nasty one."""
    found = list(NASTY)
    if isinstance(value, dict):
        found += [{**value, key: other} for key in value for other in variants(value[key])]
    if isinstance(value, list):
        found += [[other, *value[1:]] for other in variants(value[0])] if value else []
    return found
