"""Between stock and assets: goods that become an asset or a part of one, and an asset that becomes goods."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from wherewithal.assets import queries as assets
from wherewithal.assets.queries import Asset
from wherewithal.assets.values import AssetDraft
from wherewithal.core.assets.facts import Kind
from wherewithal.web import fields
from wherewithal.web.desk import Desk
from wherewithal.web.forms.asset_terms import ANY
from wherewithal.web.forms.assets import cost_centre_choices, location_field
from wherewithal.web.forms.documents import connect
from wherewithal.web.lookups import FoundItem, find_item

STOCK_NAMES = {
    "item_id": "item",
    "lot_id": "lot",
    "lot_code": "lot",
    "serials": "lot",
    "from_location_id": "from_location",
    "to_location_id": "to_location",
    "effective_on": "effective_at",
    "class_code": "class_code",
    "cost_centre_id": "cost_centre",
    "location_id": "location",
}


class GoodsForm(fields.Form):
    """Which goods, and when."""

    idempotency_key = forms.CharField(max_length=64, widget=forms.HiddenInput)

    @property
    def arguments(self) -> dict[str, Any]:
        """What the use case takes beside company, person and key."""
        raise NotImplementedError

    def put(self, name: str, field: forms.Field) -> None:
        fields.dress(field)
        self.fields[name] = field

    def put_goods(self, desk: Desk, *, item_required: bool = True) -> None:
        item = fields.CodeField(label=_("Item"), required=item_required, called=lambda found: found.name)
        connect(item, lambda text: find_item(desk, text), _("item"), desk.link("pick_item"))
        self.put("item", item)
        self.put(
            "lot",
            fields.TextField(
                label=_("Lot or serial"), required=False, help_text=_("Where the item is tracked by one.")
            ),
        )
        self.put("qty", fields.NumberField(label=_("Quantity"), least="above", initial="1"))

    def put_end(self, desk: Desk) -> None:
        self.put("effective_at", fields.InstantField(label=_("When it happened"), timezone=desk.timezone))
        self.put("reference", fields.TextField(label=_("Reference"), required=False))
        self.put("note", fields.TextField(label=_("Note"), required=False, longest=500))

    @property
    def goods(self) -> dict[str, Any]:
        """What both use cases take of the goods."""
        data = self.cleaned_data
        return {
            "effective_at": data["effective_at"],
            "qty": data["qty"],
            "reference": data["reference"],
            "note": data["note"],
        }


class TakenForm(GoodsForm):
    """Goods that leave stock."""

    def put_taken(self, desk: Desk) -> None:
        self.put_goods(desk)
        self.put("from_location", location_field(desk, label=_("From")))
        lot: Any = self.fields["lot"]
        fields.offer(lot, desk.link("pick_lot"), "item", "from_location")
        self.put_end(desk)

    @property
    def taken(self) -> dict[str, Any]:
        """Arguments of `services.issue_to_asset`."""
        data = self.cleaned_data
        item: FoundItem = data["item"]
        return self.goods | {
            "item_id": item.item_id,
            "lot_code": data["lot"] or item.lot_code or None,
            "from_location_id": data["from_location"].id,
        }


class FromStockForm(TakenForm):
    """Goods become a new asset, which keeps their item and serial."""

    def __init__(self, *args: Any, desk: Desk, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.put_taken(desk)
        classes = [
            (row.code, f"{row.name} ({row.code})") for row in assets.classes(desk.company_id, active=True)
        ]
        self.put("class_code", fields.ChoiceField(label=_("Class"), choices=[ANY, *classes]))
        self.put(
            "name",
            fields.TextField(label=_("Name"), required=False, longest=300, help_text=_("Empty: the item's.")),
        )
        self.put(
            "tag",
            fields.TextField(
                label=_("Tag"), required=False, longest=60, help_text=_("Empty: the next of its class.")
            ),
        )
        self.put("location", location_field(desk, label=_("Stands at"), required=False))
        self.put(
            "cost_centre",
            fields.ChoiceField(
                label=_("Cost centre"), choices=[ANY, *cost_centre_choices(desk)], required=False
            ),
        )
        in_service = forms.BooleanField(label=_("In service from that day"), required=False, initial=True)
        self.put("in_service", in_service)

    @property
    def arguments(self) -> dict[str, Any]:
        data = self.cleaned_data
        serial = data["lot"] or data["item"].lot_code or ""
        return self.taken | {
            "asset": AssetDraft(
                data["name"] or data["item"].name,
                data["class_code"],
                tag=data["tag"] or None,
                serial_no=serial if data["qty"] == 1 else "",
                location_id=data["location"].id if data["location"] else None,
                cost_centre_id=int(data["cost_centre"]) if data["cost_centre"] else None,
            ),
            "in_service": data["in_service"],
        }


class PartsForm(TakenForm):
    """Goods become a part of an asset: their cost is added to it."""

    def __init__(self, *args: Any, desk: Desk, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.put_taken(desk)
        kinds = [
            (str(Kind.COST_ADDITION), _("an improvement of what is in use")),
            (str(Kind.CONSTRUCTION_COST), _("used to build it")),
        ]
        self.put("kind", fields.ChoiceField(label=_("The goods are"), choices=kinds))

    @property
    def arguments(self) -> dict[str, Any]:
        return self.taken | {"kind": self.cleaned_data["kind"]}


class ToStockForm(GoodsForm):
    """An asset becomes goods again, at what it is carried at."""

    def __init__(self, *args: Any, desk: Desk, asset: Asset, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.put_goods(desk, item_required=asset.item_id is None)
        self.fields["item"].help_text = _("Empty: the item it came from.") if asset.item_id else ""
        self.put("to_location", location_field(desk, label=_("Into")))
        del self.fields["lot"]
        self.put_end(desk)

    @property
    def arguments(self) -> dict[str, Any]:
        """Of `services.return_to_stock`."""
        data = self.cleaned_data
        return self.goods | {
            "to_location_id": data["to_location"].id,
            "item_id": data["item"].item_id if data["item"] else None,
        }
