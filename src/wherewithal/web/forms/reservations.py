"""The form that claims stock."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from wherewithal.web import fields
from wherewithal.web.desk import Desk
from wherewithal.web.forms.documents import connect
from wherewithal.web.lookups import find_item, find_location


class ClaimForm(fields.Form):
    """For whom or what."""

    reference = fields.TextField(label=_("For"), help_text=_("An order, a job, a person."))
    idempotency_key = forms.CharField(max_length=64, widget=forms.HiddenInput)


class ClaimLineForm(fields.Form):
    """What and how much; where, unless the product is to choose what expires or came first."""

    item = fields.CodeField(label=_("Item"), width="l")
    qty = fields.NumberField(label=_("Quantity"), least="above")
    unit = fields.TextField(label=_("Unit"), required=False, width="s", longest=32)
    location = fields.CodeField(label=_("From"), required=False, width="m")
    lot = fields.TextField(label=_("Lot or serial"), required=False, longest=100)

    def __init__(self, *args: Any, desk: Desk, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        item: Any = self.fields["item"]
        connect(item, lambda text: find_item(desk, text), _("item"), desk.link("pick_item"))
        item.called = lambda found: found.name
        place = self.fields["location"]
        connect(place, lambda text: find_location(desk, text), _("location"), desk.link("pick_location"))
        lot: Any = self.fields["lot"]
        fields.offer(lot, desk.link("pick_lot"), "item", "location")
