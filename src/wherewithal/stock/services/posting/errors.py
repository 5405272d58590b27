"""What the database refused, in words that name the item, the place, the lot and the moment."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

import psycopg

from wherewithal.core.words import join, say
from wherewithal.kit.errors import Problem, Refused
from wherewithal.kit.instants import in_zone
from wherewithal.stock.services.context import Context
from wherewithal.stock.services.lots_there import lots_there
from wherewithal.stock.services.planning.values import Plan, PlannedMove

NEGATIVE, OVERCLAIMED, TWO_PLACES = "WH202", "WH203", "WH204"
MOST_CELLS = 100  # of so many items in places at most
MOST_LOTS = 5
"""So many lots are named that lie there."""
ONE_PLACE = "stock_quant_one_place_per_serial"
ONE_UNIT = "stock_quant_one_unit_per_serial"


def is_ours(error: psycopg.Error) -> bool:
    """Whether the guards of this room refused, for a reason that a user can do something about."""
    if error.sqlstate in (NEGATIVE, OVERCLAIMED, TWO_PLACES):
        return True
    return error.diag.constraint_name in (ONE_PLACE, ONE_UNIT)


def explained(error: psycopg.Error, context: Context, moves: Sequence[PlannedMove]) -> Refused:
    """The refusal, with one problem for each cell; rows are those that take goods from it. Asks the database nothing."""
    if error.sqlstate == TWO_PLACES:
        return Refused(
            Problem(
                "serials", "one_place", say("{message_primary}.", message_primary=error.diag.message_primary)
            )
        )
    if error.sqlstate not in (NEGATIVE, OVERCLAIMED):
        return Refused(
            Problem("serials", "one_place", say("A serial cannot be in two places: it is in stock already."))
        )
    cells: list[dict[str, Any]] = json.loads(error.diag.message_detail or "[]")
    tell = _negative if error.sqlstate == NEGATIVE else _overclaimed
    return Refused(tell(cell, context, moves) for cell in cells)


def with_lots(company_id: int, plan: Plan) -> list[Problem]:
    """The problems of a plan; where a lot is to be named, with those that lie there, the first to expire first."""
    cells = list(dict.fromkeys(plan.lot_wanted.values()))[:MOST_CELLS]
    if not cells:
        return plan.problems
    named: dict[tuple[int, int], list[str]] = {}
    for lot in lots_there(company_id, cells, limit=MOST_LOTS + 1):
        told = lot.lot_code
        if lot.expires_on is not None:
            told = say("{lot} (expires {day})", lot=lot.lot_code, day=lot.expires_on)
        named.setdefault((lot.item_id, lot.location_id), []).append(told)
    problems = list(plan.problems)
    for position, cell in plan.lot_wanted.items():
        lots = named.get(cell, [])
        if lots:
            more = ["\N{HORIZONTAL ELLIPSIS}"] if len(lots) > MOST_LOTS else []
            there = say("In this place: {lots}.", lots=join([*lots[:MOST_LOTS], *more], ", "))
            problem = problems[position]
            problems[position] = replace(problem, message=join([problem.message, there]))
    return problems


def _row(cell: dict[str, Any], moves: Sequence[PlannedMove]) -> int | None:
    """The first line that takes goods from the cell."""
    for move in moves:
        if (move.item_id, move.from_location_id) == (
            cell["item_id"],
            cell["location_id"],
        ) and move.lot_id == cell["lot_id"]:
            return move.row
    return None


def _names(cell: dict[str, Any], context: Context, moves: Sequence[PlannedMove]) -> tuple[str, str, str]:
    item = context.items.get(cell["item_id"])
    place = context.places.get(cell["location_id"])
    lot = ""
    if cell["lot_id"]:
        code = cell.get("lot") or next((m.lot_code for m in moves if m.lot_id == cell["lot_id"]), None)
        lot = say(" (lot {code})", code=code or cell["lot_id"])
    return (
        item.sku if item else say("Item {item_id}", item_id=cell["item_id"]),
        place.code if place else say("location {location_id}", location_id=cell["location_id"]),
        lot,
    )


def _qty(cell: dict[str, Any], name: str, context: Context) -> str:
    item = context.items.get(cell["item_id"])
    if item is None:
        return str(cell[name])
    return say("{qty:f} {unit}", qty=Decimal(cell[name]).scaleb(-item.qty_decimals), unit=item.unit_code)


def _negative(cell: dict[str, Any], context: Context, moves: Sequence[PlannedMove]) -> Problem:
    sku, place, lot = _names(cell, context, moves)
    message = say(
        "{sku} at {place}{lot} would fall to {cell} on {cell_2}: receive or transfer goods there "
        "first, or take less.",
        sku=sku,
        place=place,
        lot=lot,
        cell=_qty(cell, "qty", context),
        cell_2=_instant(cell, context),
    )
    return Problem("qty", "on_hand", message, _row(cell, moves), str(cell["qty"]))


def _instant(cell: dict[str, Any], context: Context) -> str:
    """When it would happen; for a balance that is already below zero, at once."""
    try:
        return in_zone(datetime.fromisoformat(cell["at"]), context.timezone)
    except ValueError:
        return str(cell["at"])


def _overclaimed(cell: dict[str, Any], context: Context, moves: Sequence[PlannedMove]) -> Problem:
    sku, place, lot = _names(cell, context, moves)
    message = say(
        "{sku} at {place}{lot}: {cell} would be reserved of {cell_2} on hand: release a "
        "reservation first, or take less.",
        sku=sku,
        place=place,
        lot=lot,
        cell=_qty(cell, "reserved", context),
        cell_2=_qty(cell, "qty", context),
    )
    return Problem("qty", "reserved", message, _row(cell, moves), str(cell["qty"]))
