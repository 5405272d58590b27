"""What stands behind the codes of the story."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from wherewithal.ledger.values import Book


@dataclass(slots=True)
class Ids:
    """The ids behind the codes of the story; those of documents and moves become known on the way."""

    company_id: int
    books: Sequence[Book]
    users: dict[str, int]
    items: dict[str, int]
    decimals: dict[str, int]
    places: dict[str, int]
    parties: dict[str, int]
    documents: dict[str, int] = field(default_factory=dict)
    moves: dict[str, tuple[int, ...]] = field(default_factory=dict)
    members: dict[str, int] = field(default_factory=dict)
    cost_centres: dict[str, int] = field(default_factory=dict)
    asset_events: dict[str, int] = field(default_factory=dict)
