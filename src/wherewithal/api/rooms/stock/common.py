"""What the files of this folder share: the section, words, keys of pages, the day."""

from datetime import date, datetime
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter

from wherewithal.api.door import Section
from wherewithal.api.finding import found
from wherewithal.api.types import (
    Instant,
    KeyId,
    Text,
)
from wherewithal.items import queries as items_queries
from wherewithal.items.values import ItemFacts
from wherewithal.ledger import queries as ledger_queries
from wherewithal.stock.drafts import MoveKind

section = Section(
    "Stock", "What is where, what it is worth, how it came there: now, on any day, as known at any instant."
)

LocationWord = Literal[
    "site",
    "warehouse",
    "zone",
    "bin",
    "transit",
    "supplier",
    "customer",
    "production",
    "adjustment",
    "scrap",
    "opening",
    "asset",
]
MoveWord = Literal[
    "opening",
    "receipt",
    "issue",
    "dropship",
    "transfer",
    "dispatch",
    "arrival",
    "adjustment",
    "scrap",
    "return_to_supplier",
    "return_from_customer",
    "consumption",
    "output",
    "amendment",
    "reversal",
]
three_codes = TypeAdapter(tuple[Text, Text, Text])
code_and_id = TypeAdapter(tuple[Text, KeyId])
newest = TypeAdapter(tuple[KeyId])
at_and_id = TypeAdapter(tuple[Instant, KeyId])


def today(company_id: int) -> date:
    """The company's own day. Doors know the time, nobody below them does."""
    return datetime.now(ZoneInfo(ledger_queries.company(company_id).timezone)).date()


def costing_item(company_id: int, item_id: int) -> ItemFacts:
    return found("item_id", item_id, items_queries.costing_items(company_id, [item_id]).get(item_id))


def kind_word(kind: int | None) -> str | None:
    return None if kind is None else MoveKind(kind).name.lower()
