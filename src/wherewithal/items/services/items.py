"""Items: made in batches, changed one by one. All columns of a batch are checked before any row is written."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import psycopg

from wherewithal.core.words import say
from wherewithal.items import queries
from wherewithal.items.attributes import AttributeSpec, check_values
from wherewithal.items.barcodes import check_barcode, match_code
from wherewithal.items.search import normalise, words
from wherewithal.items.services.catalogue import ROOT_CATEGORY, with_root_category, with_standard_units
from wherewithal.items.texts import LONGEST_NAME, code_problem, note_problem, text_problem
from wherewithal.items.units import STANDARD_UNITS
from wherewithal.items.values import BarcodeDraft, ItemDraft, ItemKind, ItemUnitDraft, Symbology, Tracking
from wherewithal.kit import db
from wherewithal.kit.errors import NotFound, Problem, Refused, none_such

FIXED_AFTER_MOVES = "WH130"  # raised by stock's trigger on items_item
LARGEST_BATCH = 100_000
LARGEST_FACTOR = 10**12
LONGEST_SHELF_LIFE_DAYS = 36_525
LARGEST_MEASURE = Decimal(10) ** 11
TRACKING_WORDS = {"bulk": Tracking.BULK, "lot": Tracking.LOT, "serial": Tracking.SERIAL}

ITEM_COLUMNS = (
    ("id", "int"),
    ("company_id", "int"),
    ("sku", "text"),
    ("sku_key", "text"),
    ("name", "text"),
    ("description", "text"),
    ("kind", "text"),
    ("category_id", "int"),
    ("base_unit_id", "int"),
    ("qty_decimals", "smallint"),
    ("tracking", "smallint"),
    ("shelf_life_days", "int"),
    ("weight_g", "numeric"),
    ("volume_ml", "numeric"),
    ("attributes", "jsonb"),
    ("active", "boolean"),
)
ITEM_UNIT_COLUMNS = (
    ("id", "int"),
    ("company_id", "int"),
    ("item_id", "int"),
    ("unit_id", "int"),
    ("numerator", "bigint"),
    ("denominator", "bigint"),
)
BARCODE_COLUMNS = (
    ("company_id", "int"),
    ("item_id", "int"),
    ("item_unit_id", "int"),
    ("code", "text"),
    ("match_code", "text"),
    ("symbology", "text"),
)
WORD_COLUMNS = (("company_id", "int"), ("word", "text"), ("item_id", "int"))


@dataclass(frozen=True, slots=True)
class _Known:
    """What a batch is checked against, read once."""

    categories: Mapping[str, int]
    units: Mapping[str, int]
    specs: Mapping[str, Mapping[str, AttributeSpec]]
    skus: frozenset[str]
    barcodes: frozenset[str]


def create_item(*, company_id: int, actor_id: int | None, item: ItemDraft) -> int:
    return create_items(company_id=company_id, actor_id=actor_id, items=[item])[0]


def create_items(*, company_id: int, actor_id: int | None, items: Sequence[ItemDraft]) -> list[int]:
    """New items, all or none; their ids in the order given. Every fault of every row is named."""
    if len(items) > LARGEST_BATCH:
        message = say(
            "{count} items are too many for one batch; send at most {largest_batch} at a time.",
            count=len(items),
            largest_batch=LARGEST_BATCH,
        )
        raise Refused(Problem("items", "batch_size", message))
    with db.company_transaction(company_id=company_id, actor_id=actor_id):
        known = _load_known(company_id, items)
        problems, attributes = check_items(items, known)
        if problems:
            raise Refused(problems)
        ids = db.reserve_ids("items_item_id_seq", len(items))
        _insert_items(company_id, ids, items, attributes, known)
    return ids


def check_drafts(company_id: int, items: Sequence[ItemDraft]) -> list[Problem]:
    """Verb: everything that create_items would refuse, without writing (for a dry run, inside a transaction)."""
    return check_items(items, _load_known(company_id, items))[0]


def _load_known(company_id: int, items: Sequence[ItemDraft]) -> _Known:
    unit_codes = {item.base_unit_code for item in items}
    unit_codes |= {unit.unit_code for item in items for unit in item.units}
    needs_root = any(item.category_code in (None, ROOT_CATEGORY.code) for item in items)
    matches = [match_code(barcode.code) for item in items for barcode in item.barcodes]
    return _Known(
        categories=with_root_category(company_id, needs_root),
        units=with_standard_units(company_id, unit_codes),
        specs=queries.attribute_specs_by_category(company_id),
        skus=frozenset(
            queries.item_ids_by_sku(company_id, [item.sku for item in items if "\0" not in item.sku])
        ),
        barcodes=queries.barcodes_taken(company_id, matches),
    )


def check_items(items: Sequence[ItemDraft], known: _Known) -> tuple[list[Problem], list[dict[str, Any]]]:
    """All faults of all rows, and the attributes of each in the form in which they are kept."""
    problems: list[Problem] = []
    kept: list[dict[str, Any]] = []
    skus, codes = set(known.skus), set(known.barcodes)
    for row, item in enumerate(items):
        problems.extend(_item_problems(item, row, known))
        if item.sku in skus:
            message = say("There is an item {item_sku} already.", item_sku=item.sku)
            problems.append(Problem("sku", "unique", message, row=row, value=item.sku))
        skus.add(item.sku)
        problems.extend(_barcode_problems(item.barcodes, item, row, codes))
        codes |= {match_code(barcode.code) for barcode in item.barcodes}
        specs = known.specs.get(item.category_code or ROOT_CATEGORY.code, {})
        attributes, wrong = check_values(specs, item.attributes, row=row)
        problems.extend(wrong)
        kept.append(attributes)
    return problems, kept


def _item_problems(item: ItemDraft, row: int, known: _Known) -> list[Problem]:
    found: list[Problem | None] = [
        code_problem("sku", item.sku, row=row),
        text_problem("name", item.name, LONGEST_NAME, row=row),
        note_problem("description", item.description, row=row),
        _choice_problem("kind", item.kind, [kind.value for kind in ItemKind], row),
        _tracking_problem(item, row),
        _range_problem("qty_decimals", item.qty_decimals, 0, 6, row),
        _range_problem("shelf_life_days", item.shelf_life_days, 1, LONGEST_SHELF_LIFE_DAYS, row),
        _measure_problem("weight_g", item.weight_g, row),
        _measure_problem("volume_ml", item.volume_ml, row),
    ]
    if (item.category_code or ROOT_CATEGORY.code) not in known.categories:
        message = say(
            "There is no category {category_code}: create it first.", category_code=item.category_code
        )
        found.append(Problem("category", "exists", message, row=row, value=item.category_code))
    found.append(_unit_problem("base_unit", item.base_unit_code, known.units, row))
    found.extend(_item_unit_problems(item, row, known.units))
    return [problem for problem in found if problem]


def _choice_problem(field: str, value: str, choices: Sequence[str], row: int) -> Problem | None:
    if value in choices:
        return None
    return Problem(
        field,
        "choice",
        say("The {field} is one of: {choices}.", field=field, choices=", ".join(choices)),
        row=row,
        value=value,
    )


def _range_problem(field: str, value: int | None, low: int, high: int, row: int) -> Problem | None:
    if value is None or low <= value <= high:
        return None
    return Problem(
        field,
        "range",
        say("{field} lies between {low} and {high}.", field=field, low=low, high=high),
        row=row,
        value=str(value),
    )


def _measure_problem(field: str, value: Decimal | None, row: int) -> Problem | None:
    if value is None or (value.is_finite() and 0 <= value < LARGEST_MEASURE):
        return None
    return Problem(
        field,
        "range",
        say("{field} is a number from 0 to {largest_measure}.", field=field, largest_measure=LARGEST_MEASURE),
        row=row,
        value=str(value),
    )


def tracking_of(value: int | str) -> Tracking | None:
    """bulk, lot or serial, by word or number."""
    if isinstance(value, str):
        return TRACKING_WORDS.get(value.strip().casefold())
    return Tracking(value) if value in list(Tracking) else None


def _tracking_problem(item: ItemDraft, row: int) -> Problem | None:
    tracking = tracking_of(item.tracking)
    if tracking is None:
        return Problem(
            "tracking", "choice", say("Tracking is bulk, lot or serial."), row=row, value=str(item.tracking)
        )
    if tracking == Tracking.SERIAL and item.qty_decimals != 0:
        message = say("An item with serial numbers is counted in whole pieces: qty_decimals must be 0.")
        return Problem("qty_decimals", "serial_whole", message, row=row, value=str(item.qty_decimals))
    return None


def _unit_problem(field: str, code: str, known: Mapping[str, int], row: int) -> Problem | None:
    if code in known:
        return None
    standard = ", ".join(STANDARD_UNITS)
    message = say(
        "There is no unit {code}: create it first, or use a standard one ({standard}).",
        code=code,
        standard=standard,
    )
    return Problem(field, "exists", message, row=row, value=code)


def _item_unit_problems(item: ItemDraft, row: int, known: Mapping[str, int]) -> list[Problem | None]:
    problems: list[Problem | None] = []
    seen = {item.base_unit_code}
    for unit in item.units:
        problems.append(_unit_problem("units", unit.unit_code, known, row))
        if unit.unit_code in seen:
            message = say(
                "The unit {unit_code} is given twice (the base unit counts as given).",
                unit_code=unit.unit_code,
            )
            problems.append(Problem("units", "unit_once", message, row=row, value=unit.unit_code))
        if not (0 < unit.numerator <= LARGEST_FACTOR and 0 < unit.denominator <= LARGEST_FACTOR):
            message = say(
                "1 {unit_code} = numerator / denominator base units, each from 1 to {largest_factor}.",
                unit_code=unit.unit_code,
                largest_factor=LARGEST_FACTOR,
            )
            value = f"{unit.numerator}/{unit.denominator}"
            problems.append(Problem("units", "factor_range", message, row=row, value=value))
        seen.add(unit.unit_code)
    return problems


def _barcode_problems(
    barcodes: Sequence[BarcodeDraft], item: ItemDraft, row: int, taken: set[str]
) -> list[Problem]:
    problems: list[Problem] = []
    seen = set(taken)
    units = {item.base_unit_code, *(unit.unit_code for unit in item.units)}
    for barcode in barcodes:
        _, problem = check_barcode(barcode.code, barcode.symbology)
        if problem:
            problems.append(Problem(problem.field, problem.rule, problem.message, row, problem.value))
        if match_code(barcode.code) in seen:
            message = say("The barcode {barcode_code} stands for an item already.", barcode_code=barcode.code)
            problems.append(Problem("barcode", "unique", message, row=row, value=barcode.code))
        if barcode.unit_code is not None and barcode.unit_code not in units:
            message = say(
                "{item_sku} has no unit {unit_code} that a barcode could stand for.",
                item_sku=item.sku,
                unit_code=barcode.unit_code,
            )
            problems.append(Problem("barcode", "unit_known", message, row=row, value=barcode.unit_code))
        seen.add(match_code(barcode.code))
    return problems


def _insert_items(
    company_id: int,
    ids: Sequence[int],
    items: Sequence[ItemDraft],
    attributes: Sequence[dict[str, Any]],
    known: _Known,
) -> None:
    rows = [
        _item_row(company_id, item_id, item, kept, known)
        for item_id, item, kept in zip(ids, items, attributes, strict=True)
    ]
    db.insert_rows("items_item", ITEM_COLUMNS, rows)
    pairs = list(zip(ids, items, strict=True))
    unit_of = _insert_item_units(
        company_id, [(i, unit) for i, item in pairs for unit in item.units], known.units
    )
    barcode_rows = [
        _barcode_row(company_id, i, barcode, unit_of) for i, item in pairs for barcode in item.barcodes
    ]
    db.insert_rows("items_barcode", BARCODE_COLUMNS, barcode_rows)
    word_rows = [
        (company_id, word, i) for i, item in pairs for word in words(item.sku, item.name, item.description)
    ]
    db.insert_rows("items_word", WORD_COLUMNS, word_rows)


def _item_row(
    company_id: int, item_id: int, item: ItemDraft, attributes: dict[str, Any], known: _Known
) -> tuple[Any, ...]:
    tracking = tracking_of(item.tracking)
    assert tracking is not None, "checked before"
    return (
        item_id,
        company_id,
        item.sku,
        normalise(item.sku),
        item.name.strip(),
        item.description.strip(),
        str(item.kind),
        known.categories[item.category_code or ROOT_CATEGORY.code],
        known.units[item.base_unit_code],
        item.qty_decimals,
        int(tracking),
        item.shelf_life_days,
        item.weight_g,
        item.volume_ml,
        attributes,
        item.active,
    )


def _insert_item_units(
    company_id: int, units: Sequence[tuple[int, ItemUnitDraft]], unit_ids: Mapping[str, int]
) -> dict[tuple[int, str], int]:
    """The ids of the item units written, by item and unit code."""
    ids = db.reserve_ids("items_item_unit_id_seq", len(units))
    rows = [
        (new_id, company_id, item_id, unit_ids[unit.unit_code], unit.numerator, unit.denominator)
        for new_id, (item_id, unit) in zip(ids, units, strict=True)
    ]
    db.insert_rows("items_item_unit", ITEM_UNIT_COLUMNS, rows)
    return {(item_id, unit.unit_code): i for i, (item_id, unit) in zip(ids, units, strict=True)}


def _barcode_row(
    company_id: int, item_id: int, barcode: BarcodeDraft, unit_of: Mapping[tuple[int, str], int]
) -> tuple[Any, ...]:
    symbology, _ = check_barcode(barcode.code, barcode.symbology)
    unit_id = unit_of.get((item_id, barcode.unit_code or ""))
    return (company_id, item_id, unit_id, barcode.code, match_code(barcode.code), str(Symbology(symbology)))


# --- changes ----------------------------------------------------------------------------------------------

CHANGEABLE = frozenset(
    {
        "sku",
        "name",
        "description",
        "kind",
        "category_code",
        "base_unit_code",
        "qty_decimals",
        "tracking",
        "shelf_life_days",
        "weight_g",
        "volume_ml",
        "attributes",
        "active",
    }
)


def update_item(*, company_id: int, actor_id: int | None, item_id: int, changes: Mapping[str, Any]) -> None:
    """Change the named columns of an item. After the item's first move the database refuses a change of category,
    base unit, decimals and tracking: costs and quantities on record hang on them."""
    unknown = sorted(set(changes) - CHANGEABLE)
    if unknown:
        message = say("These cannot be changed: {unknown}.", unknown=", ".join(unknown))
        raise Refused(Problem(unknown[0], "changeable", message))
    with db.company_transaction(company_id=company_id, actor_id=actor_id):
        before = _locked(company_id, item_id)
        item = _changed(before, changes)
        known = _load_known(company_id, [item])
        others = known.skus - {before["sku"]}
        problems, attributes = check_items(
            [item], _Known(known.categories, known.units, known.specs, others, known.barcodes)
        )
        if problems:
            raise Refused(problems)
        try:
            _write_change(company_id, item_id, item, attributes[0], known)
        except psycopg.Error as error:
            if db.sqlstate(error) != FIXED_AFTER_MOVES:
                raise
            raise Refused(_fixed(before, changes)) from error


def set_items_active(*, company_id: int, actor_id: int | None, item_ids: Sequence[int], active: bool) -> int:
    """Retire items, or use them again; how many changed. What is there of a retired item stays and can leave."""
    with db.company_transaction(company_id=company_id, actor_id=actor_id):
        wanted = set(item_ids)
        missing = wanted - set(queries.costing_items(company_id, wanted))
        if missing:
            raise none_such("item_ids", missing, say("There is no such item."))
        return db.execute(
            "UPDATE items_item SET active = %s WHERE company_id = %s AND id = ANY(%s::int[]) AND active <> %s",
            (active, company_id, sorted(wanted), active),
        )


def _fixed(before: Mapping[str, Any], changes: Mapping[str, Any]) -> list[Problem]:
    """One problem per column that history holds in place and that this change would touch."""
    held = {"category_code": "category_code", "base_unit_code": "unit_code", "qty_decimals": "qty_decimals"}
    held |= {"tracking": "tracking"}
    message = (
        "{field} is fixed by the item's moves: costs and quantities on record hang on it. Make a new item."
    )
    return [
        Problem(field, "fixed_after_moves", message.format(field=field), value=str(changes[field]))
        for field, column in held.items()
        if field in changes and changes[field] != before[column]
    ]


def _locked(company_id: int, item_id: int) -> dict[str, Any]:
    before = queries.get_item(company_id, item_id, for_update=True)
    if before is None:
        raise NotFound(Problem("item_id", "exists", say("There is no such item."), value=str(item_id)))
    return before


def _changed(before: Mapping[str, Any], changes: Mapping[str, Any]) -> ItemDraft:
    """The item as it will be, as a draft without units and barcodes: those have verbs of their own."""
    same = {field: before[field] for field in CHANGEABLE & set(before)}
    merged = same | {"base_unit_code": before["unit_code"]} | dict(changes)
    return ItemDraft(**merged)


def _write_change(
    company_id: int, item_id: int, item: ItemDraft, attributes: dict[str, Any], known: _Known
) -> None:
    row = _item_row(company_id, item_id, item, attributes, known)
    values = dict(zip((name for name, _ in ITEM_COLUMNS), row, strict=True))
    settable = [(name, sql_type) for name, sql_type in ITEM_COLUMNS if name not in ("id", "company_id")]
    assignments = ", ".join(f"{name} = %({name})s::{sql_type}" for name, sql_type in settable)
    values["attributes"] = json.dumps(attributes)
    db.execute(
        f"UPDATE items_item SET {assignments} WHERE company_id = %(company_id)s AND id = %(id)s",  # noqa: S608
        values,
    )
    db.execute("DELETE FROM items_word WHERE company_id = %s AND item_id = %s", (company_id, item_id))
    found = words(item.sku, item.name, item.description)
    db.insert_rows("items_word", WORD_COLUMNS, [(company_id, word, item_id) for word in found])


def set_item_units(
    *, company_id: int, actor_id: int | None, item_id: int, units: Sequence[ItemUnitDraft]
) -> None:
    """Replace the further units of an item. Moves keep quantities in the smallest unit, so no history changes."""
    with db.company_transaction(company_id=company_id, actor_id=actor_id):
        item = _changed(_locked(company_id, item_id), {})
        unit_ids = with_standard_units(company_id, {unit.unit_code for unit in units})
        draft = ItemDraft(sku=item.sku, name=item.name, base_unit_code=item.base_unit_code, units=units)
        problems = [problem for problem in _item_unit_problems(draft, 0, unit_ids) if problem]
        kept = {unit.unit_code for unit in units}
        for barcode in queries.barcodes(company_id, item_id):
            if barcode["unit_code"] is not None and barcode["unit_code"] not in kept:
                message = say(
                    "The barcode {code} stands for this unit: remove the barcode first.", code=barcode["code"]
                )
                problems.append(Problem("units", "unit_in_use", message, value=barcode["unit_code"]))
        if problems:
            raise Refused(problems)
        _replace_units(company_id, item_id, units, unit_ids)


def _replace_units(
    company_id: int, item_id: int, units: Sequence[ItemUnitDraft], unit_ids: Mapping[str, int]
) -> None:
    before = {unit["code"] for unit in queries.item_units(company_id, item_id)}
    kept_ids = [unit_ids[unit.unit_code] for unit in units]
    db.execute(
        "DELETE FROM items_item_unit WHERE company_id = %s AND item_id = %s AND NOT unit_id = ANY(%s::int[])",
        (company_id, item_id, kept_ids),
    )
    for unit in units:
        if unit.unit_code in before:
            db.execute(
                "UPDATE items_item_unit SET numerator = %s, denominator = %s"
                " WHERE company_id = %s AND item_id = %s AND unit_id = %s",
                (unit.numerator, unit.denominator, company_id, item_id, unit_ids[unit.unit_code]),
            )
    new = [(item_id, unit) for unit in units if unit.unit_code not in before]
    _insert_item_units(company_id, new, unit_ids)


def add_barcode(*, company_id: int, actor_id: int | None, item_id: int, barcode: BarcodeDraft) -> int:
    """A further code for an item or for one of its units."""
    with db.company_transaction(company_id=company_id, actor_id=actor_id):
        before = _locked(company_id, item_id)
        units = {unit["code"]: unit["id"] for unit in queries.item_units(company_id, item_id)}
        draft = ItemDraft(
            sku=before["sku"],
            name=before["name"],
            base_unit_code=before["unit_code"],
            units=[ItemUnitDraft(code, 1) for code in units],
        )
        taken = set(queries.barcodes_taken(company_id, [match_code(barcode.code)]))
        problems = _barcode_problems([barcode], draft, 0, taken)
        if problems:
            raise Refused(problems)
        unit_of = {(item_id, code): unit_id for code, unit_id in units.items()}
        row = _barcode_row(company_id, item_id, barcode, unit_of)
        return int(db.insert_rows("items_barcode", BARCODE_COLUMNS, [row], returning="id")[0][0])


def remove_barcode(*, company_id: int, actor_id: int | None, barcode_id: int) -> None:
    with db.company_transaction(company_id=company_id, actor_id=actor_id):
        gone = db.execute(
            "DELETE FROM items_barcode WHERE company_id = %s AND id = %s", (company_id, barcode_id)
        )
        if not gone:
            raise NotFound(
                Problem("barcode_id", "exists", say("There is no such barcode."), value=str(barcode_id))
            )
