"""Another day, another state of knowledge: every page shows it or says that it does not, and every link carries it."""

import re
import sys
from collections import deque
from collections.abc import Iterator
from html import unescape
from typing import Any

import pytest
from tests.web.depot import new_depot
from tests.web.shop import Shop, text_of

from wherewithal.web import pages
from wherewithal.web.desk import Desk

DATES = "as_of=2026-03-05&known_at=2099-01-01"
LINK = re.compile(r'<a [^>]*href="(/c/[^"]+)"')
BANNER = re.compile(r'<div class="time-banner".*?</div>', re.S)
PROFILE = re.compile(r'<form class="menu-form" method="get".*?</form>', re.S)
FRAME = {"wherewithal.web.desk", "wherewithal.web.shell", "wherewithal.web.templatetags.web"}
asked: set[str] = set()


class Watched(Desk):
    """A desk that notes when a page asks which day it shows."""

    def __getattribute__(self, name: str) -> Any:
        if name in ("as_of", "known_at", "day"):
            module = sys._getframe(1).f_globals.get("__name__", "")
            if module.startswith("wherewithal.web") and module not in FRAME:
                asked.add("as_of" if name == "day" else name)
        return super().__getattribute__(name)


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    opened = pages.open_desk

    def open_watched(*args: Any, **options: Any) -> Desk:
        desk = opened(*args, **options)
        return Watched(**{name: getattr(desk, name) for name in Desk.__dataclass_fields__})

    monkeypatch.setattr(pages, "open_desk", open_watched)
    yield
    asked.clear()


def test_pages_show_the_day_or_say_that_they_do_not_and_links_carry_it(shop: Shop, watched: None):
    shop.receive("SEAL-35", 5, "2.00")
    shop.receive("RESIN", 5, "2.00", lot_code="L-1")
    depot = new_depot(shop)
    depot.buy("12000.00")
    depot.run("2026-03-31")
    client = shop.client("administrator")
    start = shop.url(f"?{DATES}")
    seen, queue = {kind_of(start)}, deque([start])
    deaf, forgetful, silent = [], set(), []
    while queue and len(seen) < 150:
        address = queue.popleft()
        asked.clear()
        response = client.get(address)
        if response.status_code != 200 or "text/html" not in response.headers["Content-Type"]:
            continue
        html = text_of(response)
        shows = response.context["desk"].shows
        if shows == "then" and asked != {"as_of", "known_at"}:
            deaf.append((kind_of(address), sorted(asked)))
        if "Back to now" not in html or ("present" in banner(html)) != (shows == "now"):
            silent.append(address)
        rest = PROFILE.sub("", BANNER.sub("", html))
        for link in map(unescape, LINK.findall(rest)):
            if "as_of=2026-03-05" not in link or "known_at=2099-01-01" not in link:
                forgetful.add((kind_of(address), link))
            elif kind_of(link) not in seen and "export=" not in link:
                seen.add(kind_of(link))
                queue.append(link)
    assert deaf == [], "\n".join(map(str, deaf))
    assert silent == []
    assert forgetful == set()
    assert len(seen) > 40


def banner(html: str) -> str:
    found = BANNER.search(html)
    return found[0] if found else ""


def kind_of(address: str) -> str:
    """The page of an address: one of each kind is enough."""
    path = re.sub(r"^/c/[^/]+", "", address.split("?")[0])
    return re.sub(r"/\d[^/]*", "/1", path)
