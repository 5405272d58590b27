"""What a list to be written as a file is: a question, heads, and rows that are read while they are written."""

import datetime
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

PAGE_ROWS = 1000

Value = str | int | Decimal | bool | datetime.date | datetime.datetime | None


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked for. Without `as_of` and `known_at`: now. `book_id` matters where there are amounts; `from_on` to
    lists of what happened between two days (by default since the fiscal year of the last day began). `options`: what
    one list alone asks for, by name, as text."""

    company_id: int
    book_id: int
    today: datetime.date
    as_of: datetime.date | None = None
    known_at: datetime.datetime | None = None
    from_on: datetime.date | None = None
    options: Mapping[str, str] = field(default_factory=dict)


class Strong(tuple[Value, ...]):
    """A row that stands out: a total, a subtotal."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A list to be written: its heads, and its rows, which are read while they are written.

    Where it is a document (PDF): columns in `summed` are added up from page to page and below the last row, where
    `below` may say otherwise; rows that are `Strong` stand out, and the column `currency_head` is said once where it
    never changes. `of_book`: what one book says; `span`: the days between which something happened; `dated`: it is
    another list on another day. `left_out`: what the figures do not count on though it was asked for, a sentence each.
    """

    title: str
    heads: tuple[str, ...]
    rows: Iterable[Sequence[Value]]
    summed: tuple[str, ...] = ()
    below: Sequence[Sequence[Value]] = ()
    currency_head: str = "currency"
    of_book: bool = False
    span: tuple[datetime.date, datetime.date] | None = None
    dated: bool = True
    left_out: tuple[str, ...] = ()
    labels: bool = False  # the heads are words for people already

    def label(self, head: str) -> str:
        """A head as a person reads it."""
        if self.labels:
            return head
        return head.replace("_", " ").strip()[:1].upper() + head.replace("_", " ").strip()[1:]


@dataclass(frozen=True, slots=True)
class CoverLogo:
    """A picture (PNG) at the top of the first page; width and height in points of the picture."""

    content: bytes
    wide: int
    high: int


@dataclass(frozen=True, slots=True)
class Cover:
    """What a document says of itself: whose it is, its facts (book, days, what was known ...), the line that runs on
    above later pages, and the one below each."""

    company: str
    facts: tuple[tuple[str, str], ...]
    running: str
    footer: str
    printed_at: datetime.datetime
    timezone: datetime.tzinfo = datetime.UTC
    language: str = "en"
    logo: CoverLogo | None = None


def pages(read: Callable[[Any], Sequence[Any]], key: Callable[[Any], Any]) -> Iterator[Any]:
    """All rows of a paged query."""
    after = None
    while True:
        page = read(after)
        yield from page
        if len(page) < PAGE_ROWS:
            return
        after = key(page[-1])
