"""What a check is and what it answers. A check only reads, as the application's role, inside one snapshot."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from wherewithal.kit.db import Params, fetch_all

MOST_SHOWN = 50  # findings that a check names one by one; the others are counted


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it should be. `where` names the row, or the smallest group of rows that is known."""

    what: str
    where: str
    expected: str
    found: str


@dataclass(frozen=True, slots=True)
class Found:
    """The findings of one check: at most MOST_SHOWN of them, and how many there are in all."""

    findings: tuple[Finding, ...] = ()
    total: int = 0


@dataclass(frozen=True, slots=True)
class Check:
    """`proves` is one sentence that is true of the company when `look` finds nothing."""

    name: str
    proves: str
    look: Callable[[int], Found]
    deep: bool = False


def query(sql: str, params: Params, finding: Callable[..., Finding]) -> Found:
    """Run a query that selects what is wrong; `finding` puts each row into words.

    The query is wrapped so that only the first rows travel and all are counted.
    """
    rows = fetch_all(f"SELECT count(*) OVER (), q.* FROM ({sql}) q LIMIT {MOST_SHOWN}", params)  # noqa: S608
    return Found(tuple(finding(*row[1:]) for row in rows), rows[0][0] if rows else 0)


def together(*parts: Found) -> Found:
    """Several looks as the answer of one check."""
    findings = tuple(finding for part in parts for finding in part.findings)
    return Found(findings[:MOST_SHOWN], sum(part.total for part in parts))


def listed(findings: Sequence[Finding]) -> Found:
    return Found(tuple(findings[:MOST_SHOWN]), len(findings))
