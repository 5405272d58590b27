"""What we say when the answer is no.

Everything a user can be refused comes as `Refused`, carrying one `Problem` per thing that is wrong, so that a batch
of ten thousand rows can name all of its faults at once. Doors turn it into a form, a problem+json document or an
exit code; nobody below a door formats text for a screen.

SQLSTATEs that our own triggers raise (class WH is unused by PostgreSQL):
  WH001  the period of the posting date is closed
  WH002  a posted row would be changed or removed
Rooms add theirs from WH100 on.
"""

from collections.abc import Iterable
from dataclasses import dataclass

PERIOD_CLOSED = "WH001"
APPEND_ONLY = "WH002"
LONGEST_MESSAGE = 2_000  # characters


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong.

    `field` is the name the caller used, '' when it concerns the whole; `rule` a short stable word for programs;
    `message` a sentence for people that says what would be right. `row` counts from 0 in a batch.
    """

    field: str
    rule: str
    message: str
    row: int | None = None
    value: str | None = None

    def __post_init__(self) -> None:
        """A message that quotes a text of many pages is cut: whoever sent the text knows it."""
        if len(self.message) > LONGEST_MESSAGE:
            object.__setattr__(self, "message", f"{self.message[:LONGEST_MESSAGE]}\N{HORIZONTAL ELLIPSIS}")


class Refused(Exception):
    """The request breaks a rule. Nothing was written."""

    default_code = "refused"
    problems: tuple[Problem, ...]
    code: str
    hint: str | None

    def __init__(
        self, problems: Problem | Iterable[Problem], *, code: str | None = None, hint: str | None = None
    ) -> None:
        self.problems = (problems,) if isinstance(problems, Problem) else tuple(problems)
        assert self.problems, "a refusal names at least one problem"
        self.code = code or self.default_code
        self.hint = hint
        super().__init__(self.problems, self.code, self.hint)

    def __str__(self) -> str:
        return " ".join(
            problem.message if problem.row is None else f"Row {problem.row + 1}: {problem.message}"
            for problem in self.problems
        )


class NotFound(Refused):
    """What the request names does not exist, or not in this company."""

    default_code = "not_found"


class Forbidden(Refused):
    """The one who asks may not."""

    default_code = "forbidden"


class Conflict(Refused):
    """Somebody else was there first: a key used twice, a version that is no longer the latest."""

    default_code = "conflict"


def refuse(field: str, rule: str, message: str, *, row: int | None = None, value: object = None) -> Refused:
    """A refusal with one problem: `raise refuse("qty", "positive", "The quantity must be above zero.")`."""
    return Refused(Problem(field, rule, message, row, None if value is None else str(value)))


def none_such(field: str, ids: Iterable[int], message: str) -> NotFound:
    """What is said of ids that name nothing: a problem each, in their order."""
    return NotFound([Problem(field, "exists", message, value=str(one)) for one in sorted(ids)])
