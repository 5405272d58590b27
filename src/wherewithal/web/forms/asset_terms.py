"""Terms of depreciation as a form: what people change often, and the finer points behind a fold."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from wherewithal.core.depreciation.packs import built_in, pack_codes
from wherewithal.kit.words import translated
from wherewithal.web import fields, formatting
from wherewithal.web.asset_names import CONVENTIONS, METHODS, ROUNDED, ROUNDING_MODES, STEPS
from wherewithal.web.forms.exact import AmountsField, ExactField, ExactListField

ANY = ("", "")
USUAL = (
    "method",
    "life_months",
    "convention",
    "residual_percent",
    "residual",
    "rate",
    "factor",
    "switches_to_straight_line",
    "pack",
    "pack_class",
)
FINER = (
    "table",
    "amounts",
    "step",
    "total_units",
    "suspends_while_idle",
    "rounding_mode",
    "rounding_unit",
    "rounding_what",
)
ROUNDING = {"rounding_mode": "mode", "rounding_unit": "unit", "rounding_what": "what"}
TERM_FIELDS = frozenset({*USUAL, *FINER, "rounding"} - set(ROUNDING))
"""The terms a form states; others (Japan's guarantee rate, say) it leaves as they were."""
TERM_NAMES = {name: f"terms_{name}" for name in (*USUAL, *FINER)} | {"rounding": "terms_rounding_unit"}
"""How a refusal names a term, and how the forms do."""


def pack_choices() -> list[tuple[str, str]]:
    """The built-in rules of countries by code."""
    return [(code, translated(built_in(code).title)) for code in pack_codes()]


def _fields(empty: Any) -> dict[str, forms.Field]:
    """The form's fields by term; `empty` is what no method means."""
    return {
        "method": fields.ChoiceField(
            label=_("Method"), required=False, choices=[("", empty), *METHODS.items()]
        ),
        "life_months": ExactField(label=_("Useful life, months"), required=False),
        "convention": fields.ChoiceField(
            label=_("Convention"), required=False, choices=[ANY, *CONVENTIONS.items()]
        ),
        "residual_percent": ExactField(label=_("Residual, per cent of cost"), required=False),
        "residual": ExactField(label=_("or residual, amount"), required=False),
        "rate": ExactField(
            label=_("Rate a year"), required=False, help_text=_("20 % or 0.2; for declining balance.")
        ),
        "factor": ExactField(label=_("or factor"), required=False, help_text=_("2 is double declining.")),
        "switches_to_straight_line": forms.BooleanField(
            label=_("Switches to the straight line once that charges more"), required=False
        ),
        "pack": fields.ChoiceField(
            label=_("or rules of a country"), required=False, choices=lambda: [ANY, *pack_choices()]
        ),
        "pack_class": fields.TextField(
            label=_("Class of those rules"),
            required=False,
            longest=60,
            help_text=_("Such as 5-year; what is wrong is said with the classes that there are."),
        ),
        "table": ExactListField(
            label=_("Table of rates"),
            required=False,
            longest=4000,
            help_text=_("The part of the cost that each year takes: 20 %; 32 %; 19.2 %; …"),
        ),
        "amounts": AmountsField(
            label=_("Stated amounts"),
            required=False,
            longest=4000,
            help_text=_("What each year takes: 1,000.00; 800.00; …"),
        ),
        "step": fields.ChoiceField(
            label=_("A row of the table, or a declining step, is"),
            required=False,
            choices=[("", _("a fiscal year")), *STEPS.items()],
        ),
        "total_units": ExactField(label=_("Units of the whole life"), required=False),
        "suspends_while_idle": forms.BooleanField(
            label=_("Stands still while the asset is out of use"), required=False
        ),
        "rounding_mode": fields.ChoiceField(
            label=_("Rounding"),
            required=False,
            choices=[("", _("half to even")), *ROUNDING_MODES.items()],
        ),
        "rounding_unit": fields.ChoiceField(
            label=_("Rounded to"),
            required=False,
            choices=[
                ("", _("the smallest unit of the currency")),
                ("100", _("hundreds of it: whole euros")),
                ("1000", _("thousands of it")),
                ("10000", _("ten thousands of it")),
                ("100000", _("hundred thousands of it")),
            ],
        ),
        "rounding_what": fields.ChoiceField(
            label=_("What is rounded"),
            required=False,
            choices=[("", _("the sum so far, so that it heals itself")), *ROUNDED.items()],
        ),
    }


class TermsForm(fields.Form):
    """A form with terms of depreciation in it."""

    terms_decimals = 2

    def put_terms(self, empty: Any, decimals: int, terms: Mapping[str, Any] | None = None) -> None:
        """Add the fields. `decimals` of the currency of stated amounts; `terms` as they are written down."""
        self.terms_decimals = decimals
        first = self._initial(terms or {})
        for name, field in _fields(empty).items():
            field.initial = first.get(name)
            fields.dress(field)
            self.fields[f"terms_{name}"] = field

    def _initial(self, terms: Mapping[str, Any]) -> dict[str, Any]:
        first = dict(terms)
        rounding = terms.get("rounding") or {}
        first |= {name: rounding.get(key) for name, key in ROUNDING.items()}
        if "amounts" in terms:
            first["amounts"] = [
                formatting.from_minor(int(part), self.terms_decimals) for part in terms["amounts"]
            ]
        return first

    @property
    def terms_fields(self) -> list[forms.BoundField]:
        return self._bound(USUAL)

    @property
    def finer_terms(self) -> list[forms.BoundField]:
        return self._bound(FINER)

    @property
    def finer_open(self) -> bool:
        """Whether something of the finer points is said, or wrong."""
        return any(field.value() or field.errors for field in self.finer_terms)

    @property
    def terms_open(self) -> bool:
        return any(field.errors for field in (*self.terms_fields, *self.finer_terms))

    def _bound(self, names: tuple[str, ...]) -> list[forms.BoundField]:
        return [self[f"terms_{name}"] for name in names if f"terms_{name}" in self.fields]

    @property
    def terms(self) -> dict[str, Any]:
        """The terms that the form states, as they are written down; empty if it states none."""
        data = {name: self.cleaned_data.get(f"terms_{name}") for name in (*USUAL, *FINER)}
        found = {name: value for name, value in data.items() if value not in (None, "", False)}
        rounding = {key: found.pop(name) for name, key in ROUNDING.items() if name in found}
        if "amounts" in found:
            # In minor units; a fraction of one is refused by the room.
            found["amounts"] = [format(part.scaleb(self.terms_decimals), "f") for part in found["amounts"]]
        return found | ({"rounding": rounding} if rounding else {})
