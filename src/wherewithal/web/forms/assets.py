"""The forms of fixed assets. Event forms are generated from the fields that the room declares for each kind."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from wherewithal.assets import queries as assets
from wherewithal.assets.drafts import EventDraft
from wherewithal.assets.fields import FIELDS, NAMED, NAMING, FieldSpec, Type
from wherewithal.assets.queries import Asset
from wherewithal.core.assets.facts import DisposalKind, Kind
from wherewithal.kit.errors import Problem
from wherewithal.kit.words import translated
from wherewithal.people import queries as people
from wherewithal.web import fields, formatting
from wherewithal.web.asset_names import EventKind, Text, event_name, field_label, word_of
from wherewithal.web.desk import Desk
from wherewithal.web.forms.asset_terms import ANY, TERM_NAMES, TermsForm
from wherewithal.web.forms.documents import connect
from wherewithal.web.forms.exact import AmountsField, ExactField, FlowsField, WholeNumbersField
from wherewithal.web.lookups import find_location, find_party

EVENT_NAMES = {**TERM_NAMES, "of_event_id": "of_event", "of_no": "of_event"}
"""How a refusal names a field, and how the forms do."""


# --- generated fields -------------------------------------------------------------------------------------


def made_field(desk: Desk, name: str, spec: FieldSpec) -> forms.Field:
    """The form's field for a field of an event."""
    label, required = field_label(name), spec.required
    meaning = translated(spec.meaning)
    hint = meaning[:1].upper() + meaning[1:]
    if hint.casefold() == str(label).casefold() or spec.type is Type.WORD:
        hint = ""  # the choices say it
    options: dict[str, Any] = {"label": label, "required": required, "help_text": hint and f"{hint}."}
    if spec.type is Type.WORD:
        # An asset goes to stock on a page of its own, with its goods.
        words = [(word, word_of(word)) for word in spec.words if word != DisposalKind.TO_STOCK]
        return fields.ChoiceField(choices=words if required else [ANY, *words], **options)
    if spec.type is Type.FLAG:
        return forms.BooleanField(**(options | {"required": False}))
    if spec.type is Type.ID:
        return named_field(desk, name, options)
    if spec.type is Type.FLOWS:
        repeat = _("One a line. Add x 60 for sixty months of it, x 20/3 for twenty times every three months.")
        options["help_text"] = f"{options['help_text']} {repeat}"
    return MAKERS[spec.type](**options)


MAKERS: Mapping[Type, Callable[..., forms.Field]] = {
    Type.MONEY: lambda **options: fields.NumberField(least="zero", **options),
    Type.SIGNED_MONEY: lambda **options: fields.NumberField(**options),
    Type.MONEYS: AmountsField,
    Type.FLOWS: FlowsField,
    Type.DAY: lambda **options: fields.DayField(**options),
    Type.NUMBER: ExactField,
    Type.WHOLE: lambda **options: forms.IntegerField(min_value=1, max_value=2**31 - 1, **options),
    Type.WHOLES: WholeNumbersField,
    Type.TEXT: lambda **options: fields.TextField(longest=500, **options),
}


def named_field(desk: Desk, name: str, options: dict[str, Any]) -> forms.Field:
    """A field that names a thing: places and parties by a picker, the rest from a list."""
    if name == "location_id":
        return location_field(desk, **options)
    if name == "custodian_party_id":
        return party_field(desk, "", **options)
    choices: Sequence[tuple[str, str]] = []
    if name == "custodian_user_id":
        members = people.members(desk.company_id, active_only=True)
        choices = [(str(member.user_id), member.name or member.username) for member in members]
    elif name == "cost_centre_id":
        choices = cost_centre_choices(desk)
    elif name == "class_id":
        choices = [
            (str(row.class_id), f"{row.code} {row.name}")
            for row in assets.classes(desk.company_id, active=True)
        ]
    return fields.ChoiceField(choices=[ANY, *choices], **options)


def location_field(desk: Desk, **options: Any) -> fields.CodeField:
    field = fields.CodeField(called=lambda found: found.name, **options)
    connect(field, lambda text: find_location(desk, text), _("location"), desk.link("pick_location"))
    return field


def party_field(desk: Desk, role: str, **options: Any) -> fields.CodeField:
    field = fields.CodeField(called=lambda found: found["name"], **options)
    connect(field, lambda text: find_party(desk, text, role), _("party"), desk.link("pick_party", role=role))
    return field


def cost_centre_choices(desk: Desk) -> list[tuple[str, str]]:
    rows = assets.cost_centres(desk.company_id, active=True)
    return [(str(row.cost_centre_id), f"{row.code} {row.name}") for row in rows]


def plain_value(value: Any) -> Any:
    """A cleaned value as the room takes it: things by their ids."""
    if isinstance(value, Mapping):
        return value["id"]
    return getattr(value, "id", value)


PARTS: Mapping[str, Sequence[tuple[Text, tuple[str, ...]]]] = {
    Kind.OPENING: (
        (
            _("What it stood at"),
            ("cost", "accumulated", "impairment", "surplus", "construction", "allowances", "used_units"),
        ),
    ),
    Kind.PARTIAL_DISPOSAL: (
        (_("How much leaves"), ("share", "quantity", "amount", "accumulated")),
        (_("What it brings and costs"), ("proceeds", "costs")),
    ),
    Kind.LEASE: (
        (_("Payments"), ("payments", "rate", "interval_months", "compounding", "in_arrears")),
        (_("Also in the right of use"), ("direct_costs", "incentives", "prepaid", "restoration")),
        (_("At its end"), ("life_ends_on", "keeps_asset")),
    ),
    Kind.LEASE_CHANGE: (
        (_("Payments from then on"), ("payments", "in_arrears", "factor", "rate")),
        (_("New end"), ("ends_on", "life_ends_on")),
        (_("Where less is leased"), ("retained", "basis", "amount", "penalty")),
        (_("Also in the right of use"), ("direct_costs", "incentives")),
    ),
    Kind.INTERCOMPANY_IN: (
        (
            _("What it stood at"),
            ("cost", "accumulated", "impairment", "surplus", "construction", "allowances", "used_units"),
        ),
        (
            _("Impairment and revaluation"),
            ("unimpaired", "loss", "impaired_surplus", "revalued", "surplus_policy", "surplus_used"),
        ),
        (_("Held for sale"), ("held", "held_loss", "missed")),
        (_("Grant"), ("grant", "grant_released")),
        (_("Dismantling"), ("flows", "rate", "charged")),
        (_("Estimates and readings"), ("estimated_on", "reading")),
    ),
}
"""The fields of a long form under their headings; what is not named here comes first, under none."""


# --- one event --------------------------------------------------------------------------------------------


class EventForm(TermsForm):
    """What happened to an asset. The fields in the middle are those of the kind."""

    effective_on = fields.DayField(label=_("When it happened"))
    idempotency_key = forms.CharField(max_length=64, widget=forms.HiddenInput)

    def __init__(
        self,
        *args: Any,
        desk: Desk,
        asset: Asset,
        kind: EventKind,
        events: Sequence[assets.TimelineRow] = (),
        terms: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.asset, self.kind, self.desk = asset, kind, desk
        self.specs = FIELDS[str(kind.kind)]
        self.has_terms = "terms" in self.specs
        self._name_event(events)
        for name, spec in self.specs.items():
            if spec.type is not Type.TERMS:
                self._put(name, made_field(desk, name, spec))
        if self.has_terms:
            asked = self.specs["terms"].required
            empty = _("Choose") if asked else _("As the asset says")
            self.put_terms(empty, desk.book.currency_decimals, terms if asked else None)
        self._put_by_book()
        self._put_head()

    def _put(self, name: str, field: forms.Field) -> None:
        fields.dress(field)
        self.fields[name] = field

    def _name_event(self, events: Sequence[assets.TimelineRow]) -> None:
        """Kinds that speak of another event choose it."""
        if self.kind.kind not in NAMING:
            return
        fits = NAMED.get(self.kind.kind)
        standing = [row for row in events if row.reversed_by is None and row.kind != Kind.REVERSAL]
        corrected = {row.of_event_id for row in standing if row.kind == Kind.ERROR_CORRECTION}
        done = corrected if self.kind.kind == Kind.ERROR_CORRECTION else set()
        rows = [row for row in standing if fits is None or (row.kind in fits and row.event_id not in done)]
        choices = [
            (
                str(row.event_id),
                f"{formatting.day(row.effective_on)} · {event_name(row.kind)}"
                + (f" · {row.tag}" if row.asset_id != self.asset.asset_id else ""),
            )
            for row in rows
        ]
        self._put("of_event", fields.ChoiceField(label=_("Which event"), choices=[ANY, *choices]))

    def _put_by_book(self) -> None:
        """Amounts of which a book has its own: a cost for tax, what it has depreciated."""
        self.own_names: dict[str, tuple[str, str]] = {}
        for book in self.desk.books[1:]:
            for name, spec in self.specs.items():
                if spec.type not in (Type.MONEY, Type.SIGNED_MONEY):
                    continue
                field = made_field(self.desk, name, spec._replace(required=False, meaning=""))
                field.label = f"{field.label}, {book.name} ({book.currency})"
                own = f"own_{book.code}_{name}"
                self.own_names[own] = (book.code, name)
                self._put(own, field)

    def _put_head(self) -> None:
        if self.kind.permission == "assets.record" and len(self.desk.books) > 1:
            books = [("", _("Every book")), *((book.code, book.name) for book in self.desk.books)]
            self._put("book", fields.ChoiceField(label=_("Book"), choices=books, required=False))
        if self.has_money:
            currency = fields.TextField(label=_("Currency"), longest=3, required=False)
            currency.widget.attrs["placeholder"] = self.desk.company.currency
            self._put("currency", currency)
        self._put("reference", fields.TextField(label=_("Reference"), required=False))
        self._put("note", fields.TextField(label=_("Note"), required=False, longest=500))

    @property
    def has_money(self) -> bool:
        money = (Type.MONEY, Type.SIGNED_MONEY, Type.MONEYS, Type.FLOWS)
        return any(spec.type in money for spec in self.specs.values())

    @property
    def main_parts(self) -> list[tuple[Text, list[forms.BoundField]]]:
        """When, and what the kind says: long forms in parts, each under its heading."""
        last = {"book", "currency", "reference", "note"}
        rest = {
            field.name: field
            for field in self.visible_fields()
            if field.name not in last and not field.name.startswith(("terms_", "own_"))
        }
        parts = [
            (title, [rest.pop(name) for name in names if name in rest])
            for title, names in PARTS.get(str(self.kind.kind), ())
        ]
        return [("", list(rest.values())), *parts]

    @property
    def own_fields(self) -> list[forms.BoundField]:
        """What a book says otherwise."""
        return [self[name] for name in self.own_names]

    @property
    def own_open(self) -> bool:
        return any(self[name].data or self[name].errors for name in self.own_names)

    def take(self, problem: Problem, names: Mapping[str, str] | None = None) -> None:
        """Problems of one book's own amounts go to that book's fields."""
        parts = problem.field.split(".")
        own = f"own_{parts[1]}_{parts[2]}" if parts[0] == "by_book" and len(parts) > 2 else ""
        if own in self.fields:
            self.add_error(own, translated(problem.message))
        else:
            super().take(problem, names)

    @property
    def head_fields(self) -> list[forms.BoundField]:
        return [
            field
            for field in self.visible_fields()
            if field.name in ("book", "currency", "reference", "note")
        ]

    def clean_currency(self) -> str | None:
        return self.cleaned_data["currency"].upper() or None

    def draft(self) -> EventDraft:
        """The event as the door for assets takes it."""
        data = self.cleaned_data
        values = {
            name: plain_value(data.get(name))
            for name, spec in self.specs.items()
            if spec.type is not Type.TERMS and data.get(name) not in (None, "", False)
        }
        if self.has_terms and self.terms:
            values["terms"] = self.terms
        by_book: dict[str, dict[str, Any]] = {}
        for own, (book, name) in self.own_names.items():
            if data.get(own) is not None:
                by_book.setdefault(book, {})[name] = data[own]
        return EventDraft(
            kind=str(self.kind.kind),
            effective_on=data["effective_on"],
            asset_id=self.asset.asset_id,
            values=values,
            by_book=by_book,
            book=data.get("book") or None,
            of_event_id=int(data["of_event"]) if data.get("of_event") else None,
            currency=data.get("currency"),
            reference=data["reference"],
            note=data["note"],
        )


class TakeBackForm(fields.Form):
    """Why an event is taken back."""

    note = fields.TextField(label=_("Why"), longest=500)
    idempotency_key = forms.CharField(max_length=64, widget=forms.HiddenInput)
