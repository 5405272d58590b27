"""Each test has a company of its own."""

import django
import pytest

django.setup()  # this file may be read before pytest-django gets to it

from tests.web.shop import Shop, new_shop  # noqa: E402


@pytest.fixture
def shop(db: None) -> Shop:
    """A company that the end of the test takes back."""
    return new_shop()


@pytest.fixture
def committed_shop(transactional_db: None) -> Shop:
    """A company that stays, for workers and browsers, which have connections of their own."""
    return new_shop()
