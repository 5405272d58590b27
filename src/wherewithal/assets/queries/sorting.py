"""The register in another order than by tag, page by page."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from wherewithal.assets.queries.register import (
    AMOUNTS_SQL,
    KNOWN_SQL,
    LARGEST_PAGE,
    NOW_SQL,
    SERVES,
    WAS_SQL,
    RegisterFilter,
    RegisterRow,
    found_then,
    match_sql,
    placed_sql,
    register_params,
)
from wherewithal.assets.values import Aspect, Status
from wherewithal.core.words import say
from wherewithal.kit import db
from wherewithal.kit.errors import refuse

FEW_SORTED = 2_000
"""Up to so many assets are looked at one by one where an order has no index; for more, all are read in one go."""


class Sort(StrEnum):
    """By what; equal ones by tag (those of one name by number)."""

    TAG = "tag"
    NAME = "name"
    CLASS = "class"
    LOCATION = "location"
    IN_SERVICE = "in_service"
    COST = "cost"
    CARRYING = "carrying"


@dataclass(frozen=True, slots=True)
class Placed:
    """A row and where it stands: `place` of the last one is `after` of the next page."""

    row: RegisterRow
    place: tuple[Any, ...]


_COLUMNS = """
    SELECT f.id, f.tag, f.name, f.class_id, c.code, f.status, f.parent_id, f.location_id, l.code,
           f.custodian_party_id, f.custodian_user_id, f.cost_centre_id, k.code, f.serial_no, f.in_service_on,
           m.cost, m.cost - m.carrying, m.carrying
"""
_NAMES = """
    JOIN assets_class c ON c.company_id = f.company_id AND c.id = f.class_id
    LEFT JOIN stock_location l ON l.company_id = f.company_id AND l.id = f.location_id
    LEFT JOIN assets_cost_centre k ON k.company_id = f.company_id AND k.id = f.cost_centre_id
"""
_SERVED = "coalesce({of}.in_service_on, '9999-12-31'::date)"  # as its index has it; what was never in service is last
_FOUND = f"""
    SELECT a.company_id, a.id, a.tag, a.name, a.name_key, p.class_id, p.status, a.parent_id, p.location_id,
           p.custodian_party_id, p.custodian_user_id, p.cost_centre_id, a.serial_no, {SERVES},
           {_SERVED.format(of="a")} AS served
    FROM assets_asset a {{placed}} WHERE {{match}}
"""  # noqa: S608 - constant texts
# Where to look, in order, each with its assets by tag: what comes first fills the page, and the rest is never read.
_GROUPS = {
    Sort.CLASS: "SELECT id, code FROM assets_class WHERE company_id = %(company)s",
    Sort.LOCATION: "SELECT id, code FROM stock_location WHERE company_id = %(company)s",
}
_KEYS = {  # what is sorted by, and by what else; a place that is not known sorts as an empty text
    Sort.TAG: ("f.tag", "f.tag", "text"),
    Sort.NAME: ("f.name_key", "f.id", "text"),
    Sort.CLASS: ('c.code COLLATE "C"', "f.tag", "text"),
    Sort.LOCATION: ("coalesce(l.code, '') COLLATE \"C\"", "f.tag", "text"),
    Sort.IN_SERVICE: ("f.served", "f.tag", "date"),
    Sort.COST: ("m.cost", "f.tag", "bigint"),
    Sort.CARRYING: ("m.carrying", "f.tag", "bigint"),
}


def sorted_register(
    company_id: int,
    *,
    sort: Sort,
    descending: bool = False,
    book_id: int | None = None,
    filters: RegisterFilter | None = None,
    as_of: datetime.date | None = None,
    known_at: datetime.datetime | None = None,
    after: Sequence[Any] | None = None,
    limit: int = 50,
) -> list[Placed]:
    """A page in an order. `after`: the place of the last row of the page before.

    By tag, name and day of service, and as of now by class and place, an index gives the page; by amounts, and by class
    and place on other days, all that the filter finds are read, which takes longer the more they are.
    """
    if book_id is None and sort in (Sort.COST, Sort.CARRYING):
        raise refuse(
            "sort", "sees_amounts", say("Amounts are for those who see the ledger."), value=str(sort)
        )
    placed = placed_sql(as_of, known_at)
    params = register_params(company_id, book_id, filters, as_of, known_at)
    match = match_sql(params, placed)
    params |= {
        "limit": max(1, min(limit, LARGEST_PAGE)),
        "first": after[0] if after else None,
        "then": after[1] if after else None,
    }
    found = _FOUND.format(placed=placed, match=match)
    key, then, kind = _KEYS[sort]
    way, beyond = ("DESC", "<") if descending else ("ASC", ">")
    then_kind = "bigint" if sort is Sort.NAME else "text"
    past = f"({key}, {then}) {beyond} (%(first)s::{kind}, %(then)s::{then_kind})" if after else "true"
    order = f"ORDER BY {key} {way}, {then} {way} LIMIT %(limit)s"
    if (
        sort in _GROUPS
        and placed is NOW_SQL
        and (filters in (None, RegisterFilter()) or _many(found, params))
    ):
        return _by_group(params, sort, descending, match, after)
    unindexed = sort in (Sort.COST, Sort.CARRYING) or (sort in _GROUPS and placed is not NOW_SQL)
    if unindexed and _many(found, params):
        return _in_one_go(
            params, sort, found, placed, f"{beyond} (%(first)s, %(then)s)" if after else "", way
        )
    from_sql = f"({found}) f {_NAMES} {AMOUNTS_SQL}"
    if sort not in (Sort.COST, Sort.CARRYING):  # amounts of the page alone
        names = _NAMES if sort in _GROUPS else ""
        some = f"SELECT f.* FROM ({found}) f {names} WHERE {past} {order}"  # noqa: S608 - constant texts
        from_sql = f"({some}) f {_NAMES} {AMOUNTS_SQL}"
    sql = f"{_COLUMNS}, {key}, {then} FROM {from_sql} WHERE {past} {order}"
    return [_placed(row) for row in db.fetch_all(sql, params)]


def _many(found: str, params: dict[str, Any]) -> bool:
    some = f"SELECT FROM ({found}) f LIMIT {FEW_SORTED + 1}"
    row = db.fetch_one(f"SELECT count(*) FROM ({some}) n", params)  # noqa: S608 - constant texts
    return row is not None and row[0] > FEW_SORTED


_CODES = """
    SELECT x.asset_id, c.code COLLATE "C" AS key
    FROM ({were}) x JOIN {table} c ON c.company_id = %(company)s AND c.id = x.value_id
"""
# What many assets are sorted by, read in one go: (asset, key), and the key of those that are not in it.
_KEYS_OF_ALL = {
    Sort.COST: ("SELECT v.asset_id, sum(v.cost_amount)::bigint AS key {values}", "0"),
    Sort.CARRYING: ("SELECT v.asset_id, sum(v.carrying_amount)::bigint AS key {values}", "0"),
    Sort.CLASS: (_CODES.format(table="assets_class", were=WAS_SQL.format(aspect=int(Aspect.CLASS))), "''"),
    Sort.LOCATION: (
        _CODES.format(table="stock_location", were=WAS_SQL.format(aspect=int(Aspect.LOCATION))),
        "''",
    ),
}
_VALUES = f"""
    FROM assets_value v WHERE v.company_id = %(company)s AND v.book_id = %(book)s {KNOWN_SQL} GROUP BY v.asset_id
"""


def _in_one_go(
    params: dict[str, Any], sort: Sort, found: str, placed: str, beyond: str, way: str
) -> list[Placed]:
    """A page of many assets in an order that no index has: first which they are, then their rows."""
    there = f"SELECT f.id FROM ({found}) f"  # noqa: S608 - constant texts
    if placed is not NOW_SQL and "few" not in params:
        there = found_then(params)
    keys, otherwise = _KEYS_OF_ALL[sort]
    page = f"""
        SELECT a.id, k.key, a.tag FROM assets_asset a
        JOIN ({there}) t ON t.id = a.id
        LEFT JOIN ({keys.format(values=_VALUES)}) w ON w.asset_id = a.id
        CROSS JOIN LATERAL (SELECT coalesce(w.key, {otherwise}) AS key) k
        WHERE a.company_id = %(company)s {f"AND (k.key, a.tag) {beyond}" if beyond else ""}
        ORDER BY k.key {way}, a.tag {way} LIMIT %(limit)s
    """  # noqa: S608 - constant texts
    places = {row[0]: (row[1], row[2]) for row in db.fetch_all(page, params)}
    some = _FOUND.format(
        placed=placed, match="a.company_id = %(company)s AND a.id = ANY (%(page)s::bigint[])"
    )
    sql = f"{_COLUMNS}, NULL, NULL FROM ({some}) f {_NAMES} {AMOUNTS_SQL}"
    rows = {row[0]: _placed(row).row for row in db.fetch_all(sql, params | {"page": list(places)})}
    return [Placed(rows[asset_id], place) for asset_id, place in places.items()]


def _by_group(
    params: dict[str, Any], sort: Sort, descending: bool, match: str, after: Sequence[Any] | None
) -> list[Placed]:
    """By class or place as of now: group after group, each by tag, until the page is full."""
    groups = [(row[1], row[0]) for row in db.fetch_all(_GROUPS[sort], params)]
    if sort is Sort.LOCATION:
        groups.append(("", None))
    groups.sort(key=lambda each: each[0], reverse=descending)
    way, beyond = ("DESC", "<") if descending else ("ASC", ">")
    column = "class_id" if sort is Sort.CLASS else "location_id"
    found: list[Placed] = []
    for code, group_id in groups:
        if after and (code > after[0] if descending else code < after[0]):
            continue
        here = "a.location_id IS NULL" if group_id is None else f"a.{column} = %(group)s"
        past = f"a.tag {beyond} %(then)s" if after and code == after[0] else "true"
        some = _FOUND.format(placed=NOW_SQL, match=f"{match} AND {here} AND {past}")
        sql = (
            f"{_COLUMNS}, %(code)s::text, f.tag FROM ({some} ORDER BY a.tag {way} LIMIT %(limit)s) f {_NAMES}"
            f" {AMOUNTS_SQL} ORDER BY f.tag {way}"
        )
        more = params | {"group": group_id, "code": code, "limit": params["limit"] - len(found)}
        found += [_placed(row) for row in db.fetch_all(sql, more)]
        if len(found) >= params["limit"]:
            break
    return found


def _placed(row: db.Row) -> Placed:
    return Placed(RegisterRow(*(*row[:5], Status(row[5]), *row[6:-2])), tuple(row[-2:]))
