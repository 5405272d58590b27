"""What is recorded about a document that is on record: returns, freight and duty, another price, another quantity.

Each is a form with one row per move of that document; which fields there are is data.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from wherewithal.stock.drafts import AllocateBy, DocumentDraft, DocumentKind, LineDraft, MoveKind
from wherewithal.stock.queries import DocumentRow, MoveRow
from wherewithal.web import fields, formatting
from wherewithal.web.desk import Desk
from wherewithal.web.forms.documents import SPREADS, connect
from wherewithal.web.lookups import find_party

Text = str | Promise

BOUGHT = (MoveKind.RECEIPT, MoveKind.DROPSHIP)


@dataclass(frozen=True, slots=True)
class About:
    """One kind of statement about a document. `of`: the kinds of document; `moves`: the kinds of their moves."""

    kinds: Mapping[str, DocumentKind]  # kind of the document it is about -> kind of the new one
    title: Text
    short: Text
    icon: str
    intro: Text
    permission: str
    moves: tuple[MoveKind, ...]
    column: Text
    verb: Text
    least: str = "any"
    spends: bool = False  # spreads an amount over the moves
    party: bool = False

    @property
    def of(self) -> frozenset[str]:
        return frozenset(self.kinds)


def _all(kind: DocumentKind, *of: DocumentKind) -> dict[str, DocumentKind]:
    return {each.value: kind for each in of}


ABOUT: Mapping[str, About] = {
    "return-to-supplier": About(
        _all(DocumentKind.RETURN_TO_SUPPLIER, DocumentKind.RECEIPT),
        _("Return to supplier"),
        _("Return"),
        "truck-return",
        _("Goods go back the way they came, at the cost they leave stock with."),
        "stock.issue",
        (MoveKind.RECEIPT,),
        _("Goes back"),
        _("Record return"),
        least="above",
    ),
    "return-from-customer": About(
        _all(DocumentKind.RETURN_FROM_CUSTOMER, DocumentKind.ISSUE),
        _("Return from customer"),
        _("Return"),
        "truck-return",
        _("Goods come back at the cost they left at."),
        "stock.receive",
        (MoveKind.ISSUE,),
        _("Comes back"),
        _("Record return"),
        least="above",
    ),
    "landed-cost": About(
        _all(DocumentKind.LANDED_COST, DocumentKind.RECEIPT, DocumentKind.DROPSHIP),
        _("Landed cost"),
        _("Freight or duty"),
        "truck-delivery",
        _(
            "Freight, duty, insurance of goods that came in. What belongs to goods already sold goes to cost of sales."
        ),
        "costing.write",
        BOUGHT,
        _("Amount by hand"),
        _("Record cost"),
        spends=True,
        party=True,
    ),
    "price-correction": About(
        _all(DocumentKind.PRICE_CORRECTION, DocumentKind.RECEIPT, DocumentKind.DROPSHIP),
        _("Price correction"),
        _("Correct the price"),
        "pencil",
        _(
            "By how much a receipt cost more in truth (minus for less). It counts from the receipt's own moment."
        ),
        "costing.write",
        BOUGHT,
        _("Difference"),
        _("Record correction"),
    ),
    "amendment": About(
        _all(
            DocumentKind.AMENDMENT,
            DocumentKind.RECEIPT,
            DocumentKind.ISSUE,
            DocumentKind.TRANSFER,
            DocumentKind.OPENING,
            DocumentKind.SCRAP,
        ),
        _("Correct quantities"),
        _("Correct quantities"),
        "adjustments-horizontal",
        _(
            "By how much a move was in truth larger (minus for smaller). It counts from the move's own moment."
        ),
        "stock.reverse",
        (MoveKind.RECEIPT, MoveKind.ISSUE, MoveKind.TRANSFER, MoveKind.OPENING, MoveKind.SCRAP),
        _("Difference"),
        _("Record correction"),
    ),
}
IN_MONEY = frozenset({DocumentKind.LANDED_COST, DocumentKind.PRICE_CORRECTION})


class AboutForm(fields.Form):
    """The head, and one row per move: how much goes back, how much it cost more, by how much it differs."""

    effective_at = fields.InstantField(label=_("When it happened"))
    amount = fields.NumberField(label=_("Amount to spread"), required=False, width="m")
    allocate_by = fields.ChoiceField(label=_("Spread"), choices=SPREADS, required=False)
    currency = fields.TextField(label=_("Currency"), longest=3, required=False)
    party = fields.CodeField(label=_("Who bills it"), required=False)
    reference = fields.TextField(label=_("Reference"), required=False)
    note = fields.TextField(label=_("Note"), required=False, longest=500)
    idempotency_key = forms.CharField(max_length=64, widget=forms.HiddenInput)

    def __init__(
        self,
        *args: Any,
        desk: Desk,
        about: About,
        document: DocumentRow,
        moves: Sequence[MoveRow],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.about, self.document, self.moves = about, document, list(moves)
        self.kind = about.kinds[document.kind]
        self.fields["effective_at"].timezone = desk.timezone  # type: ignore[attr-defined]  # an InstantField
        self.fields["currency"].widget.attrs["placeholder"] = desk.company.currency
        if about.party:
            party: Any = self.fields["party"]
            url = desk.link("pick_party", role="supplier")
            connect(party, lambda text: find_party(desk, text, "supplier"), _("supplier"), url)
            party.called = lambda found: found["name"]
        unused = set() if about.spends else {"amount", "allocate_by"}
        unused |= set() if self.kind in IN_MONEY else {"currency"}
        unused |= set() if about.party else {"party"}
        for name in unused:
            del self.fields[name]
        for move in self.moves:
            field = fields.NumberField(label=about.column, required=False, least=about.least)
            fields.dress(field)
            field.widget.attrs["aria-label"] = f"{about.column} {move.sku} {move.lot_code}".strip()
            self.fields[self.name_of(move)] = field

    @staticmethod
    def name_of(move: MoveRow) -> str:
        return f"move_{move.move_id}"

    @property
    def head_fields(self) -> list[forms.BoundField]:
        return [field for field in self.visible_fields() if not field.name.startswith("move_")]

    @property
    def rows(self) -> list[tuple[MoveRow, Decimal, forms.BoundField]]:
        return [
            (move, formatting.from_minor(move.qty, move.qty_decimals), self[self.name_of(move)])
            for move in self.moves
        ]

    @property
    def by_hand(self) -> bool:
        return not self.about.spends or self.cleaned_data.get("allocate_by") == AllocateBy.MANUAL

    @property
    def chosen(self) -> list[tuple[MoveRow, Decimal | None]]:
        """The moves it is about: those with a figure, or all when an amount is spread over them."""
        given = [(move, self.cleaned_data.get(self.name_of(move))) for move in self.moves]
        return [(move, value) for move, value in given if value is not None or not self.by_hand]

    def clean(self) -> dict[str, Any]:
        if not self.errors and not self.chosen:
            self.add_error(None, _("Fill in at least one line."))
        if not self.errors and not self.by_hand and self.cleaned_data.get("amount") is None:
            self.add_error("amount", _("Say how much is to be spread, or spread it by hand."))
        return self.cleaned_data

    def draft(self) -> DocumentDraft:
        data = self.cleaned_data
        party = data.get("party")
        return DocumentDraft(
            kind=self.kind,
            effective_at=data["effective_at"],
            lines=[self._line(row, move, value) for row, (move, value) in enumerate(self.chosen)],
            party_id=party["id"] if party else None if self.about.party else self.document.party_id,
            currency=(data.get("currency") or "").upper() or None,
            reference=data["reference"] or self.document.number,
            note=data["note"] or None,
            amount=None if self.by_hand else data.get("amount"),
            allocate_by=AllocateBy(data.get("allocate_by") or AllocateBy.VALUE),
        )

    def _line(self, row: int, move: MoveRow, value: Decimal | None) -> LineDraft:
        if self.kind in IN_MONEY:
            return LineDraft(of_move_id=move.move_id, amount=value if self.by_hand else None, row=row)
        return LineDraft(item_id=move.item_id, qty=value, of_move_id=move.move_id, row=row)


class ReverseForm(fields.Form):
    note = fields.TextField(label=_("Why"), longest=500)
    idempotency_key = forms.CharField(max_length=64, widget=forms.HiddenInput)
