"""How the columns of a file become the fields of an import: a JSON object that is saved under a name.

    {
      "columns":  {"sku": "StockCode", "qty": "Quantity"},
      "defaults": {"location": "MAIN"},
      "clean":    {"sku": ["upper"]},
      "formats":  {"day_order": "dmy", "decimal": ",", "thousands": ".", "timezone": "Europe/Berlin"},
      "rules":    [{"when": {"sku": {"in": ["POST"]}}, "as": "service", "why": "Postage is not goods."}],
      "options":  {"create_items": true}
    }

Every part may be left out: without `columns`, a field takes the column of its own name.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import time
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np

from wherewithal.core.words import say
from wherewithal.feeds import cells
from wherewithal.feeds.coded import Coded
from wherewithal.feeds.reading import Table
from wherewithal.feeds.rules import Rule, parse_rules
from wherewithal.kit.errors import Problem, Refused

PARTS = frozenset(
    {
        "columns",
        "defaults",
        "clean",
        "formats",
        "rules",
        "otherwise",
        "options",
        "delimiter",
        "sheet",
        "about",
    }
)
CLEANERS = ("upper", "lower", "collapse")
LONGEST_VALUE_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Field:
    """One thing that an import of some kind can take from a column."""

    name: str
    parse: cells.Parser = cells.text
    required: bool = False
    meaning: str = ""
    suffixed: bool = False  # whether columns such as cost:tax are taken too, each for what it names


@dataclass(frozen=True, slots=True)
class RowProblem:
    """One fault of a file. `line` counts as people do, the header being line 1; 0 concerns the whole file."""

    line: int
    column: str
    value: str
    rule: str
    message: str


@dataclass(frozen=True, slots=True)
class ColumnMap:
    """A mapping that has been checked."""

    columns: Mapping[str, str]
    defaults: Mapping[str, str]
    clean: Mapping[str, tuple[str, ...]]
    formats: cells.Formats
    rules: tuple[Rule, ...]
    otherwise: str | None
    options: Mapping[str, Any]
    delimiter: str | None
    sheet: str | None


@dataclass(slots=True)
class Rows:
    """The mapped file: a list of values per field (None where a cell is empty), all of one length."""

    lines: Sequence[int]
    values: dict[str, list[Any]]
    headers: dict[str, str]  # field -> the column it came from, for error messages
    raw: dict[str, Coded]  # field -> the texts of that column
    codes: dict[str, Coded]  # the same as values
    formats: cells.Formats = field(default_factory=cells.Formats)
    problems: list[RowProblem] = field(default_factory=list)
    unused: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.lines)

    def column(self, name: str) -> list[Any]:
        """The values of a field; None in every row where the file has no such column."""
        found = self.values.get(name)
        return [None] * len(self.lines) if found is None else found

    def coded(self, name: str) -> Coded:
        """The same, with each value once."""
        return self.codes.get(name) or Coded([None], np.zeros(len(self.lines), np.int32))

    def fault_of_file(self, name: str, rule: str, message: str) -> None:
        """Note what is wrong with the import as a whole."""
        self.problems.append(RowProblem(0, name, "", rule, message))

    def fault(self, position: int, name: str, rule: str, message: str, value: object = None) -> None:
        """Note what is wrong with one cell."""
        shown = self.raw[name].at(position) if value is None and name in self.raw else str(value or "")
        self.problems.append(
            RowProblem(
                self.lines[position], self.headers.get(name, name), shown[:LONGEST_VALUE_SHOWN], rule, message
            )
        )


def digest(definition: Mapping[str, Any]) -> str:
    """The same for the same mapping, however its JSON is laid out."""
    text = json.dumps(definition, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


# --- checking a mapping -----------------------------------------------------------------------------------------


def parse_mapping(definition: Mapping[str, Any], fields: Sequence[Field], timezone: str) -> ColumnMap:
    """The mapping as values; Refused with everything that is wrong in it. `timezone` is the company's."""
    problems: list[Problem] = []
    names = {field.name for field in fields} | {f"{field.name}:" for field in fields if field.suffixed}
    _check_names(definition, PARTS, "", problems)
    columns = _texts(definition, "columns", names, problems)
    defaults = _texts(definition, "defaults", names, problems)
    clean = _cleaners(definition.get("clean") or {}, names, problems)
    formats = _formats(definition.get("formats") or {}, timezone, problems)
    rules, wrong = parse_rules(definition.get("rules") or [], names)
    problems.extend(wrong)
    options = definition.get("options", {})
    if not isinstance(options, dict):
        problems.append(
            _wrong("options", "object", say("The options are an object: {{name: value}}."), options)
        )
        options = {}
    for part in ("delimiter", "sheet", "otherwise"):
        if not isinstance(definition.get(part), str | None):
            problems.append(_wrong(part, "text", say("{part} is a text.", part=part), definition[part]))
    if problems:
        raise Refused(problems)
    return ColumnMap(
        columns,
        defaults,
        clean,
        formats,
        rules,
        definition.get("otherwise"),
        options,
        definition.get("delimiter"),
        definition.get("sheet"),
    )


def _wrong(where: str, rule: str, message: str, value: object) -> Problem:
    return Problem(f"mapping.{where}", rule, message, value=str(value)[:LONGEST_VALUE_SHOWN])


def _check_names(given: Iterable[str], known: Iterable[str], where: str, problems: list[Problem]) -> None:
    allowed = sorted(known)
    prefixes = ("attribute:", *(name for name in allowed if name.endswith(":")))
    for name in given:
        if name not in allowed and not name.startswith(prefixes):
            plain = (allowed_name for allowed_name in allowed if not allowed_name.endswith(":"))
            message = say("{name} is not known here. Known: {plain}.", name=name, plain=", ".join(plain))
            problems.append(_wrong(f"{where}.{name}".strip("."), "known", message, name))


def _texts(
    definition: Mapping[str, Any], part: str, names: Iterable[str], problems: list[Problem]
) -> dict[str, str]:
    given = definition.get(part) or {}
    if not isinstance(given, dict) or not all(isinstance(value, str) for value in given.values()):
        problems.append(
            _wrong(part, "texts", say("{part} is an object of texts: {{field: text}}.", part=part), given)
        )
        return {}
    _check_names(given, names, part, problems)
    return given


def _cleaners(given: Any, names: Iterable[str], problems: list[Problem]) -> dict[str, tuple[str, ...]]:
    if not isinstance(given, dict) or not all(isinstance(value, list) for value in given.values()):
        problems.append(
            _wrong("clean", "lists", say("clean is an object of lists: {{field: [how]}}."), given)
        )
        return {}
    _check_names(given, names, "clean", problems)
    for name, steps in given.items():
        if unknown := [step for step in steps if step not in CLEANERS]:
            message = say(
                "{unknown} is not known. Known: {cleaners}.", unknown=unknown[0], cleaners=", ".join(CLEANERS)
            )
            problems.append(_wrong(f"clean.{name}", "known", message, unknown[0]))
    return {name: tuple(steps) for name, steps in given.items()}


def _formats(given: Any, timezone: str, problems: list[Problem]) -> cells.Formats:
    if not isinstance(given, dict) or not all(isinstance(value, str) for value in given.values()):
        problems.append(_wrong("formats", "texts", say("formats is an object of texts."), given))
        return cells.Formats()
    known = ("decimal", "thousands", "day_order", "timezone", "time_of_day")
    _check_names(given, known, "formats", problems)
    decimal, thousands = given.get("decimal", "."), given.get("thousands", "")
    if decimal not in (".", ",") or thousands not in ("", ".", ",", " ", "'") or decimal == thousands:
        message = say(
            "decimal is '.' or ','; thousands is '', '.', ',', ' ' or an apostrophe, and not the same."
        )
        problems.append(_wrong("formats", "separators", message, given))
        decimal, thousands = ".", ""
    if given.get("day_order", "iso") not in ("iso", "dmy", "mdy"):
        problems.append(
            _wrong("formats.day_order", "choice", say("day_order is iso, dmy or mdy."), given["day_order"])
        )
    try:
        zone = ZoneInfo(given.get("timezone", timezone))
    except (ZoneInfoNotFoundError, ValueError):
        message = say("The time zone is a name such as Europe/Berlin.")
        problems.append(_wrong("formats.timezone", "known", message, given["timezone"]))
        zone = ZoneInfo("UTC")
    try:
        time_of_day = time.fromisoformat(given.get("time_of_day", "12:00"))
    except ValueError:
        message = say("time_of_day is the time taken for dates without one, such as 12:00.")
        problems.append(_wrong("formats.time_of_day", "time", message, given["time_of_day"]))
        time_of_day = time(12)
    return cells.Formats(decimal, thousands, given.get("day_order", "iso"), zone, time_of_day)


# --- applying it ------------------------------------------------------------------------------------------------


def find_columns(table: Table, mapping: ColumnMap, fields: Sequence[Field]) -> dict[str, str]:
    """Which column each field takes: the mapped one, else the one of the field's own name. Refused where a mapped
    or a required column is missing."""
    by_name = {header.casefold().replace(" ", "_"): header for header in table.headers}
    found: dict[str, str] = {}
    problems: list[Problem] = []
    for one in fields:
        wanted = mapping.columns.get(one.name)
        header = by_name.get((wanted or one.name).casefold().replace(" ", "_"))
        if header is not None and (
            wanted is not None or not mapping.columns or one.name not in mapping.defaults
        ):
            found[one.name] = header
        elif wanted is not None:
            message = say(
                "The file has no column {wanted}. It has: {headers}.",
                wanted=wanted,
                headers=", ".join(table.headers),
            )
            problems.append(Problem(one.name, "column_exists", message, value=wanted))
        elif one.required and one.name not in mapping.defaults:
            message = say(
                "The file needs a column {one_name} (or a default for it). It has: {headers}.",
                one_name=one.name,
                headers=", ".join(table.headers),
            )
            problems.append(Problem(one.name, "column_required", message))
    found |= _suffixed_columns(table, mapping, fields, problems)
    if problems:
        raise Refused(problems)
    return found


def _suffixed_columns(
    table: Table, mapping: ColumnMap, fields: Sequence[Field], problems: list[Problem]
) -> dict[str, str]:
    """Columns of many: attribute:colour, and cost:tax where a field is taken for each of several."""
    prefixes = {"attribute", *(one.name for one in fields if one.suffixed)}
    found: dict[str, str] = {}
    for header in table.headers:
        prefix, colon, suffix = header.partition(":")
        name = prefix.strip().casefold().replace(" ", "_")
        if colon and name in prefixes:
            found[f"{name}:{suffix.strip()}"] = header
    by_name = {header.casefold(): header for header in table.headers}
    for name, wanted in mapping.columns.items():
        if name.partition(":")[0] in prefixes and ":" in name:
            if wanted.casefold() in by_name:
                found[name] = by_name[wanted.casefold()]
            else:
                message = say(
                    "The file has no column {wanted}. It has: {headers}.",
                    wanted=wanted,
                    headers=", ".join(table.headers),
                )
                problems.append(Problem(name, "column_exists", message, value=wanted))
    return found


def apply(table: Table, mapping: ColumnMap, fields: Sequence[Field]) -> Rows:
    """Every cell of every mapped column as a value, and all that is wrong with them."""
    headers = find_columns(table, mapping, fields)
    used = set(headers.values())
    rows = Rows(
        table.lines,
        {},
        headers,
        {},
        {},
        mapping.formats,
        unused=tuple(h for h in table.headers if h not in used),
    )
    rows.problems.extend(RowProblem(line, "", "", "column_count", message) for line, message in table.faults)
    by_name = {one.name: one for one in fields}
    for name in dict.fromkeys([*headers, *mapping.defaults]):
        one = by_name.get(name) or _of_many(name, by_name)
        texts = table.cells[headers[name]] if name in headers else Coded([""], np.zeros(len(table), np.int32))
        rows.raw[name] = texts
        coded = rows.codes[name] = _parse_column(rows, one, texts, mapping)
        rows.values[name] = coded.in_rows()
    return rows


def _of_many(name: str, by_name: Mapping[str, Field]) -> Field:
    """The field of a column such as cost:tax."""
    base = by_name.get(name.partition(":")[0])
    return Field(name) if base is None else Field(name, base.parse)


def _parse_column(rows: Rows, one: Field, texts: Coded, mapping: ColumnMap) -> Coded:
    """Each distinct text is parsed once, however often it occurs."""
    default = mapping.defaults.get(one.name, "")
    steps = mapping.clean.get(one.name, ())
    values: list[Any] = []
    bad: dict[int, cells.BadCell] = {}
    for number, text in enumerate(texts.values):
        clean = _clean(text, steps) or default
        try:
            values.append(one.parse(clean, mapping.formats) if clean else None)
        except cells.BadCell as problem:
            values.append(None)
            bad[number] = problem
    if one.required:
        bad |= {
            number: cells.BadCell("required", say("{one_name} must be given.", one_name=one.name))
            for number, value in enumerate(values)
            if value is None and number not in bad
        }
    if bad:
        for position, number in enumerate(texts.codes.tolist()):
            if number in bad:
                rows.fault(position, one.name, bad[number].rule, str(bad[number]))
    return Coded(values, texts.codes)


def _clean(text: str, steps: Sequence[str]) -> str:
    text = text.replace("\u00a0", " ").strip()
    for step in steps:
        if step == "upper":
            text = text.upper()
        elif step == "lower":
            text = text.lower()
        elif step == "collapse":
            text = " ".join(text.split())
    return text
