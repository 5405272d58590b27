"""The forms that keep a picture or document, and the field of a file."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from wherewithal.core.words import say
from wherewithal.kit.files import LARGEST_FILE_BYTES
from wherewithal.kit.words import translated_lazy
from wherewithal.ledger.services.logo import LARGEST_BYTES as LARGEST_LOGO_BYTES
from wherewithal.web import fields

MEGABYTE = 1024 * 1024
PICTURES = "image/png,image/jpeg,image/gif,image/webp"


class FileField(forms.FileField):
    """A file of at most so many bytes, and of these media types if any are named.

    The browser says so as soon as one is chosen (desk.js), in these words; the use case that keeps it decides.
    """

    def __init__(self, *, largest: int, accept: str = "", wrong_kind: str = "", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        too_large = say("The file is larger than {limit} MB.", limit=largest // MEGABYTE)
        self.widget.attrs |= {"data-largest": str(largest), "data-too-large": translated_lazy(too_large)}
        if accept:
            self.widget.attrs |= {"accept": accept, "data-wrong-kind": translated_lazy(wrong_kind)}


class AttachForm(fields.Form):
    file = FileField(label=_("Picture or document"), largest=LARGEST_FILE_BYTES)
    title = fields.TextField(label=_("Title"), required=False, longest=200)


class LogoForm(fields.Form):
    file = FileField(
        label=_("Picture"),
        help_text=_("PNG, JPEG, GIF or WebP, at most 2 MB. A small copy of it is kept."),
        largest=LARGEST_LOGO_BYTES,
        accept=PICTURES,
        wrong_kind=say("A logo is a picture: send a PNG, JPEG, GIF or WebP file."),
    )
