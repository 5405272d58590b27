"""What a page would move and post, shown before anything is written: by the code that writes, taken back again.

Goods are shown to everybody who may record them; entries only to those who may see the ledger.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from wherewithal.assets.drafts import PreviewEntry, PreviewLine
from wherewithal.kit import trial
from wherewithal.kit.errors import Refused
from wherewithal.ledger import queries as ledger
from wherewithal.ledger.queries import Entry
from wherewithal.stock import queries as stock
from wherewithal.stock.drafts import BatchResult
from wherewithal.stock.queries import MoveRow
from wherewithal.web import formatting
from wherewithal.web.asset_preview import INCOMPLETE, Preview, ShownBook, refusal_of, shown_book
from wherewithal.web.desk import Desk
from wherewithal.web.names import move_kind

MOST_MOVES = 60


@dataclass(frozen=True, slots=True)
class ShownMove:
    """A move that would be made."""

    kind: str
    move: MoveRow
    qty: Any


@dataclass(frozen=True, slots=True)
class Look:
    """What a form would do. `posting` None: this person does not see entries."""

    posting: Preview | None
    moves: Sequence[ShownMove] = ()
    move_count: int = 0

    @property
    def more(self) -> int:
        return self.move_count - len(self.moves)


UNFINISHED = Look(INCOMPLETE)


def wanted(request: HttpRequest) -> bool:
    """Whether the form was sent only to see what it would do."""
    return request.method == "POST" and "preview" in request.POST


def of_documents(desk: Desk, write: Callable[[], BatchResult]) -> Look:
    """The moves that recording goods documents makes, and what each book posts."""

    def work() -> tuple[list[MoveRow], list[Entry]]:
        result = write()
        moves = [
            move
            for document in result.documents
            for move in stock.moves_of_document(desk.company_id, document.document_id)
        ]
        return moves, _entries(desk, result.entry_ids)

    try:
        moves, entries = trial.tried(company_id=desk.company_id, actor_id=desk.user_id, work=work)
    except Refused as refused:
        return _refused(refused)
    shown = [
        ShownMove(move_kind(move.kind), move, formatting.from_minor(move.qty, move.qty_decimals))
        for move in moves[:MOST_MOVES]
    ]
    return Look(_posting(desk, entries), shown, len(moves))


def of_decision(desk: Desk, write: Callable[[], Sequence[int]]) -> Look:
    """What a decision posts: a policy, an estimate, an account; `write` answers with the ids of entries."""
    try:
        entries = trial.tried(
            company_id=desk.company_id, actor_id=desk.user_id, work=lambda: _entries(desk, write())
        )
    except Refused as refused:
        return _refused(refused)
    return Look(_posting(desk, entries))


def answer(request: HttpRequest, look: Look) -> HttpResponse:
    """The look alone, for the form that asked while it was being filled in."""
    return render(request, "web/_look.html", {"look": look})


def _refused(refused: Refused) -> Look:
    return Look(refusal_of(refused))


def _entries(desk: Desk, entry_ids: Sequence[int]) -> list[Entry]:
    if not entry_ids or not desk.may("ledger.read"):
        return []
    return ledger.entries_by_id(desk.company_id, entry_ids)


def _posting(desk: Desk, entries: Sequence[Entry]) -> Preview | None:
    if not desk.may("ledger.read"):
        return None
    by_book: dict[int, list[Entry]] = {book.book_id: [] for book in desk.books}
    for entry in entries:
        by_book[entry.book_id].append(entry)
    shown: list[ShownBook] = [
        shown_book(
            book.name, book.currency, book.currency_decimals, [_previewed(e) for e in by_book[book.book_id]]
        )
        for book in desk.books
        if by_book[book.book_id]
    ]
    return Preview(books=shown, silent=[book.name for book in desk.books if not by_book[book.book_id]])


def _previewed(entry: Entry) -> PreviewEntry:
    lines = tuple(PreviewLine(line.account_code, line.account_name, line.amount) for line in entry.lines)
    return PreviewEntry(entry.effective_on, entry.posting_on, lines)
