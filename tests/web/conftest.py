"""Each test has a company of its own."""

import django
import pytest

django.setup()  # this file may be read before pytest-django gets to it

import django.test.client  # noqa: E402
from tests.web.shop import Shop, new_shop  # noqa: E402


@pytest.fixture
def shop(db: None) -> Shop:
    """A company that the end of the test takes back."""
    return new_shop()


@pytest.fixture
def committed_shop(transactional_db: None) -> Shop:
    """A company that stays, for workers and browsers, which have connections of their own."""
    return new_shop()


@pytest.fixture
def unkept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Django's client copies the context of every part of a page; who only reads the pages saves a sixth of the time."""
    monkeypatch.setattr(django.test.client, "store_rendered_templates", lambda *_, **__: None)
