"""Sentences said in English below the doors, and what another language makes of what they speak of."""

import copy
import pickle
from datetime import UTC, date, datetime
from decimal import Decimal

from django.utils import translation

from wherewithal.core.words import Said, join, say, say_many
from wherewithal.kit.errors import Refused, refuse
from wherewithal.kit.words import translated

SAID = say(
    "{who!r} holds {rows:,} of {qty} at {price:.2f} on {day}, no. {number}, since {at}.",
    who="A {brace}",
    rows=12345,
    qty=Decimal("1234.50"),
    price=Decimal("0.5"),
    day=date(2026, 12, 31),
    number=12345,
    at=datetime(2026, 1, 2, 3, tzinfo=UTC),
)
ENGLISH = (
    "'A {brace}' holds 12,345 of 1234.50 at 0.50 on 2026-12-31, no. 12345, since 2026-01-02 03:00:00+00:00."
)
GERMAN = "'A {brace}' holds 12.345 of 1.234,50 at 0,50 on 31.12.2026, no. 12345, since 02.01.2026 03:00."


def test_it_is_its_english_text_and_says_the_same_in_another_language():
    assert SAID == ENGLISH
    assert hash(SAID) == hash(ENGLISH)
    assert translated(SAID) == ENGLISH
    with translation.override("de"):
        assert translated(SAID) == GERMAN
        assert translated("plain 1,234.5") == "plain 1,234.5"
        nested = say("It is: {what}", what=SAID)
        assert translated(nested) == f"It is: {GERMAN}"
        assert translated(join(("{a}", SAID))) == f"{{a}} {GERMAN}"
        for count, word in ((1, "row"), (2, "rows")):
            assert translated(say_many("{count:,} row", "{count:,} rows", count)) == f"{count} {word}"
    with translation.override(None):
        assert translated(SAID) == ENGLISH


def test_it_survives_exceptions_copies_and_pickling():
    for again in (str(ValueError(SAID)), copy.deepcopy(SAID), pickle.loads(pickle.dumps(SAID)), str(SAID)):
        assert again == ENGLISH
        assert isinstance(again, Said)
    refused = refuse("who", "rule", SAID)
    assert isinstance(refused, Refused)
    assert isinstance(refused.problems[0].message, Said)
    assert str(refused) == ENGLISH
