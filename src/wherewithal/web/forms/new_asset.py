"""The form by which an asset comes into the register, with how it came."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from wherewithal.assets import queries as assets
from wherewithal.assets.drafts import EventDraft
from wherewithal.assets.queries import Asset
from wherewithal.assets.values import AssetDraft
from wherewithal.core.assets.facts import Kind
from wherewithal.web import fields
from wherewithal.web.desk import Desk
from wherewithal.web.forms.asset_terms import ANY, TERM_NAMES, TermsForm
from wherewithal.web.forms.assets import (
    cost_centre_choices,
    location_field,
    party_field,
    plain_value,
)
from wherewithal.web.forms.documents import connect
from wherewithal.web.lookups import find_asset

WAYS = {
    "bought": _("Bought"),
    "opening": _("Taken over part way"),
    "registered": _("Not here yet"),
}
"""How an asset comes: with a cost, with a cost and a past, or as a plan."""

NEW_NAMES = {
    **TERM_NAMES,
    "class_code": "class_code",
    "parent_tag": "parent",
    "location_id": "location",
    "supplier_id": "supplier",
    "cost_centre_id": "cost_centre",
    "effective_on": "acquired_on",
    "qty": "quantity",
}


class AssetForm(TermsForm):
    """What an asset is, wherever it came from."""

    name = fields.TextField(label=_("Name"), longest=300)
    tag = fields.TextField(
        label=_("Tag"),
        longest=60,
        required=False,
        help_text=_("What its label says. Empty: the next of its class."),
    )
    serial_no = fields.TextField(label=_("Serial number"), required=False)
    purchase_reference = fields.TextField(label=_("Purchase reference"), required=False)
    warranty_until = fields.DayField(label=_("Warranty until"), required=False)
    insured_until = fields.DayField(label=_("Insured until"), required=False)
    insurance_reference = fields.TextField(label=_("Insurance policy"), required=False)
    note = fields.NoteField(label=_("Note"), required=False, longest=2000)

    def __init__(self, *args: Any, desk: Desk, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.desk = desk
        self.put("parent", parent_field(desk))
        self.put("supplier", party_field(desk, "supplier", label=_("Supplier"), required=False))

    def put(self, name: str, field: forms.Field) -> None:
        fields.dress(field)
        self.fields[name] = field


class AssetEditForm(AssetForm):
    """The same of an asset that is there: what may change without an event."""

    def __init__(self, *args: Any, desk: Desk, **kwargs: Any) -> None:
        super().__init__(*args, desk=desk, **kwargs)
        self.fields["tag"].required = True
        self.fields["tag"].help_text = ""

    @property
    def changes(self) -> dict[str, Any]:
        """Arguments of `services.update_asset`."""
        data = dict(self.cleaned_data)
        parent: Asset | None = data.pop("parent")
        supplier: Mapping[str, Any] | None = data.pop("supplier")
        return data | {
            "parent_id": parent.asset_id if parent else None,
            "supplier_id": supplier["id"] if supplier else None,
        }


class NewAssetForm(AssetForm):
    """A new asset and how it came: one batch of the asset and up to two events."""

    idempotency_key = forms.CharField(max_length=64, widget=forms.HiddenInput)

    def __init__(self, *args: Any, desk: Desk, way: str, **kwargs: Any) -> None:
        super().__init__(*args, desk=desk, **kwargs)
        self.way = way
        classes = assets.classes(desk.company_id, active=True)
        choices = [(row.code, f"{row.name} ({row.code})") for row in classes]
        self.put("class_code", fields.ChoiceField(label=_("Class"), choices=[ANY, *choices]))
        self.put("location", location_field(desk, label=_("Location"), required=False))
        self.put(
            "cost_centre",
            fields.ChoiceField(
                label=_("Cost centre"), choices=[ANY, *cost_centre_choices(desk)], required=False
            ),
        )
        self._put_coming()
        if way != "registered":
            self.put_terms(_("As the class says"), desk.book.currency_decimals)

    def _put_coming(self) -> None:
        bought = {"bought": _("Acquired on"), "opening": _("In these books from"), "registered": _("Since")}
        self.put("acquired_on", fields.DayField(label=bought[self.way]))
        if self.way == "registered":
            return
        self.put("cost", fields.NumberField(label=_("Cost"), least="zero"))
        currency = fields.TextField(label=_("Currency"), longest=3, required=False)
        currency.widget.attrs["placeholder"] = self.desk.company.currency
        self.put("currency", currency)
        self.put(
            "quantity",
            forms.IntegerField(label=_("How many alike"), min_value=1, max_value=2**31 - 1, required=False),
        )
        service = _("Empty: not yet in service.") if self.way == "bought" else ""
        self.put(
            "in_service_on",
            fields.DayField(label=_("In service on"), required=self.way == "opening", help_text=service),
        )
        if self.way == "opening":
            self._put_opening()

    def _put_opening(self) -> None:
        """What each book has depreciated already; the first one stands for those that are left empty."""
        for book in self.desk.books:
            label = _("Depreciated until then, %(book)s (%(currency)s)") % {
                "book": book.name,
                "currency": book.currency,
            }
            field = fields.NumberField(label=label, least="zero", required=book is self.desk.books[0])
            self.put(f"accumulated_{book.code}", field)

    def clean_currency(self) -> str | None:
        return self.cleaned_data["currency"].upper() or None

    @property
    def identity(self) -> list[forms.BoundField]:
        names = ("name", "class_code", "tag", "serial_no", "parent")
        return [self[name] for name in names]

    @property
    def whereabouts(self) -> list[forms.BoundField]:
        return [self[name] for name in ("location", "cost_centre")]

    @property
    def papers(self) -> list[forms.BoundField]:
        names = (
            "supplier",
            "purchase_reference",
            "warranty_until",
            "insured_until",
            "insurance_reference",
            "note",
        )
        return [self[name] for name in names]

    @property
    def coming(self) -> list[forms.BoundField]:
        names = ("acquired_on", "cost", "in_service_on", "currency", "quantity")
        more = [name for name in self.fields if name.startswith("accumulated_")]
        return [self[name] for name in (*names, *more) if name in self.fields]

    @property
    def papers_open(self) -> bool:
        return any(field.errors for field in self.papers)

    def asset_draft(self) -> AssetDraft:
        data = self.cleaned_data
        terms = self.terms
        return AssetDraft(
            name=data["name"],
            class_code=data["class_code"],
            tag=data["tag"] or None,
            parent_tag=data["parent"].tag if data["parent"] else None,
            serial_no=data["serial_no"],
            qty=data.get("quantity") or 1,
            supplier_id=plain_value(data["supplier"]),
            purchase_reference=data["purchase_reference"],
            warranty_until=data["warranty_until"],
            insured_until=data["insured_until"],
            insurance_reference=data["insurance_reference"],
            note=data["note"],
            terms={"": terms} if terms else {},
            location_id=plain_value(data["location"]),
            cost_centre_id=int(data["cost_centre"]) if data["cost_centre"] else None,
            since_on=data["acquired_on"],
        )

    def event_drafts(self) -> Sequence[EventDraft]:
        data = self.cleaned_data
        on = data["acquired_on"]
        if self.way == "registered":
            return []
        values: dict[str, Any] = {"cost": data["cost"]}
        if data["quantity"]:
            values["quantity"] = data["quantity"]
        if self.way == "opening":
            return [self._opening(values)]
        party = plain_value(data["supplier"])
        events = [
            EventDraft(
                Kind.ACQUISITION,
                on,
                asset_no=0,
                values=values,
                currency=data["currency"],
                party_id=party,
                reference=data["purchase_reference"],
            )
        ]
        if data["in_service_on"]:
            events.append(EventDraft(Kind.IN_SERVICE, data["in_service_on"], asset_no=0))
        return events

    def _opening(self, values: dict[str, Any]) -> EventDraft:
        data = self.cleaned_data
        first, *others = self.desk.books
        values["accumulated"] = data[f"accumulated_{first.code}"]
        values["in_service_on"] = data["in_service_on"]
        said = {book.code: data[f"accumulated_{book.code}"] for book in others}
        return EventDraft(
            Kind.OPENING,
            data["acquired_on"],
            asset_no=0,
            values=values,
            by_book={code: {"accumulated": amount} for code, amount in said.items() if amount is not None},
            currency=data["currency"],
        )


def parent_field(desk: Desk) -> fields.CodeField:
    field = fields.CodeField(label=_("Component of"), required=False, called=lambda found: found.name)
    connect(field, lambda text: find_asset(desk, text), _("asset"), desk.link("pick_asset"))
    return field
