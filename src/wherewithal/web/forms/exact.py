"""Form fields of exact figures: fractions, lists of numbers and amounts, payments by their days."""

import re
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from babel.numbers import get_decimal_symbol
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from wherewithal.core.discounting import add_months
from wherewithal.web import fields, formatting

EXACT = re.compile(r"\d{1,15}(\.\d{0,15})?|\.\d{1,15}|\d{1,15}/\d{1,15}", re.ASCII)


class _Typed(str):
    """What somebody has typed, as against a value that the form shows."""

    __slots__ = ()


class ExactField(fields.TextField):
    """An exact number of zero or more: 0.05, 5 %, 1/3; in German 0,05. The cleaned value is its text.

    Groups are not for it: 1.234 in German is refused rather than read as one thing or the other.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(longest=40, width="s", **kwargs)
        self.widget.attrs |= {"inputmode": "decimal", "class": "num"}

    def bound_data(self, data: Any, initial: Any) -> Any:
        """What was typed stays as it was typed."""
        return _Typed(data) if isinstance(data, str) else data

    def prepare_value(self, value: Any) -> Any:
        return _shown(value) if isinstance(value, str) and not isinstance(value, _Typed) else value

    def clean(self, value: Any) -> str | None:
        text = re.sub(r"[\s\u00a0\u202f]", "", super().clean(value))
        if not text:
            return None
        percent, plain = text.endswith("%"), _plain_number(text.removesuffix("%"))
        try:
            if not EXACT.fullmatch(plain):  # no exponents: 1e999999 would be a million digits
                raise ValueError
            found = Fraction(plain)
        except (ValueError, ZeroDivisionError):
            raise ValidationError(_("Write an exact number such as 0.05, 5 % or 1/3."), "number") from None
        return _fraction_text(found / 100 if percent else found)


class ExactListField(fields.TextField):
    """Exact numbers with semicolons between them: 20 %; 32 %; 19.2 %. The cleaned value is their texts."""

    def prepare_value(self, value: Any) -> Any:
        return "; ".join(_shown(str(part)) for part in value) if isinstance(value, list) else value

    def clean(self, value: Any) -> list[str] | None:
        number = ExactField(required=False)
        parts = [number.clean(part) for part in super().clean(value).split(";") if part.strip()]
        return [part for part in parts if part is not None] or None


class WholeNumbersField(fields.TextField):
    """Whole numbers with spaces or semicolons between them."""

    def clean(self, value: Any) -> list[int] | None:
        parts = re.split(r"[\s;,:]+", super().clean(value).strip())
        if parts == [""]:
            return None
        if not all(part.isascii() and part.isdigit() and len(part) < 10 for part in parts):
            raise ValidationError(_("Write whole numbers such as 3 1 1."), "whole")
        return [int(part) for part in parts]


class AmountsField(fields.TextField):
    """Amounts with semicolons between them."""

    def prepare_value(self, value: Any) -> Any:
        return "; ".join(formatting.quantity(part) for part in value) if isinstance(value, list) else value

    def clean(self, value: Any) -> list[Decimal] | None:
        parts = [part.strip() for part in super().clean(value).split(";") if part.strip()]
        number = fields.NumberField(least="zero")
        return [number.clean(part) for part in parts] or None


FLOW = re.compile(
    r"(?P<day>\d{4}-\d\d-\d\d) +(?P<amount>[^x×*]+?) *(?:[x×*] *(?P<count>\d{1,4}) *(?:/ *(?P<months>\d{1,2}))?)?"
)


class FlowsField(forms.CharField):
    """Days and amounts, one pair a line; two columns of a spreadsheet can be pasted.

    "2026-01-01 1200.00 x 60" stands for sixty months of it, "x 20/3" for twenty times every three months.
    """

    wide = True
    default_error_messages = {
        "flow": _("Line %(line)s: write a day and an amount, such as 2026-01-31 1200.00.")
    }

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.Textarea(attrs={"rows": 5, "class": "mono", "placeholder": "2026-01-31  1200.00"})
        super().__init__(max_length=200_000, widget=widget, **kwargs)

    def clean(self, value: Any) -> list[tuple[date, Decimal]] | None:
        lines = [(at, line.strip()) for at, line in enumerate(super().clean(value).splitlines(), 1)]
        return [flow for at, line in lines if line for flow in self._flows(at, line)] or None

    def _flows(self, at: int, line: str) -> list[tuple[date, Decimal]]:
        found = FLOW.fullmatch(re.sub(r"[\t;\u00a0]", " ", line))
        try:
            if found is None:
                raise ValueError
            first = date.fromisoformat(found["day"])
            amount = fields.NumberField(least="zero").clean(found["amount"])
            count, months = int(found["count"] or 1), int(found["months"] or 1)
            return [(add_months(first, months * number), amount) for number in range(count)]
        except (ValueError, OverflowError, ValidationError):
            raise ValidationError(self.error_messages["flow"], "flow", {"line": at}) from None


def _plain_number(text: str) -> str:
    """A number as Python reads it: the reader's decimal sign becomes a point."""
    symbol = get_decimal_symbol(formatting.current_locale())
    if "/" in text or symbol == ".":
        return text
    return text.replace(symbol, ".") if "." not in text else ""


def _shown(text: str) -> str:
    """An exact number with the reader's decimal sign."""
    return text.replace(".", get_decimal_symbol(formatting.current_locale()))


def _fraction_text(found: Fraction) -> str:
    """A finite decimal as one, else as a fraction."""
    rest = found.denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    return format(Decimal(found.numerator) / Decimal(found.denominator), "f") if rest == 1 else str(found)
