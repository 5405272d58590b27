"""What an item is worth, per unit and in all, on a day and as known at an instant."""

from datetime import date, datetime

from wherewithal.core.costing.facts import COSTED, Move, PoolKey
from wherewithal.core.costing.run import NEVER
from wherewithal.core.costing.state import Pool
from wherewithal.core.posting import RULES, Role
from wherewithal.core.words import join, say
from wherewithal.kit.db import company_transaction, fetch_all
from wherewithal.ledger import queries as ledger_queries
from wherewithal.reporting.explain import reading
from wherewithal.reporting.explain.reading import METHOD_RULES, ROUNDING, Reading
from wherewithal.reporting.explain.values import Explanation, Money, Unit

MOST_LAYERS = 40
LATEST = 12


def unit_cost(
    *,
    company_id: int,
    item_id: int,
    book_id: int | None = None,
    as_of: date | None = None,
    known_at: datetime | None = None,
) -> Explanation:
    """An item's unit cost in a book: pool by pool, with the layers or the latest movements it is made of."""
    with company_transaction(company_id=company_id):
        book = reading.book_of(company_id, book_id)
        sku, name, unit = reading.item_names(company_id, item_id)
        nothing = reading.without_stock(company_id, book)
        if nothing is not None:
            return nothing
        money = reading.money_of(book)
        history = reading.read(company_id, book, item_id, as_of=as_of, known_at=known_at)
        until = max((move.at for move in history.moves), default=0) if as_of is None else NEVER
        pools = {k: p for k, p in history.pools(history.moves, until=until).items() if p.net() != (0, 0)}
        children = tuple(_pool(company_id, history, key, pools[key], money, unit) for key in sorted(pools))
        when = _when(company_id, as_of, known_at)
    qty = sum(pool.net()[0] for pool in pools.values())
    value = sum(pool.net()[1] for pool in pools.values())
    figure = money.unit_cost(value, qty, unit) if qty > 0 else None
    statement = say(
        "{sku} {name}: {qty} worth {text} in book {book_name}{when}.",
        sku=sku,
        name=name,
        qty=unit.text(qty),
        text=money.text(value),
        book_name=book.name,
        when=when,
    )
    return Explanation(statement, figure, ROUNDING, children=children)


def _when(company_id: int, as_of: date | None, known_at: datetime | None) -> str:
    day = say(" at the end of {day}", day=as_of) if as_of else ""
    known = (
        say(", as known at {instant}", instant=ledger_queries.instants(company_id)(known_at))
        if known_at
        else ""
    )
    return join((day, known), "")


def _pool(
    company_id: int, history: Reading, key: PoolKey, pool: Pool, money: Money, unit: Unit
) -> Explanation:
    scope, _, lot = key
    qty, value = pool.net()
    last = max((move.at for move in history.moves), default=0)
    statement = say(
        "Pool of {company_id}{value}: {qty} worth {text}",
        company_id=reading.scope_name(company_id, scope),
        value=(say(", lot {lot}", lot=lot) if lot else ""),
        qty=unit.text(qty),
        text=money.text(value),
    )
    layers = list(pool.layers)[:MOST_LAYERS]
    names = reading.move_refs(company_id, [move_id for _, _, move_id in layers])
    children = [
        Explanation(
            say("A layer of which {layer_qty} are left", layer_qty=unit.text(layer_qty)),
            money.text(layer_value),
            facts=(names[move_id],) if move_id in names else (),
        )
        for layer_qty, layer_value, move_id in layers
    ]
    children += [
        Explanation(
            say(
                "Still to come for move {move_id}: {short_qty}, provisionally",
                move_id=move_id,
                short_qty=unit.text(short_qty),
            ),
            money.text(short_value),
        )
        for short_qty, short_value, move_id, _ in pool.shorts
    ]
    if not pool.layers:
        children.append(_latest(company_id, history, scope, unit))
    return Explanation(
        statement,
        money.unit_cost(value, qty, unit) if qty > 0 else None,
        METHOD_RULES[history.policy_at(last).method],
        children=tuple(children),
    )


def _latest(company_id: int, history: Reading, scope: int, unit: Unit) -> Explanation:
    """The movements that last changed the pool."""
    mine = sorted(
        (move for move in history.moves if move.item == history.item_id and _touches(move, scope)),
        key=lambda move: (move.at, move.phase, move.key),
    )[-LATEST:]
    names = reading.move_refs(company_id, [move.move_id for move in mine])
    children = []
    for move in reversed(mine):
        goes = move.source_type <= COSTED and move.source_scope == scope
        children.append(
            Explanation(
                say("{value}{move_qty}", value="-" if goes else "+", move_qty=unit.text(move.qty)),
                facts=(names[move.move_id],),
            )
        )
    return Explanation(say("The latest movements of the pool:"), children=tuple(children))


def _touches(move: Move, scope: int) -> bool:
    out = move.source_type <= COSTED and move.source_scope == scope
    into = move.target_type <= COSTED and move.target_scope == scope
    return out != into


# --- a valuation figure -----------------------------------------------------------------------------------------


def valuation_figure(
    *,
    company_id: int,
    book_id: int | None = None,
    item_id: int | None = None,
    as_of: date | None = None,
    known_at: datetime | None = None,
) -> Explanation:
    """What stock is worth: of one item by the roles of its value rows, of the company by its items."""
    with company_transaction(company_id=company_id):
        book = reading.book_of(company_id, book_id)
        money = reading.money_of(book)
        when = _when(company_id, as_of, known_at)
        params = {
            "company": company_id, "book": book.book_id, "item": item_id, "as_of": as_of, "known_at": known_at
        }  # fmt: skip
        if item_id is None:
            rows = fetch_all(_BY_ITEM, params)
            children = tuple(
                Explanation(say("{sku} {name}", sku=sku, name=name), money.text(value))
                for sku, name, value in rows
            )
            subject, total = say("All stock"), sum(row[2] for row in rows)
        else:
            sku, name, _ = reading.item_names(company_id, item_id)
            by_role = fetch_all(_BY_ROLE, params)
            children = tuple(_role(role, value, count, money) for role, value, count in by_role)
            subject, total = say("{sku} {name}", sku=sku, name=name), sum(row[1] for row in by_role)
    statement = say(
        "{subject} is worth {total} in book {book_name}{when}.",
        subject=subject,
        total=money.text(total),
        book_name=book.name,
        when=when,
    )
    rule = say(
        "The value of stock is the sum of what its value rows did to its pools, by their effective days."
    )
    return Explanation(statement, money.text(total), rule, children=children)


def _role(role: int, value: int, count: int, money: Money) -> Explanation:
    meaning = RULES[Role(role)].meaning
    rows = say("one row") if count == 1 else say("{count:,} rows", count=count)
    return Explanation(say("{meaning} ({rows})", meaning=meaning, rows=rows), money.text(value))


_KNOWN = """
    v.company_id = %(company)s AND v.book_id = %(book)s AND v.stock_amount <> 0
    AND (%(as_of)s::date IS NULL OR v.effective_on <= %(as_of)s)
    AND (%(known_at)s::timestamptz IS NULL OR v.recorded_at <= %(known_at)s)
"""
_BY_ITEM = f"""
    SELECT i.sku, i.name, sum(v.stock_amount)::bigint
    FROM stock_value v JOIN items_item i ON i.company_id = v.company_id AND i.id = v.item_id
    WHERE {_KNOWN}
    GROUP BY i.sku, i.name HAVING sum(v.stock_amount) <> 0
    ORDER BY 3 DESC, 1
"""  # noqa: S608 - constant text
_BY_ROLE = f"""
    SELECT v.role, sum(v.stock_amount)::bigint, count(*) FROM stock_value v
    WHERE {_KNOWN} AND v.item_id = %(item)s
    GROUP BY v.role ORDER BY v.role
"""  # noqa: S608 - constant text
