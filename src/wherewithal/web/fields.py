"""Form fields that speak the reader's locale, and find things by the codes people know them by."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from decimal import Decimal, InvalidOperation
from typing import Any, cast

from babel.numbers import NumberFormatError, get_decimal_symbol, get_group_symbol, parse_decimal
from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from wherewithal.kit.errors import Problem, Refused
from wherewithal.kit.words import translated
from wherewithal.web import checking, formatting

Text = str | Promise
LARGEST_NUMBER = Decimal(10) ** 15
MOST_DECIMALS = 9
# A space or an apostrophe groups digits by three; anywhere else it is a slip, as in 12 5 or 5'6.
GROUPED = re.compile(r"(?<=\d)[\s\u00a0\u202f'\u2019](?=\d{3}(?!\d))", re.ASCII)


class Form(forms.Form):
    """A form whose controls carry the classes of the style sheet, and which takes a refusal from below."""

    required_css_class = "is-required"
    outcome: Any = None  # what the use case answered (pages.attempt)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
        for field in self.fields.values():
            dress(field)

    def add_error(self, field: str | None, error: Any) -> None:
        super().add_error(field, error)
        self._mark(field)

    def full_clean(self) -> None:
        super().full_clean()
        if self.is_bound:
            checking.heed(self)
        for name in self.errors:
            self._mark(name)

    def _mark(self, name: str | None) -> None:
        if name in self.fields:
            attrs = self.fields[name].widget.attrs
            if "is-invalid" not in attrs.get("class", ""):
                attrs["class"] = f"{attrs.get('class', '')} is-invalid".strip()

    def name_initial(self) -> None:
        """Say beside the pickers what the codes stand for that the form begins with."""
        for name, field in self.fields.items():
            if isinstance(field, CodeField) and self.initial.get(name):
                field.recognise(str(self.initial[name]))

    def take(self, problem: Problem, names: Mapping[str, str] | None = None) -> None:
        """Show one problem beside the field it is about, or above the form when it is about none of them."""
        given = problem.field.rsplit(".", 1)[-1]
        name = (names or {}).get(given, given)
        self.add_error(name if name in self.fields else None, translated(problem.message))


def take_refusal(form: Form, refused: Refused, names: Mapping[str, str] | None = None) -> None:
    """Show everything that is wrong with what a form asked for."""
    for problem in refused.problems:
        form.take(problem, names)


def dress(field: forms.Field, *, invalid: bool = False) -> None:
    """Give a field's control the classes of the style sheet."""
    widget = field.widget
    if isinstance(widget, forms.HiddenInput):
        return
    kind = "form-control"
    if isinstance(widget, forms.Select):
        kind = "form-select"
    elif isinstance(widget, forms.CheckboxInput | forms.CheckboxSelectMultiple):
        kind = "form-check-input"
    wanted = (kind, widget.attrs.get("class", ""), "is-invalid" if invalid else "")
    widget.attrs["class"] = " ".join(filter(None, wanted))
    if isinstance(widget, forms.TextInput | forms.Textarea):
        widget.attrs.setdefault("autocomplete", "off")


class NumberField(forms.Field):
    """A decimal typed in the reader's locale: 1,234.5 in English, 1.234,5 in German; spaces may group."""

    default_error_messages = {
        "number": _("Write a number such as %(example)s."),
        "large": _("That number is too large."),
        "places": _("At most %(places)s decimal places."),
        "negative": _("The number must not be below zero."),
        "zero": _("The number must be above zero."),
    }

    def __init__(self, *, least: str = "any", width: str = "s", **kwargs: Any) -> None:
        """`least` is any, zero (not negative) or above (greater than zero)."""
        self.least = least
        self.width, self.numeric = width, True
        super().__init__(widget=forms.TextInput(attrs={"inputmode": "decimal", "class": "num"}), **kwargs)

    def prepare_value(self, value: Any) -> Any:
        return (
            formatting.quantity(value).lstrip(formatting.LEFT_TO_RIGHT).replace(formatting.MINUS, "-")
            if isinstance(value, Decimal)
            else value
        )

    def to_python(self, value: Any) -> Decimal | None:
        if value in (None, ""):
            return None
        number = self._parse(str(value))
        if abs(number) >= LARGEST_NUMBER:
            raise ValidationError(self.error_messages["large"], "large")
        exponent = number.as_tuple().exponent
        if isinstance(exponent, int) and -exponent > MOST_DECIMALS:
            raise ValidationError(self.error_messages["places"], "places", {"places": MOST_DECIMALS})
        return number

    def _parse(self, given: str) -> Decimal:
        locale = formatting.current_locale()
        text = given.strip().lstrip(formatting.LEFT_TO_RIGHT)
        text = GROUPED.sub("", text).replace(formatting.MINUS, "-")
        figures = re.fullmatch(r"[+-]?[\d.,]+", text, re.ASCII) is not None
        if figures and get_group_symbol(locale) not in text:
            text = text.replace(get_decimal_symbol(locale), ".")
            if re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)", text, re.ASCII) and len(text) < 40:
                return Decimal(text)
        try:
            number = parse_decimal(text[:40], locale=locale, strict=True)
            if figures and number.is_finite() and len(text) < 40:
                return number
        except (NumberFormatError, InvalidOperation):
            pass
        example = formatting.number(Decimal("1234.5"), locale=locale)
        raise ValidationError(self.error_messages["number"], "number", {"example": example})

    def validate(self, value: Any) -> None:
        super().validate(value)
        if value is None:
            return
        if self.least == "above" and value <= 0:
            raise ValidationError(self.error_messages["zero"], "zero")
        if self.least == "zero" and value < 0:
            raise ValidationError(self.error_messages["negative"], "negative")


class TextField(forms.CharField):
    """One line of text, bounded; NUL is refused by Django's own validator."""

    def __init__(self, *, longest: int = 200, width: str = "m", **kwargs: Any) -> None:
        self.width = width
        super().__init__(max_length=longest, **kwargs)


class NoteField(forms.CharField):
    def __init__(self, *, longest: int = 4000, rows: int = 2, **kwargs: Any) -> None:
        super().__init__(max_length=longest, widget=forms.Textarea(attrs={"rows": rows}), **kwargs)


class ChoiceField(forms.ChoiceField):
    def __init__(self, *, width: str = "m", **kwargs: Any) -> None:
        self.width = width
        super().__init__(**kwargs)


class DayField(forms.DateField):
    """A calendar day by the browser's own control."""

    def __init__(self, *, width: str = "m", **kwargs: Any) -> None:
        self.width = width
        widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
        super().__init__(widget=widget, input_formats=["%Y-%m-%d"], **kwargs)


class InstantField(forms.DateTimeField):
    """A moment on the company's clock; the cleaned value is an instant in UTC."""

    def __init__(self, *, timezone: tzinfo = UTC, **kwargs: Any) -> None:
        self.timezone = timezone
        widget = forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local", "step": "60"})
        formats = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]
        super().__init__(widget=widget, input_formats=formats, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, datetime) and value.tzinfo is not None:
            return value.astimezone(self.timezone).strftime("%Y-%m-%dT%H:%M")
        return value

    def to_python(self, value: Any) -> datetime | None:
        if value in (None, ""):
            return None
        for pattern in self.input_formats or ():
            try:
                return datetime.strptime(str(value), pattern).replace(tzinfo=self.timezone).astimezone(UTC)
            except (ValueError, OverflowError):
                continue
        raise ValidationError(_("Write a day and a time such as 2026-01-31 14:30."), "instant")


class PickerInput(forms.TextInput):
    """The text box of a picker: an ARIA combobox whose options the server finds while one types."""

    picks = True

    def __init__(self, url: str = "", beside: Sequence[str] = ()) -> None:
        """`beside`: fields of the same line that the options depend on. They are sent with the text, by POST, because
        what the box holds may be longer than an address."""
        self.url = url
        self.beside = tuple(beside)
        self.chosen_name = ""
        super().__init__(attrs={"spellcheck": "false"})

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        own = context["widget"]["attrs"]
        list_id = f"{own.get('id', name)}_list"
        own |= {
            "role": "combobox",
            "aria-autocomplete": "list",
            "aria-expanded": "false",
            "aria-controls": list_id,
            "hx-post" if self.beside else "hx-get": self.url,
            "hx-trigger": "input changed delay:120ms, focus",
            "hx-target": f"#{list_id}",
            "hx-sync": "this:queue last",
        }
        if self.beside:
            line = name[: name.rfind("-") + 1]
            sent = ("csrfmiddlewaretoken", name, *(line + other for other in self.beside))
            own["hx-params"] = ",".join(sent)
        return context


def offer(field: forms.CharField, url: str, *beside: str) -> None:
    """Let a text field of this request's form, in which anything may be written, offer what there is while one types."""
    field.widget = PickerInput(url, beside)
    field.widget.attrs |= field.widget_attrs(field.widget)
    dress(field)


class CodeField(forms.CharField):
    """Something named by its code. `find` turns the text into the thing (its mapping), or None."""

    default_error_messages = {"unknown": _("There is no %(what)s “%(text)s”.")}

    def __init__(
        self,
        *,
        find: Callable[[str], Any] | None = None,
        what: Text = "",
        width: str = "l",
        url: str = "",
        called: Callable[[Any], str] | None = None,
        **kwargs: Any,
    ) -> None:
        self.find = find
        self.what = what
        self.called = called
        self.width = width
        super().__init__(max_length=300, widget=PickerInput(url), **kwargs)

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        found = self.recognise(text)
        if found is None:
            raise ValidationError(
                self.error_messages["unknown"], "unknown", {"what": self.what, "text": text}
            )
        return found

    def recognise(self, text: str) -> Any:
        """What the text names, said beside the box; None if it names nothing."""
        found = self.find(text) if self.find else None
        if found is not None and self.called:
            self.widget.chosen_name = self.called(found)
        return found


class LineFormSet(forms.BaseFormSet):  # type: ignore[type-arg]  # generic only in the stubs
    """The lines of a document. Empty lines do not count; a removed one is marked, so the others keep their errors."""

    deletion_widget = forms.HiddenInput

    def add_fields(self, form: Any, index: int | None) -> None:
        """The column's heading is each control's name; on narrow screens there is no heading to see."""
        super().add_fields(form, index)
        for field in form.fields.values():
            if not field.widget.is_hidden:
                field.widget.attrs["aria-label"] = field.label

    @property
    def filled(self) -> list[Any]:
        """The forms of lines that say something, in order."""
        return [form for form in self.forms if form.has_changed() and not form.cleaned_data.get("DELETE")]


def line_formset(form: type[Form], *, extra: int = 1, most: int = 2000) -> type[LineFormSet]:
    made = forms.formset_factory(
        form, formset=LineFormSet, extra=extra, can_delete=True, max_num=most, absolute_max=most
    )
    return cast(type[LineFormSet], made)


def take_line_refusal(
    header: Form, lines: Sequence[Form], refused: Refused, names: Mapping[str, str] | None = None
) -> None:
    """Problems of a row go to that line; the others to the header."""
    for problem in refused.problems:
        target = lines[problem.row] if problem.row is not None and problem.row < len(lines) else header
        target.take(problem, names)
