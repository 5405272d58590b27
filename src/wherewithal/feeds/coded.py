"""Columns of a file with each value once, so that half a million rows are looked at by the thousand."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Whole = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Coded:
    """A column as its different values and, for each row, the number of its value: what follows from one cell alone is
    found once for each value, however long the file is. Equal values may have several numbers."""

    values: Sequence[Any]
    codes: NDArray[np.integer[Any]]

    def each(self, of: Callable[[Any], Any], kind: type = bool) -> NDArray[Any]:
        """What `of` says of each row's value."""
        answers: NDArray[Any] = np.fromiter(map(of, self.values), kind, len(self.values))
        of_rows: NDArray[Any] = answers[self.codes]
        return of_rows

    def at(self, row: int) -> Any:
        """The value of one row."""
        return self.values[self.codes[row]]

    def in_rows(self, values: Sequence[Any] | None = None) -> list[Any]:
        """The value of each row, or what stands in its place."""
        return list(map((self.values if values is None else values).__getitem__, self.codes.tolist()))

    def ranked(self) -> tuple[list[Any], Whole]:
        """The values in order, without None, and each row's place among them: equal ones have the same, None has -1."""
        ordered = sorted({value for value in self.values if value is not None})
        places = {value: place for place, value in enumerate(ordered)}
        return ordered, self.each(lambda value: places.get(value, -1), np.int64)


def counted(columns: Sequence[Coded], rows: Whole) -> Iterable[tuple[tuple[Any, ...], int]]:
    """How often which values stand together in these rows."""
    words = np.zeros(len(rows), np.int64)
    for column in columns:
        words = words * len(column.values) + column.codes[rows]
    words.sort()
    starts = np.flatnonzero(np.diff(words, prepend=-1))  # several times faster than np.unique
    found, counts = words[starts], np.diff(starts, append=len(words))
    parts = []
    for column in reversed(columns):
        parts.append(Coded(column.values, found % len(column.values)).in_rows())
        found = found // len(column.values)
    return zip(zip(*reversed(parts), strict=True), counts.tolist(), strict=True)
