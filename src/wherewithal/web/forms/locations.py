"""The forms of places."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from wherewithal.stock.services import LocationDraft
from wherewithal.web import fields
from wherewithal.web.names import LOCATION_TYPES

MADE = ("site", "warehouse", "zone", "bin")


class LocationForm(fields.Form):
    code = fields.TextField(label=_("Code"), longest=100, help_text=_("As it is written at the place."))
    name = fields.TextField(label=_("Name"), longest=200)
    type = fields.ChoiceField(label=_("Type"), choices=[(name, LOCATION_TYPES[name]) for name in MADE])
    parent_code = fields.ChoiceField(label=_("Lies in"), required=False)
    barcode = fields.TextField(label=_("Barcode"), longest=100, required=False)
    allow_negative = forms.BooleanField(label=_("Stock may go below zero here"), required=False)

    def __init__(self, *args: Any, parents: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", _("(nothing: a place of its own)")), *parents]
        self.fields["parent_code"].choices = choices  # type: ignore[attr-defined]  # a ChoiceField

    def draft(self) -> LocationDraft:
        data = self.cleaned_data
        return LocationDraft(
            code=data["code"],
            name=data["name"],
            type=data["type"],
            parent_code=data["parent_code"] or None,
            barcode=data["barcode"] or None,
            allow_negative=data["allow_negative"],
        )


class LocationChangeForm(fields.Form):
    name = fields.TextField(label=_("Name"), longest=200)
    barcode = fields.TextField(label=_("Barcode"), longest=100, required=False)
    allow_negative = forms.BooleanField(label=_("Stock may go below zero here"), required=False)
    active = forms.BooleanField(label=_("In use"), required=False)
