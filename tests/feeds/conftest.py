import itertools
from pathlib import Path

import pytest
from tests.feeds.support import Feed, new_company

_numbers = itertools.count(1)


@pytest.fixture
def company(db: None) -> int:
    return new_company(f"F{next(_numbers)}")


@pytest.fixture
def feed(company: int, tmp_path: Path) -> Feed:
    return Feed(company, tmp_path)
