"""Where depreciation stands after each event, kept so that a run need not read the history of every asset again."""

import datetime
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple, Protocol

from wherewithal.assets.services.context import BookFacts
from wherewithal.assets.services.posting.history import AssetHistory
from wherewithal.assets.services.posting.reading import MoveCosts
from wherewithal.assets.services.registering import intern_terms
from wherewithal.assets.terms import as_json, canonical
from wherewithal.core.assets.fold import Folded, Standing
from wherewithal.core.depreciation.terms import Method, Terms
from wherewithal.kit import db

STILL, BULK, SLOW = 0, 1, 2
COLUMNS = (
    ("company_id", "int"),
    ("book_id", "int"),
    ("asset_id", "bigint"),
    ("way", "smallint"),
    ("class_id", "int"),
    ("cause_id", "bigint"),
    ("through_on", "date"),
    ("in_service_on", "date"),
    ("starts_on", "date"),
    ("cost", "bigint"),
    ("opening", "bigint"),
    ("residual", "bigint"),
    ("terms_id", "bigint"),
    ("charged", "bigint"),
)


MOVE_COLUMNS = (
    ("company_id", "int"),
    ("book_id", "int"),
    ("asset_id", "bigint"),
    ("move_id", "bigint"),
    ("amount", "bigint"),
)


class StandingRow(NamedTuple):
    """One asset in one book, the day up to which the book spoke of it, and what the goods in it cost (move, amount)."""

    asset_id: int
    standing: Standing
    way: int
    through_on: datetime.date
    move_costs: tuple[tuple[int, int], ...]


class SaidOf(Protocol):
    """What a book should say about some assets."""

    @property
    def folded(self) -> dict[int, Folded]: ...
    @property
    def through_on(self) -> datetime.date: ...


def standing_rows(
    book: BookFacts, said: SaidOf, group: Sequence[AssetHistory], move_costs: MoveCosts
) -> Iterator[StandingRow]:
    """Where the assets of a group stand now."""
    for asset in group:
        answer = said.folded[asset.asset_id]
        moves = sorted({event.move_id for event in asset.events if event.move_id is not None})
        costs = tuple((move, move_costs.get((move, book.book_id), 0)) for move in moves)
        way = _way(answer.standing)
        yield StandingRow(asset.asset_id, answer.standing, way, said.through_on, costs)


def _way(standing: Standing) -> int:
    segment = standing.segment
    if not standing.simple:
        return SLOW
    if segment is None:
        return STILL
    plain = segment.elapsed_months is None and not segment.elapsed_units and not segment.idle
    return BULK if plain and segment.terms.method is not Method.UNITS else SLOW


def keep_standings(company_id: int, book_id: int, rows: Sequence[StandingRow]) -> None:
    """Put these in place of what was known of the assets in the book."""
    if not rows:
        return
    texts: dict[Terms, str] = {}
    for row in rows:
        if row.way == BULK and row.standing.segment is not None:
            terms = row.standing.segment.terms
            if terms not in texts:
                texts[terms] = canonical(as_json(terms))
    ids = intern_terms(company_id, set(texts.values()))
    asset_ids = [row.asset_id for row in rows]
    for table in ("assets_standing", "assets_move_cost"):
        db.execute(
            f"DELETE FROM {table} WHERE company_id = %s AND book_id = %s AND asset_id = ANY (%s)",  # noqa: S608
            (company_id, book_id, asset_ids),
        )
    db.insert_rows("assets_standing", COLUMNS, [_row(company_id, book_id, row, texts, ids) for row in rows])
    moves = [(company_id, book_id, row.asset_id, *cost) for row in rows for cost in row.move_costs]
    db.insert_rows("assets_move_cost", MOVE_COLUMNS, moves)


def _row(
    company_id: int, book_id: int, row: StandingRow, texts: Mapping[Terms, str], ids: Mapping[str, int]
) -> tuple[object, ...]:
    segment = row.standing.segment
    head = (
        company_id,
        book_id,
        row.asset_id,
        row.way,
        row.standing.class_id,
        row.standing.cause_id,
        row.through_on,
    )
    if row.way != BULK or segment is None:
        return (*head, None, None, None, None, None, None, None)
    return (
        *head,
        segment.in_service_on,
        segment.starts_on,
        segment.cost,
        segment.opening,
        segment.residual,
        ids[texts[segment.terms]],
        row.standing.charged,
    )
