"""What the register is set up with: cost centres, calendars of books, rules of countries, accounts that play roles."""

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wherewithal.assets import queries, services
from wherewithal.core.depreciation.calendar import Calendar, Period
from wherewithal.core.depreciation.packs import Pack, built_in, pack_codes
from wherewithal.items import queries as items
from wherewithal.kit.errors import NotFound, Problem
from wherewithal.kit.words import translated
from wherewithal.ledger import queries as ledger
from wherewithal.people import queries as people
from wherewithal.people.permissions import require
from wherewithal.web import formatting, preview, tables
from wherewithal.web.asset_preview import INCOMPLETE
from wherewithal.web.desk import Desk
from wherewithal.web.form_page import FormPage
from wherewithal.web.forms.asset_keeping import CostCentreEditForm, CostCentreForm
from wherewithal.web.forms.asset_setup import PATTERNS, CalendarForm, ElectionForm, MappingForm
from wherewithal.web.pages import attempt, done, page, table_page
from wherewithal.web.role_names import account_role_name
from wherewithal.web.tables import Ask, Filter, Page, Table

# --- cost centres -----------------------------------------------------------------------------------------


@page("assets.read", shows="now")
def cost_centres(request: HttpRequest, desk: Desk) -> HttpResponse:
    """All of them."""
    rows = queries.cost_centres(desk.company_id)
    return table_page(request, desk, "web/cost_centres.html", _centre_table(desk), lambda ask: Page(rows))


@page("assets.write", shows="now")
def cost_centre_new(request: HttpRequest, desk: Desk) -> HttpResponse:
    form = CostCentreForm(request.POST if request.method == "POST" else None)
    back = desk.link("cost_centres")
    shown = FormPage(
        title=_("New cost centre"),
        submit=_("Make cost centre"),
        back=back,
        crumbs=((_("Cost centres"), back),),
        intro=_(
            "Who bears what assets cost: an asset has one from a day on, and its depreciation is posted with it."
        ),
    )

    def make() -> int:
        data = form.cleaned_data
        return services.create_cost_centre(company_id=desk.company_id, actor_id=desk.user_id, **data)

    if not form.is_valid() or not attempt(form, make):
        return shown.show(request, form)
    return done(request, _("The cost centre is made."), back)


def _centre_table(desk: Desk) -> Table:
    def state(active: bool) -> tuple[Any, str]:
        return (_("in use"), "good") if active else (_("retired"), "")

    def change(row: Any) -> str | None:
        return desk.link("cost_centre", row.cost_centre_id) if desk.may("assets.write") else None

    return Table(
        key="centres",
        title=_("Cost centres"),
        columns=(
            tables.text(_("Code"), "code", lead=True, link=change),
            tables.text(_("Name"), "name"),
            tables.text(
                _("Assets"),
                lambda row: _("show"),
                link=lambda row: desk.link("assets", centre=row.cost_centre_id),
                phone=False,
            ),
            tables.tag(_("State"), "active", state),
        ),
        tools=False,
        empty_title=_("No cost centre yet"),
        empty_text=_("A cost centre bears what its assets cost; the entries of a run are split by it."),
    )


@page("assets.write", shows="now")
def cost_centre(request: HttpRequest, desk: Desk, cost_centre_id: int) -> HttpResponse:
    with desk.reading():
        rows = queries.cost_centres(desk.company_id)
    found = next((row for row in rows if row.cost_centre_id == cost_centre_id), None)
    if found is None:
        raise NotFound(Problem("cost_centre_id", "exists", _("There is no such cost centre.")))
    form = CostCentreEditForm(
        request.POST if request.method == "POST" else None,
        initial={"name": found.name, "active": found.active},
    )
    shown = FormPage(
        title=_("Change %(code)s") % {"code": found.code},
        submit=_("Save"),
        back=desk.link("cost_centres"),
        crumbs=((_("Cost centres"), desk.link("cost_centres")),),
        intro=_("A retired cost centre keeps its past and is no longer offered."),
    )

    def save() -> None:
        services.update_cost_centre(
            company_id=desk.company_id,
            actor_id=desk.user_id,
            cost_centre_id=cost_centre_id,
            **form.cleaned_data,
        )

    if not form.is_valid() or not attempt(form, save):
        return shown.show(request, form)
    return done(request, _("Saved."), desk.link("cost_centres"))


# --- calendars --------------------------------------------------------------------------------------------


@page("assets.read", shows="now")
def asset_calendar(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The fiscal years of the book shown, period by period; a new calendar as long as nothing is depreciated by this."""
    if request.method == "POST":
        require(desk.actor, "assets.write")
    with desk.reading():
        book = queries.asset_book(desk.company_id, desk.book_id)
        calendar = queries.book_calendar(desk.company_id, desk.book_id)
    first = {
        "pattern": calendar.pattern,
        "first_month": calendar.first_month,
        "weekday": calendar.weekday,
        "nearest": "1" if calendar.nearest else "",
        "stated": [[day.isoformat() for day in year] for year in calendar.stated],
    }
    form = CalendarForm(request.POST if request.method == "POST" else None, initial=first)

    def save() -> None:
        services.set_calendar(
            company_id=desk.company_id, actor_id=desk.user_id, book_id=desk.book_id, calendar=form.calendar
        )

    if form.is_bound and form.is_valid() and attempt(form, save, {"calendar": "pattern"}):
        return done(request, _("The calendar is set."), desk.link("asset_calendar"))
    context = {
        "form": form,
        "years": _years(calendar, desk.day),
        "pattern": PATTERNS[calendar.pattern],
        "weekday": formatting.current_locale().days["stand-alone"]["wide"][calendar.weekday],
        "of_weeks": not calendar.is_of_months() and not calendar.stated,
        "horizon_on": book.horizon_on,
    }
    return render(request, "web/asset_calendar.html", context, status=422 if form.is_bound else 200)


def _years(calendar: Calendar, day: date) -> list[tuple[Period, int, tuple[Period, ...]]]:
    """The fiscal year of a day and the one after: first and last day, weeks, periods."""
    found = []
    for year in calendar.years(day):
        weeks = ((year.last - year.first).days + 1) // 7
        found.append((Period(year.first, year.last, year.months), weeks, year.periods))
        if len(found) == 2:
            break
    return found


# --- rules of countries -----------------------------------------------------------------------------------


@page("assets.read", shows="now")
def asset_packs(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The rules there are, and which books follow them."""
    used = _used(desk)
    rows = [
        {"code": code, "pack": built_in(code), "books": ", ".join(used.get(code, ()))}
        for code in pack_codes()
    ]
    table = Table(
        key="packs",
        title=_("Rules of countries"),
        columns=(
            tables.text(_("Code"), "code", lead=True, link=lambda row: desk.link("asset_pack", row["code"])),
            tables.text(_("Rules"), lambda row: translated(row["pack"].title)),
            tables.text(_("Followed in"), "books", phone=False),
            tables.number(_("Classes"), lambda row: len(row["pack"].classes), phone=False),
            tables.number(_("Sources"), lambda row: len(row["pack"].sources), phone=False),
            tables.number(_("Test cases"), lambda row: len(row["pack"].tests), phone=False),
        ),
        tools=False,
    )
    return table_page(request, desk, "web/asset_packs.html", table, lambda ask: Page(rows))


def _used(desk: Desk) -> dict[str, list[str]]:
    """By pack: the books in which some class follows it."""
    names = {book.code: book.name for book in desk.books}
    found: dict[str, list[str]] = {}
    for row in queries.classes(desk.company_id):
        for code, terms in row.terms.items():
            name = names.get(code, str(_("every book")))
            pack = str(terms.get("pack", ""))
            if pack and name not in found.setdefault(pack, []):
                found[pack].append(name)
    return found


@page("assets.read", shows="now")
def asset_pack(request: HttpRequest, desk: Desk, pack: str) -> HttpResponse:
    """One country's rules with their sources, and which classes follow them in the book shown."""
    if pack not in pack_codes():
        raise NotFound(Problem("pack", "exists", _("There are no such rules.")))
    if request.method == "POST":
        require(desk.actor, "assets.write")
    found = built_in(pack)
    with desk.reading():
        classes = queries.classes(desk.company_id, active=True)
    now: dict[int, Mapping[str, Any]] = {row.class_id: row.terms.get(desk.book.code, {}) for row in classes}
    form = ElectionForm(
        request.POST if request.method == "POST" else None, pack=found, classes=classes, now=now
    )

    def save() -> None:
        services.set_class_terms(
            company_id=desk.company_id,
            actor_id=desk.user_id,
            terms={class_id: {desk.book.code: terms} for class_id, terms in form.terms.items()},
        )

    if form.is_bound and form.is_valid() and attempt(form, save):
        message = _("Assets registered from now on follow these rules in the book %(book)s.")
        return done(request, message % {"book": desk.book.name}, desk.link("asset_pack", pack))
    context = {"pack": found, "form": form, "classes": classes, "rules": _rules(found)}
    return render(request, "web/asset_pack.html", context, status=422 if form.is_bound else 200)


SECTIONS = {
    "treatments": gettext_lazy("treatment"),
    "allowances": gettext_lazy("first-year allowance"),
    "pools": gettext_lazy("pool"),
    "rates": gettext_lazy("table of rates"),
    "year_tests": gettext_lazy("test of a year"),
    "uses": gettext_lazy("use"),
}
FACTS = {
    "acquired_on": gettext_lazy("acquired"),
    "in_service_on": gettext_lazy("in service"),
    "on": gettext_lazy("on the day"),
    "year_starts_on": gettext_lazy("year that begins"),
    "year_ends_on": gettext_lazy("year that ends"),
    "cost": gettext_lazy("cost"),
    "basis": gettext_lazy("basis"),
}
"""What every country's rules ask for."""


def _rules(pack: Pack) -> list[tuple[str, str, str, str, str]]:
    """Every rule: section, title, from when until when it holds, where it was found and when it was read."""
    found = []
    for section, rules in pack.rules.items():
        for rule in rules.values():
            source = pack.sources.get(rule.source)
            found.append(
                (
                    str(SECTIONS.get(section, section)),
                    translated(rule.title),
                    _when(rule.when),
                    source.title if source else rule.source,
                    _day(str(source.retrieved)) if source else "",
                )
            )
    return found


def _when(when: Mapping[str, Any]) -> str:
    """The conditions of a rule in short: in service from 2025-01-20. A country's own facts are called as they are given."""
    return "; ".join(f"{FACTS.get(name, name)} {_bounds(value)}" for name, value in when.items())


def _bounds(value: Any) -> str:
    """A condition as packs have it: a value, a range [from, to] (null: open), {"any_of": values}, {"below": figure}."""
    if isinstance(value, Mapping):
        said = {"below": _("below %(figure)s"), "above": _("above %(figure)s")}
        return ", ".join(
            said[key] % {"figure": _plain(one)} if key in said else _(" or ").join(map(_plain, one))
            for key, one in value.items()
        )
    if isinstance(value, (list, tuple)):
        first, last = (each if each is None else _plain(each) for each in value)
        ends = (first and _("from %(day)s") % {"day": first}, last and _("to %(day)s") % {"day": last})
        return " ".join(end for end in ends if end)
    return _plain(value)


def _plain(value: Any) -> str:
    """A day, a figure, yes or no, or a word."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, (int, Decimal)):
        return formatting.number(value)
    return _day(str(value)).replace("_", " ")


def _day(text: str) -> str:
    return formatting.day(date.fromisoformat(text)) if _is_day(text) else text


def _is_day(value: Any) -> bool:
    return bool(re.fullmatch(r"\d{4}-\d\d-\d\d", str(value)))


# --- the account map --------------------------------------------------------------------------------------


@page("ledger.read", shows="now")
def account_map(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Which account plays which role in the book shown, on the day shown."""
    table = _map_table(desk)
    return table_page(request, desk, "web/account_map.html", table, lambda ask: _mapped(desk, ask))


def _mapped(desk: Desk, ask: Ask) -> Page:
    rows = ledger.account_map(desk.company_id, desk.book_id, as_of=desk.day, known_at=desk.known_at)
    paths = {row["id"]: " / ".join(row["path"]) for row in items.categories(desk.company_id)}
    who = people.usernames({row.actor_id for row in rows if row.actor_id})
    wanted = ask.q.casefold()
    shown = [
        {
            "role": row.account_role,
            "name": account_role_name(row.account_role),
            "category": paths.get(row.category_id or 0, ""),
            "account_id": row.account_id,
            "account": f"{row.account_code} {row.account_name}",
            "since": _("always") if row.effective_on == SINCE_EVER else formatting.day(row.effective_on),
            "recorded_at": row.recorded_at,
            "who": who.get(row.actor_id or 0, ""),
        }
        for row in rows
    ]
    own = ask.get("own")
    return Page(
        [
            row
            for row in shown
            if wanted in f"{row['name']} {row['account']} {row['category']}".casefold()
            and (own is None or bool(row["category"]))
        ]
    )


SINCE_EVER = date(1900, 1, 1)


def _map_table(desk: Desk) -> Table:
    def change(row: Any) -> str | None:
        return desk.link("account_map_change", role=row["role"]) if desk.may("ledger.setup") else None

    return Table(
        key="account-map",
        title=_("Accounts by role"),
        columns=(
            tables.text(_("Role"), "name", lead=True, link=change),
            tables.text(_("Category"), lambda row: row["category"] or _("every category without its own")),
            tables.text(_("Account"), "account", link=lambda row: desk.link("account", row["account_id"])),
            tables.text(_("From"), "since", phone=False),
            tables.instant(_("Recorded"), "recorded_at", desk.timezone, phone=False),
            tables.text(_("By"), "who", phone=False),
        ),
        filters=(
            Filter(
                "own", _("Show"), choices=(("1", _("categories with accounts of their own")),), unset=_("all")
            ),
        ),
        search_hint=_("Role, account or category"),
        empty_title=_("No account is mapped"),
        empty_text=_("A book is mapped when it is made."),
    )


@page("ledger.setup", shows="now")
def account_map_change(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Another account for a role, with what that moves."""
    with desk.reading():
        first = {"account_role": request.GET.get("role", "")[:60]}
        form = MappingForm(request.POST if request.method == "POST" else None, desk=desk, initial=first)
        valid = form.is_valid()
    back = desk.link("account_map")
    shown = FormPage(
        title=_("Another account for a role"),
        submit=_("Map and post"),
        back=back,
        crumbs=((_("Accounts by role"), back),),
        intro=_(
            "In the book %(book)s. What stands on the old account moves to the new one; of closed periods on the first"
            " open day."
        )
        % {"book": desk.book.name},
        posts=True,
    )

    def write() -> list[int]:
        data = form.cleaned_data
        day = {"effective_on": data["effective_on"]} if data["effective_on"] else {}
        return services.map_account(
            company_id=desk.company_id,
            actor_id=desk.user_id,
            book_id=desk.book_id,
            account_role=data["account_role"],
            account_id=data["account"].account_id,
            category_id=int(data["category"]) if data["category"] else None,
            **day,
        )

    if preview.wanted(request):
        look = preview.of_decision(desk, write) if valid else preview.UNFINISHED
        return shown.look(request, form, look.posting or INCOMPLETE)
    names = {"account_id": "account", "category_id": "category"}
    if not valid or not attempt(form, write, names):
        return shown.show(request, form)
    return done(request, _("The account is mapped."), back)
