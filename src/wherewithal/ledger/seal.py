"""The content hash and the chain once more, in Python: for auditors who check an export without the database.

sql/hash.sql is what the database uses; a test holds the two together.
"""

import datetime
import hashlib
from collections.abc import Sequence
from decimal import Decimal

from wherewithal.ledger.values import EntryDraft, LineDraft

DAY_ZERO = datetime.date(1970, 1, 1)
INSTANT_ZERO = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
MICROSECOND = datetime.timedelta(microseconds=1)


def canonical(company_id: int, entry_id: int, entry: EntryDraft, recorded_at: datetime.datetime) -> str:
    """The text that is hashed: a head, then one line of text for each line of the entry."""
    head = (
        "entry/1",
        company_id,
        entry.book_id,
        entry_id,
        (entry.effective_on - DAY_ZERO).days,
        (entry.posting_on - DAY_ZERO).days,
        (recorded_at - INSTANT_ZERO) // MICROSECOND,
        _text(entry.source),
        _optional(entry.batch_id),
        _text(entry.reference),
        _text(entry.description),
        _optional(entry.actor_id),
    )
    lines = (_line(line_no, line) for line_no, line in enumerate(entry.lines, 1))
    return "\n".join([" ".join(map(str, head)), *lines])


def content_hash(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


def genesis(company_id: int, book_id: int, year: int) -> bytes:
    """What the chain of a book's fiscal year begins with."""
    return hashlib.sha256(f"chain/1 {company_id} {book_id} {year}".encode()).digest()


def chain(seed: bytes, content_hashes: Sequence[bytes]) -> list[bytes]:
    """The links after `seed`, one for each content hash."""
    links = []
    for content in content_hashes:
        seed = hashlib.sha256(seed + content).digest()
        links.append(seed)
    return links


def _line(line_no: int, line: LineDraft) -> str:
    parts = (
        line_no,
        line.account_id,
        line.amount,
        _optional(line.currency),
        _optional(line.document_amount),
        "-" if line.rate is None else plain(line.rate),
        _text(line.memo),
    )
    return " ".join(map(str, parts))


def plain(number: Decimal) -> str:
    """Without exponent and without trailing zeros: what PostgreSQL's trim_scale gives."""
    return format(number.normalize(), "f")


def _text(value: str | None) -> str:
    return "-" if value is None else f"{len(value.encode())}:{value}"


def _optional(value: int | str | None) -> int | str:
    return "-" if value is None else value
