"""Order of entry does not matter: random histories in several orders and cuts, engine against oracle.

WHEREWITHAL_HISTORIES sets how many (default 20,000), WHEREWITHAL_HISTORIES_SEED the first seed. A failure prints
the seed and the history, shrunk to what still fails.
"""

import os

import pytest
from tests.core.generator import generate
from tests.core.histories import fails, run, shrink

COUNT = int(os.environ.get("WHEREWITHAL_HISTORIES", "20000"))
FIRST_SEED = int(os.environ.get("WHEREWITHAL_HISTORIES_SEED", "1"))
CHUNKS = 20


def told(seed: int) -> str:
    history = shrink(generate(seed)) if fails(generate(seed)) else generate(seed)
    return "\n".join([f"seed {seed}", *map(str, history.books), *map(str, history.facts)])


@pytest.mark.slow
@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_order_of_entry_does_not_matter(chunk: int) -> None:
    """(a) to (e) of the invariant, after every batch, as of every day, and stored states byte for byte."""
    first = FIRST_SEED + chunk * COUNT // CHUNKS
    last = FIRST_SEED + (chunk + 1) * COUNT // CHUNKS
    print(f"seeds {first} to {last - 1}")
    appends = replays = 0
    for seed in range(first, last):
        try:
            counted = run(generate(seed))
        except Exception as error:
            raise AssertionError(f"{told(seed)}\n{error}") from error
        appends, replays = appends + counted[0], replays + counted[1]
    assert COUNT < 200 or (appends and replays), "both ways of posting were taken"
