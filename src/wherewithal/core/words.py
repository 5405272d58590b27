"""Sentences for people, said below the doors in English and translated at the door.

`say("There is no item {sku}.", sku=sku)` is its English text: it can be compared, stored, logged and printed like any
other. It also keeps what it was made of, so that a door can say the same in the language of whoever reads it
(`kit.words.translated`). `make messages` finds the sentence by the name of the function, so the first argument is
always a plain text.
"""

from collections.abc import Mapping
from typing import Self


class Said(str):
    """A sentence in English that remembers its form and what it speaks of."""

    __slots__ = ("counted", "form", "plural", "values")

    form: str
    plural: str | None
    counted: int
    values: Mapping[str, object]

    def __new__(
        cls, form: str, values: Mapping[str, object], *, plural: str | None = None, counted: int = 1
    ) -> Self:
        used = plural if plural is not None and counted != 1 else form
        made = super().__new__(cls, used.format_map(values))
        made.form = form
        made.plural = plural
        made.counted = counted
        made.values = values
        return made

    def __str__(self) -> str:
        """Itself: the text of an exception that was raised with a sentence can still be translated."""
        return self

    def __reduce__(self) -> tuple[object, ...]:
        return _again, (self.form, dict(self.values), self.plural, self.counted)


def say(form: str, /, **values: object) -> Said:
    """A sentence; `values` fill the named places of `form`, formatted as by `str.format`.

    In another language days and decimal figures among them take its form; whole numbers do so only where the place asks
    for groups (`{rows:,}`), for most of them are names. A value that was itself said is translated too.
    """
    return Said(form, values)


def say_many(form: str, plural: str, count: int, /, **values: object) -> Said:
    """A sentence about `count` things: `form` for one, `plural` for others; `{count}` is among its places."""
    return Said(form, {"count": count, **values}, plural=plural, counted=count)


def known(text: str) -> Said:
    """A name from one of the program's own data files (an account of a template, a rule of a country): `make messages`
    reads those files, so that it can be translated like a sentence. What a catalogue does not know stays as it is.
    """
    return Said(text.replace("{", "{{").replace("}", "}}"), {})


def join(parts: "list[str] | tuple[str, ...]", between: str = " ") -> Said:
    """Sentences in a row; each is translated by itself."""
    names = {f"part_{place}": part for place, part in enumerate(parts)}
    return Said(between.replace("{", "{{").join(f"{{{name}}}" for name in names), names)


def _again(form: str, values: dict[str, object], plural: str | None, counted: int) -> Said:
    return Said(form, values, plural=plural, counted=counted)
