"""What templates may say: links that keep company and dates, and figures in the reader's form."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django import template
from django.contrib.messages.storage.base import Message
from django.forms import BaseForm, BaseFormSet, BoundField
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from wherewithal.kit.words import sentence, translated
from wherewithal.ledger.values import Classification, PeriodState
from wherewithal.people import queries as people
from wherewithal.people.permissions import ROLE_TITLES
from wherewithal.web import fields, formatting
from wherewithal.web.desk import Desk
from wherewithal.web.names import CLASSES, PERIOD_STATES
from wherewithal.web.role_names import rule_name

register = template.Library()


@register.simple_tag(takes_context=True)
def at(context: template.Context, name: str, *args: object, **params: object) -> str:
    """The address of a page of this company; book and dates travel along. Keywords become query parameters."""
    desk: Desk = context["desk"]
    return desk.link(name, *args, **params)


@register.simple_tag
def nobody_yet() -> bool:
    """Whether this is a server on which nobody can sign in yet."""
    return not people.anybody()


@register.simple_tag(takes_context=True)
def may(context: template.Context, permission: str) -> bool:
    """Whether the person at this page holds a permission in this company."""
    desk: Desk | None = context.get("desk")
    return desk is not None and desk.may(permission)


@register.filter
def said(text: str | None) -> str:
    """What was said below the doors, or stored as it was said there, in the reader's language."""
    return sentence(text or "")


@dataclass(frozen=True, slots=True)
class ShownUndo:
    href: str
    fields: tuple[tuple[str, str], ...]
    label: str


@register.simple_tag
def locale_code() -> str:
    return formatting.locale_code()


@register.filter
def undo_of(message: Message) -> ShownUndo | None:
    """The way back that a message carries (pages.done)."""
    if not (message.extra_tags or "").startswith("["):
        return None
    href, given, label = json.loads(message.extra_tags)
    return ShownUndo(href, tuple(map(tuple, given)), label or _("Undo"))


@register.filter
def money(amount: Decimal | None, currency: str) -> SafeString:
    """An amount with its currency; negative amounts carry sign and colour."""
    return figure(formatting.money(amount, currency), amount, unit=currency)


@register.filter
def amount(value: Decimal | None, currency: str) -> SafeString:
    """An amount without its currency, where the heading names it."""
    return figure(formatting.money(value, currency), value)


@register.simple_tag(takes_context=True)
def minor(context: template.Context, value: int | None, *, bare: bool = False) -> SafeString:
    """Minor units of the shown book's currency; with its code unless `bare`."""
    book = context["desk"].book
    shown = None if value is None else formatting.from_minor(value, book.currency_decimals)
    text = formatting.money(shown, book.currency, decimals=book.currency_decimals)
    return figure(text, shown, unit="" if bare else book.currency)


@register.filter
def quantity(value: Decimal | None, unit: str = "") -> SafeString:
    return figure(formatting.quantity(value), value, unit=unit)


@register.filter
def day(value: date | None) -> str:
    return formatting.day(value)


@register.filter
def month(value: date | None) -> str:
    return formatting.month(value)


@register.filter
def negated(value: int) -> int:
    """The same figure from the other side: a credit as it is read in its own column."""
    return -value


@register.filter
def count(value: int | None) -> str:
    return formatting.count(value)


@register.simple_tag(takes_context=True)
def instant(context: template.Context, value: datetime | None) -> str:
    """A moment in the company's time zone."""
    desk: Desk | None = context.get("desk")
    return formatting.instant(value, timezone=desk.timezone if desk else None)


@register.filter
def dressed(bound: BoundField) -> BoundField:
    """A field of a form that is not ours (sign-in), in the clothes of ours; its hints are labels, not placeholders."""
    fields.dress(bound.field, invalid=bool(bound.errors))
    bound.field.widget.attrs.pop("placeholder", None)
    return bound


@register.filter
def unit_cost(value: Decimal | None, currency: str) -> SafeString:
    return figure(formatting.unit_cost(value, currency), value, unit=currency)


@register.filter
def role_name(role: int) -> str:
    """The posting rule of a value row, by its name in the accounting manual."""
    return rule_name(role)


@register.filter
def class_name(classification: str) -> str:
    """Where an account stands in the statements, in words."""
    return str(CLASSES[Classification(classification)])


@register.filter
def role_titles(roles: Iterable[str]) -> str:
    return ", ".join(translated(ROLE_TITLES.get(role, role)) for role in roles)


@register.simple_tag
def period_tag(state: int) -> SafeString:
    """The state of a month."""
    label, tone = PERIOD_STATES[PeriodState(state)]
    return format_html('<span class="pill pill-{}">{}</span>', tone or "none", label)


@register.filter
def problem_count(form: BaseForm | None, lines: "BaseFormSet[Any] | None" = None) -> int:
    """How many things are wrong in a form and its lines."""
    total = sum(len(errors) for errors in form.errors.values()) if form is not None and form.is_bound else 0
    if lines is not None and lines.is_bound:
        total += lines.total_error_count()
    return total


def figure(text: str, value: Decimal | int | None, *, unit: str = "") -> SafeString:
    """A figure as markup: unknown, zero, negative and positive each look their own way."""
    if value is None:
        return format_html('<span class="unknown">{}</span>', text)
    tone = "negative" if value < 0 else "nil" if value == 0 else ""
    shown = format_html('<span class="{}">{}</span>', tone, text) if tone else format_html("{}", text)
    return format_html('{}<span class="unit">{}</span>', shown, unit) if unit else shown
