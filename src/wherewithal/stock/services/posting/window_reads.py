"""What a replay reads, as columns: all facts of some items from a day on, and what is booked of them. Only reads."""

import datetime
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import repeat
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wherewithal.core.costing.facts import Kind, Move
from wherewithal.core.costing.order import INTERNAL_PHASE
from wherewithal.core.posting import Role
from wherewithal.kit import db
from wherewithal.stock.drafts import MoveKind
from wherewithal.stock.services.posting.columns import (
    NOTHING,
    OR_NOTHING,
    Whole,
    distinct,
    or_none,
    read_table,
)
from wherewithal.stock.services.posting.differences import BOOKED, Booked
from wherewithal.stock.services.posting.facts import (
    KINDS,
    RETURNS,
    AnyFact,
    CostFact,
    Fact,
    Reader,
    own_or_stated,
)
from wherewithal.stock.services.posting.load import FACT, ids

_move = partial(tuple.__new__, Move)
NO_CURRENCY = b"---"
COLUMNS: Sequence[tuple[str, str, str]] = (
    ("move_id", "i", "m.move_id"),
    ("event_id", "i", "m.event_id"),
    ("document_id", "i", "m.document_id"),
    ("item_id", "n", "m.item_id"),
    ("lot_id", "i", "m.lot_id"),
    ("from_location_id", "n", "m.from_location_id"),
    ("to_location_id", "n", "m.to_location_id"),
    ("qty", "i", "m.qty"),
    ("at", "t", "m.effective_at"),
    ("day", "d", "m.effective_on"),
    ("phase", "h", "m.phase"),
    ("key", "k", "m.key"),
    ("kind", "h", "m.kind"),
    ("of_move_id", "i", OR_NOTHING.format("m.of_move_id")),
    ("amount", "i", OR_NOTHING.format("m.amount")),
    ("currency", "c", f"coalesce(m.currency, '{NO_CURRENCY.decode()}')::char(3)"),
    ("share", "i", OR_NOTHING.format("m.share")),
)
"""Name, letter (see `columns.read_table`) and text of each field of a Fact."""

_MAYBE = ("of_move_id", "amount", "share")


class FactTable:
    """Facts as columns. What has no value is NOTHING, no currency NO_CURRENCY."""

    def __init__(self, columns: Mapping[str, NDArray[Any]]) -> None:
        self.columns = columns

    def __getitem__(self, name: str) -> NDArray[Any]:
        return self.columns[name]

    def __len__(self) -> int:
        return len(self.columns["move_id"])

    def places(self) -> set[int]:
        """The locations named."""
        return set(np.union1d(self["from_location_id"], self["to_location_id"]).tolist())

    def where(self, chosen: NDArray[np.bool_] | slice) -> list[Fact]:
        """Those for which a mask says so, one by one."""
        read = {name: column[chosen].tolist() for name, column in self.columns.items()}
        for name in _MAYBE:
            read[name] = or_none(read[name])
        read["currency"] = [None if c == NO_CURRENCY else c.decode() for c in read["currency"]]
        return list(map(Fact._make, zip(*(read[name] for name in Fact._fields), strict=True)))

    def and_also(self, facts: Sequence[AnyFact]) -> "FactTable":
        """These and some more."""
        if not facts:
            return self
        return FactTable(
            {name: np.concatenate([self[name], _column(facts, name, kind)]) for name, kind, _ in COLUMNS}
        )

    def foreign(self, currencies: Collection[str]) -> list[Fact]:
        """Those with an amount in another currency than one of these."""
        home = currencies.pop().encode() if len(currencies := set(currencies)) == 1 else b""
        return self.where((self["currency"] != NO_CURRENCY) & (self["currency"] != home))

    def tied_instants(self, items: Collection[int]) -> set[int]:
        """Instants at which more than one internal event of these items happened."""
        internal = (self["phase"] == INTERNAL_PHASE) & _among(self["item_id"], items)
        if not internal.any():
            return set()
        (instants, _), _ = distinct((self["at"][internal], self["event_id"][internal]))
        instants, events = np.unique(instants, return_counts=True)
        return set(instants[events > 1].tolist())

    def outside(self, items: Collection[int]) -> list[Fact]:
        """Legs of other items than these."""
        return self.where(~_among(self["item_id"], items))

    def originals_before(self) -> set[int]:
        """What returns name that is not among these."""
        returns = np.isin(self["kind"], [int(kind) for kind in RETURNS]) & (self["of_move_id"] != NOTHING)
        if not returns.any():
            return set()
        return set(np.setdiff1d(self["of_move_id"][returns], self["move_id"]).tolist())

    def moves(self, reader: Reader, costs: Mapping[int, Sequence[CostFact]]) -> list[Move]:
        """The facts as a book's moves: what `Reader.moves` does, column by column."""
        currency = self["currency"]
        foreign = np.flatnonzero((currency != NO_CURRENCY) & (currency != reader.book.currency.encode()))
        amounts = self["amount"]
        if len(foreign):
            amounts = amounts.copy()
            for place in foreign.tolist():
                if amounts[place] != NOTHING:
                    amounts[place] = reader.amount(
                        int(amounts[place]), currency[place].decode(), int(self["document_id"][place])
                    )
        own = reader.own_amounts(costs)
        if own:
            amounts = self._with_own(amounts, own)
        of = np.where(self["of_move_id"] == NOTHING, 0, self["of_move_id"])
        kind = _looked_up(self["kind"], lambda kind: KINDS.get(kind, Kind.PLAIN))
        kind[(kind == Kind.RETURN) & (of == 0)] = Kind.PLAIN
        return list(
            map(
                _move,
                zip(
                    self["move_id"].tolist(),
                    self["event_id"].tolist(),
                    _values(self["item_id"]),
                    _values(self["lot_id"]),
                    *_ends(reader, self["from_location_id"]),
                    *_ends(reader, self["to_location_id"]),
                    _values(self["qty"]),
                    self["at"].tolist(),
                    self["day"].tolist(),
                    _values(self["phase"]),
                    self["key"].tolist(),
                    _values(kind),
                    _values(of),
                    _values_or_none(amounts),
                    self._extras(reader, costs),
                    _values_or_none(self["share"]),
                    strict=False,  # repeated values have no end
                ),
            )
        )

    def _with_own(self, amounts: Whole, own: Mapping[int, int]) -> Whole:
        """The amounts with those that the book was told in place of what is stated."""
        amounts = amounts.copy()
        told = _among(self["move_id"], own) | _among(self["of_move_id"], own)
        for place in np.flatnonzero(told).tolist():
            stated = int(amounts[place])
            amount = own_or_stated(
                own,
                int(self["move_id"][place]),
                int(self["kind"][place]),
                int(self["of_move_id"][place]),
                None if stated == NOTHING else stated,
            )
            amounts[place] = NOTHING if amount is None else amount
        return amounts

    def _extras(self, reader: Reader, costs: Mapping[int, Sequence[CostFact]]) -> Iterable[Any]:
        if not costs:
            return repeat(())
        read = {move_id: reader.extras(charged) for move_id, charged in costs.items()}
        return [read.get(move_id, ()) for move_id in self["move_id"].tolist()]


def _column(facts: Sequence[AnyFact], name: str, kind: str) -> NDArray[Any]:
    values = [getattr(fact, name) for fact in facts]
    if kind == "k":
        return np.array(values, dtype="V16")
    if kind == "c":
        return np.array([NO_CURRENCY if value is None else value.encode() for value in values], dtype="S3")
    return np.array([NOTHING if value is None else int(value) for value in values], dtype=np.int64)


def _among(column: Whole, values: Collection[int]) -> NDArray[np.bool_]:
    return np.isin(column, np.fromiter(values, dtype=np.int64, count=len(values)))


def _looked_up(column: Whole, find: Callable[[int], int]) -> Whole:
    """A function of few values, asked once for each."""
    known, places = np.unique(column, return_inverse=True)
    return np.array([find(value) for value in known.tolist()], dtype=np.int64)[places]


def _ends(reader: Reader, locations: Whole) -> list[Iterable[int]]:
    """Place type, cost scope and node of one end of each."""
    known, places = np.unique(locations, return_inverse=True)
    ends = np.array([reader.end(location) for location in known.tolist()], dtype=np.int64).reshape(-1, 3)
    return [_values(ends[:, part][places]) for part in range(3)]


def _values(column: Whole) -> Iterable[int]:
    """The column as Python's numbers: the same one again and again where it is always the same."""
    if len(column) and (column == column[0]).all():
        return repeat(int(column[0]))
    values: list[int] = column.tolist()
    return values


def _values_or_none(column: Whole) -> Iterable[int | None]:
    empty = column == NOTHING
    if empty.all():
        return repeat(None)
    values: list[int | None] = column.tolist()
    for place in np.flatnonzero(empty).tolist():
        values[place] = None
    return values


# --- facts ------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class WindowFacts:
    """Facts of the items from a day on, with the other legs of their events and what amends or reverses those."""

    table: FactTable
    costs: list[CostFact] = field(default_factory=list)

    @property
    def facts(self) -> list[Fact]:
        return self.table.where(slice(None))


def load_window(company_id: int, item_ids: Collection[int], since: datetime.date) -> WindowFacts:
    """Facts of the items from a day on, with the other legs of their events."""
    names = ", ".join(text for _, _, text in COLUMNS)
    where = f"m.company_id = {company_id:d} AND m.item_id = ANY ('{ids(item_ids)}') AND {_since(since)}"
    read = read_table(f"SELECT {names} FROM stock_move m WHERE {where}", "".join(k for _, k, _ in COLUMNS))  # noqa: S608
    table = FactTable({name: column for (name, _, _), column in zip(COLUMNS, read, strict=True)})
    costs = [
        CostFact(*row)
        for row in db.fetch_all(
            "SELECT cost_id, move_id, document_id, kind, amount, currency, book_id FROM stock_move_cost"
            " WHERE company_id = %s AND item_id = ANY (%s::int[]) AND effective_on >= %s ORDER BY cost_id",
            (company_id, ids(item_ids), since),
        )
    ]
    return WindowFacts(table.and_also(_other_legs(company_id, table)), costs)


def _since(day: datetime.date) -> str:
    """From a local day on. The instant only narrows the index: a day begins at most 14 hours off UTC."""
    if day == datetime.date.min:
        return "true"
    before = day - datetime.timedelta(days=1)
    return f"m.effective_at >= '{before.isoformat()} 00:00+00' AND m.effective_on >= '{day.isoformat()}'"


def _other_legs(company_id: int, table: FactTable) -> list[Fact]:
    """The legs of the productions that are of other items, with their amendments and reversals."""
    production = np.isin(table["kind"], [int(MoveKind.CONSUMPTION), int(MoveKind.OUTPUT)])
    if not production.any():
        return []
    rows = db.fetch_all(
        f"""
        WITH RECURSIVE leg AS (
            SELECT s.move_id FROM unnest(%(events)s::bigint[]) AS e (event_id)
            JOIN stock_move first ON first.company_id = %(company)s AND first.move_id = e.event_id
            JOIN stock_document d ON d.company_id = %(company)s AND d.document_id = first.document_id
            JOIN stock_move s ON s.company_id = %(company)s AND s.event_id = e.event_id
                 AND s.move_id BETWEEN d.first_move_id AND d.first_move_id + d.move_count - 1
            WHERE s.move_id <> ALL (%(known)s::bigint[])
            UNION
            SELECT c.move_id FROM leg JOIN stock_move c ON c.company_id = %(company)s AND c.of_move_id = leg.move_id
            WHERE c.kind IN ({MoveKind.AMENDMENT:d}, {MoveKind.REVERSAL:d})
        )
        SELECT {FACT} FROM leg JOIN stock_move m ON m.company_id = %(company)s AND m.move_id = leg.move_id
        """,  # noqa: S608 - fixed texts
        {
            "company": company_id,
            "events": ids(np.unique(table["event_id"][production]).tolist()),
            "known": ids(table["move_id"].tolist()),
        },
    )
    return [Fact._make(row) for row in rows]


# --- what is booked ---------------------------------------------------------------------------------------


def load_booked(company_id: int, item_ids: Collection[int], since: datetime.date) -> dict[int, Booked]:
    """What is booked of the items from a day on, by book; allowances are none of costing's business."""
    where = f"company_id = {company_id:d} AND item_id = ANY ('{ids(item_ids)}') AND role <> {Role.NRV_ALLOWANCE:d}"
    if since > datetime.date.min:
        where += f" AND effective_on >= '{since.isoformat()}'"
    names = ", ".join(name for name, _ in BOOKED)
    books, *columns = read_table(
        f"SELECT book_id, {names} FROM stock_value WHERE {where}",  # noqa: S608 - fixed texts
        "n" + "".join(kind for _, kind in BOOKED),
    )
    book_ids = np.unique(books).tolist()
    if len(book_ids) == 1:
        return {book_ids[0]: Booked(columns)}
    return {book_id: Booked([column[books == book_id] for column in columns]) for book_id in book_ids}
