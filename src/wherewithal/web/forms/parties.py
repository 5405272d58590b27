"""The form of suppliers and customers."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from wherewithal.parties.values import PartyDraft
from wherewithal.web import fields
from wherewithal.web.forms.company import country_choices


class PartyForm(fields.Form):
    code = fields.TextField(label=_("Code"), longest=100, help_text=_("The number your people know them by."))
    name = fields.TextField(label=_("Name"), longest=300)
    is_supplier = forms.BooleanField(label=_("Supplier"), required=False)
    is_customer = forms.BooleanField(label=_("Customer"), required=False)
    country = fields.ChoiceField(label=_("Country"), choices=country_choices, required=False)
    tax_id = fields.TextField(
        label=_("Tax id"), required=False, help_text=_("Checked by the rules of the country.")
    )
    email = fields.TextField(label=_("E-mail"), required=False, longest=254)
    phone = fields.TextField(label=_("Telephone"), required=False, longest=50)
    address = fields.NoteField(label=_("Address"), required=False)
    active = forms.BooleanField(label=_("In use"), required=False, initial=True)

    @property
    def values(self) -> dict[str, Any]:
        return dict(self.cleaned_data)

    def draft(self) -> PartyDraft:
        return PartyDraft(**self.values)
