"""What is recorded about a document that is on record: returns, another price, another quantity.

Each is a form with one row per move of that document; which fields there are is data.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from wherewithal.stock.drafts import DocumentDraft, DocumentKind, LineDraft, MoveKind
from wherewithal.stock.queries import DocumentRow, MoveRow
from wherewithal.web import fields, formatting
from wherewithal.web.desk import Desk

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


class AboutForm(fields.Form):
    """The head, and one row per move: how much goes back, how much it cost more, by how much it differs."""

    effective_at = fields.InstantField(label=_("When it happened"))
    currency = fields.TextField(label=_("Currency"), longest=3, required=False)
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
        if not self.in_money:
            del self.fields["currency"]
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
    def in_money(self) -> bool:
        return self.kind == DocumentKind.PRICE_CORRECTION

    @property
    def chosen(self) -> list[tuple[MoveRow, Decimal]]:
        """The moves it is about: those with a figure."""
        given = [(move, self.cleaned_data.get(self.name_of(move))) for move in self.moves]
        return [(move, value) for move, value in given if value is not None]

    def clean(self) -> dict[str, Any]:
        if not self.errors and not self.chosen:
            self.add_error(None, _("Fill in at least one line."))
        return self.cleaned_data

    def draft(self) -> DocumentDraft:
        data = self.cleaned_data
        return DocumentDraft(
            kind=self.kind,
            effective_at=data["effective_at"],
            lines=[self._line(row, move, value) for row, (move, value) in enumerate(self.chosen)],
            party_id=self.document.party_id,
            currency=(data.get("currency") or "").upper() or None,
            reference=data["reference"] or self.document.number,
            note=data["note"] or None,
        )

    def _line(self, row: int, move: MoveRow, value: Decimal) -> LineDraft:
        if self.in_money:
            return LineDraft(of_move_id=move.move_id, amount=value, row=row)
        return LineDraft(item_id=move.item_id, qty=value, of_move_id=move.move_id, row=row)


class ReverseForm(fields.Form):
    note = fields.TextField(label=_("Why"), longest=500)
    idempotency_key = forms.CharField(max_length=64, widget=forms.HiddenInput)
