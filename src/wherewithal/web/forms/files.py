"""The form that keeps a picture or document."""

from django import forms
from django.utils.translation import gettext_lazy as _

from wherewithal.web import fields


class AttachForm(fields.Form):
    file = forms.FileField(label=_("Picture or document"))
    title = fields.TextField(label=_("Title"), required=False, longest=200)
