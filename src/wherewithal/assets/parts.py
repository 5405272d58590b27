"""Parts that one asset gave and no other one has taken yet: value on its way, to be placed before the books are closed."""

import datetime
from typing import NamedTuple

from wherewithal.kit import db


class PartUnderWay(NamedTuple):
    """Part number `part` of what the event gave."""

    asset_id: int
    tag: str
    event_id: int
    part: int
    effective_on: datetime.date


_UNDER_WAY = """
    SELECT o.asset_id, a.tag, o.event_id, g.part, o.effective_on
    FROM assets_event o
    JOIN assets_asset a ON a.company_id = o.company_id AND a.id = o.asset_id
    CROSS JOIN LATERAL (
        SELECT p.part::int AS part FROM jsonb_array_elements_text(o.detail #> '{values,amounts}')
               WITH ORDINALITY AS p (given, part) WHERE p.given::numeric > 0
        UNION ALL
        SELECT p.part::int - 1 FROM jsonb_array_elements_text(o.detail #> '{values,weights}')
               WITH ORDINALITY AS p (given, part) WHERE p.part > 1 AND p.given::numeric > 0
    ) g
    WHERE o.company_id = %(company)s AND o.kind = 'part_out' AND o.effective_on <= coalesce(%(as_of)s, o.effective_on)
      AND o.recorded_at <= coalesce(%(known)s, o.recorded_at) AND assets_stands(o.company_id, o.event_id, %(known)s)
      AND NOT EXISTS (
          SELECT FROM assets_event i
          WHERE i.company_id = o.company_id AND i.of_event_id = o.event_id AND i.kind = 'part_in'
            AND coalesce((i.detail #>> '{values,part}')::int, 1) = g.part
            AND i.recorded_at <= coalesce(%(known)s, i.recorded_at)
            AND assets_stands(i.company_id, i.event_id, %(known)s))
    ORDER BY o.effective_on, a.tag, o.event_id, g.part
"""


def parts_under_way(
    company_id: int, *, as_of: datetime.date | None = None, known_at: datetime.datetime | None = None
) -> list[PartUnderWay]:
    """All of them, or those given by the end of a day, as known at an instant; the oldest first."""
    rows = db.fetch_all(_UNDER_WAY, {"company": company_id, "as_of": as_of, "known": known_at})
    return [PartUnderWay._make(row) for row in rows]
