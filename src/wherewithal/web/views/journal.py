"""Entries written by hand, and their reversal."""

import uuid
from decimal import Decimal
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wherewithal.kit.errors import Refused
from wherewithal.ledger import queries as ledger
from wherewithal.ledger import services
from wherewithal.ledger.services import JournalLine, Posted
from wherewithal.web import fields, preview
from wherewithal.web.desk import Desk
from wherewithal.web.forms.documents import connect
from wherewithal.web.lookups import find_account
from wherewithal.web.pages import act, attempt, done, page

NAMES = {"amount": "debit"}


class EntryForm(fields.Form):
    effective_on = fields.DayField(label=gettext_lazy("Day"))
    reference = fields.TextField(label=gettext_lazy("Reference"), required=False)
    description = fields.TextField(label=gettext_lazy("What it is about"), longest=500)
    idempotency_key = forms.CharField(max_length=64, widget=forms.HiddenInput)


class EntryLineForm(fields.Form):
    account = fields.CodeField(label=gettext_lazy("Account"), what=gettext_lazy("account"))
    debit = fields.NumberField(label=gettext_lazy("Debit"), required=False, least="above", width="m")
    credit = fields.NumberField(label=gettext_lazy("Credit"), required=False, least="above", width="m")
    memo = fields.TextField(label=gettext_lazy("Memo"), required=False, longest=500)

    def __init__(self, *args: Any, desk: Desk, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["account"]
        connect(field, lambda text: find_account(desk, text), _("account"), desk.link("pick_account"))
        field.called = lambda account: account.name  # type: ignore[attr-defined]  # a CodeField

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        if (data.get("debit") is None) == (data.get("credit") is None) and not self.errors:
            self.add_error("debit", _("Give a debit or a credit."))
        return data

    def line(self) -> JournalLine:
        data = self.cleaned_data
        amount: Decimal = data["debit"] if data["debit"] is not None else -data["credit"]
        return JournalLine(account=data["account"].code, amount=amount, memo=data["memo"] or None)


@page("ledger.post")
def entry_new(request: HttpRequest, desk: Desk) -> HttpResponse:
    line_forms = fields.line_formset(EntryLineForm, extra=2)
    options = {"desk": desk}
    if request.method != "POST":
        form = EntryForm(initial={"effective_on": desk.today, "idempotency_key": uuid.uuid4().hex})
        return _show(request, form, line_forms(prefix="lines", form_kwargs=options))
    with desk.reading():
        form = EntryForm(request.POST)
        lines = line_forms(request.POST, prefix="lines", form_kwargs=options)
        valid = all([form.is_valid(), lines.is_valid()])
    if preview.wanted(request):
        look = preview.UNFINISHED
        if valid and lines.filled:
            look = preview.of_decision(desk, lambda: [_post(desk, form, lines).entry_id])
        return preview.answer(request, look)
    if not valid:
        return _show(request, form, lines)
    try:
        posted = act(lambda: _post(desk, form, lines))
    except Refused as refused:
        fields.take_line_refusal(form, lines.filled, refused, NAMES)
        return _show(request, form, lines)
    message = _("Entry %(year)s/%(number)s is posted.") % {"year": posted.year, "number": posted.number}
    return done(request, message, desk.link("entry", posted.entry_id))


def _post(desk: Desk, form: EntryForm, lines: fields.LineFormSet) -> Posted:
    data = form.cleaned_data
    return services.post_journal(
        company_id=desk.company_id,
        actor_id=desk.user_id,
        book_id=desk.book_id,
        effective_on=data["effective_on"],
        lines=[line.line() for line in lines.filled],
        description=data["description"],
        reference=data["reference"],
        idempotency_key=f"web:{data['idempotency_key']}",
    )


def _show(request: HttpRequest, form: EntryForm, lines: fields.LineFormSet) -> HttpResponse:
    context = {"header": form, "lines": lines}
    return render(request, "web/entry_form.html", context, status=422 if form.is_bound else 200)


class ReverseEntryForm(fields.Form):
    reason = fields.TextField(label=gettext_lazy("Why"), longest=500)
    idempotency_key = forms.CharField(max_length=64, widget=forms.HiddenInput)


@page("ledger.post")
def entry_reverse(request: HttpRequest, desk: Desk, entry_id: int) -> HttpResponse:
    with desk.reading():
        found = ledger.entry(desk.company_id, desk.book_id, entry_id)
    posted_data = request.POST if request.method == "POST" else None
    form = ReverseEntryForm(posted_data, initial={"idempotency_key": uuid.uuid4().hex})

    def reverse() -> Posted:
        return services.reverse_entry(
            company_id=desk.company_id,
            actor_id=desk.user_id,
            book_id=desk.book_id,
            entry_id=entry_id,
            reason=form.cleaned_data["reason"],
            idempotency_key=f"web:{form.cleaned_data['idempotency_key']}",
        )

    if request.method != "POST" or not form.is_valid() or not attempt(form, reverse):
        name = f"{found.year}/{found.number}"
        context = {"form": form, "entry": found, "name": name}
        return render(request, "web/entry_reverse.html", context, status=422 if form.is_bound else 200)
    message = _("The entry is reversed by %(year)s/%(number)s.")
    values = {"year": form.outcome.year, "number": form.outcome.number}
    return done(request, message % values, desk.link("entry", form.outcome.entry_id))
