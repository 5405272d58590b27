"""Exchange rates, and the accounting manual: which accounts each thing that can happen moves."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from wherewithal.core.posting import ManualRow, accounting_manual
from wherewithal.items import queries as items
from wherewithal.kit.errors import Refused
from wherewithal.kit.words import sentence
from wherewithal.ledger import queries as ledger
from wherewithal.ledger import services
from wherewithal.ledger.queries import ExchangeRate
from wherewithal.ledger.services import RateDraft
from wherewithal.ledger.values import Account
from wherewithal.people.permissions import require
from wherewithal.web import fields, tables
from wherewithal.web.days import day_of
from wherewithal.web.desk import Desk
from wherewithal.web.forms.company import currency_choices
from wherewithal.web.pages import attempt, done, page, table_page
from wherewithal.web.role_names import account_role_name, rule_name
from wherewithal.web.tables import Ask, Filter, Page, Table, full_page


class RateForm(fields.Form):
    """What one unit of a currency costs in another, from a day on until the next rate."""

    currency = fields.ChoiceField(label=gettext_lazy("One"), choices=currency_choices)
    to_currency = fields.ChoiceField(label=gettext_lazy("costs in"), choices=currency_choices)
    rate = fields.NumberField(label=gettext_lazy("Rate"), least="above")
    on_date = fields.DayField(label=pgettext_lazy("valid", "From"))

    def draft(self) -> RateDraft:
        return RateDraft(**self.cleaned_data)


@page("ledger.read", shows="now")
def rates(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The rates so far; a POST keeps one more, or corrects one."""
    others = {book.currency for book in desk.books} - {desk.company.currency}
    first = {
        "currency": next(iter(others), "USD"),
        "to_currency": desk.company.currency,
        "on_date": desk.today,
    }
    if request.method != "POST":
        return _show_rates(request, desk, RateForm(initial=first))
    require(desk.actor, "ledger.post")
    form = RateForm(request.POST)

    def keep() -> int:
        return services.set_exchange_rates(
            company_id=desk.company_id, actor_id=desk.user_id, rates=[form.draft()]
        )

    if not form.is_valid() or not attempt(form, keep):
        with desk.reading():
            return _show_rates(request, desk, form)
    return done(request, _("The rate is kept."), desk.link("rates"))


def _show_rates(request: HttpRequest, desk: Desk, form: RateForm) -> HttpResponse:
    table = _rate_table()
    if form.is_bound:
        shown = tables.show(request, table, lambda ask: _rates(desk, ask))
        return render(request, "web/rates.html", {"form": form, "table": shown}, status=422)
    return table_page(request, desk, "web/rates.html", table, lambda ask: _rates(desk, ask), {"form": form})


def _rate_table() -> Table:
    def named(row: ExchangeRate) -> str:
        return f"{row.currency} / {row.to_currency}"

    return Table(
        key="rates",
        title=_("Exchange rates"),
        columns=(
            tables.text(_("Pair"), named, lead=True),
            tables.day(pgettext("valid", "From"), "on_date"),
            tables.number(_("Rate"), "rate"),
        ),
        filters=(Filter("currency", _("Currency"), kind="code"),),
        empty_title=_("No rates yet"),
        empty_text=_("A rate is needed where a bill, or a book, has another currency than the company."),
    )


def _rates(desk: Desk, ask: Ask) -> Page:
    after: Any = ask.place(day_of, str, str)
    currency = ask.get("currency")
    rows = ledger.exchange_rates(
        desk.company_id, currency=currency.upper() if currency else None, after=after, limit=ask.limit
    )
    return full_page(rows, ask, lambda row: [row.on_date.isoformat(), row.currency, row.to_currency])


# --- the accounting manual --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ManualLine:
    """One posting rule with the accounts that play its roles; None where none is mapped."""

    row: ManualRow
    debit: Account | None
    credit: Account | None

    @property
    def name(self) -> str:
        return rule_name(self.row.number)

    @property
    def roles(self) -> str:
        return f"{account_role_name(self.row.debit)} / {account_role_name(self.row.credit)}"


@page("ledger.read", shows="now")
def manual(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Every posting rule with the accounts of the book shown, for goods of one category or of any."""
    table = _manual_table(desk)
    return table_page(request, desk, "web/manual.html", table, lambda ask: _manual(desk, ask))


def _manual_table(desk: Desk) -> Table:
    categories = [(str(row["id"]), " / ".join(row["path"])) for row in items.categories(desk.company_id)]

    def account(label: str, name: str) -> tables.Column:
        def shown(line: ManualLine) -> str:
            found: Account | None = getattr(line, name)
            return f"{found.code} {found.name}" if found else str(_("not mapped"))

        def link(line: ManualLine) -> str | None:
            found: Account | None = getattr(line, name)
            return desk.link("account", found.account_id) if found else None

        return tables.text(label, shown, link=link)

    return Table(
        key="manual",
        title=_("Accounting manual"),
        columns=(
            tables.text(_("What happens"), "name", lead=True),
            account(_("Debit"), "debit"),
            account(_("Credit"), "credit"),
            tables.text(_("Meaning"), lambda line: sentence(line.row.meaning), phone=False),
            tables.text(_("Roles"), "roles", phone=False),
        ),
        filters=(Filter("category", _("Category"), choices=categories, unset=_("everything else")),),
        search_hint=_("What happens, account or meaning"),
        row_class=lambda line: "" if line.debit and line.credit else "is-warn",
    )


def _manual(desk: Desk, ask: Ask) -> Page:
    accounts = {account.account_id: account for account in ledger.accounts(desk.company_id)}
    resolver = ledger.account_resolver(desk.company_id, [desk.book_id])
    path = _path(desk, ask.whole("category"))

    def account_of(role: str) -> Account | None:
        try:
            return accounts[resolver.resolve(desk.book_id, role, path, desk.day)]
        except Refused:
            return None

    lines = [ManualLine(row, account_of(row.debit), account_of(row.credit)) for row in accounting_manual()]
    wanted = ask.q.casefold()
    return Page([line for line in lines if wanted in _said(line)])


def _said(line: ManualLine) -> str:
    both = [f"{account.code} {account.name}" for account in (line.debit, line.credit) if account]
    return " ".join(
        (line.name, sentence(line.row.meaning), line.row.debit, line.row.credit, *both)
    ).casefold()


def _path(desk: Desk, category_id: int | None) -> list[int]:
    """The category and what it is part of, the nearest first."""
    parents = {row["id"]: row["parent_id"] for row in items.categories(desk.company_id)}
    path: list[int] = []
    while category_id is not None and category_id in parents:
        path.append(category_id)
        category_id = parents[category_id]
    return path
