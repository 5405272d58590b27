"""Finding: what a person types into a picker, and what a scanner reads."""

from decimal import Decimal
from typing import Any

from wherewithal.items.barcodes import ElementString, is_gtin, match_code, parse_element_string
from wherewithal.items.queries.items import WITH_WORD
from wherewithal.items.search import normalise, words
from wherewithal.items.values import ScanResult
from wherewithal.kit import db

LONGEST_QUERY = 300

_COLUMNS = "i.id, i.sku, i.name, i.kind, u.code AS unit_code, i.qty_decimals, i.tracking, i.active"
_JOIN = "JOIN items_unit u ON u.company_id = i.company_id AND u.id = i.base_unit_id"


def find_items(
    company_id: int, text: str, *, limit: int = 20, active_only: bool = True
) -> list[dict[str, Any]]:
    """Items by SKU, barcode or the beginnings of words, best match first: exact code, then SKU prefix, then words."""
    text = text.replace("\0", "").strip()[:LONGEST_QUERY]
    if not text:
        return []
    params = {
        "company": company_id,
        "match": match_code(text),
        "key": normalise(text),
        "limit": max(1, min(limit, 100)),
    }
    candidates = [
        "SELECT item_id AS id, 0 AS rank FROM items_barcode WHERE company_id = %(company)s AND match_code = %(match)s",
        "SELECT id, 1 FROM items_item WHERE company_id = %(company)s AND sku_key = %(key)s",
        "(SELECT id, 2 FROM items_item WHERE company_id = %(company)s AND sku_key ^@ %(key)s"
        " ORDER BY sku_key LIMIT %(limit)s)",
    ]
    by_words = _by_words(words(text), params)
    if by_words:
        candidates.append(by_words)
    active = "AND i.active" if active_only else ""
    return db.fetch_dicts(
        f"""
        WITH found AS (SELECT id, min(rank) AS rank FROM ({" UNION ALL ".join(candidates)}) AS all_found GROUP BY id)
        SELECT {_COLUMNS} FROM found JOIN items_item i ON i.company_id = %(company)s AND i.id = found.id {_JOIN}
        WHERE true {active}
        ORDER BY found.rank, i.sku LIMIT %(limit)s
        """,  # noqa: S608 built from fixed texts
        params,
    )


def _by_words(found: list[str], params: dict[str, Any]) -> str:
    """Items that have, for each word given, a word which begins with it."""
    parts = []
    for position, word in enumerate(found[:8]):
        params[f"word{position}"] = word
        parts.append(f"{WITH_WORD}%(word{position})s")
    return f"SELECT item_id, 3 FROM ({' INTERSECT '.join(parts)}) AS by_words" if parts else ""  # noqa: S608


def find_by_scan(company_id: int, text: str) -> ScanResult | None:
    """What a scanned text means: a barcode, a GS1 element string (GTIN, lot, expiry, serial), a SKU, or a lot or
    serial code that only one item has. None where nothing, or more than one thing, answers to it."""
    text = text.strip()[:LONGEST_QUERY]
    if not text or "\0" in text:
        return None
    plain = _by_barcode(company_id, match_code(text)) or _by_barcode_of_element(company_id, text)
    return plain or _by_sku(company_id, text) or _by_lot_code(company_id, text)


def _by_barcode(company_id: int, code: str) -> ScanResult | None:
    rows = db.fetch_all(
        """
        SELECT i.id, i.sku, i.name, coalesce(pu.code, u.code)
        FROM items_barcode b
        JOIN items_item i ON i.company_id = b.company_id AND i.id = b.item_id
        JOIN items_unit u ON u.company_id = i.company_id AND u.id = i.base_unit_id
        LEFT JOIN items_item_unit iu ON iu.company_id = b.company_id AND iu.id = b.item_unit_id
        LEFT JOIN items_unit pu ON pu.company_id = iu.company_id AND pu.id = iu.unit_id
        WHERE b.company_id = %s AND b.match_code = %s
        """,
        (company_id, code),
    )
    if not rows:
        return None
    item_id, sku, name, unit_code = rows[0]
    return ScanResult(item_id, sku, name, unit_code, Decimal(1), gtin=code if is_gtin(code) else None)


def _by_barcode_of_element(company_id: int, text: str) -> ScanResult | None:
    element = parse_element_string(text)
    if element is None or element.gtin is None:
        return None
    found = _by_barcode(company_id, match_code(element.gtin))
    return None if found is None else _with_element(company_id, found, element)


def _with_element(company_id: int, found: ScanResult, element: ElementString) -> ScanResult:
    lot_code = element.serial or element.lot_code
    rows = db.fetch_all(
        "SELECT code, id FROM items_lot WHERE company_id = %s AND item_id = %s AND code = ANY(%s)",
        (company_id, found.item_id, [code for code in (element.serial, element.lot_code) if code]),
    )
    known: dict[str, int] = dict(rows)
    if lot_code not in known and element.lot_code in known:
        lot_code = element.lot_code
    qty = element.count or found.qty
    unit_code = found.unit_code
    if element.net_weight_kg is not None and found.unit_code in ("kg", "g"):
        qty = element.net_weight_kg if found.unit_code == "kg" else element.net_weight_kg * 1000
    return ScanResult(
        item_id=found.item_id,
        sku=found.sku,
        name=found.name,
        unit_code=unit_code,
        qty=qty,
        lot_code=lot_code,
        lot_id=known.get(lot_code or ""),
        expires_on=element.expires_on,
        best_before_on=element.best_before_on,
        manufactured_on=element.manufactured_on,
        gtin=element.gtin,
    )


def _by_sku(company_id: int, text: str) -> ScanResult | None:
    rows = db.fetch_all(
        f"SELECT i.id, i.sku, i.name, u.code FROM items_item i {_JOIN} WHERE i.company_id = %s AND i.sku = %s",  # noqa: S608
        (company_id, text),
    )
    if not rows:
        return None
    item_id, sku, name, unit_code = rows[0]
    return ScanResult(item_id, sku, name, unit_code, Decimal(1))


def _by_lot_code(company_id: int, text: str) -> ScanResult | None:
    rows = db.fetch_all(
        f"""
        SELECT i.id, i.sku, i.name, u.code, l.id, l.expires_on, l.best_before_on, l.manufactured_on
        FROM items_lot l JOIN items_item i ON i.company_id = l.company_id AND i.id = l.item_id {_JOIN}
        WHERE l.company_id = %s AND l.code = %s LIMIT 2
        """,  # noqa: S608 fixed text
        (company_id, text),
    )
    if len(rows) != 1:
        return None
    item_id, sku, name, unit_code, lot_id, expires_on, best_before_on, manufactured_on = rows[0]
    return ScanResult(
        item_id, sku, name, unit_code, Decimal(1), text, lot_id, expires_on, best_before_on, manufactured_on
    )
