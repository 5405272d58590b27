"""Each test has companies of its own, and a client for whoever it needs."""

import django
import pytest

django.setup()  # this file may be read before pytest-django gets to it

from tests.api.api_client import Api, Firm, new_firm  # noqa: E402


@pytest.fixture
def firm(transactional_db: None) -> Firm:
    return new_firm()


@pytest.fixture
def other_firm(transactional_db: None) -> Firm:
    return new_firm()


@pytest.fixture
def api(firm: Firm) -> Api:
    """An administrator's client."""
    return firm.api()
