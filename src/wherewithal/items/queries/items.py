"""Reads of items: facts for posting in one query, lists with keyset pages, one item in full."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from wherewithal.items.barcodes import match_code
from wherewithal.items.search import normalise, words
from wherewithal.items.values import ItemFacts, Tracking, UnitFacts
from wherewithal.kit import db

LARGEST_PAGE = 1001  # a thousand and one to look ahead
WITH_WORD = "SELECT item_id FROM items_word WHERE company_id = %(company)s AND word ^@ "
WITH_BARCODE = "SELECT item_id FROM items_barcode WHERE company_id = %(company)s AND match_code = %(match)s"

_FACTS = """
    WITH RECURSIVE wanted AS MATERIALIZED (
        SELECT id, sku, name, qty_decimals, tracking, category_id, base_unit_id, active, shelf_life_days,
               weight_g, volume_ml
        FROM items_item WHERE company_id = %(company)s AND id = ANY(%(ids)s::int[])
    ), up AS (
        SELECT c.id AS start, c.id, c.parent_id, 0 AS depth FROM items_category c
        WHERE c.company_id = %(company)s AND c.id IN (SELECT category_id FROM wanted)
        UNION ALL
        SELECT up.start, c.id, c.parent_id, up.depth + 1 FROM items_category c
        JOIN up ON c.company_id = %(company)s AND c.id = up.parent_id
    ), paths AS MATERIALIZED (
        SELECT start, array_agg(id ORDER BY depth) AS path FROM up GROUP BY start
    ), units AS MATERIALIZED (
        SELECT iu.item_id, array_agg(ARRAY[u.id::text, u.code, iu.numerator::text, iu.denominator::text]
                                     ORDER BY u.code) AS list
        FROM items_item_unit iu JOIN items_unit u ON u.company_id = iu.company_id AND u.id = iu.unit_id
        WHERE iu.company_id = %(company)s AND iu.item_id = ANY(%(ids)s::int[]) GROUP BY iu.item_id
    )
    SELECT w.id, w.sku, w.qty_decimals, w.tracking, p.path, b.code, w.active, w.name, w.shelf_life_days,
           w.weight_g, w.volume_ml, units.list
    FROM wanted w
    JOIN paths p ON p.start = w.category_id
    JOIN items_unit b ON b.company_id = %(company)s AND b.id = w.base_unit_id
    LEFT JOIN units ON units.item_id = w.id
"""


def id_array(ids: Iterable[int]) -> str:
    """An array literal; as text it is cheap to send, where a list of parameters is slow at ten thousand."""
    return "{" + ",".join(map(str, ids)) + "}"


def costing_items(company_id: int, item_ids: Iterable[int]) -> dict[int, ItemFacts]:
    """What posting needs to know, in one query; ids that do not exist are simply not in the answer."""
    rows = db.fetch_all(_FACTS, {"company": company_id, "ids": id_array(item_ids)})
    return {row[0]: _facts(*row) for row in rows}


def _facts(
    item_id: int,
    sku: str,
    qty_decimals: int,
    tracking: int,
    path: Sequence[int],
    unit_code: str,
    active: bool,
    name: str,
    shelf_life_days: int | None,
    weight_g: Decimal | None,
    volume_ml: Decimal | None,
    units: Sequence[Sequence[str]] | None,
) -> ItemFacts:
    return ItemFacts(
        item_id=item_id,
        sku=sku,
        qty_decimals=qty_decimals,
        tracking=Tracking(tracking),
        category_path=tuple(path),
        unit_code=unit_code,
        active=active,
        name=name,
        shelf_life_days=shelf_life_days,
        weight_g=weight_g,
        volume_ml=volume_ml,
        units=tuple(UnitFacts(int(i), code, int(n), int(d)) for i, code, n, d in units or ()),
    )


def item_ids_by_sku(company_id: int, skus: Iterable[str]) -> dict[str, int]:
    rows = db.fetch_all(
        "SELECT sku, id FROM items_item WHERE company_id = %s AND sku = ANY(%s)", (company_id, list(skus))
    )
    return dict(rows)


@dataclass(frozen=True, slots=True)
class ItemFilter:
    """What a list of items is narrowed to; text is matched by the beginnings of its words."""

    text: str = ""
    kind: str | None = None
    category_id: int | None = None  # with everything below it
    tracking: int | None = None
    active: bool | None = None


_LIST = """
    SELECT i.id, i.sku, i.name, i.kind, i.category_id, c.code AS category_code, c.name AS category_name,
           u.code AS unit_code, i.qty_decimals, i.tracking, i.shelf_life_days, i.active
    FROM items_item i
    JOIN items_category c ON c.company_id = i.company_id AND c.id = i.category_id
    JOIN items_unit u ON u.company_id = i.company_id AND u.id = i.base_unit_id
    WHERE i.company_id = %(company)s
"""


def list_items(
    company_id: int,
    *,
    filters: ItemFilter | None = None,
    order: Literal["sku", "name"] = "sku",
    descending: bool = False,
    after: tuple[str, int] | None = None,
    limit: int = 50,
) -> list[dict[str, Any]]:
    """A page by SKU, or by name. `after` is the (sku or name, id) of the last row of the page before."""
    wanted = filters or ItemFilter()
    conditions, params = _conditions(wanted)
    params |= {"company": company_id, "limit": max(1, min(limit, LARGEST_PAGE))}
    column = {"sku": "i.sku", "name": 'i.name COLLATE "C"'}[order]
    if after is not None:
        beyond = "<" if descending else ">"
        conditions.append(f"({column}, i.id) {beyond} (%(after_key)s, %(after_id)s)")
        params |= {"after_key": after[0], "after_id": after[1]}
    where = "".join(f" AND {condition}" for condition in conditions)
    way = "DESC" if descending else "ASC"
    return db.fetch_dicts(f"{_LIST}{where} ORDER BY {column} {way}, i.id {way} LIMIT %(limit)s", params)


def _conditions(wanted: ItemFilter) -> tuple[list[str], dict[str, Any]]:
    conditions: list[str] = []
    params: dict[str, Any] = {}
    for column in ("kind", "tracking", "active"):
        value = getattr(wanted, column)
        if value is not None:
            conditions.append(f"i.{column} = %({column})s")
            params[column] = value
    more, named = matching(wanted.text, category_id=wanted.category_id)
    return [*conditions, *more], params | named


_WITHIN = """i.category_id IN (WITH RECURSIVE sub AS (
     SELECT %(category)s::int AS id
     UNION SELECT c.id FROM items_category c JOIN sub ON c.company_id = %(company)s AND c.parent_id = sub.id
   ) SELECT id FROM sub)"""


def matching(text: str, *, category_id: int | None = None) -> tuple[list[str], dict[str, Any]]:
    """Conditions on an item `i`, and their parameters beside `company`: it has, for each word given, a word that begins with
    it, or it has this barcode; and it is of the category or one below."""
    conditions: list[str] = []
    params: dict[str, Any] = {}
    if category_id is not None:
        conditions.append(_WITHIN)
        params["category"] = category_id
    found = words(text)
    if found:
        by_words = " INTERSECT ".join(f"{WITH_WORD}%(word{at})s" for at in range(len(found)))
        conditions.append(f"i.id IN (({by_words}) UNION ALL {WITH_BARCODE})")
        params |= {f"word{at}": word for at, word in enumerate(found)} | {"match": match_code(text)}
    elif text.strip():
        conditions.append("i.sku_key ^@ %(sku_key)s")
        params["sku_key"] = normalise(text)
    return conditions, params


_RECORDS = """
    SELECT i.id, i.sku, i.name, i.description, i.kind, c.code AS category, u.code AS base_unit, i.qty_decimals,
           (ARRAY['bulk', 'lot', 'serial'])[i.tracking + 1] AS tracking, i.shelf_life_days,
           trim_scale(i.weight_g) AS weight_g, trim_scale(i.volume_ml) AS volume_ml, i.active,
           (SELECT string_agg(pu.code || '=' || iu.numerator
                              || CASE WHEN iu.denominator = 1 THEN '' ELSE '/' || iu.denominator END, '|'
                              ORDER BY pu.code)
            FROM items_item_unit iu JOIN items_unit pu ON pu.company_id = iu.company_id AND pu.id = iu.unit_id
            WHERE iu.company_id = i.company_id AND iu.item_id = i.id) AS units,
           (SELECT string_agg(coalesce(pu.code || '=', '') || b.code, '|' ORDER BY b.id)
            FROM items_barcode b
            LEFT JOIN items_item_unit iu ON iu.company_id = b.company_id AND iu.id = b.item_unit_id
            LEFT JOIN items_unit pu ON pu.company_id = iu.company_id AND pu.id = iu.unit_id
            WHERE b.company_id = i.company_id AND b.item_id = i.id) AS barcode
    FROM items_item i
    JOIN items_category c ON c.company_id = i.company_id AND c.id = i.category_id
    JOIN items_unit u ON u.company_id = i.company_id AND u.id = i.base_unit_id
    WHERE i.company_id = %(company)s AND (%(sku)s::text IS NULL OR (i.sku, i.id) > (%(sku)s, %(id)s))
    ORDER BY i.sku, i.id LIMIT %(limit)s
"""


def item_records(
    company_id: int, *, after: tuple[str, int] | None = None, limit: int = 50
) -> list[dict[str, Any]]:
    """A page of items by SKU with everything in one row, units and barcodes as the import of items reads them."""
    sku, item_id = after or (None, None)
    params = {"company": company_id, "sku": sku, "id": item_id, "limit": max(1, min(limit, LARGEST_PAGE))}
    return db.fetch_dicts(_RECORDS, params)


_ONE = """
    SELECT i.id, i.sku, i.name, i.description, i.kind, i.category_id, c.code AS category_code,
           c.name AS category_name, i.base_unit_id, u.code AS unit_code, i.qty_decimals, i.tracking,
           i.shelf_life_days, i.weight_g, i.volume_ml, i.attributes, i.active, i.created_at
    FROM items_item i
    JOIN items_category c ON c.company_id = i.company_id AND c.id = i.category_id
    JOIN items_unit u ON u.company_id = i.company_id AND u.id = i.base_unit_id
    WHERE i.company_id = %s AND i.id = %s
"""


def get_item(company_id: int, item_id: int, *, for_update: bool = False) -> dict[str, Any] | None:
    """All columns of one item with the codes of its category and base unit."""
    rows = db.fetch_dicts(_ONE + (" FOR NO KEY UPDATE OF i" if for_update else ""), (company_id, item_id))
    return rows[0] if rows else None


def item_units(company_id: int, item_id: int) -> list[dict[str, Any]]:
    return db.fetch_dicts(
        """
        SELECT iu.id, u.code, u.name, iu.numerator, iu.denominator
        FROM items_item_unit iu JOIN items_unit u ON u.company_id = iu.company_id AND u.id = iu.unit_id
        WHERE iu.company_id = %s AND iu.item_id = %s ORDER BY u.code
        """,
        (company_id, item_id),
    )


def barcodes(company_id: int, item_id: int) -> list[dict[str, Any]]:
    return db.fetch_dicts(
        """
        SELECT b.id, b.code, b.symbology, u.code AS unit_code
        FROM items_barcode b
        LEFT JOIN items_item_unit iu ON iu.company_id = b.company_id AND iu.id = b.item_unit_id
        LEFT JOIN items_unit u ON u.company_id = iu.company_id AND u.id = iu.unit_id
        WHERE b.company_id = %s AND b.item_id = %s ORDER BY b.code
        """,
        (company_id, item_id),
    )


def barcodes_taken(company_id: int, match_codes: Sequence[str]) -> frozenset[str]:
    """Which of these codes, in their compared form, stand for an item already."""
    clean = [code for code in match_codes if "\0" not in code]
    rows = db.fetch_all(
        "SELECT match_code FROM items_barcode WHERE company_id = %s AND match_code = ANY(%s)",
        (company_id, clean),
    )
    return frozenset(code for (code,) in rows)


def attachments(company_id: int, item_id: int) -> list[dict[str, Any]]:
    return db.fetch_dicts(
        """
        SELECT id, file_name, title, media_type, size_bytes, sha256, is_image, pixels_wide, pixels_high, created_at
        FROM items_attachment WHERE company_id = %s AND item_id = %s ORDER BY id
        """,
        (company_id, item_id),
    )
