"""What assets would post, as pages show it before and after: entries by book, added up where they are many."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from wherewithal.assets.drafts import BookPreview, PreviewEntry
from wherewithal.kit import trial
from wherewithal.kit.errors import Refused
from wherewithal.kit.words import translated
from wherewithal.web import formatting
from wherewithal.web.desk import Desk

FEW = 3
MOST_ENTRIES = 40
LONGEST_MS = 20_000  # for a statement of a preview: some look at the whole register


@dataclass(frozen=True, slots=True)
class ShownLine:
    account: str
    account_name: str
    cost_centre: str
    debit: Decimal | None
    credit: Decimal | None


@dataclass(frozen=True, slots=True)
class ShownEntry:
    effective_on: date
    posting_on: date
    lines: Sequence[ShownLine]

    @property
    def is_late(self) -> bool:
        """Whether its period is closed, so that it is posted on another day."""
        return self.posting_on != self.effective_on


@dataclass(frozen=True, slots=True)
class ShownBook:
    """One book's entries. `together`: their lines added up by account, where there are more than a few."""

    name: str
    currency: str
    decimals: int
    entries: Sequence[ShownEntry]
    together: Sequence[ShownLine] = ()
    entry_count: int = 0

    @property
    def more(self) -> int:
        return self.entry_count - len(self.entries)


@dataclass(frozen=True, slots=True)
class Preview:
    """What would be posted, or what stands in the way. Neither: the form is not filled in yet."""

    books: Sequence[ShownBook] = ()
    problems: Sequence[str] = ()
    complete: bool = True
    silent: Sequence[str] = field(default_factory=tuple)  # books that would post nothing
    notes: Sequence[str] = ()  # what is to be said first
    waits: bool = False  # others are just writing the same things: it is asked again in a moment


INCOMPLETE = Preview(complete=False)


def preview_of(desk: Desk, ask: Callable[[], Sequence[BookPreview]]) -> Preview:
    """Ask the room what it would post, as a trial that gives way to others; a refusal is shown in its words."""
    try:
        found = trial.undone(ask, longest_ms=LONGEST_MS)
    except Refused as refused:
        return refusal_of(refused)
    names = {book.code: book.name for book in desk.books}
    return Preview(
        books=[
            shown_book(names.get(book.code, book.code), book.currency, book.decimals, book.entries)
            for book in found
            if book.entries
        ],
        silent=[names.get(book.code, book.code) for book in found if not book.entries],
    )


def refusal_of(refused: Refused) -> Preview:
    """What stands in the way of recording; nothing does, where others only hold what is needed for a moment."""
    if isinstance(refused, trial.Busy):
        return Preview(waits=True)
    return Preview(problems=[translated(problem.message) for problem in refused.problems])


def shown_book(name: str, currency: str, decimals: int, entries: Sequence[PreviewEntry]) -> ShownBook:
    shown = [
        ShownEntry(
            entry.effective_on,
            entry.posting_on,
            [
                _line(line.account, line.account_name, line.cost_centre, line.amount, decimals)
                for line in entry.lines
            ],
        )
        for entry in entries[:MOST_ENTRIES]
    ]
    together = _together(entries, decimals) if len(entries) > FEW else ()
    return ShownBook(name, currency, decimals, shown, together, len(entries))


def _line(account: str, name: str, cost_centre: str, minor: int, decimals: int) -> ShownLine:
    amount = formatting.from_minor(abs(minor), decimals)
    return ShownLine(account, name, cost_centre, amount if minor > 0 else None, amount if minor < 0 else None)


def _together(entries: Iterable[PreviewEntry], decimals: int) -> list[ShownLine]:
    """Net amounts by account and cost centre; what comes to nothing is left out."""
    sums: dict[tuple[str, str, str], int] = {}
    for entry in entries:
        for line in entry.lines:
            key = (line.account, line.account_name, line.cost_centre)
            sums[key] = sums.get(key, 0) + line.amount
    return [_line(*key, minor, decimals) for key, minor in sorted(sums.items()) if minor]
