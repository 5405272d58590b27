"""A page that is one form: where it stands, its panels of fields, what it would post, and its button."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.forms import BoundField
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise

from wherewithal.web.asset_preview import Preview
from wherewithal.web.fields import Form

Text = str | Promise


@dataclass(frozen=True, slots=True)
class FormPage:
    """What stands around a form. `crumbs` and `panels`: label and address, heading and fields (None: all there are).

    `posts`: whether it says what it would post before it does. `slow`: its use case takes long, so that while it is
    filled in only the fields are checked.
    """

    title: Text
    submit: Text
    back: str
    crumbs: Sequence[tuple[Text, str]] = ()
    intro: Text = ""
    panels: Sequence[tuple[Text, Sequence[str]]] | None = None
    posts: bool = False
    slow: bool = False
    notes: Sequence[Text] = field(default_factory=tuple)

    def show(
        self, request: HttpRequest, form: Form, preview: Preview | None = None, **context: Any
    ) -> HttpResponse:
        status = 422 if form.is_bound and preview is None else 200
        context |= {"page": self, "form": form, "parts": self._parts(form), "preview": preview}
        return render(request, "web/form_page.html", context, status=status)

    def _parts(self, form: Form) -> list[tuple[Text, list[BoundField]]]:
        if self.panels is None:
            return [("", list(form.visible_fields()))]
        return [
            (title, [form[name] for name in names if name in form.fields]) for title, names in self.panels
        ]

    def look(self, request: HttpRequest, form: Form, preview: Preview) -> HttpResponse:
        """The answer to a form that asks what it would post."""
        if request.headers.get("HX-Request"):
            return render(request, "web/_preview.html", {"preview": preview})
        return self.show(request, form, preview)
