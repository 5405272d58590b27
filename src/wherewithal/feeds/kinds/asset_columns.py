"""What the imports of assets share: the columns of terms, masters named by codes, columns of one book alone."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any, TypeVar

from wherewithal.assets import queries as asset_queries
from wherewithal.core.depreciation.terms import Convention, Method
from wherewithal.core.words import say
from wherewithal.feeds import cells
from wherewithal.feeds.mapping import Field, Rows
from wherewithal.feeds.work import Unit
from wherewithal.items import queries as item_queries
from wherewithal.kit.errors import Problem, Refused
from wherewithal.parties import queries as party_queries
from wherewithal.people import queries as people_queries
from wherewithal.stock import queries as stock_queries


def fraction(cell: str, formats: cells.Formats) -> str:
    """An exact number as text: 0.25, or 1/3."""
    above, slash, below = (part.strip() for part in cell.partition("/"))
    if not slash:
        return plain(cells.number(cell, formats))
    if above.isdecimal() and below.isdecimal() and int(below):
        return f"{int(above)}/{int(below)}"
    raise cells.BadCell("number", say("{cell!r} is not a number: write it like 0.25 or 1/3.", cell=cell[:40]))


def plain(number: Decimal | Fraction) -> str:
    """A number as text, never with an exponent."""
    return format(number, "f") if isinstance(number, Decimal) else str(number)


TERM_FIELDS = (
    Field("method", meaning=", ".join(Method), suffixed=True),
    Field("life_months", fraction, meaning=say("The whole life, from the day of service."), suffixed=True),
    Field("rate", fraction, meaning=say("Part of cost or balance per year: 0.2 is 20 %."), suffixed=True),
    Field("factor", fraction, meaning=say("Of a declining balance: 2 is double."), suffixed=True),
    Field("convention", cells.choice(*Convention), meaning=", ".join(Convention), suffixed=True),
    Field("residual", cells.number, meaning=say("What it will be worth in the end."), suffixed=True),
    Field("residual_percent", fraction, meaning=say("The same as per cent of cost."), suffixed=True),
    Field(
        "total_units", fraction, meaning=say("Of units of production: all it will ever make."), suffixed=True
    ),
    Field("pack", meaning=say("A country's rules, such as us or de, instead of a method."), suffixed=True),
    Field("pack_class", meaning=say("The class of the pack, such as 5-year."), suffixed=True),
)
TERM_NAMES = frozenset(one.name for one in TERM_FIELDS)
PLACE_FIELDS = (
    Field("location", meaning=say("Code of the place where it is.")),
    Field("custodian", meaning=say("Code of the party that has it.")),
    Field("custodian_user", meaning=say("User name of the person who has it.")),
    Field("cost_centre", meaning=say("Code of the cost centre that bears what it costs.")),
)

Ids = Mapping[str, int]


@dataclass(slots=True)
class Masters:
    """The ids behind the codes of a file; those that do not exist are noted as faults and are not in it."""

    company_id: int
    books: Mapping[str, asset_queries.AssetBook]  # by code, in lower case
    found: dict[str, Ids] = field(default_factory=dict)

    def id_of(self, name: str, values: Mapping[str, Any]) -> int | None:
        """What the cell of that column names."""
        code = values.get(name)
        return None if code is None else self.found[name][code]


def look_up(company_id: int, rows: Rows, names: Iterable[str]) -> Masters:
    """Find every master that these columns name; note those that do not exist, and books that do not."""
    books = {book.code.casefold(): book for book in asset_queries.books(company_id)}
    masters = Masters(company_id, books)
    for name in names:
        what, find = LOOK_UPS[name]
        wanted = {value for value in rows.column(name) if value is not None}
        masters.found[name] = found = find(company_id, wanted) if wanted else {}
        if wanted - set(found):
            for position, value in enumerate(rows.column(name)):
                if value is not None and value not in found:
                    rows.fault(
                        position,
                        name,
                        "exists",
                        say("There is no {what} {value}: create it first.", what=what, value=value),
                    )
    for name in rows.values:
        base, colon, code = name.partition(":")
        if colon and base != "attribute" and code.casefold() not in books:
            known = ", ".join(book.code for book in books.values())
            rows.fault_of_file(
                name, "book", say("There is no book {code}. There are: {known}.", code=code, known=known)
            )
    return masters


def _users(company_id: int, _wanted: Iterable[str]) -> Ids:
    return {one.username: one.user_id for one in people_queries.members(company_id, active_only=True)}


def _cost_centres(company_id: int, _wanted: Iterable[str]) -> Ids:
    return {one.code: one.cost_centre_id for one in asset_queries.cost_centres(company_id, active=True)}


def _classes(company_id: int, _wanted: Iterable[str]) -> Ids:
    return {one.code: one.class_id for one in asset_queries.classes(company_id, active=True)}


def _assets(company_id: int, wanted: Iterable[str]) -> Ids:
    return asset_queries.asset_ids(company_id, sorted(wanted))


LOOK_UPS: Mapping[str, tuple[str, Callable[[int, Iterable[str]], Ids]]] = {
    "class": ("class of assets", _classes),
    "location": ("location", stock_queries.location_ids),
    "custodian": ("party", party_queries.party_ids),
    "custodian_user": ("user", _users),
    "cost_centre": ("cost centre", _cost_centres),
    "supplier": ("party", party_queries.party_ids),
    "party": ("party", party_queries.party_ids),
    "item": ("item", item_queries.item_ids_by_sku),
    "tag": ("asset", _assets),
}


# --- columns of one book ------------------------------------------------------------------------------------------


def row_values(rows: Rows, position: int) -> dict[str, Any]:
    """The filled cells of a row."""
    return {name: column[position] for name, column in rows.values.items() if column[position] is not None}


def of_books(values: Mapping[str, Any], masters: Masters, names: Iterable[str]) -> dict[str, dict[str, Any]]:
    """{book code: {field: value}} from the columns such as cost:tax whose field is one of `names`."""
    wanted = frozenset(names)
    found: dict[str, dict[str, Any]] = {}
    for name, value in values.items():
        base, colon, code = name.partition(":")
        book = masters.books.get(code.casefold())
        if colon and book is not None and base in wanted:
            found.setdefault(book.code, {})[base] = value
    return found


def terms_in(values: Mapping[str, Any]) -> dict[str, Any]:
    """The terms that a row states, numbers as text."""
    return {
        name: plain(value) if isinstance(value, Decimal) else value
        for name, value in values.items()
        if name in TERM_NAMES
    }


# --- what was loaded before ---------------------------------------------------------------------------------------

Loaded = Mapping[str, tuple[bytes, int | None, int]]
AnyUnit = TypeVar("AnyUnit", bound=Unit)


def without_changed(rows: Rows, units: Iterable[AnyUnit], loaded: Loaded, column: str) -> list[AnyUnit]:
    """The units, less those that were loaded before and say something else now, which are noted as faults."""
    kept = []
    for unit in units:
        digest, _, import_id = loaded.get(unit.key, (unit.digest, None, 0))
        if digest == unit.digest:
            kept.append(unit)
            continue
        message = say(
            "{key} was loaded before, by import {import_id}, and differs now: record what changed by events.",
            key=unit.key,
            import_id=import_id,
        )
        rows.fault(unit.positions[0], column, "same_as_before", message)
    return kept


# --- refusals -----------------------------------------------------------------------------------------------------

OUR_NAMES = {
    "class_code": "class",
    "class_id": "class",
    "parent_tag": "parent",
    "supplier_id": "supplier",
    "party_id": "party",
    "item_id": "item",
    "location_id": "location",
    "custodian_party_id": "custodian",
    "custodian_user_id": "custodian_user",
    "cost_centre_id": "cost_centre",
    "of_event_id": "of",
    "of_no": "of",
    "asset_id": "tag",
    "asset_no": "tag",
    "terms": "method",
}


def our_column(name: str) -> str:
    """Our name of what the use case calls so: by_book.tax.cost is the column cost:tax."""
    parts = name.split(".")
    if parts[0] == "attributes":
        return "attribute:" + ".".join(parts[1:])
    book = parts[1] if len(parts) > 2 and parts[0] in ("by_book", "terms") else ""
    last = OUR_NAMES.get(parts[-1], parts[-1])
    return f"{last}:{book}" if book else last


def in_our_names(refused: Refused, more: Mapping[str, str]) -> Refused:
    """The same refusal with our names of the fields."""
    problems = [
        Problem(more.get(p.field, our_column(p.field)), p.rule, p.message, p.row, p.value)
        for p in refused.problems
    ]
    return Refused(problems, code=refused.code)
