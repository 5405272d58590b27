"""What concerns several assets at once: an impaired unit, the test of a tax year, parts that no asset has taken yet."""

import uuid
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from wherewithal.assets import queries, services
from wherewithal.assets.drafts import BatchResult, UnitDraft
from wherewithal.assets.queries import PartUnderWay
from wherewithal.assets.services import YearTestResult
from wherewithal.people.permissions import require
from wherewithal.web import fields, formatting, preview, tables
from wherewithal.web.asset_names import word_of
from wherewithal.web.asset_preview import INCOMPLETE, Preview
from wherewithal.web.desk import Desk
from wherewithal.web.form_page import FormPage
from wherewithal.web.lookups import find_asset
from wherewithal.web.pages import attempt, done, page, table_page
from wherewithal.web.tables import Page, Table

MOST_OF_A_UNIT = 500
US = "us"


# --- a cash-generating unit --------------------------------------------------------------------------------


class UnitForm(fields.Form):
    """Which assets make the unit up, and what it is worth."""

    effective_on = fields.DayField(label=gettext_lazy("When it happened"))
    recoverable = fields.NumberField(
        label=gettext_lazy("Recoverable amount"),
        least="zero",
        help_text=gettext_lazy("Of the whole unit, goodwill included, in the currency of the book."),
    )
    asset_ids = forms.CharField(
        label=gettext_lazy("Assets"),
        max_length=40_000,
        help_text=gettext_lazy(
            "A tag a line; behind it, apart by a space, the amount it may not fall below."
        ),
        widget=forms.Textarea(attrs={"rows": 6, "class": "mono"}),
    )
    goodwill = fields.TextField(
        label=gettext_lazy("Goodwill of the unit"),
        required=False,
        longest=60,
        help_text=gettext_lazy("Its tag: it bears the loss first."),
    )
    note = fields.TextField(label=gettext_lazy("Note"), required=False, longest=500)
    idempotency_key = forms.CharField(max_length=64, widget=forms.HiddenInput)

    def __init__(self, *args: Any, desk: Desk, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.desk = desk
        self.floors: dict[int, Decimal] = {}

    def clean_asset_ids(self) -> list[int]:
        lines = [
            line.split(maxsplit=1) for line in self.cleaned_data["asset_ids"].splitlines() if line.strip()
        ]
        if len(lines) > MOST_OF_A_UNIT:
            raise ValidationError(_("At most %(count)s assets make a unit up.") % {"count": MOST_OF_A_UNIT})
        found = []
        for tag, *floor in lines:
            asset_id = self._asset_id(tag)
            found.append(asset_id)
            if floor:
                self.floors[asset_id] = fields.NumberField(least="zero").clean(floor[0].strip())
        return found

    def clean_goodwill(self) -> int | None:
        tag = self.cleaned_data["goodwill"]
        return self._asset_id(tag) if tag else None

    def _asset_id(self, tag: str) -> int:
        found = find_asset(self.desk, tag)
        if found is None:
            raise ValidationError(_("There is no asset “%(tag)s”.") % {"tag": tag[:60]})
        return found.asset_id


@page("assets.record", shows="now")
def asset_unit(request: HttpRequest, desk: Desk) -> HttpResponse:
    """A unit is written down to what it is worth: ?asset=TAG begins the list."""
    with desk.reading():
        first = {
            "effective_on": desk.day,
            "asset_ids": request.GET.get("asset", "")[:60],
            "idempotency_key": uuid.uuid4().hex,
        }
        form = UnitForm(request.POST or None, desk=desk, initial=first)
        valid = form.is_valid()
    shown = FormPage(
        title=_("Impair a unit"),
        submit=_("Record the impairment"),
        back=desk.link("assets"),
        crumbs=((_("Assets"), desk.link("assets")),),
        intro=_(
            "Assets that earn money only together are tested together (IAS 36): goodwill bears the loss first, the rest is"
            " shared by carrying amounts. The book %(book)s alone hears of it."
        )
        % {"book": desk.book.name},
        posts=desk.may("ledger.read"),
    )

    def impair() -> BatchResult:
        data = form.cleaned_data
        return services.impair_unit(
            company_id=desk.company_id,
            actor_id=desk.user_id,
            idempotency_key=f"web:{data['idempotency_key']}",
            unit=UnitDraft(
                effective_on=data["effective_on"],
                asset_ids=data["asset_ids"],
                recoverable=data["recoverable"],
                book=desk.book.code,
                goodwill_id=data["goodwill"],
                floors=form.floors,
                note=data["note"],
            ),
        )

    if preview.wanted(request):
        require(desk.actor, "ledger.read")
        look = preview.of_decision(desk, lambda: impair().entry_ids) if valid else preview.UNFINISHED
        return shown.look(request, form, look.posting or INCOMPLETE)
    if not valid or not attempt(form, impair):
        return shown.show(request, form)
    count = len(form.outcome.event_ids)
    message = ngettext("%(count)s asset is impaired.", "%(count)s assets are impaired.", count) % {
        "count": count
    }
    return done(request, message, desk.link("assets", as_of=None, known_at=None))


# --- the test of a tax year --------------------------------------------------------------------------------


class YearTestForm(fields.Form):
    on = fields.DayField(label=gettext_lazy("A day of the tax year"))


def follows_us(desk: Desk) -> bool:
    """Whether some class follows the rules of the United States in the book in hand."""
    codes = ("", desk.book.code)
    return any(
        row.terms.get(code, {}).get("pack") == US
        for row in queries.classes(desk.company_id)
        for code in codes
    )


@page("ledger.read", shows="now")
def year_test(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The mid-quarter test of the United States for all assets of a tax year, and the change of terms it asks for."""
    require(desk.actor, "assets.record")
    form = YearTestForm(request.POST or None, initial={"on": desk.day})
    shown = FormPage(
        title=_("Mid-quarter test"),
        submit=_("Apply the test"),
        slow=True,
        back=desk.link("runs"),
        crumbs=((_("Depreciation"), desk.link("runs")),),
        intro=_(
            "United States: where more than 40 %% of what went into service in a tax year did so in its last three months,"
            " the whole year goes by the middle of quarters. Book %(book)s; applying it twice changes nothing."
        )
        % {"book": desk.book.name},
        posts=True,
    )

    def test() -> YearTestResult:
        return services.apply_year_test(
            company_id=desk.company_id,
            actor_id=desk.user_id,
            book_id=desk.book_id,
            on=form.cleaned_data["on"],
        )

    if preview.wanted(request):
        return shown.look(request, form, _look(desk, test) if form.is_valid() else INCOMPLETE)
    if not form.is_valid() or not attempt(form, test):
        return shown.show(request, form)
    return done(request, " ".join(_told(form.outcome)), desk.link("runs"))


def _look(desk: Desk, test: Any) -> Preview:
    """What the test says, and what its change of terms would post."""
    told: list[str] = []

    def work() -> Sequence[int]:
        result = test()
        told[:] = _told(result)
        return result.batch.entry_ids if result.batch else ()

    look = preview.of_decision(desk, work)
    return replace(look.posting or INCOMPLETE, notes=told)


def _told(result: YearTestResult) -> list[str]:
    if not result.assets:
        return [_("No asset that follows these rules went into service in that year.")]
    share = formatting.number(Decimal(result.share.numerator * 1000 // result.share.denominator) / 10)
    counted = ngettext(
        "%(count)s asset went into service in that year",
        "%(count)s assets went into service in that year",
        result.assets,
    )
    changed = len(result.changed)
    follows = (
        ngettext("%(count)s asset changes its terms.", "%(count)s assets change their terms.", changed)
        if changed
        else _("Nothing has to change.")
    )
    return [
        _("%(assets)s; %(share)s %% of their cost in the last three months: %(outcome)s.")
        % {"assets": counted % {"count": result.assets}, "share": share, "outcome": word_of(result.outcome)},
        follows % {"count": changed},
    ]


# --- parts under way ---------------------------------------------------------------------------------------


@page("assets.read")
def parts_under_way(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Parts that one asset gave and no other one has taken yet: to be placed before the month is closed."""

    def ways(row: PartUnderWay) -> list[tables.Action]:
        href = desk.link("asset_record", row.asset_id)
        return [tables.Action(_("What follows"), href, icon="arrow-right")]

    table = Table(
        key="parts_under_way",
        title=_("Parts under way"),
        columns=(
            tables.text(_("Given by"), "tag", lead=True, link=lambda row: desk.link("asset", row.asset_id)),
            tables.day(_("Day"), "effective_on"),
            tables.number(pgettext("of an asset", "Part"), "part"),
        ),
        actions=ways if desk.may("assets.record") and not desk.travels else None,
        tools=False,
        empty_title=_("No part is under way"),
        empty_text=_("What an asset gives away is listed here until another asset takes it."),
    )
    return table_page(
        request,
        desk,
        "web/asset_parts_under_way.html",
        table,
        lambda _ask: Page(queries.parts_under_way(desk.company_id, as_of=desk.as_of, known_at=desk.known_at)),
    )
