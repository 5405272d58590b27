"""What the rows are called that a change of master data refers to."""

from collections.abc import Collection, Mapping

from wherewithal.kit.db import fetch_all

# By kind: (id, name) of the rows asked for.
_NAMES = {
    "item": "SELECT id, sku FROM items_item WHERE company_id = %(company)s AND id = ANY (%(item)s)",
    "item_unit": """
        SELECT n.id, u.code FROM items_item_unit n JOIN items_unit u ON u.company_id = n.company_id AND u.id = n.unit_id
        WHERE n.company_id = %(company)s AND n.id = ANY (%(item_unit)s)""",
    "lot": "SELECT id, code FROM items_lot WHERE company_id = %(company)s AND id = ANY (%(lot)s)",
    "unit": "SELECT id, code FROM items_unit WHERE company_id = %(company)s AND id = ANY (%(unit)s)",
    "category": "SELECT id, name FROM items_category WHERE company_id = %(company)s AND id = ANY (%(category)s)",
    "location": "SELECT id, code FROM stock_location WHERE company_id = %(company)s AND id = ANY (%(location)s)",
    "document": """
        SELECT document_id, number FROM stock_document
        WHERE company_id = %(company)s AND document_id = ANY (%(document)s)""",
    "party": "SELECT id, name FROM parties_party WHERE company_id = %(company)s AND id = ANY (%(party)s)",
    "user": "SELECT id, username FROM people_user WHERE id = ANY (%(user)s)",
    "book": "SELECT id, code FROM ledger_book WHERE company_id = %(company)s AND id = ANY (%(book)s)",
    "asset": "SELECT id, tag FROM assets_asset WHERE company_id = %(company)s AND id = ANY (%(asset)s)",
    "class": "SELECT id, code FROM assets_class WHERE company_id = %(company)s AND id = ANY (%(class)s)",
    "cost_centre": """
        SELECT id, code FROM assets_cost_centre WHERE company_id = %(company)s AND id = ANY (%(cost_centre)s)""",
    "scenario": "SELECT id, name FROM assets_scenario WHERE company_id = %(company)s AND id = ANY (%(scenario)s)",
}


def names(company_id: int, wanted: Mapping[str, Collection[int]]) -> dict[tuple[str, int], str]:
    """What the company's rows are called now, by (kind, id), in one query; what is no longer there is left out."""
    kinds = [kind for kind in _NAMES if wanted.get(kind)]
    if not kinds:
        return {}
    parts = (f"SELECT '{kind}', n.id, n.name FROM ({_NAMES[kind]}) n (id, name)" for kind in kinds)  # noqa: S608
    rows = fetch_all(
        " UNION ALL ".join(parts), {"company": company_id} | {kind: sorted(wanted[kind]) for kind in kinds}
    )
    return {(kind, of_id): name for kind, of_id, name in rows}
