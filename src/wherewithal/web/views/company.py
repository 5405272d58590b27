"""Set-up: the company and its books."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import gettext as _

from wherewithal.assets import queries as assets
from wherewithal.assets.services import add_book
from wherewithal.kit import db
from wherewithal.kit.errors import Forbidden, NotFound, Problem
from wherewithal.ledger import queries as ledger
from wherewithal.ledger import services
from wherewithal.ledger.values import CompanyCreated
from wherewithal.people import queries as people
from wherewithal.people import services as people_services
from wherewithal.stock import queries as stock
from wherewithal.stock import services as stock_services
from wherewithal.web import formatting
from wherewithal.web.desk import Desk, companies_of
from wherewithal.web.form_page import FormPage
from wherewithal.web.forms.company import (
    AccountChangeForm,
    AccountForm,
    BookChangeForm,
    BookForm,
    CompanyChangeForm,
    CompanyForm,
)
from wherewithal.web.language import language_code
from wherewithal.web.pages import attempt, done, page, refusal, user_id_of
from wherewithal.web.usual import usual_company


@login_required
def index(request: HttpRequest) -> HttpResponse:
    """The start: the company in which this person last came home, or the page to set one up."""
    companies = companies_of(user_id_of(request))
    if not companies:
        return redirect("web:company_new")
    return redirect("web:home", usual_company(request, companies).code)


# --- a new company ----------------------------------------------------------------------------------------


@login_required
def company_new(request: HttpRequest) -> HttpResponse:
    user_id = user_id_of(request)
    if not _may_found(user_id):
        message = _("You may not set up companies. Administrators of a company may.")
        return refusal(request, Forbidden(Problem("", "permission", message)))
    form = CompanyForm(request.POST if request.method == "POST" else None)
    if request.method != "POST" or not form.is_valid() or not attempt(form, lambda: _found(user_id, form)):
        context = {"form": form, "first": not companies_of(user_id)}
        return render(request, "web/company_form.html", context, status=422 if form.is_bound else 200)
    steps = reverse("web:setup", args=[form.cleaned_data["code"]])
    return done(request, _("%(name)s is set up.") % {"name": form.cleaned_data["name"]}, steps)


def _may_found(user_id: int) -> bool:
    """Those who administer a company, and those who have none yet: a company of one's own shows nothing of others."""
    with db.company_transaction(company_id=None, actor_id=user_id):
        memberships = people.memberships_of(user_id)
    return not memberships or any("administrator" in membership.roles for membership in memberships)


def _found(user_id: int, form: CompanyForm) -> CompanyCreated:
    """The company and its first administrator, both or none."""
    data = form.cleaned_data
    company_id = services.reserve_company_id()
    with db.company_transaction(company_id=company_id, actor_id=user_id):
        created = services.create_company(
            code=data["code"],
            name=data["name"],
            country=data["country"],
            currency=data["currency"],
            timezone=data["timezone"],
            fiscal_year_start_month=int(data["fiscal_year_start_month"]),
            chart=data["chart"],
            book_code=slugify(data["book_name"])[:32] or "main",
            book_name=data["book_name"] or None,
            cost_scope=data["cost_scope"],
            language=language_code(),
            actor_id=user_id,
            company_id=company_id,
        )
        stock_services.name_born_locations(company_id=company_id, actor_id=user_id, language=language_code())
        people_services.add_member(
            company_id=company_id, user_id=user_id, roles=["administrator"], actor_id=user_id
        )
    return created


# --- the company page -------------------------------------------------------------------------------------


@page("ledger.read", shows="now")
def company(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Facts, books, accounts."""
    context = {
        "heads": ledger.chain_heads(desk.company_id),
        "accounts": ledger.accounts(desk.company_id),
        "negative": [
            place for place in stock.list_locations(desk.company_id, held=True) if place.allow_negative
        ],
        "month": formatting.current_locale().months["stand-alone"]["wide"][
            desk.company.fiscal_year_start_month
        ],
    }
    return render(request, "web/company.html", context)


@page("company.manage")
def company_change(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Name, address, and (until something has happened) time zone and fiscal year."""
    found = desk.company
    with desk.reading():
        settled = _has_begun(desk)
    first = {
        "name": found.name,
        "country": found.country,
        "timezone": found.timezone,
        "fiscal_year_start_month": str(found.fiscal_year_start_month),
        **found.settings,
    }
    form = CompanyChangeForm(
        request.POST if request.method == "POST" else None, initial=first, settled=settled
    )

    def change() -> None:
        services.change_company(company_id=desk.company_id, actor_id=desk.user_id, **form.values)

    if form.is_bound and form.is_valid() and attempt(form, change):
        return done(request, _("The company is changed."), desk.link("company"))
    fixed = _(
        "Code, currency, time zone and fiscal year are settled: what has been recorded stands on them. "
        "A new company can have others."
    )
    free = _("Code and currency are settled. Time zone and fiscal year are, once something is recorded.")
    shown = FormPage(
        title=_("Change the company"),
        submit=_("Save"),
        back=desk.link("company"),
        crumbs=((_("Company"), desk.link("company")),),
        intro=fixed if settled else free,
    )
    return shown.show(request, form)


def _has_begun(desk: Desk) -> bool:
    """Whether anything has happened whose day or year hangs on the company's calendar."""
    company_id = desk.company_id
    return bool(
        stock.list_documents(company_id, limit=1)
        or assets.register(company_id, limit=1)
        or any(
            ledger.journal(company_id, book.book_id, limit=1).entries
            or ledger.periods(company_id, book.book_id)
            for book in desk.books
        )
    )


@page("ledger.setup")
def book_change(request: HttpRequest, desk: Desk, book_code: str) -> HttpResponse:
    """The name and the standard of a book."""
    found = next((book for book in desk.books if book.code == book_code), None)
    if found is None:
        raise NotFound(Problem("book", "exists", _("There is no such book in this company.")))
    first = {"name": found.name, "standard": found.standard}
    form = BookChangeForm(request.POST if request.method == "POST" else None, initial=first)

    def change() -> None:
        services.change_book(
            company_id=desk.company_id, actor_id=desk.user_id, book_id=found.book_id, **form.cleaned_data
        )

    if form.is_bound and form.is_valid() and attempt(form, change):
        return done(request, _("The book is changed."), desk.link("company"))
    shown = FormPage(
        title=_("Change the book %(code)s") % {"code": found.code},
        submit=_("Save"),
        back=desk.link("company"),
        crumbs=((_("Company"), desk.link("company")),),
        intro=_("Code, currency and costing are settled: what is posted stands on them."),
    )
    return shown.show(request, form)


@page("ledger.setup")
def book_new(request: HttpRequest, desk: Desk) -> HttpResponse:
    form = BookForm(
        request.POST if request.method == "POST" else None, initial={"currency": desk.company.currency}
    )

    def create() -> int:
        return add_book(company_id=desk.company_id, actor_id=desk.user_id, **form.cleaned_data)

    if request.method != "POST" or not form.is_valid() or not attempt(form, create):
        return render(request, "web/book_form.html", {"form": form}, status=422 if form.is_bound else 200)
    message = _("The book %(name)s is added.") % {"name": form.cleaned_data["name"]}
    return done(request, message, desk.link("company"))


# --- accounts ---------------------------------------------------------------------------------------------


@page("ledger.setup")
def account_new(request: HttpRequest, desk: Desk) -> HttpResponse:
    form = AccountForm(request.POST if request.method == "POST" else None)

    def create() -> int:
        return services.add_account(company_id=desk.company_id, actor_id=desk.user_id, **form.cleaned_data)

    if form.is_bound and form.is_valid() and attempt(form, create):
        message = _("The account %(code)s is added.") % {"code": form.cleaned_data["code"]}
        return done(request, message, desk.link("account", form.outcome))
    intro = _("A further line of the chart of accounts, for entries by hand or for a role.")
    return _account_page(desk, _("New account"), _("Add account"), intro).show(request, form)


@page("ledger.setup")
def account_change(request: HttpRequest, desk: Desk, account_id: int) -> HttpResponse:
    """Rename an account, retire it, or take it back into use."""
    with desk.reading():
        found = ledger.account(desk.company_id, account_id)
    first = {"name": found.name, "active": found.active}
    form = AccountChangeForm(request.POST if request.method == "POST" else None, initial=first)

    def change() -> None:
        services.change_account(
            company_id=desk.company_id, actor_id=desk.user_id, account_id=account_id, **form.cleaned_data
        )

    if form.is_bound and form.is_valid() and attempt(form, change):
        return done(request, _("The account is changed."), desk.link("account", account_id))
    title = _("Change the account %(code)s") % {"code": found.code}
    intro = _("Code and class are settled: the statements of the past stand on them.")
    return _account_page(desk, title, _("Save"), intro).show(request, form)


def _account_page(desk: Desk, title: str, submit: str, intro: str) -> FormPage:
    back = desk.link("company")
    return FormPage(title=title, submit=submit, back=back, crumbs=((_("Company"), back),), intro=intro)
