"""What goods cost that became assets: the value of their move, in each book, as now known."""

from collections.abc import Iterable

from wherewithal.assets.services.posting.history import AssetHistory
from wherewithal.assets.services.posting.reading import MoveCosts
from wherewithal.kit import db


def costs_of_moves(company_id: int, histories: Iterable[AssetHistory]) -> MoveCosts:
    """(move, book) -> what left stock with the move, in minor units of the book's currency."""
    moves = sorted({e.move_id for history in histories for e in history.events if e.move_id is not None})
    if not moves:
        return {}
    rows = db.fetch_all(
        "SELECT move_id, book_id, (-sum(stock_amount))::bigint FROM stock_value"
        " WHERE company_id = %s AND move_id = ANY (%s) GROUP BY move_id, book_id",
        (company_id, moves),
    )
    return {(move_id, book_id): amount for move_id, book_id, amount in rows}
