"""Every page of assets and finance in a real browser: see sound.py."""

import pytest
from playwright.sync_api import Browser
from pytest_django.live_server_helper import LiveServer
from tests.web.shop import Shop
from tests.web.sound import look_at_pages
from tests.web.test_browser import browser
from tests.web.test_sound_goods import OTHERS

__all__ = ["browser"]

pytestmark = [pytest.mark.web, pytest.mark.django_db(transaction=True)]


def test_pages_of_money_are_sound(browser: Browser, live_server: LiveServer, committed_shop: Shop):
    extra = ("assets/new?way=opening", "assets?status=6", "assets/packs/us")
    found = look_at_pages(
        browser, live_server, committed_shop, lambda path: OTHERS.match(path) is not None, extra
    )
    assert not found.wrong, "\n".join(found.wrong)
    assert len(found.seen) > 50
