"""What goods cost that became assets: the value of their move, in each book, as now known."""

from collections.abc import Iterable

from wherewithal.assets.services.planning import PlannedEvent
from wherewithal.assets.services.posting.history import AssetHistory
from wherewithal.assets.services.posting.reading import MoveCosts
from wherewithal.core.posting import Role
from wherewithal.kit import db
from wherewithal.kit.errors import refuse


def costs_of_moves(company_id: int, histories: Iterable[AssetHistory]) -> MoveCosts:
    """(move, book) -> what left stock for an asset, or came from one, in minor units of the book's currency."""
    moves = sorted({e.move_id for history in histories for e in history.events if e.move_id is not None})
    if not moves:
        return {}
    rows = db.fetch_all(
        "SELECT move_id, book_id, sum(amount)::bigint FROM stock_value"
        " WHERE company_id = %s AND move_id = ANY (%s) AND role = ANY (%s) GROUP BY move_id, book_id",
        (company_id, moves, [int(Role.TO_ASSET), int(Role.FROM_ASSET)]),
    )
    return {(move_id, book_id): amount for move_id, book_id, amount in rows}


def refuse_taken_moves(company_id: int, events: Iterable[PlannedEvent]) -> None:
    """A move goes to assets or comes from them, and one event takes over all of its cost."""
    named = {event.move_id: event for event in events if event.move_id is not None}
    if not named:
        return
    known = db.fetch_all(
        """
        SELECT m.move_id, EXISTS (
                   SELECT 1 FROM assets_event e WHERE e.company_id = m.company_id AND e.move_id = m.move_id
                     AND NOT EXISTS (SELECT 1 FROM assets_event r WHERE r.company_id = e.company_id
                                     AND r.of_event_id = e.event_id AND r.kind = 'reversal'))
        FROM stock_move m
        JOIN stock_location f ON f.company_id = m.company_id AND f.id = m.from_location_id
        JOIN stock_location t ON t.company_id = m.company_id AND t.id = m.to_location_id
        WHERE m.company_id = %s AND m.move_id = ANY (%s) AND 'asset' IN (f.type, t.type)
        """,
        (company_id, sorted(named)),
    )
    taken: dict[int, bool] = dict(known)
    for move_id, event in sorted(named.items()):
        if move_id not in taken:
            message = "There is no such move of goods to the place of assets."
            raise refuse("move_id", "exists", message, row=event.row, value=move_id)
        if taken[move_id]:
            message = "Another event has taken over the cost of this move."
            raise refuse("move_id", "once", message, row=event.row, value=move_id)
