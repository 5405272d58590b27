"""Raw facts into what they amount to: amendments added in, what was reversed taken out."""

from collections.abc import Iterable, Sequence

from wherewithal.core.costing.facts import Extra, ExtraKind, Kind, Move
from wherewithal.core.money import half_even

VOID = -1
"""Kind of a move that never happened but carries landed cost that was paid."""


_CORRECTIONS = frozenset({int(Kind.AMENDMENT), int(Kind.REVERSAL)})


class FactError(ValueError):
    """Facts that cannot be read together: a correction without the fact it names."""


def fold(moves: Sequence[Move]) -> Sequence[Move]:
    """The net facts: each move once, at its own place, with its amendments and without what was reversed.

    A reversed move, or one amended to nothing, is gone. If landed cost was charged to it, a move of kind VOID and
    quantity 0 stays, with that cost alone. Raises FactError if a correction names a fact that is not there.
    """
    if _CORRECTIONS.isdisjoint({move.kind for move in moves}):
        return moves
    by_id = {move.move_id: move for move in moves}
    gone = _annihilated(moves, by_id)
    amendments: dict[int, list[Move]] = {}
    for move in moves:
        if move.kind == Kind.AMENDMENT:
            amendments.setdefault(_root(move, by_id).move_id, []).append(move)
    net = []
    for move in moves:
        if move.kind in _CORRECTIONS:
            continue
        folded = _net(move, amendments.get(move.move_id, ()), gone)
        if folded is not None:
            net.append(folded)
    return net


def _named(move: Move, by_id: dict[int, Move]) -> Move:
    try:
        return by_id[move.of]
    except KeyError:
        raise FactError(
            f"Move {move.move_id} corrects move {move.of}, which is not among the facts."
        ) from None


def _root(move: Move, by_id: dict[int, Move]) -> Move:
    while move.kind == Kind.AMENDMENT:
        move = _named(move, by_id)
    return move


def _annihilated(moves: Iterable[Move], by_id: dict[int, Move]) -> set[int]:
    """The ids that an effective reversal names. A reversal that is itself reversed has no effect."""
    reversals: dict[int, list[int]] = {}
    for move in moves:
        if move.kind == Kind.REVERSAL:
            reversals.setdefault(_named(move, by_id).move_id, []).append(move.move_id)
    gone: dict[int, bool] = {}

    def is_gone(move_id: int) -> bool:
        if move_id not in gone:
            gone[move_id] = not all(is_gone(reversal) for reversal in reversals.get(move_id, ()))
        return gone[move_id]

    return {move_id for move_id in reversals if is_gone(move_id)}


def _net(move: Move, amendments: Sequence[Move], gone: set[int]) -> Move | None:
    extras = move.extras + tuple(extra for amendment in amendments for extra in amendment.extras)
    if move.move_id in gone:
        return _void(move, extras)
    qty, amount = move.qty, move.amount
    for amendment in amendments:
        if amendment.move_id in gone:
            continue
        sign = 1 if amendment.source_node == move.source_node else -1
        qty += sign * amendment.qty
        if amount is not None:
            amount += sign * amended_amount(move, amendment)
        elif amendment.amount is not None:
            extras += (Extra(amendment.move_id, ExtraKind.PRICE, sign * amendment.amount),)
    if qty <= 0 and move.kind != Kind.VALUE:
        return _void(move, extras)
    return move._replace(qty=qty, amount=amount, extras=extras)


def amended_amount(move: Move, amendment: Move) -> int:
    """By how much an amendment changes the external amount of a move: as stated, else in proportion, half-even."""
    if amendment.amount is not None:
        return amendment.amount
    if move.amount is None or not move.qty:
        return 0
    return half_even(move.amount * amendment.qty, move.qty)


def _void(move: Move, extras: tuple[Extra, ...]) -> Move | None:
    landed = tuple(extra for extra in extras if extra.kind == ExtraKind.LANDED)
    return move._replace(kind=VOID, qty=0, amount=None, extras=landed) if landed else None
