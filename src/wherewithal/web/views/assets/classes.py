"""Classes of assets: the usual ones at once, a list, and the default terms of each."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from wherewithal.assets import queries, services
from wherewithal.assets.queries import AssetClass
from wherewithal.assets.values import ClassDraft
from wherewithal.web import fields, tables
from wherewithal.web.asset_names import CLASS_KINDS, field_label, terms_text
from wherewithal.web.desk import Desk
from wherewithal.web.forms.asset_terms import TERM_FIELDS, TERM_NAMES, TermsForm
from wherewithal.web.language import language_code
from wherewithal.web.pages import attempt, back_of, done, page
from wherewithal.web.tables import Page, Table


@page("assets.read", shows="now")
def asset_classes(request: HttpRequest, desk: Desk) -> HttpResponse:
    rows = queries.classes(desk.company_id)
    context = {"table": tables.show(request, _table(desk), lambda ask: Page(rows)), "count": len(rows)}
    return render(request, "web/asset_classes.html", context)


def _table(desk: Desk) -> Table:
    def state(active: bool) -> tuple[Any, str]:
        return (_("in use"), "good") if active else (_("retired"), "")

    def terms(row: AssetClass) -> str:
        own = [code for code in row.terms if code]
        text = terms_text(row.terms.get(""))
        return text + (_("; differs in %(books)s") % {"books": ", ".join(own)} if own else "")

    return Table(
        key="classes",
        title=_("Classes"),
        columns=(
            tables.text(
                _("Code"), "code", lead=True, link=lambda row: desk.link("asset_class", row.class_id)
            ),
            tables.text(_("Name"), "name"),
            tables.text(_("Kind"), lambda row: CLASS_KINDS.get(row.kind, row.kind), phone=False),
            tables.text(_("Terms"), terms, phone=False),
            tables.text(_("Category"), "category_code", phone=False),
            tables.number(_("Assets"), "asset_count"),
            tables.tag(_("State"), "active", state, phone=False),
        ),
        tools=False,
        empty_title=_("No classes yet"),
        empty_text=_("A class carries the accounts and the default terms of its assets."),
    )


@page("assets.write")
def asset_classes_install(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The usual classes with their accounts in every book; those that are there already stay as they are."""
    if request.method != "POST":
        return redirect(desk.link("asset_classes"))
    form = fields.Form({})

    def install() -> list[int]:
        return services.install_classes(
            company_id=desk.company_id, actor_id=desk.user_id, language=language_code()
        )

    if not attempt(form, install):
        with desk.reading():
            rows = queries.classes(desk.company_id)
            shown = tables.show(request, _table(desk), lambda ask: Page(rows))
            context = {"table": shown, "count": len(rows), "form": form}
            return render(request, "web/asset_classes.html", context, status=422)
    made = len(form.outcome)
    message = ngettext("%(count)s class was added.", "%(count)s classes were added.", made) % {"count": made}
    return done(request, message, back_of(request, desk, "asset_classes"))


class ClassForm(TermsForm):
    """A class with its default terms in one book, or in all that have none of their own."""

    code = fields.TextField(label=gettext_lazy("Code"), longest=30)
    name = fields.TextField(label=gettext_lazy("Name"), longest=200)
    kind = fields.ChoiceField(label=gettext_lazy("Kind"), choices=list(CLASS_KINDS.items()))
    tag_prefix = fields.TextField(
        label=gettext_lazy("Tags begin with"),
        longest=20,
        required=False,
        help_text=gettext_lazy("MA- gives MA-00001. Empty: the code."),
    )

    def __init__(self, *args: Any, desk: Desk, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.put_terms(_("Choose"), desk.book.currency_decimals)

    def draft(self) -> ClassDraft:
        data = self.cleaned_data
        return ClassDraft(
            code=data["code"],
            name=data["name"],
            kind=data["kind"],
            tag_prefix=data["tag_prefix"] or None,
            terms={"": self.terms} if self.terms else {},
        )


class ClassTermsForm(TermsForm):
    """New default terms of a class in the book shown, or of every book that has none of its own."""

    name = fields.TextField(label=gettext_lazy("Name"), longest=200)
    book = fields.ChoiceField(label=gettext_lazy("Terms for"), required=False)

    def __init__(self, *args: Any, desk: Desk, terms: dict[str, Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        books = [("", _("every book without its own")), *((book.code, book.name) for book in desk.books)]
        self.fields["book"].choices = books  # type: ignore[attr-defined]  # a ChoiceField
        self.put_terms(_("Choose"), desk.book.currency_decimals, terms)


@page("assets.write")
def asset_class_new(request: HttpRequest, desk: Desk) -> HttpResponse:
    form = ClassForm(request.POST if request.method == "POST" else None, desk=desk)

    def make() -> int:
        return services.create_class(company_id=desk.company_id, actor_id=desk.user_id, draft=form.draft())

    if not form.is_valid() or not attempt(form, make, TERM_NAMES):
        context = {"form": form}
        return render(request, "web/asset_class_new.html", context, status=422 if form.is_bound else 200)
    return done(request, _("The class is made."), desk.link("asset_classes"))


@page("assets.read", shows="now")
def asset_class(request: HttpRequest, desk: Desk, class_id: int) -> HttpResponse:
    """One class: its accounts' category, its terms by book, and a form that sets new ones for assets to come."""
    with desk.reading():
        found = queries.asset_class(desk.company_id, class_id)
    code = request.GET.get("terms_of", "")
    first = {"name": found.name, "book": code}
    terms = found.terms.get(code) or found.terms.get("") or {}
    form = ClassTermsForm(
        request.POST if request.method == "POST" and desk.may("assets.write") else None,
        desk=desk,
        terms=terms,
        initial=first,
    )
    if form.is_bound and form.is_valid() and attempt(form, lambda: _save(desk, found, form), TERM_NAMES):
        return done(
            request, _("Saved. Assets that are there keep their terms."), desk.link("asset_class", class_id)
        )
    context = {
        "class": found,
        "kind": CLASS_KINDS.get(found.kind, found.kind),
        "terms": _shown_terms(desk, found),
        "asks_for": [field_label(name) for name in found.required_fields],
        "form": form,
    }
    return render(request, "web/asset_class.html", context, status=422 if form.is_bound else 200)


def _save(desk: Desk, found: AssetClass, form: ClassTermsForm) -> None:
    terms = form.terms
    # Terms that the form does not have (Japan's guarantee rate, elections of a pack) stay while the method stays.
    before = found.terms.get(form.cleaned_data["book"]) or found.terms.get("") or {}
    if before.get("method") == terms.get("method"):
        terms = {name: value for name, value in before.items() if name not in TERM_FIELDS} | terms
    services.update_class(
        company_id=desk.company_id,
        actor_id=desk.user_id,
        class_id=found.class_id,
        name=form.cleaned_data["name"],
        terms={form.cleaned_data["book"]: terms} if terms else None,
    )


def _shown_terms(desk: Desk, found: AssetClass) -> list[tuple[SafeString | str, str, str]]:
    """What each book says, where it says so by itself, and the address at which it is changed."""
    general = terms_text(found.terms.get(""))
    shown: list[tuple[SafeString | str, str, str]] = [
        (_("Every book without its own"), general, desk.link("asset_class", found.class_id))
    ]
    for book in desk.books:
        own = found.terms.get(book.code)
        text = general if own is None else terms_text(own)
        name = book.name if own is None else format_html("{} *", book.name)
        shown.append((name, text, desk.link("asset_class", found.class_id, terms_of=book.code)))
    return shown
