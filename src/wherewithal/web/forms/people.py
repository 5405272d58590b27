"""The forms of people: who may work in the company, with which roles, and the tokens that act for them."""

from datetime import UTC, datetime, time
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from wherewithal.kit.words import translated, translated_lazy
from wherewithal.people.permissions import PERMISSIONS, ROLE_TITLES
from wherewithal.web import fields

ROLE_CHOICES = tuple((role, translated_lazy(title)) for role, title in ROLE_TITLES.items())


class ManyField(forms.MultipleChoiceField):
    """Several of a few: a box for each."""

    def __init__(self, **kwargs: Any) -> None:
        self.wide = True
        super().__init__(widget=forms.CheckboxSelectMultiple, **kwargs)


class NewMemberForm(fields.Form):
    """Somebody who has an account already is named; for somebody new an account is made."""

    username = fields.TextField(label=_("User name"), longest=150)
    name = fields.TextField(label=_("Name"), longest=200, required=False)
    email = fields.TextField(label=_("E-mail"), longest=254, required=False)
    password = fields.TextField(
        label=_("First password"),
        longest=128,
        required=False,
        help_text=_("Only for somebody new. They change it under their own name."),
    )
    roles = ManyField(label=_("Roles"), choices=ROLE_CHOICES)


class RolesForm(fields.Form):
    roles = ManyField(label=_("Roles"), choices=ROLE_CHOICES)


class TokenForm(fields.Form):
    """A token of one's own: what it may do is a part of what one may do oneself."""

    name = fields.TextField(label=_("What it is for"), longest=200)
    expires_on = fields.DayField(
        label=_("Valid through"), required=False, help_text=_("Empty: until revoked.")
    )
    scopes = ManyField(label=_("What it may do"))

    def __init__(self, *args: Any, granted: frozenset[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [
            (name, f"{name}: {translated(meaning)}")
            for name, meaning in PERMISSIONS.items()
            if name in granted
        ]
        self.fields["scopes"].choices = choices  # type: ignore[attr-defined]  # a choice field

    def expires_at(self) -> datetime | None:
        """The end of the last day."""
        day = self.cleaned_data["expires_on"]
        return datetime.combine(day, time(23, 59, 59), UTC) if day else None
