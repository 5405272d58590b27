"""What a list to be written as a file is: a question, heads, and rows that are read while they are written."""

import datetime
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

PAGE_ROWS = 1000

Value = str | int | Decimal | bool | datetime.date | datetime.datetime | None


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked for. Without `as_of` and `known_at`: now. `book_id` matters where there are amounts; `from_on` to
    lists of what happened between two days (by default since the fiscal year of the last day began)."""

    company_id: int
    book_id: int
    today: datetime.date
    as_of: datetime.date | None = None
    known_at: datetime.datetime | None = None
    from_on: datetime.date | None = None


@dataclass(frozen=True, slots=True)
class Sheet:
    """A list to be written: its heads, and its rows, which are read while they are written."""

    title: str
    heads: tuple[str, ...]
    rows: Iterable[Sequence[Value]]


def pages(read: Callable[[Any], Sequence[Any]], key: Callable[[Any], Any]) -> Iterator[Any]:
    """All rows of a paged query."""
    after = None
    while True:
        page = read(after)
        yield from page
        if len(page) < PAGE_ROWS:
            return
        after = key(page[-1])
