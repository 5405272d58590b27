"""The forms of items, categories and lots."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from wherewithal.items.attributes import AttributeSpec
from wherewithal.items.values import ItemDraft
from wherewithal.web import fields
from wherewithal.web.names import KINDS, LOT_STATUSES, TRACKINGS

# Names of refusals that differ from the form's.
ITEM_NAMES = {"category": "category_code", "base_unit": "base_unit_code", "barcode": "barcodes"}


class ItemForm(fields.Form):
    """An item's own columns. What hangs on its moves can no longer be changed once it has some."""

    sku = fields.TextField(label=_("SKU"), longest=100, help_text=_("The code your people know it by."))
    name = fields.TextField(label=_("Name"), longest=300)
    kind = fields.ChoiceField(label=_("Kind"), choices=KINDS)
    category_code = fields.ChoiceField(
        label=_("Category"), help_text=_("Carries costing policy and accounts.")
    )
    base_unit_code = fields.ChoiceField(label=_("Base unit"))
    qty_decimals = fields.ChoiceField(
        label=_("Decimals of quantities"), choices=[(str(places), str(places)) for places in range(7)]
    )
    tracking = fields.ChoiceField(label=_("Tracking"), choices=TRACKINGS)
    shelf_life_days = forms.IntegerField(
        label=_("Shelf life in days"), required=False, min_value=1, max_value=36525
    )
    weight_g = fields.NumberField(label=_("Weight of a base unit, g"), required=False, least="zero")
    volume_ml = fields.NumberField(label=_("Volume of a base unit, ml"), required=False, least="zero")
    active = forms.BooleanField(label=_("In use"), required=False, initial=True)
    description = fields.NoteField(label=_("Description"), required=False)

    def __init__(
        self,
        *args: Any,
        categories: Sequence[tuple[str, str]],
        units: Sequence[tuple[str, str]],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["category_code"].choices = list(categories)  # type: ignore[attr-defined]  # a ChoiceField
        self.fields["base_unit_code"].choices = list(units)  # type: ignore[attr-defined]  # a ChoiceField

    @property
    def values(self) -> dict[str, Any]:
        """The columns as the room of items names them."""
        data = dict(self.cleaned_data)
        return data | {"tracking": int(data["tracking"]), "qty_decimals": int(data["qty_decimals"])}

    def draft(self) -> ItemDraft:
        return ItemDraft(**self.values)


class AttributeForm(fields.Form):
    """The custom attributes that an item's category declares."""

    def __init__(self, *args: Any, specs: Mapping[str, AttributeSpec], **kwargs: Any) -> None:
        super().__init__(*args, prefix="attribute", **kwargs)
        for code, spec in specs.items():
            field = fields.TextField(label=spec.label or code, required=False)
            fields.dress(field)
            self.fields[code] = field


class CategoryForm(fields.Form):
    code = fields.TextField(label=_("Code"), longest=100)
    name = fields.TextField(label=_("Name"), longest=300)
    parent_code = fields.ChoiceField(label=_("Part of"), required=False)

    def __init__(self, *args: Any, categories: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["parent_code"].choices = list(categories)  # type: ignore[attr-defined]  # a ChoiceField


class LotStatusForm(fields.Form):
    status = fields.ChoiceField(
        label=_("Status"),
        choices=[(str(status.value), label) for status, (label, _tone) in LOT_STATUSES.items()],
    )


class BarcodeForm(fields.Form):
    barcode = fields.TextField(label=_("Barcode"), longest=100)
    unit_code = fields.ChoiceField(label=_("Stands for one"), required=False)

    def __init__(self, *args: Any, units: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit_code"].choices = list(units)  # type: ignore[attr-defined]  # a ChoiceField
