"""The forms of companies, books and periods."""

from functools import cache
from typing import Any
from zoneinfo import available_timezones

from babel import Locale
from babel.numbers import list_currencies
from django import forms
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from wherewithal.kit.words import translated
from wherewithal.ledger import charts
from wherewithal.web import fields, formatting
from wherewithal.web.names import CLASSES

SCOPES = (
    ("company", _("One cost for the whole company")),
    ("warehouse", _("Each warehouse has costs of its own")),
)
# Historic and technical codes (test currency, metals, funds) would only be in the way.
_NOT_MONEY = frozenset(
    {"XXX", "XTS", "XAU", "XAG", "XPT", "XPD", "XDR", "XUA", "XSU", "XBA", "XBB", "XBC", "XBD"}
)


_NO_COUNTRY = frozenset({"EU", "UN", "ZZ", "EZ", "QO", "XA", "XB"})
_NO_PLACE = ("Etc/", "posix", "right", "SystemV")


def month_choices() -> list[tuple[str, str]]:
    names = formatting.current_locale().months["stand-alone"]["wide"]
    return [(str(month), str(names[month])) for month in range(1, 13)]


def country_choices() -> list[tuple[str, str]]:
    names = formatting.current_locale().territories
    countries = [
        (code, str(name)) for code, name in names.items() if len(code) == 2 and code not in _NO_COUNTRY
    ]
    return [("", "…"), *sorted(countries, key=lambda pair: pair[1])]


def currency_choices() -> list[tuple[str, str]]:
    locale = formatting.current_locale()
    return [(code, f"{code} · {locale.currencies.get(code, code)}") for code in _currencies()]


@cache
def _currencies() -> tuple[str, ...]:
    used = set(list_currencies()) - _NOT_MONEY
    return tuple(sorted(code for code in used if code in Locale.parse("en").currencies))


@cache
def timezone_choices() -> tuple[tuple[str, str], ...]:
    usual = sorted(name for name in available_timezones() if "/" in name and not name.startswith(_NO_PLACE))
    return tuple((name, name.replace("_", " ")) for name in ["UTC", *usual])


class CompanyForm(fields.Form):
    """All that a company needs to keep books; one page."""

    name = fields.TextField(label=_("Name"), longest=200)
    code = fields.TextField(
        label=_("Code"),
        longest=32,
        required=False,
        help_text=_("Short; it appears in addresses. Without one, it is made from the name."),
    )
    country = fields.ChoiceField(label=_("Country"), choices=country_choices)
    currency = fields.ChoiceField(label=_("Currency"), choices=currency_choices, initial="EUR")
    timezone = fields.ChoiceField(label=_("Time zone"), choices=timezone_choices, initial="Europe/Berlin")
    fiscal_year_start_month = fields.ChoiceField(label=_("Fiscal year begins in"), choices=month_choices)
    chart = fields.ChoiceField(
        label=_("Chart of accounts"),
        choices=lambda: [(chart.code, translated(chart.name)) for chart in charts.charts().values()],
        help_text=_("Current and non-current accounts apart; accounts can be added later."),
    )
    book_name = fields.TextField(label=_("Name of the primary book"), required=False)
    cost_scope = fields.ChoiceField(label=pgettext_lazy("scope", "Costing"), choices=SCOPES)

    def clean_code(self) -> str:
        """The one given, or the first word of the name that can be one."""
        words = slugify(self.cleaned_data.get("name", "")).split("-")
        return str(self.cleaned_data["code"] or words[0][:32].upper())


class CompanyChangeForm(fields.Form):
    """What a company is called, and where it is. What is settled by entries is shown by the page, not asked."""

    name = fields.TextField(label=_("Name"), longest=200)
    country = fields.ChoiceField(label=_("Country"), choices=country_choices)
    address = fields.NoteField(
        label=_("Address"), required=False, help_text=_("It stands on reports and statements.")
    )
    registration = fields.TextField(
        label=_("Registration"),
        longest=200,
        required=False,
        help_text=_("Commercial register, tax number: it stands on reports and statements."),
    )
    timezone = fields.ChoiceField(label=_("Time zone"), choices=timezone_choices)
    fiscal_year_start_month = fields.ChoiceField(label=_("Fiscal year begins in"), choices=month_choices)

    def __init__(self, *args: Any, settled: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if settled:
            del self.fields["timezone"], self.fields["fiscal_year_start_month"]

    @property
    def values(self) -> dict[str, Any]:
        month = self.cleaned_data.get("fiscal_year_start_month")
        return {**self.cleaned_data, **({"fiscal_year_start_month": int(month)} if month else {})}


class BookChangeForm(fields.Form):
    name = fields.TextField(label=_("Name"), longest=200)
    standard = fields.TextField(
        label=_("Standard"), longest=100, help_text=_("IFRS, US GAAP, tax, management ...")
    )


class AccountForm(fields.Form):
    """A line of the chart of accounts. What it counts as stays: statements of the past stand on it."""

    code = fields.TextField(label=_("Code"), longest=32)
    name = fields.TextField(label=_("Name"), longest=200)
    classification = fields.ChoiceField(
        label=_("Counts as"), choices=lambda: [(kind.value, label) for kind, label in CLASSES.items()]
    )
    is_contra = forms.BooleanField(
        label=_("Contra account"), required=False, help_text=_("It takes away from its class.")
    )


class AccountChangeForm(fields.Form):
    name = fields.TextField(label=_("Name"), longest=200)
    active = forms.BooleanField(
        label=_("In use"), required=False, help_text=_("A retired account takes no entries by hand.")
    )


class BookForm(fields.Form):
    name = fields.TextField(label=_("Name"), longest=200)
    code = fields.TextField(label=_("Code"), longest=32)
    standard = fields.TextField(
        label=_("Standard"), longest=100, help_text=_("IFRS, US GAAP, tax, management ...")
    )
    currency = fields.ChoiceField(label=_("Currency"), choices=currency_choices)
    cost_scope = fields.ChoiceField(label=pgettext_lazy("scope", "Costing"), choices=SCOPES)


class PeriodForm(fields.Form):
    """Close, reopen or lock the months of the shown book."""

    end_on = fields.DayField(label=_("Last day of the month"))
    reason = fields.TextField(label=_("Reason"), required=False, longest=500)
    action = forms.ChoiceField(
        choices=(("close", ""), ("reopen", ""), ("lock", "")), widget=forms.HiddenInput
    )
