"""Forms that set up the books of assets: calendars, rules of countries, the account map."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from wherewithal.assets.queries import AssetClass
from wherewithal.core.depreciation.calendar import Pattern
from wherewithal.core.depreciation.packs import Pack
from wherewithal.core.posting import AccountRole
from wherewithal.items import queries as items
from wherewithal.kit.words import translated
from wherewithal.web import fields, formatting
from wherewithal.web.desk import Desk
from wherewithal.web.forms.asset_terms import ANY
from wherewithal.web.forms.company import month_choices
from wherewithal.web.forms.documents import connect
from wherewithal.web.lookups import find_account
from wherewithal.web.role_names import account_role_name

PATTERNS = {
    Pattern.MONTHS: _("Twelve calendar months"),
    Pattern.WEEKS_13: _("Thirteen periods of four weeks"),
    Pattern.WEEKS_445: _("Quarters of 4, 4 and 5 weeks"),
    Pattern.WEEKS_454: _("Quarters of 4, 5 and 4 weeks"),
    Pattern.WEEKS_544: _("Quarters of 5, 4 and 4 weeks"),
}
YEAR = re.compile(r"(\d{4}-\d\d-\d\d)[\s;,–-]+(\d{4}-\d\d-\d\d)")


class StatedYearsField(forms.CharField):
    """Fiscal years that are not regular, one a line: first and last day."""

    wide = True

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.Textarea(attrs={"rows": 3, "class": "mono", "placeholder": "2025-01-01 2025-03-31"})
        super().__init__(max_length=20_000, required=False, widget=widget, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(" ".join(pair) for pair in value) if isinstance(value, list) else value

    def clean(self, value: Any) -> list[list[str]]:
        lines = [line.strip() for line in super().clean(value).splitlines() if line.strip()]
        return [self._year(line) for line in lines]

    def _year(self, line: str) -> list[str]:
        found = YEAR.fullmatch(line)
        try:
            if found is None:
                raise ValueError
            return [date.fromisoformat(day).isoformat() for day in found.groups()]
        except ValueError:
            message = _("Write first and last day of each year, such as 2025-01-01 2025-03-31.")
            raise ValidationError(message, "year") from None


class CalendarForm(fields.Form):
    """The fiscal years and periods of a book."""

    pattern = fields.ChoiceField(label=_("Periods"), choices=list(PATTERNS.items()))
    first_month = fields.ChoiceField(label=_("The year begins in"))
    weekday = fields.ChoiceField(
        label=_("Weeks end on"), required=False, help_text=_("For periods of weeks only.")
    )
    nearest = forms.ChoiceField(
        label=_("The year ends on that weekday"),
        required=False,
        choices=[
            ("", _("the last one in the month before it begins anew")),
            ("1", _("nearest to the end of that month")),
        ],
        help_text=_("Either way a year has 52 or 53 weeks."),
    )
    stated = StatedYearsField(
        label=_("Short or long years"),
        help_text=_("The first year of a company, or a change of the year's end."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        days = formatting.current_locale().days["stand-alone"]["wide"]
        self.fields["first_month"].choices = month_choices()  # type: ignore[attr-defined]  # a ChoiceField
        weekdays = [(str(number), str(days[number])) for number in range(7)]
        self.fields["weekday"].choices = weekdays  # type: ignore[attr-defined]  # a ChoiceField

    @property
    def calendar(self) -> dict[str, Any]:
        """As `services.set_calendar` takes it."""
        data = self.cleaned_data
        found: dict[str, Any] = {"first_month": int(data["first_month"])}
        if data["pattern"] != Pattern.MONTHS:
            found |= {"pattern": data["pattern"], "weekday": int(data["weekday"] or 5)}
            found |= {"nearest": True} if data["nearest"] else {}
        return found | ({"stated": data["stated"]} if data["stated"] else {})


class ElectionForm(fields.Form):
    """Which class of a country's rules each class of assets follows in a book, and what is elected for all of them."""

    def __init__(
        self,
        *args: Any,
        pack: Pack,
        classes: Sequence[AssetClass],
        now: Mapping[int, Mapping[str, Any]],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.pack, self.classes, self.now = pack, classes, now
        choices = [
            ("", _("by the terms it has")),
            *((code, f"{translated(c.title)} ({code})") for code, c in pack.classes.items()),
        ]
        for row in classes:
            given = now.get(row.class_id, {})
            chosen = given.get("pack_class") if given.get("pack") == pack.code else ""
            self._put(
                f"class_{row.class_id}",
                fields.ChoiceField(
                    label=f"{row.code} {row.name}", required=False, choices=choices, initial=chosen
                ),
            )
        elected = next((g.get("elections") or {} for g in now.values() if g.get("pack") == pack.code), {})
        fixed = {name for each in pack.classes.values() for name in each.facts}
        self.elective = [
            fact
            for fact in pack.facts.values()
            if fact.default is not None and fact.type in ("boolean", "text") and fact.name not in fixed
        ]
        for fact in self.elective:
            self._put(
                f"fact_{fact.name}",
                self._fact(fact.type, translated(fact.title), fact.default, elected.get(fact.name)),
            )

    def _put(self, name: str, field: forms.Field) -> None:
        fields.dress(field)
        self.fields[name] = field

    def _fact(self, kind: str, title: str, default: Any, elected: Any) -> forms.Field:
        if kind == "boolean":
            words = [
                ("", _("as the rules say (%(default)s)") % {"default": _("yes") if default else _("no")}),
                ("yes", _("yes")),
                ("no", _("no")),
            ]
            chosen = "" if elected is None else "yes" if elected else "no"
            return fields.ChoiceField(
                label=title[:1].upper() + title[1:], required=False, choices=words, initial=chosen
            )
        return fields.TextField(
            label=title[:1].upper() + title[1:],
            required=False,
            longest=40,
            initial=elected or "",
            help_text=_("Empty: %(default)s.") % {"default": default},
        )

    @property
    def class_fields(self) -> list[forms.BoundField]:
        return [self[f"class_{row.class_id}"] for row in self.classes]

    @property
    def fact_fields(self) -> list[forms.BoundField]:
        return [self[f"fact_{fact.name}"] for fact in self.elective]

    @property
    def elections(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for fact in self.elective:
            given = self.cleaned_data[f"fact_{fact.name}"]
            if given:
                found[fact.name] = given == "yes" if fact.type == "boolean" else given
        return found

    @property
    def terms(self) -> dict[int, dict[str, Any]]:
        """The terms of each class that follows the pack."""
        chosen = {row.class_id: self.cleaned_data[f"class_{row.class_id}"] for row in self.classes}
        extra = {"elections": self.elections} if self.elections else {}
        return {
            class_id: {"pack": self.pack.code, "pack_class": code, **extra}
            for class_id, code in chosen.items()
            if code
        }


class MappingForm(fields.Form):
    """Which account plays a role in a book."""

    def __init__(self, *args: Any, desk: Desk, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        roles = [(role.value, account_role_name(role.value)) for role in AccountRole]
        account = fields.CodeField(label=_("Account"), called=lambda found: found.name)
        connect(account, lambda text: find_account(desk, text), _("account"), desk.link("pick_account"))
        categories = [(str(row["id"]), " / ".join(row["path"])) for row in items.categories(desk.company_id)]
        made = {
            "account_role": fields.ChoiceField(
                label=_("Role"), choices=[ANY, *sorted(roles, key=lambda pair: str(pair[1]))]
            ),
            "account": account,
            "category": fields.ChoiceField(
                label=_("For the category"),
                required=False,
                choices=[("", _("every category without its own")), *categories],
            ),
            "effective_on": fields.DayField(
                label=pgettext_lazy("valid", "From"),
                required=False,
                help_text=_("Empty: on all days, also past ones."),
            ),
        }
        for name, field in made.items():
            fields.dress(field)
            self.fields[name] = field
