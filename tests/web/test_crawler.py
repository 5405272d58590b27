"""Every page for every role, followed from link to link: no fault, no dead end, no link or button that is refused.

One company in which everything has happened; per role one sample of each kind of address. What no link leads to is
asked for as well, and buttons are pressed, each in a transaction that is taken back.
"""

import re
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from html import unescape
from urllib.parse import parse_qsl, urljoin

import pytest
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import Resolver404, resolve
from tests.web.german import in_english, texts_of
from tests.web.shop import Shop, text_of
from tests.web.world import World, new_world

from wherewithal.people import queries as people
from wherewithal.people.permissions import ROLES
from wherewithal.web.urls import of_company

# What no link of a page leads to: lookups of scripts, parts that a page asks for itself, what only takes a POST.
NOT_LINKED = {
    "pick_account": "pick/account",
    "pick_asset": "pick/asset",
    "pick_item": "pick/item",
    "pick_location": "pick/location",
    "pick_lot": "pick/lot",
    "pick_party": "pick/party",
    "lots_status": "lots/status",
    "items_state": "items/state",
    "reservations_release": "stock/reservations/release",
    "period_change": "company/periods",
    "costing_decide": "costing/method",
    "import_load": "imports/1/load",
    "account_map_change": "company/account-map/change",
    "run_job": "assets/runs/jobs/1",
    # What this company has nothing for: a second company of the same person, a logo, a book of the USA, a backup, a check.
    "asset_to_company": "assets/1/to-company",
    "logo": "company/logo",
    "logo_remove": "company/logo/remove",
    "asset_year_test": "assets/runs/year-test",
    "backup_file": "backups/none.tar",
    "verify_run": "verify/1",
}
SAME = {
    "company",
    "on",
    "pack",
    "name",
    "operation",
    "operation_id",
}  # words of an address that make no other page of it
Kind = tuple[object, ...]


@dataclass
class Form:
    """A form of a page: where it goes, what its fields hold, and its buttons."""

    action: str
    method: str
    fields: list[tuple[str, str]] = field(default_factory=list)
    buttons: list[tuple[str, str, str]] = field(default_factory=list)  # name, value, address of its own


TAG = re.compile(r"<!--.*?-->|<(/?)([a-z][a-z0-9-]*)((?:[^<>\"']++|\"[^\"]*\"|'[^']*')*+)>", re.DOTALL)
ATTRIBUTE = re.compile(r"([^\s=\"'/]+)(?:\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"']+)))?")
LEADS_ON = re.compile(r"\b(?:href|src|hx-get|form)=")


class Found:
    """The ways out of a page. Read by expressions, not by HTMLParser, which takes a quarter of the whole walk."""

    def __init__(self, address: str, html: str) -> None:
        self.address = address
        self.links: set[str] = set()
        self.forms: dict[str, Form] = {}
        self._apart: list[
            tuple[str, dict[str, str]]
        ] = []  # fields that name their form, which may come later
        self._open: Form | None = None
        for end, tag, rest in TAG.findall(html):
            if end:
                self.handle_endtag(tag)
            elif tag in ("form", "input", "button") or LEADS_ON.search(rest):
                self.handle_starttag(tag, attributes_of(rest))
        for tag, given in self._apart:
            if given["form"] in self.forms:
                field_of(self.forms[given["form"]], tag, given)

    def handle_starttag(self, tag: str, given: dict[str, str]) -> None:
        for name in ("href", "src", "hx-get", "data-href"):
            self._link(given.get(name))
        if tag == "form":
            action = urljoin(self.address, given.get("action") or self.address)
            self._open = Form(action, given.get("method", "get").lower())
            self.forms[given.get("id", str(len(self.forms)))] = self._open
        elif "form" in given:
            self._apart.append((tag, given))
        elif self._open:
            field_of(self._open, tag, given)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None

    def _link(self, link: str | None) -> None:
        if link and not link.startswith(("#", "data:", "mailto:")):
            address = urljoin(self.address, link).partition("#")[0]
            if address.startswith("/c/"):
                self.links.add(address)


def attributes_of(tag: str) -> dict[str, str]:
    return {name: unescape(a or b or c) for name, a, b, c in ATTRIBUTE.findall(tag)}


def field_of(form: Form, tag: str, given: dict[str, str]) -> None:
    """Take a field or a button of a form."""
    name, kind = given.get("name", ""), given.get("type", "submit" if tag == "button" else "text")
    if tag == "button" and kind == "submit":
        form.buttons.append((name, given.get("value", ""), given.get("formaction", "")))
    elif tag == "input" and name and (kind not in ("checkbox", "radio", "file") or "checked" in given):
        form.fields.append((name, given.get("value", "")))


@dataclass
class Walk:
    """A person who follows every link and presses every button, once of each kind."""

    client: Client
    whole: bool  # whether the words and the query of an address make a page of its own
    wrong: list[str] = field(default_factory=list)
    pages: dict[Kind, str] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)  # what is read, and where first
    pressed: set[Kind] = field(default_factory=set)

    def start(self, addresses: Sequence[str]) -> None:
        queue = deque(("the start", address) for address in addresses)
        while queue:
            source, address = queue.popleft()
            # A list sorted, of another book, on another day: once each, from the page as it opens.
            kind = kind_of(address, self.whole, self.whole and "?" not in source)
            if kind in self.pages and source != "the start":
                continue
            self.pages[kind] = address
            if kind[0] is None:
                self.wrong.append(f"{source} links to {address}, which is no page")
                continue
            response = self.client.get(address)
            if response.status_code == 302 and response.headers["Location"].startswith("/c/"):
                queue.append((address, response.headers["Location"]))
            elif response.status_code == 403 and source == "the start":
                continue
            elif response.status_code != 200:
                self.wrong.append(f"{source} links to {address}: {response.status_code}")
            elif response.headers["Content-Type"].startswith("text/html"):
                html = text_of(response)
                self.wrong += [f"{address} {fault}" for fault in strictness(html)]
                found = Found(address, html)
                self.texts |= dict.fromkeys(texts_of(response) - self.texts.keys(), address)
                queue.extend((address, link) for link in sorted(found.links))
                self._press(address, found.forms.values())

    def _press(self, source: str, forms: Iterable[Form]) -> None:
        for form in forms:
            for name, value, own in form.buttons if form.method == "post" else ():
                address = urljoin(source, own) if own else form.action
                kind = (*kind_of(address, self.whole, queries=False), name, value if value.isalpha() else "")
                if not address.startswith("/c/") or kind in self.pressed:
                    continue
                self.pressed.add(kind)
                data: dict[str, list[str]] = {}
                for key, text in [*form.fields, *([(name, value)] if name else [])]:
                    data.setdefault(key, []).append(text)
                status = tried(self.client, address, data).status_code
                if status not in (200, 302, 400, 409, 422):
                    self.wrong.append(f"{source} has the button {name}={value} to {address}: {status}")


def kind_of(address: str, words: bool, queries: bool) -> Kind:
    """What makes two addresses the same for the crawler: the page's name and its words, not its numbers."""
    path, _mark, query = address.partition("?")
    name, said = page_of(re.sub(r"\d+", "1", path))
    if name is None:
        return (None, address)
    asked = parse_qsl(query) if queries else []
    keys = sorted({f"{key}={value}" if key == "export" else key for key, value in asked})
    return (name, said if words else (), tuple(keys))


@cache
def page_of(path: str) -> tuple[str | None, tuple[str, ...]]:
    """The name of the page at this path, and the words in it. None: there is no such page."""
    try:
        match = resolve(path)
    except Resolver404:
        return None, ()
    given = {name: value for name, value in match.kwargs.items() if name not in SAME}
    return match.url_name, tuple(value for value in given.values() if isinstance(value, str))


def tried(client: Client, address: str, data: dict[str, list[str]]) -> HttpResponse:
    """The answer to a POST; what it wrote is taken back."""
    with transaction.atomic():
        response = client.post(address, data)
        transaction.set_rollback(True)
    return response


def strictness(html: str) -> Iterator[str]:
    """What the policy of the pages forbids."""
    if " style=" in html:
        yield "holds a style of its own"
    if re.search(r"<[^>]+ on\w+=", html):
        yield "holds a handler"
    if re.search(r'(?:src|href)="(?:https?:)?//', html):
        yield "leads to another host"
    for script in re.findall(r"<script([^>]*)>", html):
        if "src=" not in script and 'type="application/json"' not in script:
            yield "holds a script"


def walk(world: World, role: str, *, whole: bool = False, language: str = "en") -> Walk:
    client = world.shop.client(role)
    client.raise_request_exception = False
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = language
    walked = Walk(client, whole)
    walked.start([world.shop.url(path) for path in ("", *world.paths, *world.documents)])
    return walked


def names(walked: Walk) -> set[object]:
    return {kind[0] for kind in walked.pages} | {kind[0] for kind in walked.pressed}


@pytest.fixture
def world(shop: Shop, unkept: None, monkeypatch: pytest.MonkeyPatch) -> World:
    """As if the company were the only one of the server, so that its administrators see the backups."""
    monkeypatch.setattr(people, "administers_every_company", lambda: True)
    return new_world(shop)


def test_every_link_and_button_of_every_role_leads_on(world: World):
    wrong: list[str] = []
    admin = walk(world, "administrator", whole=True, language="de")
    wrong += [f"administrator: {fault}" for fault in admin.wrong]
    wrong += [f"{where} says in English to a German: {text}" for text, where in in_english(admin.texts)]
    every = {pattern.name for pattern in of_company}
    missing = every - names(admin) - set(NOT_LINKED)
    wrong += [f"no link or button leads to {name}" for name in sorted(map(str, missing))]
    for path in NOT_LINKED.values():
        address = world.shop.url(path)
        answers = admin.client.get(address).status_code, tried(admin.client, address, {}).status_code
        if not set(answers) <= {200, 302, 400, 403, 404, 405, 422}:
            wrong.append(f"administrator: {address} answers {answers}")
    for role in sorted(set(ROLES) - {"administrator"}):
        wrong += [f"{role}: {fault}" for fault in walk(world, role).wrong]
    assert not wrong, "\n".join(wrong)
