"""What goods cost that became assets: the value of their move, in each book, as now known."""

from collections.abc import Iterable, Mapping

from wherewithal.assets.services.planning import PlannedEvent
from wherewithal.assets.services.posting.history import AssetHistory, Event
from wherewithal.assets.services.posting.reading import MoveCosts
from wherewithal.core.assets.facts import DisposalKind, Kind
from wherewithal.core.posting import Role
from wherewithal.core.words import say
from wherewithal.kit import db
from wherewithal.kit.errors import refuse

_OF_ASSETS = f"role IN ({int(Role.FROM_ASSET)}, {int(Role.TO_ASSET)})"


def costs_of_moves(company_id: int, histories: Iterable[AssetHistory]) -> MoveCosts:
    """(move, book) -> what left stock for an asset, or came from one, in minor units of the book's currency."""
    moves = sorted({e.move_id for history in histories for e in history.events if e.move_id is not None})
    if not moves:
        return {}
    rows = db.fetch_all(
        "SELECT move_id, book_id, sum(amount)::bigint FROM stock_value"  # noqa: S608 - two constants
        f" WHERE company_id = %s AND move_id = ANY (%s) AND {_OF_ASSETS} GROUP BY move_id, book_id",
        (company_id, moves),
    )
    return {(move_id, book_id): amount for move_id, book_id, amount in rows}


def assets_of_changed_moves(company_id: int, book_id: int) -> set[int]:
    """Assets made of goods (or taken apart into some) of which this book has not read what they now cost.

    What a book should say depends on goods by these costs alone, so that of all others there is nothing new to say.
    """
    rows = db.fetch_all(
        f"""
        SELECT DISTINCT e.asset_id FROM assets_event e
        LEFT JOIN (SELECT move_id, sum(amount)::bigint AS amount FROM stock_value
                   WHERE company_id = %(company)s AND book_id = %(book)s AND {_OF_ASSETS} GROUP BY move_id) v
            ON v.move_id = e.move_id
        LEFT JOIN assets_move_cost c ON c.company_id = e.company_id AND c.book_id = %(book)s
            AND c.asset_id = e.asset_id AND c.move_id = e.move_id
        WHERE e.company_id = %(company)s AND e.move_id IS NOT NULL AND c.amount IS DISTINCT FROM coalesce(v.amount, 0)
        """,  # noqa: S608 - two constants
        {"company": company_id, "book": book_id},
    )
    return {row[0] for row in rows}


def refuse_without_goods(planned: Iterable[PlannedEvent], histories: Mapping[int, AssetHistory]) -> None:
    """What goes back to stock goes with its goods, and comes back with them: without them its value would wait between
    the two for ever."""
    goods = {e.event_id for history in histories.values() for e in history.events if e.move_id is not None}
    for event in planned:
        if event.kind == Kind.REINSTATEMENT and event.of_event_id in goods:
            message = say(
                "It became goods: make an asset of them again, or take back what put it into stock."
            )
            raise refuse("of_event_id", "with_goods", message, row=event.row, value=event.of_event_id)
        if event.move_id is None and DisposalKind.TO_STOCK in _hows(event):
            message = say("Put the asset into stock, whole: that moves the goods and records this disposal.")
            raise refuse("how", "with_goods", message, row=event.row, value=DisposalKind.TO_STOCK)


def _hows(event: PlannedEvent) -> set[object]:
    """How it is disposed of, in all books and in single ones."""
    return {values.get("how") for values in (event.values, *event.books.values())}


def refuse_taken_moves(
    company_id: int, planned: Iterable[PlannedEvent], histories: Mapping[int, AssetHistory]
) -> None:
    """A move goes to assets or comes from them, and one event that stands takes over all of its cost.

    Also where a reversal is itself taken back: what it had taken away claims its move again. `histories`: with what is
    planned.
    """
    events = list(planned)
    rows = {event.event_id: event.row for event in events}
    again = {event.asset_id: event.row for event in events if event.kind == Kind.REVERSAL}
    named = {event.move_id: event for event in events if event.move_id is not None}
    claims: dict[int, list[Event]] = {}
    for history in histories.values():
        for event in history.alive():
            if event.move_id is not None and (event.move_id in named or event.asset_id in again):
                claims.setdefault(event.move_id, []).append(event)
    if not claims and not named:
        return
    moves = sorted({*claims, *named})
    # Two who claim one move at once, each for another asset, wait for each other here.
    db.fetch_all(
        "SELECT pg_advisory_xact_lock(hashtextextended('assets_move ' || %s::text || ' ' || m::text, 0))"
        " FROM unnest(%s::bigint[]) AS m",
        (company_id, moves),
    )
    known = db.fetch_all(
        """
        SELECT m.move_id, f.type = 'asset', EXISTS (
                   SELECT 1 FROM assets_event e WHERE e.company_id = m.company_id AND e.move_id = m.move_id
                     AND e.asset_id <> ALL (%(read)s) AND assets_stands(e.company_id, e.event_id, NULL))
        FROM stock_move m
        JOIN stock_location f ON f.company_id = m.company_id AND f.id = m.from_location_id
        JOIN stock_location t ON t.company_id = m.company_id AND t.id = m.to_location_id
        WHERE m.company_id = %(company)s AND m.move_id = ANY (%(moves)s) AND 'asset' IN (f.type, t.type)
        """,
        {"company": company_id, "moves": moves, "read": sorted(histories)},
    )
    taken: dict[int, bool] = {move_id: elsewhere for move_id, _, elsewhere in known}
    came_back: dict[int, bool] = {move_id: back for move_id, back, _ in known}
    for move_id, new in sorted(named.items()):
        if move_id not in taken:
            message = say("There is no such move of goods to the place of assets.")
            raise refuse("move_id", "exists", message, row=new.row, value=move_id)
        if came_back[move_id] != (DisposalKind.TO_STOCK in _hows(new)):
            message = say(
                "That move goes the other way: goods go to an asset, or come from one that goes to stock."
            )
            raise refuse("move_id", "way", message, row=new.row, value=move_id)
    for move_id, mine in sorted(claims.items()):
        if len(mine) > 1 or taken.get(move_id):
            row = next((rows[e.event_id] for e in mine if e.event_id in rows), again.get(mine[0].asset_id))
            message = say("Another event has taken over the cost of this move.")
            raise refuse("move_id", "once", message, row=row, value=move_id)
