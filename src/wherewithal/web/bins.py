"""The map of bins: a warehouse's places as a grid, by zone and by the parts of their names, coloured by what lies there.

The model knows no sizes of bins, so how full one is is told by how many items lie in it.
"""

import re
from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from wherewithal.stock.queries import Contents, Location
from wherewithal.web import formatting
from wherewithal.web.desk import Desk

SOON, LATER = 30, 90  # days to the expiry, as on the page of what expires
STEPS = 4


@dataclass(frozen=True, slots=True)
class Bin:
    """A place without places inside. `value` in minor units of the book, None for those who may not see money."""

    place: Location
    items: int
    value: int | None
    expires_on: date | None


@dataclass(frozen=True, slots=True)
class ShownBin:
    """One square: what it is called in its row, what it holds in words, and its colour."""

    code: str
    short: str
    says: str
    href: str
    colour: str


@dataclass(frozen=True, slots=True)
class Row:
    label: str
    bins: Sequence[ShownBin]


@dataclass(frozen=True, slots=True)
class Zone:
    name: str
    href: str
    rows: Sequence[Row]


@dataclass(frozen=True, slots=True)
class Map:
    """What the component `bins` draws. `ways`: tabs that choose what the colours mean; `legend`: colour and words."""

    zones: Sequence[Zone]
    ways: Sequence[Mapping[str, Any]]
    legend: Sequence[tuple[str, str]]


def bins_below(
    places: Sequence[Location], top: Location, contents: Mapping[int, Contents], expiries: Mapping[int, date]
) -> list[Bin]:
    """The innermost open places below one, in the order of the tree."""
    parents = {place.parent_id for place in places}
    return [
        Bin(
            place,
            contents[place.id].items if place.id in contents else 0,
            contents[place.id].value if place.id in contents else 0,
            expiries.get(place.id),
        )
        for place in places
        if place.id not in parents and top.id in place.path[:-1] and (place.active or place.id in contents)
    ]


def map_of(
    desk: Desk, found: Sequence[Bin], places: Mapping[int, Location], by: str, href: Callable[[str], str]
) -> Map:
    """The grid, coloured by `value`, `items` or `expiry`."""
    scales = _scales(desk, found)
    scale = scales.get(by) or next(iter(scales.values()))
    order = list(places)  # as in the tree: a place before those inside it
    zones: dict[int, list[Bin]] = {}
    for each in found:
        zones.setdefault(each.place.parent_id or 0, []).append(each)
    shown = [
        Zone(
            f"{places[zone_id].code} {places[zone_id].name}",
            desk.link("location", zone_id),
            _rows(desk, zone, scale),
        )
        for zone_id, zone in sorted(zones.items(), key=lambda pair: order.index(pair[0]))
    ]
    ways = [
        {"label": each.label, "href": href(key), "current": each is scale, "count": None}
        for key, each in scales.items()
    ]
    return Map(shown, ways, scale.legend)


# --- what the colours mean --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Scale:
    label: str
    colour: Callable[[Bin], str]
    legend: Sequence[tuple[str, str]]


def _scales(desk: Desk, found: Sequence[Bin]) -> dict[str, _Scale]:
    money = lambda minor: formatting.money(  # noqa: E731
        desk.amount(minor), desk.book.currency, decimals=desk.book.currency_decimals
    )
    scales = {}
    if desk.may("ledger.read"):
        label = _("Value, %(currency)s") % {"currency": desk.book.currency}
        scales["value"] = _steps(label, found, lambda each: each.value or 0, money)
    scales["items"] = _steps(_("Items"), found, lambda each: each.items, lambda n: formatting.count(n))
    soon, later = (desk.today + timedelta(days=days) for days in (SOON, LATER))

    def expiry(each: Bin) -> str:
        on = each.expires_on
        if on is None:
            return "none"
        return "bad" if on < desk.today else "warn" if on <= soon else "note" if on <= later else "good"

    scales["expiry"] = _Scale(
        _("Expiry"),
        expiry,
        (
            ("bad", _("past its expiry")),
            ("warn", _("within %(days)s days") % {"days": SOON}),
            ("note", _("within %(days)s days") % {"days": LATER}),
            ("good", _("later")),
            ("none", _("nothing that expires")),
        ),
    )
    return scales


def _steps(
    label: str, found: Sequence[Bin], figure: Callable[[Bin], int], words: Callable[[int], str]
) -> _Scale:
    """Steps with about as many bins each, so that one very full bin does not make all others look empty."""
    filled = sorted(figure(each) for each in found if figure(each) > 0)
    tops = (
        sorted({filled[(len(filled) * step - 1) // STEPS] for step in range(1, STEPS + 1)}) if filled else []
    )

    def colour(each: Bin) -> str:
        amount = figure(each)
        return "bad" if amount < 0 else f"step-{bisect_left(tops, amount) + 1}" if amount else "none"

    legend = [("none", _("nothing"))]
    legend += [
        (f"step-{step}", _("up to %(top)s") % {"top": words(top)}) for step, top in enumerate(tops, start=1)
    ]
    if any(figure(each) < 0 for each in found):
        legend.append(("bad", _("below zero")))
    return _Scale(label, colour, legend)


# --- rows from names --------------------------------------------------------------------------------------


def _rows(desk: Desk, zone: Sequence[Bin], scale: _Scale) -> list[Row]:
    """GRZ-A-03-2 is bin 2 of row A-03: what all names of a zone begin with is left out, their last part is the column."""
    parts = {each.place.id: _parts(each.place.code) for each in zone}
    names = list(parts.values())
    shortest = min(len(name) for name in names)
    common = 0
    while common < shortest - 1 and len({name[common] for name in names}) == 1:
        common += 1
    rows: dict[tuple[str, ...], list[Bin]] = {}
    for each in zone:
        rows.setdefault(tuple(parts[each.place.id][common:-1]), []).append(each)
    if all(len(row) == 1 for row in rows.values()):  # the names have no rows: one for all
        rows = {(): list(zone)}
    shown = []
    for label, row in sorted(rows.items(), key=lambda pair: [_natural(part) for part in pair[0]]):
        row.sort(key=lambda each: [_natural(part) for part in parts[each.place.id]])
        shown.append(
            Row(
                "-".join(label),
                [
                    _shown(desk, each, "".join(parts[each.place.id][common + len(label) :]), scale)
                    for each in row
                ],
            )
        )
    return shown


def _parts(code: str) -> list[str]:
    return re.findall(r"\d+|[^\W\d_]+", code) or [code]


def _natural(part: str) -> tuple[int, int, str]:
    return (0, int(part), "") if part.isdigit() else (1, 0, part)


def _shown(desk: Desk, each: Bin, short: str, scale: _Scale) -> ShownBin:
    said = [
        ngettext("%(n)s item", "%(n)s items", each.items) % {"n": formatting.count(each.items)}
        if each.items
        else _("empty")
    ]
    if each.items and each.value is not None and desk.may("ledger.read"):
        amount = formatting.money(
            desk.amount(each.value), desk.book.currency, decimals=desk.book.currency_decimals
        )
        said.append(f"{amount} {desk.book.currency}")
    if each.expires_on:
        said.append(_("first expiry %(day)s") % {"day": formatting.day(each.expires_on)})
    says = f"{each.place.code}: {', '.join(said)}"
    return ShownBin(each.place.code, short, says, desk.link("location", each.place.id), scale.colour(each))
