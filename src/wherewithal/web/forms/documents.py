"""The forms of goods documents. One header and one kind of line per document; which fields there are is data.

A clerk scans: the item field takes a SKU, a barcode or a GS1 label, and what the label says of lot, expiry and
quantity fills what was left empty.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from wherewithal.items.values import Tracking
from wherewithal.stock.drafts import AllocateBy, DocumentDraft, DocumentKind, LineDraft
from wherewithal.stock.queries import Location
from wherewithal.stock.rights import RECORDS
from wherewithal.web import fields
from wherewithal.web.desk import Desk
from wherewithal.web.lookups import (
    FoundItem,
    FoundReceipt,
    find_item,
    find_location,
    find_party,
    find_receipt,
)

Text = str | Promise

# How a refusal names a field, and how the form does.
NAMES = {
    "item_id": "item",
    "from_location_id": "from_location",
    "to_location_id": "to_location",
    "lot_code": "lot",
    "lot_id": "lot",
    "serials": "lot",
    "party_id": "party",
    "rates": "currency",
    "amount": "unit_cost",
}
PRODUCTION_NAMES = NAMES | {"from_location_id": "place", "to_location_id": "place", "amount": "added_cost"}
SPREADING_NAMES = NAMES | {
    "amount": "amount",
    "of_move_id": "receipt",
    "lines": "receipt",
    "item_id": "receipt",
}

SPREADS = (
    (AllocateBy.VALUE.value, _("by value")),
    (AllocateBy.QUANTITY.value, _("by quantity")),
    (AllocateBy.WEIGHT.value, _("by weight")),
    (AllocateBy.VOLUME.value, _("by volume")),
    (AllocateBy.MANUAL.value, _("by hand, an amount for each line")),
)


@dataclass(frozen=True, slots=True)
class Kind:
    """A document as a form: its words, and the fields of its lines."""

    kind: DocumentKind
    title: Text
    verb: Text
    intro: Text
    line_fields: tuple[str, ...]
    transit: tuple[str, ...] = ()  # fields that name a place of goods on their way
    party: str = ""  # supplier or customer
    money: bool = False
    added_cost: bool = False  # whether the document itself carries a cost (labour of a production)
    spreads: bool = False  # whether it spreads an amount over lines of receipts
    names: Mapping[str, str] = field(default_factory=lambda: NAMES)

    @property
    def permission(self) -> str:
        return RECORDS[self.kind]

    @property
    def lots_at(self) -> str:
        """The field of a line that names the place whose lots can be meant, if they are there already."""
        if self.kind == DocumentKind.ADJUSTMENT:
            return "to_location"
        return "from_location" if "from_location" in self.line_fields else ""


KINDS: Mapping[str, Kind] = {
    kind.kind.value: kind
    for kind in (
        Kind(
            DocumentKind.RECEIPT,
            _("Receive goods"),
            _("Record receipt"),
            _("Goods from a supplier come into stock at what they cost."),
            ("item", "qty", "unit", "to_location", "lot", "expires_on", "unit_cost"),
            party="supplier",
            money=True,
        ),
        Kind(
            DocumentKind.ISSUE,
            _("Issue goods"),
            _("Record issue"),
            _("Goods leave for a customer; their cost becomes cost of sales."),
            ("item", "qty", "unit", "from_location", "lot"),
            party="customer",
        ),
        Kind(
            DocumentKind.TRANSFER,
            _("Transfer goods"),
            _("Record transfer"),
            _("Goods go from one place to another at once."),
            ("item", "qty", "unit", "from_location", "to_location", "lot"),
        ),
        Kind(
            DocumentKind.ADJUSTMENT,
            _("Adjust or count"),
            _("Record adjustment"),
            _("Say what was found, or by how much stock differs (minus for less)."),
            ("item", "counted_qty", "qty", "unit", "to_location", "lot", "unit_cost"),
            money=True,
        ),
        Kind(
            DocumentKind.DISPATCH,
            _("Send to another place"),
            _("Record dispatch"),
            _("The first step of a long transfer: goods leave and are in transit until they arrive."),
            ("item", "qty", "unit", "from_location", "to_location", "lot"),
            transit=("to_location",),
        ),
        Kind(
            DocumentKind.ARRIVAL,
            _("Take in what was sent"),
            _("Record arrival"),
            _("The second step: goods that were in transit are there."),
            ("item", "qty", "unit", "from_location", "to_location", "lot"),
            transit=("from_location",),
        ),
        Kind(
            DocumentKind.PRODUCTION,
            _("Produce"),
            _("Record production"),
            _(
                "What was consumed becomes what was made; outputs share the cost of all inputs and what is added."
            ),
            ("part", "item", "qty", "unit", "place", "lot", "expires_on", "share"),
            added_cost=True,
            names=PRODUCTION_NAMES,
        ),
        Kind(
            DocumentKind.DROPSHIP,
            _("Direct delivery"),
            _("Record delivery"),
            _("Goods go from a supplier straight to a customer and never lie here."),
            ("item", "qty", "unit", "lot", "unit_cost"),
            party="supplier",
            money=True,
        ),
        Kind(
            DocumentKind.RETURN_FROM_CUSTOMER,
            _("Take back goods whose sale is not known"),
            _("Record return"),
            _(
                "Where the sale is known, open its document and return from there: then the cost is the sale's own."
            ),
            ("item", "qty", "unit", "to_location", "lot", "unit_cost"),
            party="customer",
            money=True,
        ),
        Kind(
            DocumentKind.OPENING,
            _("Opening stock"),
            _("Record opening stock"),
            _("What was there when the books were opened, at its cost. Long lists are imported."),
            ("item", "qty", "unit", "to_location", "lot", "expires_on", "unit_cost"),
            money=True,
        ),
        Kind(
            DocumentKind.SCRAP,
            _("Scrap goods"),
            _("Record scrap"),
            _("Goods that cannot be used leave stock; their cost becomes a loss."),
            ("item", "qty", "unit", "from_location", "lot"),
        ),
        Kind(
            DocumentKind.LANDED_COST,
            _("Freight, duty and other costs"),
            _("Record cost"),
            _(
                "One bill spread over goods of one or several receipts. What belongs to goods already sold goes to cost"
                " of sales."
            ),
            ("receipt", "amount"),
            party="supplier",
            money=True,
            spreads=True,
            names=SPREADING_NAMES,
        ),
    )
}


class HeaderForm(fields.Form):
    """What is true of the whole document. The hidden key makes a second click harmless."""

    effective_at = fields.InstantField(label=_("When it happened"))
    party = fields.CodeField(label=_("Supplier"), required=False)
    reference = fields.TextField(
        label=_("Reference"), required=False, help_text=_("Number on the other side's paper.")
    )
    amount = fields.NumberField(label=_("Amount to spread"), required=False, width="m")
    currency = fields.TextField(label=_("Currency"), longest=3, required=False)
    allocate_by = fields.ChoiceField(label=_("Spread"), choices=SPREADS, required=False)
    added_cost = fields.NumberField(
        label=_("Added cost"), required=False, least="zero", help_text=_("Labour, machines, energy.")
    )
    note = fields.TextField(label=_("Note"), longest=500, required=False)
    idempotency_key = forms.CharField(max_length=64, widget=forms.HiddenInput)

    def __init__(self, *args: Any, desk: Desk, kind: Kind, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["effective_at"].timezone = desk.timezone  # type: ignore[attr-defined]  # an InstantField
        if kind.party:
            party: Any = self.fields["party"]
            party.label = _("Supplier") if kind.party == "supplier" else _("Customer")
            party.label = _("Who bills it") if kind.spreads else party.label
            connect(
                party,
                lambda text: find_party(desk, text, kind.party),
                _("customer") if kind.party == "customer" else _("supplier"),
                desk.link("pick_party", role=kind.party),
            )
            party.called = lambda found: found["name"]
        else:
            del self.fields["party"]
        self.fields["currency"].widget.attrs["placeholder"] = desk.company.currency
        if not (kind.money or kind.added_cost):
            del self.fields["currency"]
        if not kind.added_cost:
            del self.fields["added_cost"]
        if not kind.spreads:
            del self.fields["amount"], self.fields["allocate_by"]

    def clean_currency(self) -> str | None:
        return self.cleaned_data["currency"].upper() or None

    @property
    def by_hand(self) -> bool:
        """Whether each line has an amount of its own, instead of a share."""
        return self.cleaned_data.get("allocate_by") == AllocateBy.MANUAL

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        if "amount" in self.fields and "amount" not in self.errors:
            if not self.by_hand and data.get("amount") is None:
                self.add_error("amount", _("Say how much is to be spread, or spread it by hand."))
            elif self.by_hand and data.get("amount") is not None:
                self.add_error("amount", _("Leave it empty: by hand, each line has its own amount."))
        return data


class LineForm(fields.Form):
    """One line. Fields that its kind of document does not have are taken away."""

    part = fields.ChoiceField(
        label=_("Part"), choices=(("in", _("consumed")), ("out", _("made"))), required=False, width="m"
    )
    receipt = fields.CodeField(
        label=_("Receipt, or one of its lines"),
        width="l",
        error_messages={"unknown": _("There is no receipt “%(text)s”. Write its number, or number/line.")},
    )
    amount = fields.NumberField(label=_("Amount by hand"), required=False, width="m")
    item = fields.CodeField(label=_("Item"), width="l")
    counted_qty = fields.NumberField(label=_("Counted"), required=False, least="zero")
    qty = fields.NumberField(label=_("Quantity"), required=False)
    unit = fields.TextField(label=_("Unit"), required=False, width="s", longest=32)
    from_location = fields.CodeField(label=_("From"), required=False, width="m")
    to_location = fields.CodeField(label=_("Into"), required=False, width="m")
    place = fields.CodeField(label=_("Place"), required=False, width="m")
    lot = fields.TextField(label=_("Lot or serials"), required=False, longest=200_000)
    expires_on = fields.DayField(label=_("Expires"), required=False)
    unit_cost = fields.NumberField(label=_("Unit cost"), required=False, least="zero")
    share = fields.NumberField(label=_("Share of cost"), required=False, least="zero")

    def __init__(self, *args: Any, desk: Desk, kind: Kind, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in set(self.fields) - {*kind.line_fields, "DELETE"}:
            del self.fields[name]
        self.order_fields(kind.line_fields)
        if "item" in self.fields:
            connect(
                self.fields["item"], lambda text: find_item(desk, text), _("item"), desk.link("pick_item")
            )
            self.fields["item"].called = lambda found: found.name  # type: ignore[attr-defined]  # a CodeField
        if "receipt" in self.fields:
            receipt: Any = self.fields["receipt"]
            connect(receipt, lambda text: find_receipt(desk, text), _("receipt"), desk.link("pick_receipt"))
            receipt.called = lambda found: found.name
        for name in ("from_location", "to_location", "place"):
            if name in self.fields:
                url = desk.link("pick_location", transit="yes" if name in kind.transit else None)
                connect(self.fields[name], lambda text: find_location(desk, text), _("location"), url)
                self.fields[name].widget.attrs["data-carries"] = ""
        if kind.lots_at:
            fields.offer(self.fields["lot"], desk.link("pick_lot"), "item", kind.lots_at)  # type: ignore[arg-type]  # a CharField
        if kind.kind == DocumentKind.ADJUSTMENT:
            self.fields["to_location"].label = _("Where")
            self.fields["qty"].label = _("or difference")
        elif "qty" in self.fields:
            self.fields["qty"].least = "above"  # type: ignore[attr-defined]  # a NumberField

    def shares(self, row: int, *, by_hand: bool) -> list[LineDraft]:
        """The receipts' lines that bear a part of the cost: one, or all of a document."""
        receipt: FoundReceipt = self.cleaned_data["receipt"]
        amount = self.cleaned_data.get("amount") if by_hand else None
        return [LineDraft(of_move_id=move_id, amount=amount, row=row) for move_id in receipt.move_ids]

    def draft(self, kind: Kind, row: int) -> LineDraft:
        """The line as the door for goods takes it."""
        given: dict[str, Any] = {name: self.cleaned_data.get(name) for name in kind.line_fields}
        item: FoundItem = given["item"]
        counted, qty = given.get("counted_qty"), given.get("qty")
        one_lot = item.tracking != Tracking.SERIAL or counted is not None
        lot, serials = _lot_or_serials(given.get("lot") or item.lot_code or "", one_lot=one_lot)
        consumed = given.get("part") == "in"
        place = _id(given.get("place"))
        if qty is None and kind.kind != DocumentKind.ADJUSTMENT:
            qty = Decimal(len(serials)) if serials else item.qty
        return LineDraft(
            item_id=item.item_id,
            qty=qty,
            unit=given.get("unit") or item.unit_code,
            from_location_id=place if consumed else _id(given.get("from_location")),
            to_location_id=None if consumed else place or _id(given.get("to_location")),
            lot_code=lot,
            serials=serials,
            expires_on=given.get("expires_on") or item.expires_on,
            unit_cost=given.get("unit_cost"),
            counted_qty=counted,
            share=None if consumed else given.get("share"),
            consumed=consumed,
            row=row,
        )


def connect(field: Any, find: Callable[[str], Any], what: Text, url: str) -> None:
    """Tell a code field of this request's form how it finds, what it finds, and where its options come from."""
    field.find = find
    field.what = what
    field.widget.url = url


def document_draft(
    kind: Kind, header: HeaderForm, lines: list[LineForm], *, effective_at: datetime | None = None
) -> DocumentDraft:
    data = header.cleaned_data
    party = data.get("party")
    if kind.spreads:
        drafts = [
            share for row, line in enumerate(lines) for share in line.shares(row, by_hand=header.by_hand)
        ]
    else:
        drafts = [line.draft(kind, row) for row, line in enumerate(lines)]
    return DocumentDraft(
        kind=kind.kind,
        effective_at=effective_at or data["effective_at"],
        lines=drafts,
        reference=data["reference"] or None,
        party_id=party["id"] if party else None,
        currency=data.get("currency") or None,
        note=data["note"] or None,
        amount=data.get("amount") if kind.spreads else data.get("added_cost"),
        allocate_by=AllocateBy(data.get("allocate_by") or AllocateBy.VALUE),
    )


def fits_by_hand(header: HeaderForm, lines: Sequence[LineForm]) -> bool:
    """By hand, each line of a receipt has an amount of its own: a whole receipt of several lines has none."""
    whole = (
        [line for line in lines if len(line.cleaned_data["receipt"].move_ids) > 1] if header.by_hand else []
    )
    for line in whole:
        message = _("By hand, name one line of it, such as %(number)s/1.")
        line.add_error("receipt", message % {"number": line.cleaned_data["receipt"].number})
    return not whole


def _id(location: Location | None) -> int | None:
    return None if location is None else location.id


def _lot_or_serials(text: str, *, one_lot: bool) -> tuple[str | None, tuple[str, ...]]:
    """Serials are separated by commas, semicolons or white space; a lot is taken as it is."""
    text = text.strip()
    if not text:
        return None, ()
    return (text, ()) if one_lot else (None, tuple(part for part in re.split(r"[\s,;]+", text) if part))
