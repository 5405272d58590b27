"""Checks that every short text of this room passes: given, not too long, nothing unprintable."""

from wherewithal.core.words import say
from wherewithal.kit.errors import Problem

LONGEST_CODE = 64
LONGEST_NAME = 300
LONGEST_NOTE = 10_000


def text_problem(
    field: str, text: str, longest: int, *, row: int | None = None, required: bool = True
) -> Problem | None:
    """What is wrong with one line of text, if anything."""
    if required and not text.strip():
        return Problem(field, "required", say("The {field} must be given.", field=field), row=row, value=text)
    if len(text) > longest:
        message = say(
            "The {field} has {count} characters; at most {longest} fit.",
            field=field,
            count=len(text),
            longest=longest,
        )
        return Problem(field, "too_long", message, row=row, value=text[:40])
    if not text.isprintable():
        message = say("The {field} has an unprintable character (a line break, tab or NUL).", field=field)
        return Problem(field, "printable", message, row=row, value=repr(text[:40]))
    return None


def note_problem(field: str, text: str, *, row: int | None = None) -> Problem | None:
    """The same for a longer text, which may have line breaks."""
    plain = text.replace("\n", " ").replace("\r", " ").replace("\t", " ")
    return text_problem(field, plain, LONGEST_NOTE, row=row, required=False)


def code_problem(field: str, code: str, *, row: int | None = None) -> Problem | None:
    """A code has no blanks around it, since nobody can see them."""
    if code != code.strip():
        message = say("The {field} begins or ends with a blank.", field=field)
        return Problem(field, "blanks_around", message, row=row, value=repr(code))
    return text_problem(field, code, LONGEST_CODE, row=row)
