"""Packs: a country's or a standard's depreciation rules as data.

A pack is a JSON file. It names its sources, the facts its rules ask for, classes of assets, and rules of a few kinds
(treatments of one asset, first-year allowances, pools, tests over a year's assets), each with the conditions under
which it holds. The kinds are pure functions in `treatments`, `allowances`, `pools` and `year_tests`; nothing here or
there knows a country. A company's own pack is loaded by the same `load_pack` as the built-in ones.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cache
from importlib import resources
from typing import Any

from wherewithal.core.depreciation.conditions import (
    CONDITION_RULE,
    FACT_TYPES,
    Facts,
    condition_fits,
    read_fact,
)
from wherewithal.core.depreciation.errors import PackError
from wherewithal.core.depreciation.rounding import MODES
from wherewithal.core.depreciation.shapes import SHAPES, check_shape
from wherewithal.core.depreciation.terms import Mode
from wherewithal.core.words import known, say

BUILT_IN_FACTS: dict[str, str] = {
    "acquired_on": "date",
    "in_service_on": "date",
    "on": "date",
    "year_starts_on": "date",
    "year_ends_on": "date",
    "cost": "number",
    "basis": "number",
}
"""Facts that every rule may ask for; money in units of the currency."""

NUMBER = re.compile(r"[0-9]{1,15}(?:\.[0-9]{1,12}|/[1-9][0-9]{0,8})?")
SECTIONS = ("treatments", "allowances", "pools", "rates", "year_tests", "uses")


@dataclass(frozen=True, slots=True)
class Source:
    """Where a rule was found. how: `read` in the named document on that day, or `recalled` and not read again."""

    code: str
    title: str
    retrieved: str
    how: str


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of a pack: which pure function interprets it, its parameters, where it comes from, when it holds."""

    pack: str
    section: str
    name: str
    kind: str
    title: str
    source: str
    when: Mapping[str, Any]
    params: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class PackFact:
    """A fact or election that rules ask for. A default of None: it must be given when a rule needs it."""

    name: str
    type: str
    default: Any
    title: str


@dataclass(frozen=True, slots=True)
class PackClass:
    """A class of assets: what is fixed for it, what it proposes, its treatments (the first that holds counts) and its
    first-year allowances."""

    code: str
    title: str
    facts: Mapping[str, Any]
    defaults: Mapping[str, Any]
    treatments: tuple[str, ...]
    allowances: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pack:
    """A checked pack."""

    code: str
    title: str
    country: str | None
    decimals: int
    rounding: str
    year_starts: tuple[int, int]
    sources: Mapping[str, Source]
    facts: Mapping[str, PackFact]
    tables: Mapping[str, Any]
    classes: Mapping[str, PackClass]
    rules: Mapping[str, Mapping[str, Rule]]
    tests: tuple[Mapping[str, Any], ...]

    def rule(self, section: str, name: str) -> Rule:
        """A rule by name. Raises PackError that lists what there is."""
        rules = self.rules[section]
        if name not in rules:
            raise PackError(
                self.code,
                section,
                "known",
                say("There is no {name!r}; there is {rules}.", name=name, rules=_listed(rules)),
            )
        return rules[name]

    def asset_class(self, code: str) -> PackClass:
        """A class by code. Raises PackError that lists what there is."""
        if code not in self.classes:
            raise PackError(
                self.code,
                "class",
                "known",
                say(
                    "There is no class {code!r}; there is {classes}.",
                    code=code,
                    classes=_listed(self.classes),
                ),
            )
        return self.classes[code]

    def facts_of(self, given: Mapping[str, Any], asset_class: PackClass | None, known: Facts) -> Facts:
        """All facts for the rules: the pack's defaults, those of a class, what was given, what is known anyway.

        Raises PackError for a fact that the pack does not know, of a wrong type, or that the class has fixed.
        """
        unknown = sorted(set(given) - set(self.facts))
        if unknown:
            raise PackError(
                self.code,
                unknown[0],
                "known",
                say("This pack does not ask for it; it asks for {facts}.", facts=_listed(self.facts)),
            )
        facts = self.default_facts()
        read = {
            name: read_fact(self.code, name, self.facts[name].type, self._number_in(name, value))
            for name, value in given.items()
        }
        if asset_class is None:
            return facts | read | known
        for name, value in read.items():
            if asset_class.facts.get(name, value) != value:
                raise PackError(
                    self.code,
                    name,
                    "fixed",
                    say(
                        "The class {asset_class_code} fixes it: {facts}.",
                        asset_class_code=asset_class.code,
                        facts=asset_class.facts[name],
                    ),
                )
        return facts | dict(asset_class.defaults) | read | dict(asset_class.facts) | known

    def _number_in(self, name: str, value: Any) -> Any:
        """Facts are also kept as text, because a JSON number would pass through a float: "11", "25000.00", "7/2".
        Anything that is no such text is left as it is."""
        known = self.facts[name].type in ("number", "amount") and isinstance(value, str)
        return Fraction(value) if known and NUMBER.fullmatch(value) else value

    def rounded(self, amount: Fraction | int) -> int:
        """An exact number of minor units as a whole one, by the pack's rounding."""
        exact = Fraction(amount)
        return MODES[Mode(self.rounding)](exact.numerator, exact.denominator)

    def default_facts(self) -> Facts:
        """What the pack takes for granted until somebody says otherwise."""
        return {name: fact.default for name, fact in self.facts.items() if fact.default is not None}


def load_pack(source: str | bytes | Mapping[str, Any]) -> Pack:
    """A pack from JSON text or from a mapping, fully checked. Raises PackError with pack, field and rule."""
    try:
        data = _parsed(source) if isinstance(source, str | bytes) else _exact(source)
        if not isinstance(data, Mapping):
            raise PackError("?", "pack", "object", say("A pack is a JSON object."))
        code = data.get("pack")
        if not isinstance(code, str) or not code:
            raise PackError("?", "pack", "text", say('A pack says its code in `pack`, like "us".'))
        return _Reader(code, data).read()
    except RecursionError:
        raise PackError("?", "pack", "depth", say("This is nested too deeply for a pack.")) from None


def pack_codes() -> tuple[str, ...]:
    """The codes of the built-in packs, sorted."""
    return tuple(
        sorted(entry.name.removesuffix(".json") for entry in _folder() if entry.name.endswith(".json"))
    )


@cache
def built_in(code: str) -> Pack:
    """A built-in pack by its code. Raises PackError that lists what there is."""
    if code not in pack_codes():
        raise PackError(
            code,
            "pack",
            "known",
            say("There is no such pack; there is {pack_codes}.", pack_codes=", ".join(pack_codes())),
        )
    folder = resources.files("wherewithal.core.depreciation").joinpath("packs")
    return load_pack(folder.joinpath(f"{code}.json").read_text("utf-8"))


def _folder() -> list[Any]:
    return list(resources.files("wherewithal.core.depreciation").joinpath("packs").iterdir())


def _parsed(text: str | bytes) -> Any:
    try:
        return json.loads(text, parse_float=Decimal)
    except ValueError as error:
        raise PackError("?", "pack", "json", say("This is no JSON: {error}.", error=str(error))) from None


def _exact(value: Any) -> Any:
    """Floats of a mapping as the decimals that they were written as."""
    if isinstance(value, float):
        return Decimal(repr(value))
    if isinstance(value, Mapping):
        return {key: _exact(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_exact(part) for part in value]
    return value


def _listed(names: Mapping[str, Any]) -> str:
    return ", ".join(sorted(names)) or "nothing"


class _Reader:
    """Reads and checks the parts of one pack."""

    FIELDS = (
        {"pack", "title", "country", "currency_decimals", "rounding", "tax_year_starts", "sources", "facts"}
        | {"tables", "classes", "tests", "note"}
        | set(SECTIONS)
    )

    def __init__(self, code: str, data: Mapping[str, Any]) -> None:
        self.code = code
        self.data = data

    def read(self) -> Pack:
        unknown = sorted(set(self.data) - self.FIELDS)
        if unknown:
            raise self._error(
                unknown[0],
                "known",
                say("A pack has no such field; it has {fields}.", fields=", ".join(sorted(self.FIELDS))),
            )
        sources = {name: self._source(name, row) for name, row in self._rows("sources")}
        facts = {name: self._fact(name, row) for name, row in self._rows("facts")}
        tables = dict(self._rows("tables"))
        names = set(facts) | set(BUILT_IN_FACTS)
        rules = {
            section: {
                name: self._rule(section, name, row, sources, tables, names)
                for name, row in self._rows(section)
            }
            for section in SECTIONS
        }
        return Pack(
            self.code,
            self._title(self.data, "title"),
            self.data.get("country"),
            self._decimals(),
            self._one_of("rounding", tuple(Mode), "half_up"),
            self._year_starts(),
            sources,
            facts,
            tables,
            {name: self._class(name, row, rules, facts) for name, row in self._rows("classes")},
            rules,
            tuple(self._tests()),
        )

    def _error(self, field: str, rule: str, message: str) -> PackError:
        return PackError(self.code, field, rule, message)

    def _rows(self, section: str) -> list[tuple[str, Any]]:
        found = self.data.get(section, {})
        if not isinstance(found, Mapping):
            raise self._error(
                section, "object", say("An object is expected here: names with their definitions.")
            )
        return list(found.items())

    def _text(self, row: Mapping[str, Any], field: str, where: str) -> str:
        found = row.get(field)
        if not isinstance(found, str) or not found:
            raise self._error(where, "text", say("A text is expected here."))
        return found

    def _title(self, row: Mapping[str, Any], where: str) -> str:
        return known(self._text(row, "title", where))

    def _object(self, row: Any, where: str) -> Mapping[str, Any]:
        if not isinstance(row, Mapping):
            raise self._error(where, "object", say("An object is expected here."))
        return row

    def _one_of(self, field: str, choices: Sequence[str], default: str) -> str:
        found = self.data.get(field, default)
        if found not in choices:
            raise self._error(
                field,
                "choice",
                say(
                    "One of {choices} is expected here, not {found!r}.",
                    choices=", ".join(choices),
                    found=found,
                ),
            )
        return str(found)

    def _decimals(self) -> int:
        found = self.data.get("currency_decimals", 2)
        if not isinstance(found, int) or isinstance(found, bool) or not 0 <= found <= 12:
            raise self._error(
                "currency_decimals", "whole", say("A whole number from 0 to 12 is expected here.")
            )
        return found

    def _year_starts(self) -> tuple[int, int]:
        found = self.data.get("tax_year_starts", "01-01")
        parts = found.split("-") if isinstance(found, str) else []
        if len(parts) != 2 or not all(part.isdigit() for part in parts):
            raise self._error("tax_year_starts", "day", say('Month and day are expected here, like "04-01".'))
        month, day = int(parts[0]), int(parts[1])
        if not 1 <= month <= 12 or not 1 <= day <= 28:
            raise self._error("tax_year_starts", "day", say("The month is 1 to 12 and the day 1 to 28."))
        return month, day

    def _source(self, name: str, row: Any) -> Source:
        where = f"sources.{name}"
        row = self._object(row, where)
        how = row.get("how", "read")
        if how not in ("read", "recalled"):
            raise self._error(f"{where}.how", "choice", say("Either `read` or `recalled` is expected here."))
        return Source(
            name,
            self._text(row, "title", f"{where}.title"),
            self._text(row, "retrieved", f"{where}.retrieved"),
            how,
        )

    def _fact(self, name: str, row: Any) -> PackFact:
        where = f"facts.{name}"
        row = self._object(row, where)
        if name in BUILT_IN_FACTS:
            raise self._error(where, "unused", say("This name is taken: every rule knows this fact."))
        kind = row.get("type")
        if kind not in FACT_TYPES:
            raise self._error(
                f"{where}.type",
                "choice",
                say("One of {fact_types} is expected here.", fact_types=", ".join(FACT_TYPES)),
            )
        default = row.get("default")
        return PackFact(
            name,
            kind,
            None if default is None else read_fact(self.code, name, kind, default),
            self._title(row, f"{where}.title"),
        )

    def _rule(
        self,
        section: str,
        name: str,
        row: Any,
        sources: Mapping[str, Source],
        tables: Mapping[str, Any],
        names: set[str],
    ) -> Rule:
        where = f"{section}.{name}"
        row = self._object(row, where)
        kind = self._text(row, "kind", f"{where}.kind")
        if kind not in SHAPES[section]:
            raise self._error(
                f"{where}.kind",
                "kind",
                say(
                    "There is no kind {kind!r}; there is {shapes}.",
                    kind=kind,
                    shapes=", ".join(SHAPES[section]),
                ),
            )
        source = self._text(row, "source", f"{where}.source")
        if source not in sources:
            raise self._error(
                f"{where}.source", "known", say("The pack names no source {source!r}.", source=source)
            )
        when = self._object(row.get("when", {}), f"{where}.when")
        self._check_when(when, f"{where}.when", names)
        params = {key: value for key, value in row.items() if key not in ("kind", "title", "source", "when")}
        check_shape(self.code, where, SHAPES[section][kind], params, tables, names)
        return Rule(self.code, section, name, kind, self._title(row, f"{where}.title"), source, when, params)

    def _check_when(self, when: Mapping[str, Any], where: str, names: set[str]) -> None:
        for fact, condition in when.items():
            if fact not in names:
                raise self._error(
                    f"{where}.{fact}", "known", say("The pack declares no fact {fact!r}.", fact=fact)
                )
            if not condition_fits(condition):
                raise self._error(f"{where}.{fact}", "condition", CONDITION_RULE)

    def _class(
        self, code: str, row: Any, rules: Mapping[str, Mapping[str, Rule]], facts: Mapping[str, PackFact]
    ) -> PackClass:
        where = f"classes.{code}"
        row = self._object(row, where)
        return PackClass(
            code,
            self._title(row, f"{where}.title"),
            self._given(row, "facts", where, facts),
            self._given(row, "defaults", where, facts),
            self._names(row, "treatments", where, rules),
            self._names(row, "allowances", where, rules),
        )

    def _given(
        self, row: Mapping[str, Any], field: str, where: str, facts: Mapping[str, PackFact]
    ) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, value in self._object(row.get(field, {}), f"{where}.{field}").items():
            if name not in facts:
                raise self._error(
                    f"{where}.{field}.{name}", "known", say("The pack declares no fact {name!r}.", name=name)
                )
            found[name] = read_fact(self.code, name, facts[name].type, value)
        return found

    def _names(
        self, row: Mapping[str, Any], section: str, where: str, rules: Mapping[str, Mapping[str, Rule]]
    ) -> tuple[str, ...]:
        found = row.get(section, [])
        if not isinstance(found, list):
            raise self._error(f"{where}.{section}", "list", say("A list of rule names is expected here."))
        for name in found:
            if not isinstance(name, str) or name not in rules[section]:
                raise self._error(
                    f"{where}.{section}",
                    "known",
                    say("The pack has no rule {name!r} in {section}.", name=name, section=section),
                )
        return tuple(found)

    def _tests(self) -> list[Mapping[str, Any]]:
        found = self.data.get("tests", [])
        if not isinstance(found, list):
            raise self._error("tests", "list", say("A list of test vectors is expected here."))
        for place, test in enumerate(found):
            row = self._object(test, f"tests[{place}]")
            self._text(row, "name", f"tests[{place}].name")
            self._object(row.get("case"), f"tests[{place}].case")
            self._object(row.get("expect"), f"tests[{place}].expect")
        return found
