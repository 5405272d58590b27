"""What a move cost in a book: how the figure was found, what was posted, and when we learnt it."""

from collections.abc import Sequence
from itertools import groupby

from babel.numbers import get_currency_precision

from wherewithal.core.costing.facts import COSTED, Method, Move, PoolKey
from wherewithal.core.costing.state import Pool
from wherewithal.core.words import say
from wherewithal.kit.db import company_transaction, fetch_all
from wherewithal.ledger import queries as ledger_queries
from wherewithal.ledger.values import Book
from wherewithal.reporting.explain import reading
from wherewithal.reporting.explain.reading import METHOD_RULES, ROUNDING, MoveNames, Reading, Row, move_names
from wherewithal.reporting.explain.values import Explanation, FactRef, Money, Unit
from wherewithal.stock import queries as stock_queries
from wherewithal.stock.drafts import MoveKind

MOST_LAYERS = 40
DEEPEST = 3  # levels of production that are told in full


def move_cost(*, company_id: int, move_id: int, book_id: int | None = None) -> Explanation:
    """What a move cost, in the primary book when none is named. NotFound if there is no such move or book."""
    with company_transaction(company_id=company_id):
        book = reading.book_of(company_id, book_id)
        move = move_names(company_id, move_id)
        return reading.without_stock(company_id, book) or _Story(company_id, book).of(move, DEEPEST)


class _Story:
    """The explanation of one move, and through production of the moves that fed it."""

    def __init__(self, company_id: int, book: Book) -> None:
        self.company_id, self.book = company_id, book
        self.money = reading.money_of(book)
        self._readings: dict[int, Reading] = {}

    def of(self, move: MoveNames, levels: int) -> Explanation:
        unit = Unit(move.unit_code, move.qty_decimals)
        rows = reading.rows_of_move(self.company_id, self.book.book_id, move.item_id, move.move_id)
        me = next((m for m in self._read(move.item_id).moves if m.move_id == move.move_id), None)
        total = _cost(rows)
        statement = say(
            "Move {move_id} ({move_kind}, {document_number}): {move_qty} of {move_sku}{value} from "
            "{from_code} to {to_code} on {effective_on}. In book {book_name} it is worth {total}.",
            move_id=move.move_id,
            move_kind=reading.kind_name(move.kind),
            document_number=move.document_number,
            move_qty=unit.text(move.qty),
            move_sku=move.sku,
            value=(say(" lot {lot_code}", lot_code=move.lot_code) if move.lot_code else ""),
            from_code=move.from_code,
            to_code=move.to_code,
            effective_on=move.effective_on,
            book_name=self.book.name,
            total=self.money.text(total),
        )
        children = [*self._found(move, me, unit, levels), *self._posted(rows), *self._learnt(rows)]
        if not rows:
            children.append(Explanation(say("No value rows: {why}", why=_why_none(me))))
        fact = FactRef("move", move.move_id, move.document_number, move.effective_on, move.recorded_at)
        return Explanation(statement, self.money.text(total), facts=(fact,), children=tuple(children))

    def _read(self, item_id: int) -> Reading:
        found = self._readings.get(item_id)
        if found is None:
            found = self._readings[item_id] = reading.read(self.company_id, self.book, item_id)
        return found

    # --- how the figure was found ----------------------------------------------------------------------

    def _found(self, move: MoveNames, me: Move | None, unit: Unit, levels: int) -> list[Explanation]:
        told: list[Explanation] = []
        if me is None:
            return told
        if move.of_move_id:
            told.append(self._of(move))
        if me.source_type <= COSTED:
            told += self._taken(me, unit)
        if me.target_type <= COSTED and me.source_type > COSTED:
            told += self._external(move, me)
            if move.kind == MoveKind.OUTPUT:
                told += self._inputs(me, levels)
        return told

    def _of(self, move: MoveNames) -> Explanation:
        original = reading.move_refs(self.company_id, [move.of_move_id or 0])
        what = {
            MoveKind.AMENDMENT: say("It corrects the quantity of an earlier move, at that move's instant."),
            MoveKind.REVERSAL: say("It says that an earlier move never happened."),
            MoveKind.RETURN_FROM_CUSTOMER: say(
                "Goods that come back take the cost of the issue they came from, less "
                "what earlier returns took."
            ),
            MoveKind.RETURN_TO_SUPPLIER: say(
                "Goods that go back leave their own layer first; the supplier owes what "
                "they had been bought for, and the difference is a variance."
            ),
        }.get(MoveKind(move.kind), say("It names an earlier move."))
        return Explanation(what, facts=tuple(original.values()))

    def _taken(self, me: Move, unit: Unit) -> list[Explanation]:
        """The pool before and after, and for layers: which of them were taken."""
        history = self._read(me.item)
        policy = history.policy_at(me.at)
        rule = say("{method_rules} {rounding}", method_rules=METHOD_RULES[policy.method], rounding=ROUNDING)
        if policy.method == Method.PERIODIC:
            return [Explanation(say("The cost is the average of its period."), rule=rule)]
        place = (me.at, me.phase)
        earlier = [m for m in history.moves if (m.at, m.phase) < place]
        until = [m for m in history.moves if (m.at, m.phase) <= place]
        before = history.pools(earlier, until=me.at)
        after = history.pools(until, until=me.at)
        scope = reading.scope_name(self.company_id, me.source_scope)
        told = []
        for key in sorted(before.keys() | after.keys()):
            if key[0] == me.source_scope and key[2] in (0, me.lot):
                told.append(self._pool(key, before.get(key), after.get(key), scope, unit, rule))
        ties = len({m.event_id for m in until}) - len({m.event_id for m in earlier})
        if ties > 1:
            told.append(
                Explanation(
                    say(
                        "{ties} movements share this instant; the pool is shown before and after all of them.",
                        ties=ties,
                    )
                )
            )
        return told

    def _pool(
        self, key: PoolKey, before: Pool | None, after: Pool | None, scope: str, unit: Unit, rule: str
    ) -> Explanation:
        was, now = _net(before), _net(after)
        statement = say(
            "The pool of {scope}{value} held {was} worth {was_2} before, and {now} worth {now_2} after.",
            scope=scope,
            value=(say(" for lot {key}", key=key[2]) if key[2] else ""),
            was=unit.text(was[0]),
            was_2=self.money.text(was[1]),
            now=unit.text(now[0]),
            now_2=self.money.text(now[1]),
        )
        figure = self.money.unit_cost(was[1], was[0], unit) if was[0] > 0 else None
        return Explanation(statement, figure, rule, children=tuple(self._layers(before, after, unit)))

    def _layers(self, before: Pool | None, after: Pool | None, unit: Unit) -> list[Explanation]:
        left = {layer[2]: layer for layer in after.layers} if after else {}
        taken = [
            (
                qty - left.get(move_id, _NOTHING)[0],
                value - left.get(move_id, _NOTHING)[1],
                qty,
                value,
                move_id,
            )
            for qty, value, move_id in (before.layers if before else ())
            if qty != left.get(move_id, _NOTHING)[0]
        ][:MOST_LAYERS]
        names = reading.move_refs(self.company_id, [move_id for *_, move_id in taken])
        return [
            Explanation(
                say(
                    "{qty} of a layer that held {layer_qty} worth {layer_value}",
                    qty=unit.text(qty),
                    layer_qty=unit.text(layer_qty),
                    layer_value=self.money.text(layer_value),
                ),
                self.money.text(value),
                facts=(names[move_id],) if move_id in names else (),
            )
            for qty, value, layer_qty, layer_value, move_id in taken
        ]

    def _external(self, move: MoveNames, me: Move) -> list[Explanation]:
        """Price, corrections of it and landed cost: what came from outside, in the document's money and the book's."""
        told = []
        own = next(
            (
                own
                for own in stock_queries.own_amounts(self.company_id, move.move_id)
                if own.book_id == self.book.book_id
            ),
            None,
        )
        if own is not None:
            told.append(self._own(move, own.amount))
        elif move.amount is not None and me.amount is not None:
            told.append(self._price(move, me.amount))
        names: dict[int, str] = dict(fetch_all(_COSTS, (self.company_id, move.move_id)))
        for extra in me.extras:
            told.append(
                Explanation(
                    say(
                        "{value}: {names}",
                        value=(say("Landed cost") if extra.kind == 1 else say("Price correction")),
                        names=names.get(extra.cost_id, ""),
                    ),
                    self.money.text(extra.amount),
                    rule=say("It counts from the receipt's instant, whenever its bill came."),
                    facts=(FactRef("cost", extra.cost_id, names.get(extra.cost_id, "")),),
                )
            )
        return told

    def _own(self, move: MoveNames, amount: int) -> Explanation:
        return Explanation(
            say("It came at what this book alone carried the asset at."),
            self.money.text(amount),
            facts=(FactRef("document", move.document_id, move.document_number),),
        )

    def _price(self, move: MoveNames, amount: int) -> Explanation:
        if move.kind == MoveKind.OUTPUT:
            what = say("Labour and overhead of {document_number}", document_number=move.document_number)
        else:
            paid = Money(move.currency or "", get_currency_precision(move.currency or "")).text(
                move.amount or 0
            )
            what = say(
                "It came at {paid} by {document_number}", paid=paid, document_number=move.document_number
            )
        foreign = move.currency != self.book.currency
        return Explanation(
            what,
            self.money.text(amount),
            rule=(
                say("Converted at the rate kept with the document ({move}).", move=self._rate(move))
                if foreign
                else None
            ),
            facts=(FactRef("document", move.document_id, move.document_number),),
        )

    def _rate(self, move: MoveNames) -> str:
        rows = fetch_all(
            "SELECT rate FROM stock_document_rate"
            " WHERE company_id = %s AND document_id = %s AND currency = %s AND to_currency = %s",
            (self.company_id, move.document_id, move.currency, self.book.currency),
        )
        return f"{rows[0][0].normalize():f}" if rows else "none"

    def _inputs(self, me: Move, levels: int) -> list[Explanation]:
        """What went into the production that this came out of."""
        legs = [m for m in self._read(me.item).moves if m.event_id == me.event_id and m.source_type <= COSTED]
        rule = say(
            "An output takes its share of what the same event consumed and of the labour and "
            "overhead added to it."
        )
        if not legs:
            return [Explanation(say("It was produced."), rule=rule)]
        told = []
        for leg in legs:
            row = move_names(self.company_id, leg.move_id)
            if levels > 1:
                told.append(self.of(row, levels - 1))
            else:
                rows = reading.rows_of_move(self.company_id, self.book.book_id, leg.item, leg.move_id)
                unit = Unit(row.unit_code, row.qty_decimals)
                told.append(
                    Explanation(
                        say("{row_qty} of {row_sku}", row_qty=unit.text(row.qty), row_sku=row.sku),
                        self.money.text(_cost(rows)),
                    )
                )
        return [Explanation(say("What went into it:"), rule=rule, children=tuple(told))]

    # --- what was posted, and when -------------------------------------------------------------------------

    def _posted(self, rows: Sequence[Row]) -> list[Explanation]:
        names = reading.entries(self.company_id, self.book.book_id, [row.entry_id for row in rows])
        told = []
        ordered = sorted(
            rows, key=lambda row: (row.role, row.cause_id, row.debit, row.credit, row.recorded_at)
        )
        for (_, cause_id, debit, credit), group in groupby(
            ordered, key=lambda row: (row.role, row.cause_id, row.debit, row.credit)
        ):
            mine = list(group)
            total = sum(row.amount for row in mine)
            by = (
                ""
                if cause_id in (mine[0].move_id, 0)
                else say(" (caused by move {cause_id})", cause_id=cause_id)
            )
            told.append(
                Explanation(
                    say(
                        "{meaning}{by} Debit {debit}, credit {credit}.",
                        meaning=mine[0].meaning,
                        by=by,
                        debit=debit,
                        credit=credit,
                    ),
                    self.money.text(total),
                    facts=tuple(names[row.entry_id] for row in mine if row.entry_id in names),
                )
            )
        return told

    def _learnt(self, rows: Sequence[Row]) -> list[Explanation]:
        """Nothing when it was known at once; otherwise what each batch changed."""
        batches = sorted({(row.recorded_at, row.batch_id) for row in rows})
        if len(batches) < 2:
            return []
        names = reading.documents(self.company_id, [batch_id for _, batch_id in batches])
        told = []
        instant = ledger_queries.instants(self.company_id)
        for recorded_at, batch_id in batches:
            change = _cost([row for row in rows if row.batch_id == batch_id])
            first = (recorded_at, batch_id) == batches[0]
            told.append(
                Explanation(
                    say(
                        "{value} on {recorded_at}",
                        value=(say("Known") if first else say("Corrected")),
                        recorded_at=instant(recorded_at),
                    ),
                    self.money.text(change),
                    facts=(names[batch_id],) if batch_id in names else (),
                )
            )
        rule = say("Nothing posted is rewritten: each time the books learnt more, the difference was posted.")
        return [Explanation(say("How the figure became known:"), rule=rule, children=tuple(told))]


_NOTHING = (0, 0)
_COSTS = """
    SELECT c.cost_id, d.number || coalesce(' ' || d.reference, '') FROM stock_move_cost c
    JOIN stock_document d ON d.company_id = c.company_id AND d.document_id = c.document_id
    WHERE c.company_id = %s AND c.move_id = %s ORDER BY c.cost_id
"""


def _cost(rows: Sequence[Row]) -> int:
    """What the rows say the move is worth: what left the pool, or what came into it; minor units."""
    out = -sum(row.stock_amount for row in rows if row.stock_amount * row.amount < 0)
    into = sum(row.stock_amount for row in rows if row.stock_amount * row.amount > 0)
    return out or into or sum(row.amount for row in rows if not row.stock_amount)


def _net(pool: Pool | None) -> tuple[int, int]:
    return pool.net() if pool else (0, 0)


def _why_none(me: Move | None) -> str:
    if me is None:
        return say("the book has not read it.")
    if me.source_type <= COSTED and me.target_type <= COSTED and me.source_scope == me.target_scope:
        return say("the goods stayed in the same pool, so their cost did not change.")
    return say("it was worth less than half a minor unit, or it was taken back in full.")
