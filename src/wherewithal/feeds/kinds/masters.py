"""Imports of items, categories, locations and parties: one row, one master."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from wherewithal.core.words import say
from wherewithal.feeds import cells
from wherewithal.feeds.mapping import Field, Rows
from wherewithal.feeds.work import Plan, RunContext, Stage, Unit, cut_every
from wherewithal.items import queries as item_queries
from wherewithal.items import services as items
from wherewithal.items.values import BarcodeDraft, CategoryDraft, ItemDraft, ItemKind, ItemUnitDraft
from wherewithal.kit.errors import Problem, Refused
from wherewithal.parties import queries as party_queries
from wherewithal.parties import services as parties
from wherewithal.parties.values import PartyDraft
from wherewithal.stock.services.locations import LocationDraft, LocationType, create_locations

CHUNK_ROWS = 2_000

Maker = Callable[[Mapping[str, Any]], Any]
Writer = Callable[[RunContext, Sequence[Any]], Sequence[int]]
Updater = Callable[[RunContext, int, Any, Mapping[str, Any]], None]
EXISTING = ("refuse", "skip", "update")


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
    ids: Callable[[int, Iterable[str]], Mapping[str, int]] | None = (
        None  # of those that exist, by the first field
    )
    update: Updater | None = None

    def plan(self, run: RunContext, rows: Rows, mapping: Any) -> Plan:
        units: list[Unit] = []
        existing, known = self._existing(run, rows)
        faulty = {problem.line for problem in rows.problems}
        skipped = 0
        for position, values in enumerate(_by_row(rows)):
            if rows.lines[position] in faulty:
                continue
            master_id = known.get(values.get(self.fields[0].name, ""))
            if master_id is not None and existing == "skip":
                skipped += 1
                continue
            content = (master_id, values, self.make(values))
            units.append(Unit(f"{run.sha256[:20]}:{rows.lines[position]}", (position,), content))

        stage = Stage(self.label, units, lambda chunk: self._write(run, chunk), cut_every(CHUNK_ROWS))
        return Plan([stage], rows.problems, {"skipped": skipped})

    def _existing(self, run: RunContext, rows: Rows) -> tuple[str, Mapping[str, int]]:
        """What to do with masters that exist, and which do."""
        existing = run.options.get("existing", "refuse")
        allowed = EXISTING if self.ids is not None else EXISTING[:1]
        if existing not in allowed:
            rows.fault_of_file(
                "options.existing",
                "choice",
                say("existing is one of: {allowed}.", allowed=", ".join(allowed)),
            )
        if existing == "refuse" or self.ids is None:
            return "refuse", {}
        codes = {code for code in rows.column(self.fields[0].name) if code is not None}
        return str(existing), self.ids(run.company_id, codes)

    def _write(self, run: RunContext, chunk: Sequence[Unit]) -> Sequence[int]:
        """Make what is new in one batch, change what exists one by one; the ids in the order of the rows."""
        new = [unit for unit in chunk if unit.content[0] is None]
        made: Sequence[int] = ()
        if new:
            made = self._placing(new, lambda: self.create(run, [unit.content[2] for unit in new]))
        ids = iter(made)
        return [next(ids) if unit.content[0] is None else self._change(run, unit) for unit in chunk]

    def _change(self, run: RunContext, unit: Unit) -> int:
        master_id, values, draft = unit.content
        update = self.update
        assert update is not None, "only kinds that can change have masters that exist"
        self._placing([unit], lambda: update(run, master_id, draft, values))
        return int(master_id)

    def _placing(self, units: Sequence[Unit], work: Callable[[], Any]) -> Any:
        try:
            return work()
        except Refused as refused:
            raise self._placed(refused, units) from None

    def _placed(self, refused: Refused, chunk: Sequence[Unit]) -> Refused:
        """The same refusal, its rows being positions in the file and its fields ours."""
        return Refused(
            [
                Problem(
                    self._column(problem.field),
                    problem.rule,
                    problem.message,
                    chunk[problem.row or 0].positions[0]
                    if problem.row is not None or len(chunk) == 1
                    else None,
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
            message = say(
                "{part!r} is no unit: write it like case=12, several separated by a bar (|).", part=part
            )
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


def _change_item(run: RunContext, item_id: int, draft: ItemDraft, values: Mapping[str, Any]) -> None:
    """Change the columns that the row fills; what it leaves empty stays as it is. Barcodes are added, never taken."""
    renamed = {"category": "category_code", "base_unit": "base_unit_code"}
    plain = ITEM_COLUMNS & set(values)
    changes = {renamed.get(name, name): getattr(draft, renamed.get(name, name)) for name in plain}
    if draft.attributes:
        before = item_queries.get_item(run.company_id, item_id) or {}
        changes["attributes"] = {**before.get("attributes", {}), **draft.attributes}
    who: dict[str, Any] = {"company_id": run.company_id, "actor_id": run.actor_id, "item_id": item_id}
    items.update_item(**who, changes=changes)
    if draft.units:
        items.set_item_units(**who, units=draft.units)
    present = {barcode["code"] for barcode in item_queries.barcodes(run.company_id, item_id)}
    for barcode in draft.barcodes:
        if barcode.code not in present:
            items.add_barcode(**who, barcode=barcode)


ITEM_COLUMNS = frozenset(
    {"name", "description", "kind", "category", "base_unit", "qty_decimals", "tracking"}
    | {"shelf_life_days", "weight_g", "volume_ml", "active"}
)
ITEMS = MasterKind(
    name="items",
    label=say("Items"),
    about=say("What you stock: one row per item."),
    fields=(
        Field("sku", required=True, meaning=say("Your own number of the item, unique.")),
        Field("name", required=True, meaning=say("What people call it.")),
        Field("description"),
        Field("kind", cells.choice(*(kind.value for kind in ItemKind)), meaning=", ".join(ItemKind)),
        Field("category", meaning=say("Code of a category that exists; without it the root.")),
        Field("base_unit", meaning=say("Unit in which it is counted, such as pcs, kg, m. Default pcs.")),
        Field("qty_decimals", cells.whole_number, meaning=say("Decimals of a quantity, 0 to 6. Default 0.")),
        Field(
            "tracking",
            cells.choice("bulk", "lot", "serial"),
            meaning=say("bulk, lot or serial. Default bulk."),
        ),
        Field("shelf_life_days", cells.whole_number),
        Field("weight_g", cells.number, meaning=say("Grams per base unit.")),
        Field("volume_ml", cells.number, meaning=say("Millilitres per base unit.")),
        Field("units", _units, meaning=say("Further units: case=12|pallet=480.")),
        Field(
            "barcode",
            _barcodes,
            meaning=say("One or more, of a unit where named: 4006381333931|case=10614141543219."),
        ),
        Field("active", cells.yes_no),
    ),
    make=_item,
    create=lambda run, drafts: items.create_items(
        company_id=run.company_id, actor_id=run.actor_id, items=drafts
    ),
    columns={"category_code": "category", "base_unit_code": "base_unit"},
    permissions=("items.write",),
    ids=item_queries.item_ids_by_sku,
    update=_change_item,
)


# --- categories -------------------------------------------------------------------------------------------------


def _category(values: Mapping[str, Any]) -> CategoryDraft:
    return CategoryDraft(values["code"], values["name"], values.get("parent"))


CATEGORIES = MasterKind(
    name="categories",
    label=say("Categories"),
    about=say("The tree that items are sorted into: parents above their children."),
    fields=(
        Field("code", required=True),
        Field("name", required=True),
        Field("parent", meaning=say("Code of the category above, if any.")),
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
    label=say("Locations"),
    about=say("Where goods lie: sites, warehouses, zones and bins, parents above their children."),
    fields=(
        Field("code", required=True),
        Field("name"),
        Field(
            "type",
            cells.choice(*(kind.value for kind in LocationType)),
            True,
            "site, warehouse, zone, bin ...",
        ),
        Field("parent", meaning=say("Code of the place it lies in.")),
        Field("barcode"),
        Field(
            "allow_negative", cells.yes_no, meaning=say("Whether stock here may go below zero. Default no.")
        ),
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


def _change_party(run: RunContext, party_id: int, draft: PartyDraft, values: Mapping[str, Any]) -> None:
    """Change the columns that the row fills."""
    plain = set(values) & {"name", "country", "tax_id", "email", "phone", "address", "active"}
    changes = {name: getattr(draft, name) for name in plain}
    changes |= {"is_supplier": draft.is_supplier, "is_customer": draft.is_customer}
    parties.update_party(company_id=run.company_id, actor_id=run.actor_id, party_id=party_id, changes=changes)


PARTIES = MasterKind(
    name="parties",
    label=say("Parties"),
    about=say("Suppliers and customers: one row per party."),
    fields=(
        Field("code", required=True),
        Field("name", required=True),
        Field("role", cells.choice("supplier", "customer", "both"), required=True),
        Field("country", meaning=say("ISO code, such as DE.")),
        Field("tax_id", meaning=say("Checked by the rules of the country.")),
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
    ids=party_queries.party_ids,
    update=_change_party,
)
