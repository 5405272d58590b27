"""What ends soon: warranties, insurances, leases of assets that are still there."""

import datetime
from dataclasses import dataclass

from wherewithal.assets.queries.timeline import events
from wherewithal.assets.values import GONE
from wherewithal.core.assets.facts import Kind
from wherewithal.kit import db

MOST_EVENTS = 1_000


@dataclass(frozen=True, slots=True)
class EndingRow:
    """Something of an asset that ends on a day. `what`: warranty, insurance or lease."""

    asset_id: int
    tag: str
    name: str
    what: str
    on: datetime.date


def ending(
    company_id: int, *, from_on: datetime.date, to_on: datetime.date, limit: int = 100
) -> list[EndingRow]:
    """What ends between two days (both included), the soonest first."""
    rows = db.fetch_all(
        """
        SELECT w.* FROM (
            SELECT a.id, a.tag, a.name, 'warranty', a.warranty_until AS ends_on FROM assets_asset a
            WHERE a.company_id = %(company)s AND a.status <> ALL (%(gone)s::int[])
              AND a.warranty_until BETWEEN %(from)s AND %(to)s
            UNION ALL
            SELECT a.id, a.tag, a.name, 'insurance', a.insured_until FROM assets_asset a
            WHERE a.company_id = %(company)s AND a.status <> ALL (%(gone)s::int[])
              AND a.insured_until BETWEEN %(from)s AND %(to)s
        ) w ORDER BY w.ends_on, w.tag LIMIT %(limit)s
        """,
        {"company": company_id, "gone": [int(s) for s in GONE], "from": from_on, "to": to_on, "limit": limit},
    )
    found = [EndingRow(*row) for row in rows]
    found += [row for row in _leases(company_id) if from_on <= row.on <= to_on]
    return sorted(found, key=lambda row: (row.on, row.tag))[:limit]


def _leases(company_id: int) -> list[EndingRow]:
    """Each lease with its last day: the one agreed, or the one of its latest change."""
    ends: dict[int, EndingRow] = {}
    for kind in (Kind.LEASE, Kind.LEASE_CHANGE):
        for row in reversed(events(company_id, kind=str(kind), limit=MOST_EVENTS)):
            last = row.values.get("ends_on")
            if row.reversed_by is None and last:
                on = datetime.date.fromisoformat(str(last))
                ends[row.asset_id] = EndingRow(row.asset_id, row.tag, "", "lease", on)
    called: dict[int, str] = dict(
        db.fetch_all(
            "SELECT id, name FROM assets_asset WHERE company_id = %s AND id = ANY (%s::bigint[])"
            " AND status <> ALL (%s::int[])",
            (company_id, list(ends), [int(s) for s in GONE]),
        )
    )
    return [
        EndingRow(row.asset_id, row.tag, called[row.asset_id], row.what, row.on)
        for row in ends.values()
        if row.asset_id in called
    ]
