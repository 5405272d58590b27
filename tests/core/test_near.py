"""One slip of the fingers: which words it may have made."""

import pytest

from wherewithal.core.near import begins_near, slips


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("hydrulic", "hydraulic"),  # one letter missing
        ("hydrauulic", "hydraulic"),  # one too many
        ("hydrxulic", "hydraulic"),  # one wrong
        ("hydarulic", "hydraulic"),  # two swapped
        ("ydraulic", "hydraulic"),  # the first missing
        ("hydrauli", "hydraulic"),  # the last missing
        ("hydraulci", "hydraulic"),  # the last two swapped
    ],
)
def test_a_word_is_among_the_slips_of_what_was_typed(typed: str, meant: str):
    assert meant in slips(typed)


def test_two_slips_are_not_one():
    assert "hydraulic" not in slips("hydrlc")
    assert "hydraulic" not in slips("yhdraulci")


def test_how_many_there_are():
    # By hand for four different letters and a two-letter alphabet that they do not hold: 4 deletions, 3 swaps,
    # 4 x 2 replacements, 5 x 2 insertions, all different.
    found = slips("abcd", "xy")
    assert len(found) == 4 + 3 + 8 + 10
    assert found == sorted(set(found))
    assert "abcd" not in found


def test_words_too_short_or_too_long_have_none():
    assert slips("abc") == []
    assert slips("a" * 25) == []


def test_a_beginning_is_enough():
    assert begins_near("valuation", "valua")
    assert begins_near("valuation", "vlaua")
    assert not begins_near("valuation", "vluaa")
    assert not begins_near("home", "hme")  # three letters are near to too much
