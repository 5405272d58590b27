"""What the engine and the kinds of import agree on: a file becomes stages, a stage units, units are written in chunks.

A *unit* is what is loaded whole or not at all: one document, one item, one party. Its key is made from the file's own
content, so that the same unit is known again in another run, in another file, in another order.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from wherewithal.feeds.mapping import Field, RowProblem, Rows

Progress = Callable[[str, int, int], None]  # what is being done, how many rows of how many


@dataclass(frozen=True, slots=True)
class RunContext:
    """Who imports what for whom. `source` names where unit keys are unique: the mapping's name, or the kind."""

    company_id: int
    actor_id: int | None
    import_id: int
    source: str
    sha256: str
    currency: str
    options: Mapping[str, Any]


@dataclass(slots=True)
class Unit:
    """Loaded whole or not at all. `positions` are the rows of the file that it came from."""

    key: str
    positions: Sequence[int]
    content: Any = None
    digest: bytes = b""


@dataclass(slots=True)
class Stage:
    """Units of one kind, in the order in which they must be written.

    `write` puts a chunk into the books inside a transaction, and answers one id (or None) per unit; it raises Refused
    whose problems carry a position of the file as their row. `cut` says where a chunk that begins at `start` ends.
    `recall` is told of units that an earlier run has loaded, with their ids. `begin` is called before the first chunk.
    `ahead` is told, before each chunk, which units will follow it: what they need can be made ready while it is written.
    """

    name: str
    units: list[Unit]
    write: Callable[[Sequence[Unit]], Sequence[int | None]]
    cut: Callable[[Sequence[Unit], int], int]
    recall: Callable[[Sequence[tuple[Unit, int | None]]], None] | None = None
    begin: Callable[[], None] | None = None
    ahead: Callable[[Sequence[Unit]], None] | None = None


@dataclass(slots=True)
class Plan:
    """All that a file asks for. `report` is what its user should read beside the counts."""

    stages: list[Stage]
    problems: list[RowProblem] = field(default_factory=list)
    report: dict[str, Any] = field(default_factory=dict)
    finish: Callable[[], dict[str, Any]] | None = None  # after the last chunk: what to add to the report


class Kind(Protocol):
    """One kind of import."""

    @property
    def name(self) -> str: ...

    @property
    def label(self) -> str: ...

    @property
    def about(self) -> str: ...

    @property
    def fields(self) -> tuple[Field, ...]: ...

    @property
    def outcomes(self) -> tuple[str, ...]:
        """What rules may decide; empty where the kind takes no rules."""
        ...

    @property
    def permissions(self) -> tuple[str, ...]: ...

    def plan(self, run: RunContext, rows: Rows, mapping: Any) -> Plan: ...


def cut_every(rows: int) -> Callable[[Sequence[Unit], int], int]:
    """Chunks of about so many rows."""

    def cut(units: Sequence[Unit], start: int) -> int:
        taken = 0
        for position in range(start, len(units)):
            taken += len(units[position].positions) or 1
            if taken >= rows:
                return position + 1
        return len(units)

    return cut


def digest_of(texts: Sequence[str]) -> bytes:
    """Sixteen bytes that tell whether a unit's content is the same."""
    return hashlib.blake2b("\x1f".join(texts).encode(), digest_size=16).digest()
