"""Keyset pages over a list that a room gives in portions."""

import base64
import json
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from wherewithal.api.paging import ROOM_PAGE, Paged, encode, listing
from wherewithal.kit.errors import Refused

KEY = TypeAdapter(tuple[str, int])
ROWS = [(f"sku-{number:05}", number) for number in range(1, 2501)]


def fetch(after: Any, limit: int) -> list[tuple[str, int]]:
    """As rooms do: after a key, and never more than the room's own limit."""
    start = tuple(after) if after else ("", 0)
    return [row for row in ROWS if row > start][: min(limit, ROOM_PAGE)]


def page(limit: int, cursor: str | None = None) -> dict[str, Any]:
    return listing(Paged(limit=limit, cursor=cursor), fetch, key=KEY, key_of=lambda row: row)


@pytest.mark.parametrize("limit", [1, 7, 200, 201, 999, 1000])
def test_pages_hold_every_row_once_and_in_order(limit: int) -> None:
    seen: list[Any] = []
    cursor = None
    while True:
        answer = page(limit, cursor)
        seen += answer["results"]
        cursor = answer["next"]
        if cursor is None:
            break
        assert len(answer["results"]) == limit
    assert seen == ROWS


def test_the_last_page_is_not_followed_by_an_empty_one() -> None:
    assert page(500, encode(ROWS[1999]))["next"] is None


@pytest.mark.parametrize(
    "cursor",
    [
        *("A", "bm90IGpzb24", encode([1, "x"]), encode([]), encode(["a", 1, 2]), encode(["a", 1.5])),
        base64.urlsafe_b64encode(json.dumps([[[]]] * 9).encode()).decode().rstrip("="),
        base64.urlsafe_b64encode(b"[" * 600).decode(),
    ],
)
def test_a_cursor_of_another_list_or_of_nobodys_is_refused(cursor: str) -> None:
    with pytest.raises(Refused) as refusal:
        page(10, cursor)
    assert refusal.value.problems[0].field == "cursor"


def test_a_cursor_has_no_strange_characters() -> None:
    with pytest.raises(ValidationError):
        Paged(cursor="!!!!")


@pytest.mark.parametrize("limit", [0, -1, 1001, "x", "1e2"])
def test_a_page_has_1_to_1000_rows(limit: object) -> None:
    with pytest.raises(ValidationError):
        Paged.model_validate({"limit": limit})
