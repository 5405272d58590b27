"""Imports of items, categories, locations and parties: one row, one master."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from wherewithal.feeds import cells
from wherewithal.feeds.mapping import Field, Rows
from wherewithal.feeds.work import Plan, RunContext, Stage, Unit, cut_every
from wherewithal.items import services as items
from wherewithal.items.values import BarcodeDraft, CategoryDraft, ItemDraft, ItemKind, ItemUnitDraft
from wherewithal.kit.errors import Problem, Refused
from wherewithal.parties import services as parties
from wherewithal.parties.values import PartyDraft
from wherewithal.stock.services.locations import LocationDraft, LocationType, create_locations

CHUNK_ROWS = 2_000

Maker = Callable[[Mapping[str, Any]], Any]
Writer = Callable[[RunContext, Sequence[Any]], Sequence[int]]


@dataclass(frozen=True, slots=True)
class MasterKind:
    """A kind whose rows are made into drafts one by one and written in batches."""

    name: str
    label: str
    about: str
    fields: tuple[Field, ...]
    make: Maker
    create: Writer
    columns: Mapping[str, str]  # the service's field -> ours, where they differ
    permissions: tuple[str, ...]
    outcomes: tuple[str, ...] = ()

    def plan(self, run: RunContext, rows: Rows, mapping: Any) -> Plan:
        units: list[Unit] = []
        faulty = {problem.line for problem in rows.problems}
        for position, values in enumerate(_by_row(rows)):
            if rows.lines[position] in faulty:
                continue
            units.append(Unit(f"{run.sha256[:20]}:{rows.lines[position]}", (position,), self.make(values)))

        def write(chunk: Sequence[Unit]) -> Sequence[int]:
            try:
                return self.create(run, [unit.content for unit in chunk])
            except Refused as refused:
                raise self._placed(refused, chunk) from None

        return Plan([Stage(self.label, units, write, cut_every(CHUNK_ROWS))], rows.problems)

    def _placed(self, refused: Refused, chunk: Sequence[Unit]) -> Refused:
        """The same refusal, its rows being positions in the file and its fields ours."""
        return Refused(
            [
                Problem(
                    self._column(problem.field),
                    problem.rule,
                    problem.message,
                    None if problem.row is None else chunk[problem.row].positions[0],
                    problem.value,
                )
                for problem in refused.problems
            ],
            code=refused.code,
        )

    def _column(self, field: str) -> str:
        """Our name of what the service calls so."""
        return self.columns.get(field, field.replace("attributes.", "attribute:", 1))


def _by_row(rows: Rows) -> Iterator[dict[str, Any]]:
    """Each row as {field: value}, empty cells left out."""
    names = list(rows.values)
    for values in zip(*rows.values.values(), strict=True):
        yield {name: value for name, value in zip(names, values, strict=True) if value is not None}


def _attributes(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name.split(":", 1)[1]: value for name, value in values.items() if name.startswith("attribute:")}


def _list(cell: str) -> list[str]:
    """Several things in one cell, separated by bars."""
    return [part.strip() for part in cell.split("|") if part.strip()]


# --- items ------------------------------------------------------------------------------------------------------


def _units(cell: str, _formats: cells.Formats) -> tuple[ItemUnitDraft, ...]:
    """case=12 | pallet=480 | third=1/3"""
    units = []
    for part in _list(cell):
        code, equals, factor = (text.strip() for text in part.partition("="))
        numerator, _, denominator = factor.partition("/")
        if not equals or not numerator.strip().isdecimal() or not (denominator.strip() or "1").isdecimal():
            message = f"{part!r} is no unit: write it like case=12, several separated by a bar (|)."
            raise cells.BadCell("units_form", message)
        units.append(ItemUnitDraft(code, int(numerator), int(denominator or "1")))
    return tuple(units)


def _barcodes(cell: str, _formats: cells.Formats) -> tuple[BarcodeDraft, ...]:
    """4006381333931 | case=10614141543219"""
    codes = []
    for part in _list(cell):
        unit, equals, code = (text.strip() for text in part.partition("="))
        codes.append(BarcodeDraft(code, unit) if equals else BarcodeDraft(unit))
    return tuple(codes)


def _item(values: Mapping[str, Any]) -> ItemDraft:
    return ItemDraft(
        sku=values["sku"],
        name=values["name"],
        description=values.get("description", ""),
        kind=values.get("kind", ItemKind.FINISHED_GOOD.value),
        category_code=values.get("category"),
        base_unit_code=values.get("base_unit", "pcs"),
        qty_decimals=values.get("qty_decimals", 0),
        tracking=values.get("tracking", "bulk"),
        shelf_life_days=values.get("shelf_life_days"),
        weight_g=values.get("weight_g"),
        volume_ml=values.get("volume_ml"),
        attributes=_attributes(values),
        units=values.get("units", ()),
        barcodes=values.get("barcode", ()),
        active=values.get("active", True),
    )


ITEMS = MasterKind(
    name="items",
    label="Items",
    about="What you stock: one row per item.",
    fields=(
        Field("sku", required=True, meaning="Your own number of the item, unique."),
        Field("name", required=True, meaning="What people call it."),
        Field("description"),
        Field("kind", cells.choice(*(kind.value for kind in ItemKind)), meaning=", ".join(ItemKind)),
        Field("category", meaning="Code of a category that exists; without it the root."),
        Field("base_unit", meaning="Unit in which it is counted, such as pcs, kg, m. Default pcs."),
        Field("qty_decimals", cells.whole_number, meaning="Decimals of a quantity, 0 to 6. Default 0."),
        Field(
            "tracking", cells.choice("bulk", "lot", "serial"), meaning="bulk, lot or serial. Default bulk."
        ),
        Field("shelf_life_days", cells.whole_number),
        Field("weight_g", cells.number, meaning="Grams per base unit."),
        Field("volume_ml", cells.number, meaning="Millilitres per base unit."),
        Field("units", _units, meaning="Further units: case=12|pallet=480."),
        Field(
            "barcode",
            _barcodes,
            meaning="One or more, of a unit where named: 4006381333931|case=10614141543219.",
        ),
        Field("active", cells.yes_no),
    ),
    make=_item,
    create=lambda run, drafts: items.create_items(
        company_id=run.company_id, actor_id=run.actor_id, items=drafts
    ),
    columns={},
    permissions=("items.write",),
)


# --- categories -------------------------------------------------------------------------------------------------


def _category(values: Mapping[str, Any]) -> CategoryDraft:
    return CategoryDraft(values["code"], values["name"], values.get("parent"))


CATEGORIES = MasterKind(
    name="categories",
    label="Categories",
    about="The tree that items are sorted into: parents above their children.",
    fields=(
        Field("code", required=True),
        Field("name", required=True),
        Field("parent", meaning="Code of the category above, if any."),
    ),
    make=_category,
    create=lambda run, drafts: items.create_categories(
        company_id=run.company_id, actor_id=run.actor_id, categories=drafts
    ),
    columns={"parent_code": "parent"},
    permissions=("items.write",),
)


# --- locations --------------------------------------------------------------------------------------------------


def _location(values: Mapping[str, Any]) -> LocationDraft:
    return LocationDraft(
        code=values["code"],
        name=values.get("name", values["code"]),
        type=values["type"],
        parent_code=values.get("parent"),
        barcode=values.get("barcode"),
        allow_negative=values.get("allow_negative", False),
    )


LOCATIONS = MasterKind(
    name="locations",
    label="Locations",
    about="Where goods lie: sites, warehouses, zones and bins, parents above their children.",
    fields=(
        Field("code", required=True),
        Field("name"),
        Field(
            "type",
            cells.choice(*(kind.value for kind in LocationType)),
            True,
            "site, warehouse, zone, bin ...",
        ),
        Field("parent", meaning="Code of the place it lies in."),
        Field("barcode"),
        Field("allow_negative", cells.yes_no, meaning="Whether stock here may go below zero. Default no."),
    ),
    make=_location,
    create=lambda run, drafts: create_locations(
        company_id=run.company_id, actor_id=run.actor_id, locations=drafts
    ),
    columns={"parent_code": "parent"},
    permissions=("stock.adjust",),
)


# --- parties ----------------------------------------------------------------------------------------------------


def _party(values: Mapping[str, Any]) -> PartyDraft:
    role = values.get("role", "")
    return PartyDraft(
        code=values["code"],
        name=values["name"],
        is_supplier=role in ("supplier", "both"),
        is_customer=role in ("customer", "both"),
        country=values.get("country", "").upper(),
        tax_id=values.get("tax_id", ""),
        email=values.get("email", ""),
        phone=values.get("phone", ""),
        address=values.get("address", ""),
        active=values.get("active", True),
    )


PARTIES = MasterKind(
    name="parties",
    label="Parties",
    about="Suppliers and customers: one row per party.",
    fields=(
        Field("code", required=True),
        Field("name", required=True),
        Field("role", cells.choice("supplier", "customer", "both"), required=True),
        Field("country", meaning="ISO code, such as DE."),
        Field("tax_id", meaning="Checked by the rules of the country."),
        Field("email"),
        Field("phone"),
        Field("address"),
        Field("active", cells.yes_no),
    ),
    make=_party,
    create=lambda run, drafts: parties.create_parties(
        company_id=run.company_id, actor_id=run.actor_id, parties=drafts
    ),
    columns={"is_supplier": "role"},
    permissions=("parties.write",),
)
