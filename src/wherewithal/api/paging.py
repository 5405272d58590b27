"""Keyset pages: a page starts after the last row of the one before, wherever new rows have come in meanwhile.

The cursor is opaque to clients: base64url of the JSON list of the last row's key. It is nobody's secret, so it is not
signed; whatever it holds is checked for type and range before it reaches a query.
"""

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Annotated, Any, Generic, TypeVar

from pydantic import BeforeValidator, Field, TypeAdapter

from wherewithal.api.types import Answer, Filters, Text, digits
from wherewithal.core.words import say
from wherewithal.kit.errors import Problem, Refused

DEFAULT_LIMIT = 100
MOST = 1_000
ROOM_PAGE = 200
LONGEST_CURSOR = 1_000

Row = TypeVar("Row")
Cursor = Annotated[Text, Field(max_length=LONGEST_CURSOR, pattern=r"^[A-Za-z0-9_-]*$")]
Limit = Annotated[int, Field(ge=1, le=MOST), BeforeValidator(digits)]


class Paged(Filters):
    """The parameters of every list."""

    limit: Limit = Field(default=DEFAULT_LIMIT, description="Rows per page, 1 to 1000.")
    cursor: Cursor | None = Field(
        default=None, description="`next` of the page before; nothing for the first page."
    )


class Page(Answer, Generic[Row]):
    """One page. `next` is the cursor of the following one, null on the last."""

    results: list[Row]
    next: str | None


def listing(
    paged: Paged,
    fetch: Callable[[Any, int], Sequence[Any]],
    *,
    key: TypeAdapter[Any],
    key_of: Callable[[Any], Sequence[Any]],
) -> dict[str, Any]:
    """One page. `fetch(after, limit)` gives rows after a key, None for the first; `key` is the form of a key, and
    `key_of` takes it from a row. A room may give fewer rows at a time than asked for (never fewer than ROOM_PAGE
    while there are more), so it is asked until the page is full."""
    place = place_of(paged.cursor, key)
    rows: list[Any] = []
    while len(rows) <= paged.limit:
        asked = paged.limit + 1 - len(rows)
        more = fetch(place, asked)
        rows += more
        if len(more) < min(asked, ROOM_PAGE):
            break
        place = key_of(rows[-1])
    shown = rows[: paged.limit]
    following = encode(key_of(shown[-1])) if len(rows) > paged.limit else None
    return {"results": shown, "next": following}


def place_of(cursor: str | None, key: TypeAdapter[Any]) -> Any:
    """The key after which a page starts, None for the first page."""
    if not cursor:
        return None
    try:
        raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        return key.validate_json(raw)
    except (binascii.Error, ValueError):  # pydantic's ValidationError is a ValueError
        message = say("The cursor is not one of this list; take `next` of the page before, or none to start.")
        raise Refused(Problem("cursor", "cursor", message)) from None


def encode(key: Sequence[Any]) -> str:
    text = json.dumps(list(key), default=_as_text, separators=(",", ":"), ensure_ascii=False)
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _as_text(value: object) -> str:
    if isinstance(value, date | datetime):
        return value.isoformat()
    raise TypeError(f"a cursor cannot hold {type(value).__name__}")
