"""Forms of those who keep assets rather than account for them: bookings, audits, cost centres."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from wherewithal.assets.queries import Asset
from wherewithal.people import queries as people
from wherewithal.web import fields
from wherewithal.web.desk import Desk
from wherewithal.web.forms.asset_terms import ANY
from wherewithal.web.forms.assets import location_field, party_field
from wherewithal.web.forms.documents import connect
from wherewithal.web.lookups import find_asset

BOOKING_NAMES = {"asset_id": "asset", "user_id": "person", "party_id": "party"}
AUDIT_NAMES = {"location_id": "location"}


def asset_field(desk: Desk, **options: Any) -> fields.CodeField:
    field = fields.CodeField(called=lambda found: found.name, **options)
    connect(field, lambda text: find_asset(desk, text), _("asset"), desk.link("pick_asset"))
    return field


def person_choices(desk: Desk) -> list[tuple[str, str]]:
    """Members of the company by their names."""
    members = people.members(desk.company_id, active_only=True)
    return [ANY, *((str(member.user_id), member.name or member.username) for member in members)]


class BookingForm(fields.Form):
    """Who wants which asset, and when."""

    purpose = fields.TextField(label=_("Purpose"), required=False)

    def __init__(self, *args: Any, desk: Desk, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        made = {
            "asset": asset_field(desk, label=_("Asset")),
            "begins_at": fields.InstantField(label=_("From"), timezone=desk.timezone),
            "ends_at": fields.InstantField(label=_("Until"), timezone=desk.timezone),
            "person": fields.ChoiceField(
                label=_("For (person)"), required=False, choices=person_choices(desk)
            ),
            "party": party_field(desk, "", label=_("or for (party)"), required=False),
            "purpose": self.fields["purpose"],
        }
        for name, field in made.items():
            if name != "purpose":
                fields.dress(field)
        self.fields = made

    @property
    def arguments(self) -> dict[str, Any]:
        """Of `services.book_asset`."""
        data = self.cleaned_data
        found: Asset = data["asset"]
        return {
            "asset_id": found.asset_id,
            "begins_at": data["begins_at"],
            "ends_at": data["ends_at"],
            "user_id": int(data["person"]) if data["person"] else None,
            "party_id": data["party"]["id"] if data["party"] else None,
            "purpose": data["purpose"],
        }


class AuditForm(fields.Form):
    """What is to be looked for: everything, or what the register has in one place and below."""

    name = fields.TextField(label=_("Name"), help_text=_("Such as: year end, hall 2."))

    def __init__(self, *args: Any, desk: Desk, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = location_field(
            desk, label=_("Place"), required=False, help_text=_("With all below it. Empty: everywhere.")
        )
        fields.dress(field)
        self.fields["location"] = field


class FoundForm(fields.Form):
    """What was seen, where, in which condition. A scanner types a tag and sends Enter."""

    tags = forms.CharField(
        label=_("Tags"),
        required=False,
        max_length=100_000,
        help_text=_("One a line; a scanner or a pasted column fills it."),
        widget=forms.Textarea(attrs={"rows": 4, "class": "mono"}),
    )
    condition = fields.TextField(label=_("Condition"), required=False)

    def __init__(self, *args: Any, desk: Desk, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = location_field(
            desk, label=_("Seen at"), required=False, help_text=_("Empty: where the register has it.")
        )
        fields.dress(field)
        self.fields["location"] = field

    @property
    def found(self) -> Sequence[str]:
        lines = [line.strip() for line in self.cleaned_data["tags"].splitlines()]
        return [line for line in lines if line]


class CostCentreForm(fields.Form):
    code = fields.TextField(label=_("Code"), longest=30, width="s")
    name = fields.TextField(label=_("Name"))


class CostCentreEditForm(fields.Form):
    name = fields.TextField(label=_("Name"))
    active = forms.BooleanField(label=_("In use"), required=False)
