"""The timetable of a book on the page of its runs: when it is charged by itself, and how it went last time."""

import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wherewithal.assets import queries, services
from wherewithal.people import queries as people
from wherewithal.web import fields, formatting
from wherewithal.web.desk import Desk
from wherewithal.web.pages import attempt, done


class TimetableForm(fields.Form):
    """So many days after the end of each period, at a full hour."""

    days_after = fields.ChoiceField(
        label=gettext_lazy("Days after the end of a period"),
        choices=[(str(day), str(day)) for day in range(91)],
        width="s",
    )
    hour = fields.ChoiceField(
        label=gettext_lazy("At"), choices=[(str(hour), f"{hour:02d}:00") for hour in range(24)], width="s"
    )


def change(request: HttpRequest, desk: Desk, form: TimetableForm) -> HttpResponse | None:
    """Set or drop the timetable of the book; None: the form has to be shown again."""
    if request.POST.get("timetable") == "drop":
        services.drop_timetable(company_id=desk.company_id, actor_id=desk.user_id, book_id=desk.book_id)
        return done(request, _("The book is charged by hand only."), desk.link("runs"))
    if not form.is_valid() or not attempt(form, lambda: _set(desk, form)):
        return None
    return done(request, _("The book is charged by itself."), desk.link("runs"))


def _set(desk: Desk, form: TimetableForm) -> None:
    services.set_timetable(
        company_id=desk.company_id,
        actor_id=desk.user_id,
        book_id=desk.book_id,
        days_after=int(form.cleaned_data["days_after"]),
        hour=int(form.cleaned_data["hour"]),
        at=_now(),
    )


def shown(desk: Desk, form: TimetableForm | None) -> dict[str, Any]:
    """What the panel shows of the book in hand, and which books were not charged as they should have been."""
    rows = queries.timetables(desk.company_id, _now())
    row = next((each for each in rows if each.book_id == desk.book_id), None)
    first = {"days_after": "3", "hour": "2"}
    if row is not None:
        first = {"days_after": str(row.days_after), "hour": str(row.hour)}
    return {
        "row": row,
        "who": people.usernames({row.actor_id}).get(row.actor_id, "") if row and row.actor_id else "",
        "form": form or TimetableForm(initial=first),
        "hour": f"{row.hour:02d}:00" if row else "",
        "next_at": formatting.instant(row.next_at, timezone=desk.timezone) if row else "",
        "failed": [each for each in rows if each.failed],
    }


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)
