"""The page on imports names everything that there is."""

from pathlib import Path

import pytest

from wherewithal.feeds.kinds import KINDS
from wherewithal.feeds.kinds.log import OPTIONS
from wherewithal.feeds.mapping import CLEANERS
from wherewithal.feeds.rules import MAKERS
from wherewithal.feeds.samples import sample

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "imports.md").read_text()


@pytest.mark.parametrize("name", list(KINDS))
def test_every_kind_with_every_column(name: str) -> None:
    _, _, section = PAGE.partition(f"### `{name}`")
    table = section.partition("###")[0]
    assert [line.split("`")[1] for line in table.splitlines() if line.startswith("| `")] == [
        field.name for field in KINDS[name].fields
    ]
    assert sample(name), "a sample of each kind comes with the product"


def test_every_word_of_a_mapping() -> None:
    words = {*MAKERS, *OPTIONS, *CLEANERS, *KINDS["sales_log"].outcomes}
    assert [word for word in sorted(words) if f"`{word}`" not in PAGE] == []
