"""What Ctrl-K finds: things by any code or name, pages, and what may be done; only what the person may see."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wherewithal.core.near import begins_near
from wherewithal.items.search import words
from wherewithal.kit.errors import NotFound
from wherewithal.ledger import queries as ledger
from wherewithal.reporting import find
from wherewithal.reporting.find import Hit
from wherewithal.stock.drafts import DocumentKind
from wherewithal.web import navigation
from wherewithal.web.desk import Desk
from wherewithal.web.names import document_kind
from wherewithal.web.tables import clean

Text = str | Promise
MOST_OF_A_KIND = 6
ENTRY = re.compile(r"(\d{4})\s*[/ -]\s*(\d{1,9})")

# How each kind of thing is called, drawn, seen and opened.
THINGS: dict[str, tuple[Text, str, str, str]] = {
    "item": (gettext_lazy("Items"), "package", "items.read", "item"),
    "asset": (gettext_lazy("Assets"), "building-factory-2", "assets.read", "asset"),
    "lot": (gettext_lazy("Lots and serials"), "barcode", "items.read", "lot"),
    "document": (gettext_lazy("Documents"), "arrows-exchange", "stock.read", "document"),
    "party": (gettext_lazy("Suppliers and customers"), "users", "parties.read", "party"),
    "location": (gettext_lazy("Locations"), "map-pin", "stock.read", "location"),
}


@dataclass(frozen=True, slots=True)
class Found:
    """One line of the palette."""

    label: Text
    name: Text
    href: str
    icon: str
    note: Text = ""
    near: bool = False  # it is not called so, only nearly so


@dataclass(frozen=True, slots=True)
class Group:
    label: Text
    found: Sequence[Found]


def everything(desk: Desk, text: str) -> list[Group]:
    """What a text leads to, in groups. Without a text: what may be done, and the pages."""
    text = clean(text)
    groups = [Group(_("Do"), _matching(desk, _actions(desk), text)), Group(_("Go to"), _pages(desk, text))]
    if text:
        # Whoever types a code wants the thing; whoever types a word that only a page bears, the page.
        groups = [*_things(desk, text), Group(_("Ledger"), _of_ledger(desk, text)), *groups]
        groups.sort(key=lambda group: min((_distance(one, words(text)) for one in group.found), default=0))
    return [group for group in groups if group.found]


def _things(desk: Desk, text: str) -> list[Group]:
    kinds = [kind for kind, (_label, _icon, permission, _page) in THINGS.items() if desk.may(permission)]
    hits = find.find(desk.company_id, text, kinds=kinds, limit=MOST_OF_A_KIND)
    return [
        Group(label, [_shown(desk, hit, icon, page) for hit in hits if hit.kind == kind])
        for kind, (label, icon, _permission, page) in THINGS.items()
    ]


def _shown(desk: Desk, hit: Hit, icon: str, page: str) -> Found:
    note: Text = hit.note
    if hit.kind == "document":
        note = document_kind(DocumentKind(hit.note))
    return Found(
        hit.code, hit.name, desk.link(page, hit.id), icon, _("similar") if hit.near else note, hit.near
    )


def _of_ledger(desk: Desk, text: str) -> list[Found]:
    """Accounts by code or name, and an entry by its number (2026/42)."""
    if not desk.may("ledger.read"):
        return []
    found = []
    number = ENTRY.fullmatch(text)
    if number:
        try:
            entry = ledger.entry_by_number(desk.company_id, desk.book_id, int(number[1]), int(number[2]))
            name = f"{entry.year}/{entry.number}"
            found.append(
                Found(name, entry.description, desk.link("entry", entry.entry_id), "receipt-2", _("Entry"))
            )
        except NotFound:
            pass  # it may be something else that is written so
    typed = words(text)
    for account in ledger.accounts(desk.company_id, active_only=True):
        called = f"{account.code} {account.name}"
        if account.code.startswith(text) or _named(called, typed):
            href = desk.link("account", account.account_id)
            near = not (account.code.startswith(text) or _begun(called, typed))
            found.append(Found(account.code, account.name, href, "scale", _("Account"), near))
    return found[:MOST_OF_A_KIND]


# --- pages and actions ----------------------------------------------------------------------------------------


def _actions(desk: Desk) -> list[Found]:
    """What may be begun; a movement is found by the name of its document too: a receipt is received."""
    made = [
        Found(way.label, document_kind(DocumentKind(way.page)), desk.link("document_new", way.page), way.icon)
        for way in navigation.DOCUMENTS
        if desk.may(way.permission)
    ]
    return made + [
        Found(way.label, "", desk.link(way.page), way.icon)
        for way in navigation.ACTIONS
        if desk.may(way.permission)
    ]


def _pages(desk: Desk, text: str) -> list[Found]:
    pages = [
        Found(way.label, job.label, way.href, way.icon)
        for job in navigation.jobs(desk, "")
        for way in job.ways
    ]
    return _matching(desk, pages, text)


def _matching(desk: Desk, ways: Sequence[Found], text: str) -> list[Found]:
    """The ways that are called so, before those that are nearly called so."""
    if not text:
        return list(ways)
    typed = words(text)
    called = {way.href: f"{way.label} {way.name}" for way in ways}
    found = [
        replace(way, near=not _begun(called[way.href], typed))
        for way in ways
        if _named(called[way.href], typed)
    ]
    return sorted(found, key=lambda way: _distance(way, typed))


def _distance(one: Found, typed: Sequence[str]) -> int:
    """What is called just so comes first, then what has these words in its label; what is nearly so comes last."""
    label = words(str(one.label))
    if one.near:
        return 3
    if list(label) == list(typed):
        return 0
    return 1 if label[: len(typed)] == typed or set(typed) <= set(label) else 2


def _begun(name: str, typed: Sequence[str]) -> bool:
    """Whether each word typed begins a word of the name."""
    own = words(name)
    return bool(typed) and all(any(word.startswith(part) for word in own) for part in typed)


def _named(name: str, typed: Sequence[str]) -> bool:
    """Whether each word typed begins a word of the name, or is one slip away from it."""
    own = words(name)
    return bool(typed) and all(any(begins_near(word, part) for word in own) for part in typed)
