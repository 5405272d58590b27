"""The forms that keep a picture or document."""

from django import forms
from django.utils.translation import gettext_lazy as _

from wherewithal.web import fields


class AttachForm(fields.Form):
    file = forms.FileField(label=_("Picture or document"))
    title = fields.TextField(label=_("Title"), required=False, longest=200)


class LogoForm(fields.Form):
    file = forms.FileField(
        label=_("Picture"), help_text=_("PNG, JPEG, GIF or WebP, at most 2 MB. A small copy of it is kept.")
    )
