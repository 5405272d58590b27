"""Set-up step by step: from nothing to a posted opening balance. Each step looks for itself whether it is done.

Nothing is kept about the wizard: what there is says how far one is, so a step may be done here, on its own page, by an
import or by a program, and in any order.
"""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from wherewithal.assets import queries as assets
from wherewithal.feeds import samples, services
from wherewithal.feeds.kinds import KINDS
from wherewithal.items import queries as items
from wherewithal.kit.errors import NotFound, Problem
from wherewithal.ledger import queries as ledger
from wherewithal.parties import queries as parties
from wherewithal.people import queries as people
from wherewithal.people.permissions import require
from wherewithal.reporting import verify
from wherewithal.stock import queries as stock
from wherewithal.web import export, formatting
from wherewithal.web.desk import Desk
from wherewithal.web.pages import act, page
from wherewithal.web.views.imports import FOLDER, enqueue

SAMPLE_TYPE = "text/csv; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Way:
    """Something that a step offers: a page to go to, or (with `post`) something that is done at once."""

    label: Any
    href: str
    post: bool = False
    first: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """One step. `kind`: the kind of import by which it can be done; `needed`: whether an opening balance needs it."""

    key: str
    title: Any
    text: str
    done: bool
    ways: tuple[Way, ...] = ()
    kind: str = ""
    needed: bool = True


@page("company.manage")
def setup(request: HttpRequest, desk: Desk) -> HttpResponse:
    steps = [look(desk) for look in STEPS]
    needed = [step for step in steps if step.needed]
    context = {
        "steps": steps,
        "done": sum(1 for step in needed if step.done),
        "total": len(needed),
        "next": next((step.key for step in steps if step.needed and not step.done), ""),
    }
    return render(request, "web/setup.html", context)


# --- the steps --------------------------------------------------------------------------------------------


def _company(desk: Desk) -> Step:
    company = desk.company
    month = formatting.current_locale().months["stand-alone"]["wide"][company.fiscal_year_start_month]
    text = _(
        "%(name)s, %(currency)s; the fiscal year begins in %(month)s. %(n)s accounts, current and non-current apart."
    )
    values = {
        "name": company.name,
        "currency": company.currency,
        "month": month,
        "n": len(ledger.accounts(desk.company_id)),
    }
    return Step(
        "company", _("Company and accounts"), text % values, True, (Way(_("Look"), desk.link("company")),)
    )


def _books(desk: Desk) -> Step:
    names = ", ".join(book.name for book in desk.books)
    text = _("Books: %(names)s. A further one (tax, US GAAP, management) can be added now or years later.")
    ways = (Way(_("Add a book"), desk.link("book_new")), Way(_("How stock is costed"), desk.link("costing")))
    return Step("books", _("Books"), text % {"names": names}, len(desk.books) > 1, ways, needed=False)


def _people(desk: Desk) -> Step:
    count = len(people.members(desk.company_id, active_only=True))
    text = _("Who will work here, and as what. So far: %(n)s.") % {"n": count}
    way = Way(_("Add somebody"), desk.link("member_new"))
    return Step("people", _("People"), text, count > 1, (way,), needed=False)


def _places(desk: Desk) -> Step:
    held = [p for p in stock.list_locations(desk.company_id, held=True) if p.type != "transit"]
    text = _("Warehouses and their bins. So far: %(n)s.") % {"n": len(held)}
    way = Way(_("Add a warehouse"), desk.link("location_new"))
    return Step("places", _("Places"), text, bool(held), (way,), "locations")


def _items(desk: Desk) -> Step:
    some = items.list_items(desk.company_id, limit=1)
    text = _("What you stock: code, name, unit, category.")
    return Step(
        "items", _("Items"), text, bool(some), (Way(_("Add an item"), desk.link("item_new")),), "items"
    )


def _parties(desk: Desk) -> Step:
    some = parties.list_parties(desk.company_id, limit=1)
    text = _("Suppliers and customers, whom documents name.")
    way = Way(_("Add one"), desk.link("party_new"))
    return Step("parties", _("Suppliers and customers"), text, bool(some), (way,), "parties", needed=False)


def _opening_stock(desk: Desk) -> Step:
    some = stock.list_documents(desk.company_id, limit=1)
    text = _("What lies where on the day you begin, at its cost: the first figure of your opening balance.")
    way = Way(_("Enter by hand"), desk.link("document_new", "opening"))
    return Step("opening", _("Opening stock"), text, bool(some), (way,), "opening_stock")


def _classes(desk: Desk) -> Step:
    count = len(assets.classes(desk.company_id))
    text = _("Land, buildings, machines, vehicles: their lives, methods and accounts. So far: %(n)s classes.")
    ways = (
        Way(_("Take the usual ones"), desk.link("asset_classes_install"), post=True, first=True),
        Way(_("Asset classes"), desk.link("asset_classes")),
        Way(_("Rules of countries"), desk.link("asset_packs")),
    )
    return Step("classes", _("Asset classes"), text % {"n": count}, count > 0, ways, needed=False)


def _register(desk: Desk) -> Step:
    some = assets.register(desk.company_id, limit=1)
    text = _("What you own and use, with what was depreciated before you began, book by book.")
    ways = (Way(_("Add an asset"), desk.link("asset_new", way="opening")),)
    return Step("register", _("Register of assets"), text, bool(some), ways, "assets", needed=False)


def _balances(desk: Desk) -> Step:
    by_hand = ledger.journal(desk.company_id, desk.book_id, source="journal", limit=1).entries
    text = _(
        "Cash, receivables, debts, equity: one entry by hand, of the day you begin. What stock and assets brought in "
        "stands on the account of opening balances (3900): bring it to zero with equity."
    )
    way = Way(_("Write the entry"), desk.link("entry_new"))
    return Step(
        "balances", _("Opening balances of other accounts"), text, bool(by_hand), (way,), needed=False
    )


def _proof(desk: Desk) -> Step:
    runs = verify.history(company_id=desk.company_id, limit=1)
    text = _("Every check of the books, and the opening balance sheet they prove.")
    ways = (
        Way(_("Verify"), desk.link("verify"), post=True, first=True),
        Way(_("Balance sheet"), desk.link("balance_sheet")),
    )
    return Step("proof", _("Proof"), text, bool(runs) and runs[0].passed, ways)


STEPS: tuple[Callable[[Desk], Step], ...] = (
    _company,
    _books,
    _people,
    _places,
    _items,
    _parties,
    _opening_stock,
    _classes,
    _register,
    _balances,
    _proof,
)


# --- sample files -----------------------------------------------------------------------------------------


def _sample(kind: str) -> str:
    text = samples.sample(kind) if kind in KINDS else None
    if text is None:
        raise NotFound(Problem("kind", "exists", _("There is no sample of that kind.")))
    return text


@page("import.run")
def sample(request: HttpRequest, desk: Desk, import_kind: str) -> HttpResponse:
    """A small file of the kind to fill in; a POST loads it as it is, to see how the product feels."""
    text = _sample(import_kind)
    if request.method != "POST":
        return export.file_response(text.encode(), f"{import_kind}.csv", SAMPLE_TYPE)
    for permission in KINDS[import_kind].permissions:
        require(desk.actor, permission)
    import_id = act(lambda: _load(desk, import_kind, text))
    enqueue(desk, import_id)
    return redirect(desk.link("import_job", import_id))


def _load(desk: Desk, kind: str, text: str) -> int:
    with tempfile.NamedTemporaryFile(prefix="wherewithal-sample-") as copy:
        copy.write(text.encode())
        copy.flush()
        return services.start_import(
            company_id=desk.company_id,
            actor_id=desk.user_id,
            kind=kind,
            file_name=f"{kind}.csv",
            content=Path(copy.name),
            folder=settings.HOME / FOLDER,
        )
