"""The register: which assets there are, where, with whom, and what each is worth in a book."""

import datetime
from dataclasses import dataclass
from typing import Any, NamedTuple

from wherewithal.assets.values import Aspect, Status
from wherewithal.core.words import say
from wherewithal.kit import db
from wherewithal.kit.errors import NotFound, Problem

LARGEST_PAGE = 1_001


@dataclass(frozen=True, slots=True)
class RegisterFilter:
    """Which assets. `text`: the beginning of a tag, a serial number or a name. `location_id` includes all below it."""

    text: str = ""
    class_id: int | None = None
    status: Status | None = None
    location_id: int | None = None
    custodian_party_id: int | None = None
    custodian_user_id: int | None = None
    cost_centre_id: int | None = None
    parent_id: int | None = None
    item_id: int | None = None
    lot_id: int | None = None
    supplier_id: int | None = None
    in_use: bool | None = None


@dataclass(frozen=True, slots=True)
class RegisterRow:
    """One asset; amounts in minor units of the book's currency, None without a book. `in_service_on`: the first day in
    service, as the primary book now knows it; None: not yet on the day asked for."""

    asset_id: int
    tag: str
    name: str
    class_id: int
    class_code: str
    status: Status
    parent_id: int | None
    location_id: int | None
    location_code: str | None
    custodian_party_id: int | None
    custodian_user_id: int | None
    cost_centre_id: int | None
    cost_centre_code: str | None
    serial_no: str
    in_service_on: datetime.date | None
    cost: int | None = None
    accumulated: int | None = None
    carrying: int | None = None


class Totals(NamedTuple):
    """How many assets, and what they cost and are worth in the book."""

    assets: int
    cost: int
    accumulated: int
    carrying: int


MANY = 20_000
"""From so many assets on, reading all values of a book is quicker than finding theirs."""
FEW = 5_000
"""Up to so many assets found by an index are looked at one by one; of more, the first ones are soon met by tag."""

# Only what is asked for is in the statement, so that it is planned for that.
_FOUND_BY_TEXT = """
        SELECT id FROM assets_asset WHERE company_id = %(company)s AND tag ^@ %(text)s
        UNION ALL
        SELECT id FROM assets_asset WHERE company_id = %(company)s AND serial_no <> '' AND serial_no COLLATE "C" ^@ %(text)s
        UNION ALL
        SELECT id FROM assets_asset WHERE company_id = %(company)s AND name_key ^@ %(name_key)s
"""
_TEXT = '(a.tag ^@ %(text)s OR a.name_key ^@ %(name_key)s OR a.serial_no COLLATE "C" ^@ %(text)s)'
_MASTER = {
    "parent": "a.parent_id = %(parent)s",
    "item": "a.item_id = %(item)s",
    "lot": "a.lot_id = %(lot)s",
    "supplier": "a.supplier_id = %(supplier)s",
}
_PLACED = {
    "class": ("p.class_id", Aspect.CLASS),
    "status": ("p.status", Aspect.STATUS),
    "party": ("p.custodian_party_id", Aspect.CUSTODIAN_PARTY),
    "user": ("p.custodian_user_id", Aspect.CUSTODIAN_USER),
    "cost_centre": ("p.cost_centre_id", Aspect.COST_CENTRE),
}
# What an asset was on a day it has been since some day: there is an index for that, and the day itself is looked at then.
_FOUND_BY_PLACEMENT = """
    SELECT h.asset_id FROM assets_placement h
    WHERE h.company_id = %(company)s AND h.aspect = {aspect} AND h.value_id {among}
      AND (%(as_of)s::date IS NULL OR h.effective_on <= %(as_of)s)
"""
_BELOW = """
    WITH RECURSIVE below AS (
        SELECT id FROM stock_location WHERE company_id = %(company)s AND id = %(location)s
        UNION ALL
        SELECT l.id FROM stock_location l JOIN below b ON l.company_id = %(company)s AND l.parent_id = b.id)
    SELECT id FROM below
"""


def match_sql(params: dict[str, Any], placed: str) -> str:
    """The conditions of a filter; what they need is added to the parameters."""
    found = ["a.company_id = %(company)s"]
    indexed = []  # (what an index finds, the condition where that is too much)
    then = placed is not NOW_SQL
    if params["text"]:
        indexed.append((_FOUND_BY_TEXT, _TEXT))
    found += [condition for name, condition in _MASTER.items() if params[name] is not None]
    for name, (column, aspect) in _PLACED.items():
        if params[name] is not None:
            found.append(f"{column} = %({name})s")
            indexed += _has_been(aspect, f"= %({name})s") if then else []
    if params["in_use"] is not None:
        found.append("p.status NOT IN (6, 7)" if params["in_use"] else "p.status IN (6, 7)")
        indexed += _has_been(Aspect.STATUS, "IN (6, 7)") if then and not params["in_use"] else []
    if params["location"] is not None:
        params["locations"] = [row[0] for row in db.fetch_all(_BELOW, params)]
        found.append("p.location_id = ANY (%(locations)s)")
        indexed += _has_been(Aspect.LOCATION, "= ANY (%(locations)s)") if then else []
    return " AND ".join([*found, *_narrowed(params, indexed)])


def _has_been(aspect: Aspect, among: str) -> list[tuple[str, str]]:
    query = _FOUND_BY_PLACEMENT.format(aspect=int(aspect), among=among)
    return [(query, f"a.id IN ({query})")]


def _narrowed(params: dict[str, Any], indexed: list[tuple[str, str]]) -> list[str]:
    """Few assets by their ids; the conditions themselves where there are many."""
    few: set[int] | None = None
    conditions = []
    for query, condition in indexed:
        ids = {row[0] for row in db.fetch_all(f"SELECT * FROM ({query}) f LIMIT {FEW + 1}", params)}  # noqa: S608
        if len(ids) > FEW:
            conditions.append(condition)
        else:
            few = ids if few is None else few & ids
    if few is None:
        return conditions
    params["few"] = sorted(few)
    texts = [condition for condition in conditions if condition is _TEXT]
    return ["a.id = ANY (%(few)s::bigint[])", *texts]


# As of now the placement stands in the asset itself; as of a day, or as known at an instant, it is looked up.
NOW_SQL = """
    CROSS JOIN LATERAL (SELECT a.class_id, a.status, a.location_id, a.custodian_party_id, a.custodian_user_id,
                               a.cost_centre_id) p
"""
_THEN = """
    CROSS JOIN LATERAL (
        SELECT max(x.value_id) FILTER (WHERE x.aspect = 1) AS location_id,
               max(x.value_id) FILTER (WHERE x.aspect = 2) AS custodian_party_id,
               max(x.value_id) FILTER (WHERE x.aspect = 3) AS custodian_user_id,
               max(x.value_id) FILTER (WHERE x.aspect = 4) AS cost_centre_id,
               max(x.value_id) FILTER (WHERE x.aspect = 5) AS class_id,
               max(x.value_id) FILTER (WHERE x.aspect = 6) AS status
        FROM (SELECT DISTINCT ON (s.aspect) s.aspect, s.value_id FROM assets_placement s
              WHERE s.company_id = a.company_id AND s.asset_id = a.id
                AND (%(as_of)s::date IS NULL OR s.effective_on <= %(as_of)s)
                AND (%(known_at)s::timestamptz IS NULL OR s.recorded_at <= %(known_at)s)
                AND NOT EXISTS (
                    SELECT 1 FROM assets_event r
                    WHERE r.company_id = s.company_id AND r.of_event_id = s.event_id AND r.kind = 'reversal'
                      AND (%(known_at)s::timestamptz IS NULL OR r.recorded_at <= %(known_at)s)
                      AND assets_stands(r.company_id, r.event_id, %(known_at)s::timestamptz))
              ORDER BY s.aspect, s.effective_on DESC, s.phase DESC, s.key DESC) x
        HAVING count(*) > 0
    ) p
"""


def placed_sql(as_of: datetime.date | None, known_at: datetime.datetime | None) -> str:
    """A join that says of asset `a` what it is, where and with whom, as `p`. Takes %(as_of)s and %(known_at)s."""
    return NOW_SQL if as_of is None and known_at is None else _THEN


KNOWN_SQL = """
    AND (%(as_of)s::date IS NULL OR v.effective_on <= %(as_of)s)
    AND (%(known_at)s::timestamptz IS NULL OR v.recorded_at <= %(known_at)s)
"""
SERVES = """
    CASE WHEN %(as_of)s::date IS NULL OR a.in_service_on <= %(as_of)s THEN a.in_service_on END AS in_service_on
"""
AMOUNTS_SQL = f"""
    LEFT JOIN LATERAL (
        SELECT coalesce(sum(v.cost_amount), 0)::bigint AS cost, coalesce(sum(v.carrying_amount), 0)::bigint AS carrying
        FROM assets_value v
        WHERE v.company_id = f.company_id AND v.asset_id = f.id AND v.book_id = %(book)s {KNOWN_SQL}
    ) m ON %(book)s::int IS NOT NULL
"""  # noqa: S608 - constant texts


def register(
    company_id: int,
    *,
    book_id: int | None = None,
    filters: RegisterFilter | None = None,
    as_of: datetime.date | None = None,
    known_at: datetime.datetime | None = None,
    after: str = "",
    limit: int = 50,
) -> list[RegisterRow]:
    """A page by tag. `after` is the last tag of the page before.

    `as_of`: place, people, class, status and amounts at the end of a day; `known_at`: as recorded by an instant.
    """
    placed = placed_sql(as_of, known_at)
    params = register_params(company_id, book_id, filters, as_of, known_at)
    rows = db.fetch_all(
        f"""
        SELECT f.id, f.tag, f.name, f.class_id, c.code, f.status, f.parent_id, f.location_id, l.code,
               f.custodian_party_id, f.custodian_user_id, f.cost_centre_id, k.code, f.serial_no, f.in_service_on,
               m.cost, m.cost - m.carrying, m.carrying
        FROM (SELECT a.company_id, a.id, a.tag, a.name, p.class_id, p.status, a.parent_id, p.location_id,
                     p.custodian_party_id, p.custodian_user_id, p.cost_centre_id, a.serial_no, {SERVES}
              FROM assets_asset a {placed}
              WHERE {match_sql(params, placed)} AND a.tag > %(after)s
              ORDER BY a.tag LIMIT %(limit)s) f
        JOIN assets_class c ON c.company_id = f.company_id AND c.id = f.class_id
        LEFT JOIN stock_location l ON l.company_id = f.company_id AND l.id = f.location_id
        LEFT JOIN assets_cost_centre k ON k.company_id = f.company_id AND k.id = f.cost_centre_id
        {AMOUNTS_SQL}
        ORDER BY f.tag
        """,  # noqa: S608 - constant texts
        params | {"after": after, "limit": max(1, min(limit, LARGEST_PAGE))},
    )
    return [RegisterRow(*(*row[:5], Status(row[5]), *row[6:])) for row in rows]


def register_totals(
    company_id: int,
    *,
    book_id: int,
    filters: RegisterFilter | None = None,
    as_of: datetime.date | None = None,
    known_at: datetime.datetime | None = None,
) -> Totals:
    """Count and amounts of all that the filter finds."""
    placed = placed_sql(as_of, known_at)
    params = register_params(company_id, book_id, filters, as_of, known_at)
    if filters is None or filters == RegisterFilter():
        sums = "SELECT sum(cost_amount), sum(carrying_amount) FROM assets_value v WHERE v.company_id = %(company)s"
        row = db.fetch_one(f"{sums} AND v.book_id = %(book)s {KNOWN_SQL}", params)
        there = "SELECT count(*) FROM assets_asset WHERE company_id = %(company)s"
        if placed is not NOW_SQL:
            registered = "SELECT count(*) FROM assets_event v WHERE v.company_id = %(company)s"
            there = f"{registered} AND v.kind = 'registered' {KNOWN_SQL}"
        count = db.fetch_one(there, params)
        cost, carrying = (int(part or 0) for part in row or (0, 0))
        return Totals(count[0] if count else 0, cost, cost - carrying, carrying)
    found = f"SELECT a.id FROM assets_asset a {placed} WHERE {match_sql(params, placed)}"  # noqa: S608 - constants
    if placed is not NOW_SQL and "few" not in params:
        found = found_then(params)
    # Asked in two steps, because how many they are decides how their amounts are read: asset by asset, or in one go.
    params["ids"] = [row[0] for row in db.fetch_all(found, params)]
    own = "v.asset_id" if len(params["ids"]) <= MANY else "v.asset_id + 0"  # that no index knows
    row = db.fetch_one(
        f"""
        SELECT cardinality(%(ids)s::bigint[]), coalesce(sum(v.cost_amount), 0)::bigint,
               coalesce(sum(v.carrying_amount), 0)::bigint
        FROM assets_value v
        WHERE v.company_id = %(company)s AND v.book_id = %(book)s AND {own} = ANY (%(ids)s::bigint[]) {KNOWN_SQL}
        """,  # noqa: S608 - constant texts
        params,
    )
    assert row is not None, "an aggregate has a row"
    return Totals(row[0], row[1], row[1] - row[2], row[2])


# What many assets were on a day, one aspect at a time: read in one go instead of asset by asset.
WAS_SQL = """
    SELECT DISTINCT ON (s.asset_id) s.asset_id, s.value_id FROM assets_placement s
    WHERE s.company_id = %(company)s AND s.aspect = {aspect}
      AND (%(as_of)s::date IS NULL OR s.effective_on <= %(as_of)s)
      AND (%(known_at)s::timestamptz IS NULL OR s.recorded_at <= %(known_at)s)
      AND s.event_id NOT IN (
          SELECT r.of_event_id FROM assets_event r
          WHERE r.company_id = %(company)s AND r.kind = 'reversal' AND r.of_event_id IS NOT NULL
            AND (%(known_at)s::timestamptz IS NULL OR r.recorded_at <= %(known_at)s)
            AND assets_stands(r.company_id, r.event_id, %(known_at)s::timestamptz))
    ORDER BY s.asset_id, s.effective_on DESC, s.phase DESC, s.key DESC
"""


def found_then(params: dict[str, Any]) -> str:
    """A query for the ids of the assets that a filter found as of a day, where they are many."""
    found = ["a.company_id = %(company)s"]
    if params["text"]:
        found.append(_TEXT)
    found += [condition for name, condition in _MASTER.items() if params[name] is not None]
    placed = [(aspect, f"= %({name})s") for name, (_, aspect) in _PLACED.items() if params[name] is not None]
    if params["in_use"] is not None:
        placed.append((Aspect.STATUS, "NOT IN (6, 7)" if params["in_use"] else "IN (6, 7)"))
    if params["location"] is not None:
        placed.append((Aspect.LOCATION, "= ANY (%(locations)s)"))
    found += [
        f"a.id IN (SELECT x.asset_id FROM ({WAS_SQL.format(aspect=int(aspect))}) x WHERE x.value_id {among})"  # noqa: S608
        for aspect, among in placed or [(Aspect.CLASS, "IS NOT NULL")]
    ]
    return f"SELECT a.id FROM assets_asset a WHERE {' AND '.join(found)}"  # noqa: S608 - constants


def register_params(
    company_id: int,
    book_id: int | None,
    filters: RegisterFilter | None,
    as_of: datetime.date | None,
    known_at: datetime.datetime | None,
) -> dict[str, Any]:
    chosen = filters or RegisterFilter()
    return {
        "company": company_id,
        "book": book_id,
        "text": chosen.text.replace("\0", "").strip(),
        "name_key": chosen.text.replace("\0", "").strip().lower(),
        "class": chosen.class_id,
        "status": None if chosen.status is None else int(chosen.status),
        "location": chosen.location_id,
        "party": chosen.custodian_party_id,
        "user": chosen.custodian_user_id,
        "cost_centre": chosen.cost_centre_id,
        "parent": chosen.parent_id,
        "item": chosen.item_id,
        "lot": chosen.lot_id,
        "supplier": chosen.supplier_id,
        "in_use": chosen.in_use,
        "as_of": as_of,
        "known_at": known_at,
    }


def has_assets(company_id: int, count: int) -> bool:
    """Whether there are at least so many; no further than that is counted."""
    row = db.fetch_one(
        "SELECT FROM assets_asset WHERE company_id = %s OFFSET %s LIMIT 1", (company_id, count - 1)
    )
    return row is not None


# --- one asset ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Asset:
    """An asset as it is now."""

    asset_id: int
    tag: str
    name: str
    class_id: int
    class_code: str
    class_name: str
    status: Status
    parent_id: int | None
    parent_tag: str | None
    item_id: int | None
    lot_id: int | None
    serial_no: str
    qty: int
    supplier_id: int | None
    purchase_reference: str
    warranty_until: datetime.date | None
    insured_until: datetime.date | None
    insurance_reference: str
    attributes: dict[str, Any]
    note: str
    location_id: int | None
    custodian_party_id: int | None
    custodian_user_id: int | None
    cost_centre_id: int | None
    created_at: datetime.datetime


@dataclass(frozen=True, slots=True)
class BookValue:
    """What one book says of an asset, in minor units of its currency. `terms`: those it began with."""

    book_id: int
    code: str
    currency: str
    decimals: int
    cost: int
    accumulated: int
    carrying: int
    terms: dict[str, Any] | None
    horizon_on: datetime.date | None


_ASSET = """
    SELECT a.id, a.tag, a.name, a.class_id, c.code, c.name, a.status, a.parent_id, p.tag, a.item_id, a.lot_id,
           a.serial_no, a.qty, a.supplier_id, a.purchase_reference, a.warranty_until, a.insured_until,
           a.insurance_reference, a.attributes, a.note, a.location_id, a.custodian_party_id, a.custodian_user_id,
           a.cost_centre_id, a.created_at
    FROM assets_asset a
    JOIN assets_class c ON c.company_id = a.company_id AND c.id = a.class_id
    LEFT JOIN assets_asset p ON p.company_id = a.company_id AND p.id = a.parent_id
    WHERE a.company_id = %s AND
"""


def asset(company_id: int, asset_id: int) -> Asset:
    """One asset; NotFound if the company has none with this id."""
    row = db.fetch_one(f"{_ASSET} a.id = %s", (company_id, asset_id))
    if row is None:
        raise NotFound(Problem("asset_id", "exists", say("There is no such asset."), value=str(asset_id)))
    return Asset(*(*row[:6], Status(row[6]), *row[7:]))


def asset_by_tag(company_id: int, tag: str) -> Asset:
    """The asset that carries this tag."""
    row = db.fetch_one(f"{_ASSET} a.tag = %s", (company_id, tag))
    if row is None:
        raise NotFound(Problem("tag", "exists", say("There is no asset {tag}.", tag=tag), value=tag))
    return Asset(*(*row[:6], Status(row[6]), *row[7:]))


def book_values(
    company_id: int,
    asset_id: int,
    *,
    as_of: datetime.date | None = None,
    known_at: datetime.datetime | None = None,
    with_components: bool = False,
) -> list[BookValue]:
    """An asset in every book side by side; with its components rolled up if asked."""
    rows = db.fetch_all(
        f"""
        WITH RECURSIVE tree AS (
            SELECT %(asset)s::bigint AS id
            UNION ALL
            SELECT a.id FROM assets_asset a JOIN tree t ON a.company_id = %(company)s AND a.parent_id = t.id
            WHERE %(components)s
        )
        SELECT b.id, b.code, b.currency, b.currency_decimals, m.cost, m.cost - m.carrying, m.carrying,
               (SELECT t.terms FROM assets_asset_book x
                JOIN assets_terms t ON t.company_id = x.company_id AND t.terms_id = x.terms_id
                WHERE x.company_id = b.company_id AND x.asset_id = %(asset)s AND x.book_id = b.id),
               k.horizon_on
        FROM ledger_book b
        JOIN assets_book k ON k.company_id = b.company_id AND k.book_id = b.id
        CROSS JOIN LATERAL (
            SELECT coalesce(sum(v.cost_amount), 0)::bigint AS cost,
                   coalesce(sum(v.carrying_amount), 0)::bigint AS carrying
            FROM assets_value v
            WHERE v.company_id = b.company_id AND v.asset_id IN (SELECT id FROM tree) AND v.book_id = b.id {KNOWN_SQL}
        ) m
        WHERE b.company_id = %(company)s ORDER BY NOT b.is_primary, b.id
        """,  # noqa: S608 - constant texts
        {
            "company": company_id,
            "asset": asset_id,
            "as_of": as_of,
            "known_at": known_at,
            "components": with_components,
        },
    )
    return [BookValue(*row) for row in rows]


def components(company_id: int, asset_id: int) -> list[tuple[int, int, str, str, int]]:
    """What an asset is made of, depth first: (asset id, parent id, tag, name, depth from 1)."""
    rows = db.fetch_all(
        """
        WITH RECURSIVE tree AS (
            SELECT id, parent_id, tag, name, 1 AS depth, ARRAY[tag] AS path FROM assets_asset
            WHERE company_id = %(company)s AND parent_id = %(asset)s
            UNION ALL
            SELECT a.id, a.parent_id, a.tag, a.name, t.depth + 1, t.path || a.tag FROM assets_asset a
            JOIN tree t ON a.company_id = %(company)s AND a.parent_id = t.id
        )
        SELECT id, parent_id, tag, name, depth FROM tree ORDER BY path
        """,
        {"company": company_id, "asset": asset_id},
    )
    return [(row[0], row[1], row[2], row[3], row[4]) for row in rows]


@dataclass(frozen=True, slots=True)
class Component:
    """A part of an asset, `depth` levels below it, with its own amounts and those with all below it (`whole_...`)."""

    asset_id: int
    parent_id: int
    tag: str
    name: str
    depth: int
    status: Status
    cost: int
    carrying: int
    whole_cost: int
    whole_carrying: int


def component_tree(
    company_id: int,
    asset_id: int,
    *,
    book_id: int,
    as_of: datetime.date | None = None,
    known_at: datetime.datetime | None = None,
) -> list[Component]:
    """What an asset is made of, depth first, with what each part is worth in a book, in minor units."""
    rows = db.fetch_all(
        f"""
        WITH RECURSIVE tree AS (
            SELECT id, parent_id, tag, name, status, 1 AS depth, ARRAY[tag] AS path FROM assets_asset
            WHERE company_id = %(company)s AND parent_id = %(asset)s
            UNION ALL
            SELECT a.id, a.parent_id, a.tag, a.name, a.status, t.depth + 1, t.path || a.tag FROM assets_asset a
            JOIN tree t ON a.company_id = %(company)s AND a.parent_id = t.id
        ), worth AS (
            SELECT t.*, coalesce(m.cost, 0) AS cost, coalesce(m.carrying, 0) AS carrying FROM tree t
            CROSS JOIN LATERAL (
                SELECT sum(v.cost_amount)::bigint AS cost, sum(v.carrying_amount)::bigint AS carrying
                FROM assets_value v
                WHERE v.company_id = %(company)s AND v.asset_id = t.id AND v.book_id = %(book)s {KNOWN_SQL}) m
        )
        SELECT w.id, w.parent_id, w.tag, w.name, w.depth, w.status, w.cost, w.carrying,
               (SELECT sum(x.cost) FROM worth x WHERE x.path[:w.depth] = w.path)::bigint,
               (SELECT sum(x.carrying) FROM worth x WHERE x.path[:w.depth] = w.path)::bigint
        FROM worth w ORDER BY w.path
        """,  # noqa: S608 - constant texts
        {"company": company_id, "asset": asset_id, "book": book_id, "as_of": as_of, "known_at": known_at},
    )
    return [Component(*(*row[:5], Status(row[5]), *row[6:])) for row in rows]


def attachments(company_id: int, asset_id: int) -> list[dict[str, Any]]:
    """Pictures and documents of an asset, oldest first."""
    return db.fetch_dicts(
        "SELECT id, file_name, title, media_type, size_bytes, sha256, is_image, pixels_wide, pixels_high, created_at"
        " FROM assets_attachment WHERE company_id = %s AND asset_id = %s ORDER BY id",
        (company_id, asset_id),
    )
