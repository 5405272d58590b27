"""What the answers of several rooms share: their fields taken from rows, and the words for two dates."""

from typing import Any

from wherewithal.api.types import Answer

AS_OF = "At the end of this day; now when left out."
KNOWN_AT = "Only what was recorded by this instant; all that is known now when left out."


def same(row: Any, answer: type[Answer]) -> dict[str, Any]:
    """The fields that a row and its answer have in common by name."""
    return {name: getattr(row, name) for name in answer.model_fields if hasattr(row, name)}
