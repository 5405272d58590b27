"""Every page of stock, items and administration in a real browser: see sound.py."""

import re

import pytest
from playwright.sync_api import Browser
from pytest_django.live_server_helper import LiveServer
from tests.web.shop import Shop
from tests.web.sound import look_at_pages
from tests.web.test_browser import browser

from wherewithal.people import queries as people

__all__ = ["browser"]

pytestmark = [pytest.mark.web, pytest.mark.django_db(transaction=True)]

OTHERS = re.compile(r"assets|finance")


def test_pages_of_goods_are_sound(
    browser: Browser, live_server: LiveServer, committed_shop: Shop, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(people, "administers_every_company", lambda: True)  # they see the backups
    extra = (
        "/companies/new",
        "/accounts/password/change/",
        "/accounts/2fa/",
        "items?sort=-name",
        "find?text=seal",
    )
    found = look_at_pages(browser, live_server, committed_shop, lambda path: not OTHERS.match(path), extra)
    assert not found.wrong, "\n".join(found.wrong)
    assert len(found.seen) > 50
