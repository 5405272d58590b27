"""The forms by which a controller decides how stock is costed."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from wherewithal.stock.services import NrvEstimate, StandardCostDraft
from wherewithal.web import fields
from wherewithal.web.desk import Desk
from wherewithal.web.forms.documents import connect
from wherewithal.web.lookups import find_item
from wherewithal.web.names import COST_METHODS

EVERYTHING = ("", _("Everything without a method of its own"))


class MethodForm(fields.Form):
    """A method for a category, from a day on."""

    category_id = fields.ChoiceField(label=_("Category"), required=False)
    method = fields.ChoiceField(label=_("Method"), choices=list(COST_METHODS.items()))
    effective_on = fields.DayField(
        label=pgettext_lazy("valid", "From"), required=False, help_text=_("Empty: since ever.")
    )

    def __init__(self, *args: Any, categories: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, prefix="method", **kwargs)
        self.fields["category_id"].choices = [EVERYTHING, *categories]  # type: ignore[attr-defined]  # a ChoiceField

    @property
    def values(self) -> dict[str, Any]:
        data = dict(self.cleaned_data)
        return data | {"category_id": int(data["category_id"]) if data["category_id"] else None}


class StandardCostForm(fields.Form):
    """What one base unit of an item is to cost."""

    item = fields.CodeField(label=_("Item"))
    cost = fields.NumberField(label=_("Cost of one base unit"), least="zero")
    effective_on = fields.DayField(
        label=pgettext_lazy("valid", "From"), required=False, help_text=_("Empty: since ever.")
    )

    def __init__(self, *args: Any, desk: Desk, **kwargs: Any) -> None:
        super().__init__(*args, prefix="standard", **kwargs)
        find_here(self.fields["item"], desk)

    def draft(self) -> StandardCostDraft:
        data = self.cleaned_data
        return StandardCostDraft(data["item"].item_id, data["cost"], data["effective_on"])


class WriteDownForm(fields.Form):
    """What an item or a category is expected to fetch; a later estimate can raise it again, up to cost."""

    on = fields.DayField(label=_("At the end of"))
    item = fields.CodeField(label=_("Item"), required=False)
    category_id = fields.ChoiceField(label=_("or category"), required=False)
    unit_value = fields.NumberField(label=_("One base unit fetches"), required=False, least="zero")
    percent = fields.NumberField(label=_("or per cent of cost"), required=False, least="zero")
    reason = fields.TextField(label=_("Why"), longest=500)
    idempotency_key = fields.TextField(longest=64, widget=forms.HiddenInput)

    def __init__(self, *args: Any, desk: Desk, categories: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, prefix="writedown", **kwargs)
        self.fields["category_id"].choices = [("", "…"), *categories]  # type: ignore[attr-defined]  # a ChoiceField
        find_here(self.fields["item"], desk)

    def estimate(self) -> NrvEstimate:
        data = self.cleaned_data
        percent: Decimal | None = data["percent"]
        return NrvEstimate(
            reason=data["reason"],
            item_id=data["item"].item_id if data["item"] else None,
            category_id=int(data["category_id"]) if data["category_id"] else None,
            unit_value=data["unit_value"],
            share=None if percent is None else percent / 100,
        )


def find_here(field: Any, desk: Desk) -> None:
    """Let a code field find the items of this company."""
    connect(field, lambda text: find_item(desk, text), _("item"), desk.link("pick_item"))
    field.called = lambda found: found.name
