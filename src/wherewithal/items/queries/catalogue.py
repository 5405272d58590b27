"""Reads of categories and units."""

from collections.abc import Sequence
from typing import Any

from wherewithal.items.attributes import AttributeSpec, inherit, parse_specs
from wherewithal.kit import db

_SUBTREE = """
    WITH RECURSIVE subtree AS (
        SELECT id FROM items_category WHERE company_id = %(company)s AND id = %(category)s
        UNION ALL
        SELECT c.id FROM items_category c JOIN subtree s ON c.company_id = %(company)s AND c.parent_id = s.id
    )
"""


def categories(company_id: int) -> list[dict[str, Any]]:
    """The whole tree: id, parent_id, code, name, own attribute declarations, path of names from the root."""
    return db.fetch_dicts(
        """
        WITH RECURSIVE tree AS (
            SELECT id, parent_id, code, name, attributes_schema, ARRAY[name] AS path
            FROM items_category WHERE company_id = %(company)s AND parent_id IS NULL
            UNION ALL
            SELECT c.id, c.parent_id, c.code, c.name, c.attributes_schema, t.path || c.name
            FROM items_category c JOIN tree t ON c.company_id = %(company)s AND c.parent_id = t.id
        )
        SELECT id, parent_id, code, name, attributes_schema, path FROM tree ORDER BY path
        """,
        {"company": company_id},
    )


def items_by_category(company_id: int) -> dict[int, int]:
    """How many items each category has itself; those without any are not in the answer."""
    rows = db.fetch_all(
        "SELECT category_id, count(*) FROM items_item WHERE company_id = %s GROUP BY category_id",
        (company_id,),
    )
    return dict(rows)


def category_ids(company_id: int) -> dict[str, int]:
    rows = db.fetch_all("SELECT code, id FROM items_category WHERE company_id = %s", (company_id,))
    return dict(rows)


def get_category(company_id: int, category_id: int, *, for_update: bool = False) -> dict[str, Any] | None:
    lock = " FOR NO KEY UPDATE" if for_update else ""
    rows = db.fetch_dicts(
        "SELECT id, parent_id, code, name, attributes_schema FROM items_category"  # noqa: S608 fixed texts
        " WHERE company_id = %s AND id = %s" + lock,
        (company_id, category_id),
    )
    return rows[0] if rows else None


def attribute_specs_by_category(company_id: int) -> dict[str, dict[str, AttributeSpec]]:
    """For each category code: the attributes an item in it has, inherited ones included."""
    rows = categories(company_id)
    by_id: dict[int, dict[str, AttributeSpec]] = {}
    for row in rows:  # parents come before their children: a path sorts after its beginning
        own, _ = parse_specs(row["attributes_schema"])
        by_id[row["id"]] = inherit([by_id.get(row["parent_id"], {}), own])
    return {row["code"]: by_id[row["id"]] for row in rows}


def inherited_specs(company_id: int, category_id: int) -> dict[str, AttributeSpec]:
    """What a category has from its ancestors, without its own declarations."""
    rows = db.fetch_all(
        """
        WITH RECURSIVE up AS (
            SELECT parent_id AS id, 1 AS depth FROM items_category
            WHERE company_id = %(company)s AND id = %(category)s
            UNION ALL
            SELECT c.parent_id, up.depth + 1 FROM items_category c
            JOIN up ON c.company_id = %(company)s AND c.id = up.id
        )
        SELECT c.attributes_schema FROM up
        JOIN items_category c ON c.company_id = %(company)s AND c.id = up.id ORDER BY up.depth DESC
        """,
        {"company": company_id, "category": category_id},
    )
    return inherit([parse_specs(schema)[0] for (schema,) in rows])


def attributes_in_use(company_id: int, category_id: int, codes: Sequence[str]) -> list[str]:
    """Which of these attributes have a value on some item in the category or below it."""
    if not codes:
        return []
    rows = db.fetch_all(
        _SUBTREE  # noqa: S608 fixed texts
        + """
        SELECT DISTINCT key FROM items_item i CROSS JOIN LATERAL jsonb_object_keys(i.attributes) AS key
        WHERE i.company_id = %(company)s AND i.category_id IN (SELECT id FROM subtree) AND key = ANY(%(codes)s)
        ORDER BY key
        """,
        {"company": company_id, "category": category_id, "codes": list(codes)},
    )
    return [key for (key,) in rows]


def units(company_id: int) -> list[dict[str, Any]]:
    return db.fetch_dicts(
        "SELECT id, code, name FROM items_unit WHERE company_id = %s ORDER BY code", (company_id,)
    )


def unit_ids(company_id: int) -> dict[str, int]:
    rows = db.fetch_all("SELECT code, id FROM items_unit WHERE company_id = %s", (company_id,))
    return dict(rows)
