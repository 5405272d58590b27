"""Claims that shrink: given up by whoever made them, or fulfilled by an issue."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from wherewithal.core.words import say
from wherewithal.kit import db
from wherewithal.kit.errors import Problem, Refused


def shrink(
    *, company_id: int, actor_id: int | None, quantities: Mapping[int, int | None], now: datetime
) -> int:
    """The verb behind `release`, and what an issue that fulfils claims calls before it takes the goods.
    How many claims shrank: one that is closed stays as it was closed."""
    db.require_transaction()
    ids = sorted(quantities)
    rows = db.fetch_all(
        "SELECT reservation_id, open_qty FROM stock_reservation"
        " WHERE company_id = %s AND reservation_id = ANY (%s::bigint[]) ORDER BY reservation_id FOR NO KEY UPDATE",
        (company_id, ids),
    )
    open_qty: dict[int, int] = dict(rows)
    problems = list(_shrink_problems(quantities, open_qty))
    if problems:
        raise Refused(problems)
    less = [open_qty[id_] if quantities[id_] is None else quantities[id_] for id_ in ids]
    return db.execute(
        "UPDATE stock_reservation r SET open_qty = r.open_qty - g.less,"
        " closed_at = CASE WHEN r.open_qty = g.less THEN %(now)s::timestamptz END,"
        " closed_by_id = CASE WHEN r.open_qty = g.less THEN %(actor)s::bigint END"
        " FROM unnest(%(ids)s::bigint[], %(less)s::bigint[]) AS g (id, less)"
        " WHERE r.company_id = %(company)s AND r.reservation_id = g.id AND r.open_qty > 0",
        {"now": now, "actor": actor_id, "ids": ids, "less": less, "company": company_id},
    )


def _shrink_problems(quantities: Mapping[int, int | None], open_qty: Mapping[int, int]) -> Iterator[Problem]:
    for row, (id_, qty) in enumerate(quantities.items()):
        if id_ not in open_qty:
            yield Problem(
                "reservation_id", "exists", say("There is no reservation {id}.", id=id_), row, str(id_)
            )
        elif qty is not None and not 0 < qty <= open_qty[id_]:
            yield Problem(
                "qty",
                "open",
                say(
                    "Reservation {id} still claims {open_qty}; release that or less.",
                    id=id_,
                    open_qty=open_qty[id_],
                ),
                row,
                str(qty),
            )
