"""Assets that are still there though nothing is left to depreciate, on any day, as known at any instant."""

import datetime
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from wherewithal.assets.queries.register import placed_sql
from wherewithal.assets.services.context import BookFacts, load_context
from wherewithal.assets.services.posting.decide import groups_of, horizon_of
from wherewithal.assets.services.posting.history import linked, load_histories
from wherewithal.assets.services.posting.moves import costs_of_moves
from wherewithal.assets.services.posting.reading import Reader
from wherewithal.core.assets.fold import History, fold
from wherewithal.kit import db

PLAIN = (
    "registered",
    "transfer",
    "check_out",
    "accept",
    "check_in",
    "acquisition",
    "opening",
    "in_service",
    "idle",
    "resume",
)
"""Kinds that leave the residual as the first terms say it (unless they state terms themselves)."""


@dataclass(frozen=True, slots=True)
class UsedUpRow:
    """An asset that is still there though nothing is left to depreciate."""

    asset_id: int
    tag: str
    name: str
    class_code: str
    cost: int
    carrying: int
    last_charged_on: datetime.date


_CHARGED = """
    SELECT a.id, a.tag, a.name, c.code, v.cost, v.carrying, v.last_on,
           v.carrying <= coalesce((t.terms ->> 'residual')::numeric * 10 ^ b.currency_decimals,
                                  v.cost * coalesce((t.terms ->> 'residual_percent')::numeric, 0) / 100),
           EXISTS (SELECT FROM assets_event e WHERE e.company_id = a.company_id AND e.asset_id = a.id
                     AND (%(as_of)s::date IS NULL OR e.effective_on <= %(as_of)s)
                     AND (%(known_at)s::timestamptz IS NULL OR e.recorded_at <= %(known_at)s)
                     AND (e.kind <> ALL (%(plain)s) OR jsonb_path_exists(e.detail, '$.**.terms')))
    FROM (SELECT v.asset_id, sum(v.cost_amount)::bigint AS cost, sum(v.carrying_amount)::bigint AS carrying,
                 max(v.effective_on) FILTER (WHERE v.role BETWEEN 120 AND 129) AS last_on
          FROM assets_value v
          WHERE v.company_id = %(company)s AND v.book_id = %(book)s
            AND (%(as_of)s::date IS NULL OR v.effective_on <= %(as_of)s)
            AND (%(known_at)s::timestamptz IS NULL OR v.recorded_at <= %(known_at)s)
          GROUP BY v.asset_id) v
    JOIN assets_asset a ON a.company_id = %(company)s AND a.id = v.asset_id
    {placed}
    JOIN assets_class c ON c.company_id = a.company_id AND c.id = p.class_id
    JOIN ledger_book b ON b.company_id = a.company_id AND b.id = %(book)s
    LEFT JOIN assets_asset_book x ON x.company_id = a.company_id AND x.asset_id = a.id AND x.book_id = b.id
    LEFT JOIN assets_terms t ON t.company_id = x.company_id AND t.terms_id = x.terms_id
    WHERE v.cost > 0 AND v.last_on IS NOT NULL AND p.status NOT IN (6, 7)
    ORDER BY a.tag
"""


def fully_depreciated(
    company_id: int,
    *,
    book_id: int,
    as_of: datetime.date | None = None,
    known_at: datetime.datetime | None = None,
) -> list[UsedUpRow]:
    """Assets that are there on the day, and whose net book value has come down to their residual of that day."""
    rows = db.fetch_all(
        _CHARGED.format(placed=placed_sql(as_of, known_at)),
        {
            "company": company_id,
            "book": book_id,
            "as_of": as_of,
            "known_at": known_at,
            "plain": list(PLAIN),
        },
    )
    residuals = dict(_residuals(company_id, book_id, [row[0] for row in rows if row[8]], as_of, known_at))
    return [UsedUpRow(*row[:7]) for row in rows if (row[5] <= residuals.get(row[0], 0) if row[8] else row[7])]


def _residuals(
    company_id: int,
    book_id: int,
    asset_ids: Sequence[int],
    as_of: datetime.date | None,
    known_at: datetime.datetime | None,
) -> Iterator[tuple[int, int]]:
    """What assets with a history of changes are depreciated down to, read from their facts."""
    if not asset_ids:
        return
    context = load_context(company_id)
    book: BookFacts = context.book(book_id)
    histories = load_histories(company_id, linked(company_id, set(asset_ids)))
    if known_at is not None:
        histories = {
            asset_id: replace(
                history,
                events=[e for e in history.events if e.recorded_at is None or e.recorded_at <= known_at],
            )
            for asset_id, history in histories.items()
        }
    costs = costs_of_moves(company_id, histories.values())
    for group in groups_of(histories):
        facts = {asset.asset_id: Reader(context, book, asset, costs).facts() for asset in group}
        through_on = as_of or max(horizon_of(book, each) for each in facts.values())
        named = [History(asset.asset_id, asset.class_id, facts[asset.asset_id]) for asset in group]
        for asset_id, answer in fold(named, book.calendar, through_on).items():
            segment = answer.standing.segment
            yield asset_id, 0 if segment is None else segment.residual
