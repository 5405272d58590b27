"""Not there, or not in this company: the same answer."""

from typing import TypeVar

from wherewithal.core.words import say
from wherewithal.kit.errors import NotFound, Problem

Thing = TypeVar("Thing")


def found(field: str, value: object, thing: Thing | None) -> Thing:
    """The thing, or a refusal that names what was asked for."""
    if thing is None:
        message = say("There is no such {field}.", field=field.removesuffix("_id").replace("_", " "))
        raise NotFound(Problem(field, "exists", message, value=str(value)))
    return thing
