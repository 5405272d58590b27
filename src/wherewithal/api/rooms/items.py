"""Items, their categories, units and barcodes."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

from ninja import Query
from pydantic import BeforeValidator, Field, TypeAdapter

from wherewithal.api.door import Section
from wherewithal.api.finding import found
from wherewithal.api.paging import Page, Paged, listing
from wherewithal.api.tokens import Call
from wherewithal.api.types import (
    LEFT_OUT,
    MOST_ROWS,
    Answer,
    Body,
    Code,
    Filters,
    KeyId,
    Name,
    NotNegative,
    Number,
    QueryFlag,
    QueryId,
    Search,
    Text,
    digits,
)
from wherewithal.items import queries, services
from wherewithal.items.queries import ItemFilter
from wherewithal.items.values import BarcodeDraft, ItemDraft, ItemUnitDraft, Tracking

section = Section("Items", "What can be stocked: items, their categories, units and barcodes.")

ItemKindWord = Literal["raw_material", "work_in_progress", "finished_good", "spare", "consumable"]
TrackingWord = Literal["bulk", "lot", "serial"]
Decimals = Field(default=0, ge=0, le=6, description="Decimals of the base unit in which quantities are kept.")
by_code = TypeAdapter(tuple[Text, KeyId])


# --- categories -------------------------------------------------------------------------------------------


class AttributeIn(Body):
    """A custom attribute that the items of a category have."""

    code: Code = Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$", max_length=40, examples=["colour"])
    label: Text = ""
    type: Literal["text", "number", "date", "choice", "bool"]
    required: bool = False
    choices: list[Name] = Field(default_factory=list, max_length=200)
    unit: Text = ""


class CategoryIn(Body):
    code: Code
    name: Name
    parent_code: Code | None = None
    attributes: list[AttributeIn] = Field(default_factory=list, max_length=100)


class CategoryChange(Body):
    code: Code = Field(default=LEFT_OUT)
    name: Name = Field(default=LEFT_OUT)
    attributes: list[AttributeIn] = Field(default=LEFT_OUT, max_length=100)


class CategoryOut(Answer):
    id: int
    parent_id: int | None
    code: str
    name: str
    path: list[str] = Field(description="Names from the root to this category.")
    attributes: list[dict[str, Any]] = Field(description="What this category itself declares.")


class Categories(Answer):
    results: list[CategoryOut]


class Made(Answer):
    """Something new has this id."""

    id: int


def _category(row: dict[str, Any]) -> dict[str, Any]:
    return row | {"attributes": row["attributes_schema"]}


def _category_by_id(company_id: int, category_id: int) -> dict[str, Any]:
    rows = [row for row in queries.categories(company_id) if row["id"] == category_id]
    return _category(found("category_id", category_id, rows[0] if rows else None))


@section.read("/categories", permission="items.read", answer=Categories)
def list_categories(request: Call) -> dict[str, Any]:
    """The tree of categories, parents before their children."""
    return {"results": [_category(row) for row in queries.categories(request.auth.company_id)]}


@section.write(
    "/categories",
    permission="items.write",
    answer=Made,
    example={
        "code": "fasteners",
        "name": "Fasteners",
        "attributes": [{"code": "thread", "label": "Thread", "type": "text"}],
    },
)
def create_category(request: Call, body: CategoryIn) -> dict[str, int]:
    """Add a category."""
    category_id = services.create_category(
        company_id=request.auth.company_id,
        actor_id=request.auth.user_id,
        code=body.code,
        name=body.name,
        parent_code=body.parent_code,
        attributes=[attribute.model_dump() for attribute in body.attributes],
    )
    return {"id": category_id}


@section.read("/categories/{category_id}", permission="items.read", answer=CategoryOut)
def get_category(request: Call, category_id: QueryId) -> dict[str, Any]:
    """One category."""
    return _category_by_id(request.auth.company_id, category_id)


@section.write(
    "/categories/{category_id}",
    method="PATCH",
    status=200,
    permission="items.write",
    answer=CategoryOut,
    example={"name": "Screws and bolts"},
)
def update_category(request: Call, category_id: QueryId, body: CategoryChange) -> dict[str, Any]:
    """Rename a category, or change the attributes it declares."""
    services.update_category(
        company_id=request.auth.company_id,
        actor_id=request.auth.user_id,
        category_id=category_id,
        **body.model_dump(exclude_unset=True),
    )
    return _category_by_id(request.auth.company_id, category_id)


# --- units ------------------------------------------------------------------------------------------------


class UnitIn(Body):
    code: Code
    name: Name


class UnitOut(Answer):
    id: int
    code: str
    name: str


class Units(Answer):
    results: list[UnitOut]


@section.read("/units", permission="items.read", answer=Units)
def list_units(request: Call) -> dict[str, Any]:
    """The units of measure in use."""
    return {"results": queries.units(request.auth.company_id)}


@section.write("/units", permission="items.write", answer=Made, example={"code": "pallet", "name": "Pallet"})
def create_unit(request: Call, body: UnitIn) -> dict[str, int]:
    """Add a unit of measure."""
    unit_id = services.create_unit(
        company_id=request.auth.company_id, actor_id=request.auth.user_id, code=body.code, name=body.name
    )
    return {"id": unit_id}


# --- items ------------------------------------------------------------------------------------------------


class ItemUnitIn(Body):
    """1 unit = numerator / denominator base units, exactly: a case of 12 is (case, 12, 1)."""

    unit_code: Code
    numerator: int = Field(ge=1, le=10**12)
    denominator: int = Field(default=1, ge=1, le=10**12)


class BarcodeIn(Body):
    code: Text = Field(min_length=1, max_length=90)
    unit_code: Code | None = Field(
        default=None, description="The unit it stands for; the base unit when null."
    )
    symbology: Literal["gtin", "internal"] | None = Field(
        default=None, description="When null: a GTIN if it has the form of one."
    )


AttributeValue = Text | bool | Number | None


class ItemIn(Body):
    sku: Code
    name: Name
    kind: ItemKindWord = "finished_good"
    category_code: Code | None = Field(default=None, description="The root category when null.")
    base_unit_code: Code = "pcs"
    qty_decimals: int = Decimals
    tracking: TrackingWord = "bulk"
    description: Text = ""
    shelf_life_days: int | None = Field(default=None, ge=1, le=36_525)
    weight_g: NotNegative | None = None
    volume_ml: NotNegative | None = None
    attributes: dict[Code, AttributeValue] = Field(default_factory=dict, max_length=100)
    units: list[ItemUnitIn] = Field(default_factory=list, max_length=50)
    barcodes: list[BarcodeIn] = Field(default_factory=list, max_length=50)
    active: bool = True


class ItemsIn(Body):
    items: list[ItemIn] = Field(min_length=1, max_length=MOST_ROWS)


class ItemChange(Body):
    sku: Code = Field(default=LEFT_OUT)
    name: Name = Field(default=LEFT_OUT)
    kind: ItemKindWord = Field(default=LEFT_OUT)
    category_code: Code = Field(default=LEFT_OUT)
    base_unit_code: Code = Field(default=LEFT_OUT)
    qty_decimals: int = Field(default=LEFT_OUT, ge=0, le=6)
    tracking: TrackingWord = Field(default=LEFT_OUT)
    description: Text = Field(default=LEFT_OUT)
    shelf_life_days: int | None = Field(default=None, ge=1, le=36_525)
    weight_g: NotNegative | None = None
    volume_ml: NotNegative | None = None
    attributes: dict[Code, AttributeValue] = Field(default=LEFT_OUT, max_length=100)
    active: bool = Field(default=LEFT_OUT)


class MadeItem(Answer):
    id: int
    sku: str


class MadeItems(Answer):
    items: list[MadeItem] = Field(description="In the order of the request.")


class ItemOut(Answer):
    id: int
    sku: str
    name: str
    kind: ItemKindWord
    category_id: int
    category_code: str
    category_name: str
    unit_code: str
    qty_decimals: int
    tracking: TrackingWord
    shelf_life_days: int | None
    active: bool


class ItemUnitOut(Answer):
    id: int
    code: str
    name: str
    numerator: int
    denominator: int


class BarcodeOut(Answer):
    id: int
    code: str
    symbology: str
    unit_code: str | None


class ItemDetail(ItemOut):
    description: str
    weight_g: Number | None
    volume_ml: Number | None
    attributes: dict[str, Any]
    created_at: datetime
    units: list[ItemUnitOut]
    barcodes: list[BarcodeOut]


class ItemFilters(Paged):
    text: Search | None = Field(default=None, description="Beginnings of words of SKU, name and description.")
    kind: ItemKindWord | None = None
    category_id: QueryId | None = Field(default=None, description="The category with everything below it.")
    tracking: TrackingWord | None = None
    active: QueryFlag | None = None


def _with_tracking(row: dict[str, Any]) -> dict[str, Any]:
    return row | {"tracking": Tracking(row["tracking"]).name.lower()}


@section.read("/items", permission="items.read", answer=Page[ItemOut])
def list_items(request: Call, filters: Query[ItemFilters]) -> dict[str, Any]:
    """Items by SKU."""
    wanted = ItemFilter(
        text=filters.text or "",
        kind=filters.kind,
        category_id=filters.category_id,
        tracking=None if filters.tracking is None else Tracking[filters.tracking.upper()].value,
        active=filters.active,
    )

    def fetch(after: Any, limit: int) -> Sequence[dict[str, Any]]:
        rows = queries.list_items(request.auth.company_id, filters=wanted, after=after, limit=limit)
        return [_with_tracking(row) for row in rows]

    return listing(filters, fetch, key=by_code, key_of=lambda row: (row["sku"], row["id"]))


@section.write(
    "/items",
    permission="items.write",
    answer=MadeItems,
    example={
        "items": [
            {
                "sku": "BOLT-M8",
                "name": "Bolt M8 x 40",
                "kind": "raw_material",
                "units": [{"unit_code": "case", "numerator": 100}],
                "barcodes": [{"code": "4006381333931", "unit_code": "case"}],
            }
        ]
    },
)
def create_items(request: Call, body: ItemsIn) -> dict[str, Any]:
    """Add up to 10,000 items, all or none."""
    ids = services.create_items(
        company_id=request.auth.company_id,
        actor_id=request.auth.user_id,
        items=[_item_draft(item) for item in body.items],
    )
    made = [{"id": item_id, "sku": item.sku} for item_id, item in zip(ids, body.items, strict=True)]
    return {"items": made}


def _item_draft(item: ItemIn) -> ItemDraft:
    fields = {name: getattr(item, name) for name in ItemIn.model_fields}
    fields["units"] = [ItemUnitDraft(u.unit_code, u.numerator, u.denominator) for u in item.units]
    fields["barcodes"] = [BarcodeDraft(b.code, b.unit_code, b.symbology) for b in item.barcodes]
    return ItemDraft(**fields)


@section.read("/items/{item_id}", permission="items.read", answer=ItemDetail)
def get_item(request: Call, item_id: QueryId) -> dict[str, Any]:
    """One item with its units and barcodes."""
    return _detail(request.auth.company_id, item_id)


def _detail(company_id: int, item_id: int) -> dict[str, Any]:
    row = found("item_id", item_id, queries.get_item(company_id, item_id))
    return _with_tracking(row) | {
        "units": queries.item_units(company_id, item_id),
        "barcodes": queries.barcodes(company_id, item_id),
    }


@section.write(
    "/items/{item_id}",
    method="PATCH",
    status=200,
    permission="items.write",
    answer=ItemDetail,
    example={"name": "Bolt M8 x 40, zinc-plated"},
)
def update_item(request: Call, item_id: QueryId, body: ItemChange) -> dict[str, Any]:
    """Change an item. After its first move category, base unit, decimals and tracking are fixed."""
    services.update_item(
        company_id=request.auth.company_id,
        actor_id=request.auth.user_id,
        item_id=item_id,
        changes=body.model_dump(exclude_unset=True),
    )
    return _detail(request.auth.company_id, item_id)


class ItemUnitsIn(Body):
    units: list[ItemUnitIn] = Field(max_length=50)


@section.write(
    "/items/{item_id}/units",
    method="PUT",
    status=200,
    permission="items.write",
    answer=ItemDetail,
    example={"units": [{"unit_code": "case", "numerator": 12}]},
)
def set_item_units(request: Call, item_id: QueryId, body: ItemUnitsIn) -> dict[str, Any]:
    """Say in which further units an item is counted."""
    services.set_item_units(
        company_id=request.auth.company_id,
        actor_id=request.auth.user_id,
        item_id=item_id,
        units=[ItemUnitDraft(u.unit_code, u.numerator, u.denominator) for u in body.units],
    )
    return _detail(request.auth.company_id, item_id)


@section.write(
    "/items/{item_id}/barcodes",
    permission="items.write",
    answer=Made,
    example={"code": "4006381333931"},
)
def add_barcode(request: Call, item_id: QueryId, body: BarcodeIn) -> dict[str, int]:
    """Add a barcode to an item or to one of its units."""
    barcode_id = services.add_barcode(
        company_id=request.auth.company_id,
        actor_id=request.auth.user_id,
        item_id=item_id,
        barcode=BarcodeDraft(body.code, body.unit_code, body.symbology),
    )
    return {"id": barcode_id}


class Removed(Answer):
    """Something is there no longer."""

    removed: int


@section.write(
    "/barcodes/{barcode_id}", method="DELETE", status=200, permission="items.write", answer=Removed
)
def remove_barcode(request: Call, barcode_id: QueryId) -> dict[str, int]:
    """Take a barcode away."""
    services.remove_barcode(
        company_id=request.auth.company_id, actor_id=request.auth.user_id, barcode_id=barcode_id
    )
    return {"removed": barcode_id}


# --- finding ----------------------------------------------------------------------------------------------


class FindFilters(Filters):
    text: Search = Field(description="A SKU, a barcode, or beginnings of words.")
    limit: Annotated[int, Field(ge=1, le=100), BeforeValidator(digits)] = 20
    active_only: QueryFlag = True


class FoundItem(Answer):
    id: int
    sku: str
    name: str
    kind: ItemKindWord
    unit_code: str
    qty_decimals: int
    tracking: TrackingWord
    active: bool


class FoundItems(Answer):
    results: list[FoundItem]


class ScanFilters(Filters):
    code: Search = Field(
        description="What a scanner read: a barcode, a GS1 element string, a SKU, a lot or serial."
    )


class Scan(Answer):
    """What a scanned text means."""

    item_id: int
    sku: str
    name: str
    unit_code: str
    qty: Number = Field(description="How many of unit_code one scan stands for.")
    lot_code: str | None
    lot_id: int | None
    gtin: str | None


@section.read("/find-items", permission="items.read", answer=FoundItems)
def find_items(request: Call, filters: Query[FindFilters]) -> dict[str, Any]:
    """Find items as a picker does: exact code first, then the beginning of a SKU, then words."""
    rows = queries.find_items(
        request.auth.company_id, filters.text, limit=filters.limit, active_only=filters.active_only
    )
    return {"results": [_with_tracking(row) for row in rows]}


@section.read("/scan", permission="items.read", answer=Scan, raises=("not_found",))
def scan(request: Call, filters: Query[ScanFilters]) -> Any:
    """Say what a scanned text means."""
    return found("code", filters.code, queries.find_by_scan(request.auth.company_id, filters.code))
