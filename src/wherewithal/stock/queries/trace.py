"""Where a lot or serial came from and where it went: through production, any number of levels, to suppliers and customers.

A lot is followed through productions (what was consumed, what was made of it), receipts and issues. Moves that were
reversed never happened and are not followed. Goods without lots are named once, and end the way.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from wherewithal.kit import db
from wherewithal.stock.drafts import MoveKind

MOST_LEVELS = 12
MOST_LINKS = 400
UNNAMED = -1  # the party of documents that name none


@dataclass(frozen=True, slots=True)
class TraceNode:
    """A lot (or an item without lots: lot_id 0), or a party (item_id 0) that sent or got goods."""

    item_id: int
    lot_id: int
    party_id: int = 0


@dataclass(frozen=True, slots=True)
class TraceLink:
    """Goods of `source` became, or went to, `target` by a document. `qty`: smallest units of the source's item (of the
    target's where the source is a party). `level`: how far from the lot that was asked for, negative on the way back."""

    source: TraceNode
    target: TraceNode
    document_id: int
    document_number: str
    kind: str
    qty: int
    level: int


@dataclass(frozen=True, slots=True)
class Trace:
    """All links of both directions, and what the nodes are called."""

    links: tuple[TraceLink, ...]
    labels: dict[TraceNode, tuple[str, str]]
    units: dict[int, tuple[str, int]]  # item id -> unit, decimals
    cut: bool = False


_STANDS = (
    "NOT EXISTS (SELECT 1 FROM stock_move r WHERE r.company_id = m.company_id AND r.of_move_id = m.move_id"
    " AND r.kind = %(reversal)s)"
)

# The other side of the productions in which the lots took part: moves of a document lie side by side.
_THROUGH = f"""
    SELECT m.item_id, m.lot_id, o.item_id, o.lot_id, d.document_id, d.number, d.kind, sum(o.qty)::bigint, sum(m.qty)::bigint
    FROM stock_move m
    JOIN stock_document d ON d.company_id = m.company_id AND d.document_id = m.document_id
    JOIN stock_move o ON o.company_id = m.company_id AND o.event_id = m.event_id AND o.kind = %(other)s
         AND o.move_id BETWEEN d.first_move_id AND d.first_move_id + d.move_count - 1
    WHERE m.company_id = %(company)s AND m.item_id = ANY (%(items)s::int[]) AND m.lot_id = ANY (%(lots)s::bigint[])
      AND m.kind = %(own)s AND {_STANDS}
    GROUP BY 1, 2, 3, 4, 5, 6, 7 ORDER BY d.document_id, 3, 4 LIMIT %(limit)s
"""  # noqa: S608 - constant texts

_ENDS = f"""
    SELECT m.item_id, m.lot_id, coalesce(d.party_id, 0), d.document_id, d.number, d.kind, sum(m.qty)::bigint
    FROM stock_move m
    JOIN stock_document d ON d.company_id = m.company_id AND d.document_id = m.document_id
    WHERE m.company_id = %(company)s AND m.item_id = ANY (%(items)s::int[]) AND m.lot_id = ANY (%(lots)s::bigint[])
      AND m.kind = %(own)s AND {_STANDS}
    GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY d.document_id LIMIT %(limit)s
"""  # noqa: S608 - constant texts


def trace(company_id: int, *, item_id: int, lot_id: int) -> Trace:
    """Everything a lot was made of and everything it became, with those who sent and got it."""
    start = TraceNode(item_id, lot_id)
    links = [*_follow(company_id, start, back=True), *_follow(company_id, start, back=False)]
    nodes = {start, *(link.source for link in links), *(link.target for link in links)}
    return Trace(
        tuple(links), _labels(company_id, nodes), _units(company_id, nodes), len(links) >= MOST_LINKS
    )


def _follow(company_id: int, start: TraceNode, *, back: bool) -> list[TraceLink]:
    """One direction, level by level; a lot that was met is not followed again."""
    links: list[TraceLink] = []
    seen, edge = {start}, [start]
    for level in range(1, MOST_LEVELS + 1):
        named = [node for node in edge if node.lot_id]
        if not named or len(links) >= MOST_LINKS:
            break
        found = _one_level(company_id, named, -level if back else level, back=back)
        links += found
        near = [link.source if back else link.target for link in found]
        edge = [node for node in dict.fromkeys(near) if node not in seen and not node.party_id]
        seen |= set(edge)
    return links[:MOST_LINKS]


def _one_level(company_id: int, nodes: Sequence[TraceNode], level: int, *, back: bool) -> list[TraceLink]:
    made, used = MoveKind.OUTPUT, MoveKind.CONSUMPTION
    params = {
        "company": company_id,
        "items": [node.item_id for node in nodes],
        "lots": [node.lot_id for node in nodes],
        "own": int(made if back else used),
        "other": int(used if back else made),
        "reversal": int(MoveKind.REVERSAL),
        "limit": MOST_LINKS,
    }
    links = []
    for item, lot, other_item, other_lot, document_id, number, kind, other_qty, own_qty in db.fetch_all(
        _THROUGH, params
    ):
        here, there = TraceNode(item, lot), TraceNode(other_item, other_lot)
        source, target = (there, here) if back else (here, there)
        qty = other_qty if back else own_qty
        links.append(TraceLink(source, target, document_id, number, kind, qty, level))
    outside = params | {"own": int(MoveKind.RECEIPT if back else MoveKind.ISSUE)}
    for item, lot, party_id, document_id, number, kind, qty in db.fetch_all(_ENDS, outside):
        here, party = TraceNode(item, lot), TraceNode(0, 0, party_id or UNNAMED)
        source, target = (party, here) if back else (here, party)
        links.append(TraceLink(source, target, document_id, number, kind, qty, level))
    return links


def _labels(company_id: int, nodes: set[TraceNode]) -> dict[TraceNode, tuple[str, str]]:
    """What each node is called: (code, name)."""
    item_ids = [node.item_id for node in nodes if node.item_id]
    names: dict[int, tuple[str, str]] = {
        item_id: (sku, name)
        for item_id, sku, name in db.fetch_all(
            "SELECT id, sku, name FROM items_item WHERE company_id = %s AND id = ANY (%s::int[])",
            (company_id, item_ids),
        )
    }
    lots: dict[int, str] = dict(
        db.fetch_all(
            "SELECT id, code FROM items_lot WHERE company_id = %s AND id = ANY (%s::bigint[])",
            (company_id, [node.lot_id for node in nodes if node.lot_id]),
        )
    )
    parties: dict[int, str] = dict(
        db.fetch_all(
            "SELECT id, name FROM parties_party WHERE company_id = %s AND id = ANY (%s::int[])",
            (company_id, [node.party_id for node in nodes if node.party_id > 0]),
        )
    )
    found: dict[TraceNode, tuple[str, str]] = {}
    for node in nodes:
        if node.party_id:
            found[node] = (parties.get(node.party_id, ""), "")
        else:
            sku, name = names[node.item_id]
            found[node] = (lots.get(node.lot_id, sku), f"{sku} {name}")
    return found


def _units(company_id: int, nodes: set[TraceNode]) -> dict[int, tuple[str, int]]:
    rows = db.fetch_all(
        "SELECT i.id, u.code, i.qty_decimals FROM items_item i"
        " JOIN items_unit u ON u.company_id = i.company_id AND u.id = i.base_unit_id"
        " WHERE i.company_id = %s AND i.id = ANY (%s::int[])",
        (company_id, [node.item_id for node in nodes if node.item_id]),
    )
    return {item_id: (unit, decimals) for item_id, unit, decimals in rows}
