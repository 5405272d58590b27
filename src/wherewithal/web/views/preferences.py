"""Settings: one's own, the company's, and those of the server as whoever runs it has set them.

What belongs to the server is set by environment variables, so that it is here to be read, and only by who administers
every company of it.
"""

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from wherewithal import __version__
from wherewithal.kit.cluster import Database
from wherewithal.web.desk import Desk
from wherewithal.web.language import language_code, languages
from wherewithal.web.pages import page


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting of the server: what it is, what holds, and the variable that sets it."""

    label: str
    value: str
    variable: str = ""


@page("stock.read", shows="now")
def preferences(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Whoever may see stock sees their own; the rest is narrowed by the template to what they may do."""
    context = {
        "own_language": languages()[language_code()],
        "server": _of_the_server() if desk.everywhere and desk.may("company.manage") else (),
    }
    return render(request, "web/preferences.html", context)


def _of_the_server() -> tuple[Setting, ...]:
    """Without anything secret: neither keys nor passwords, nor the address of a database."""
    kept = settings.BACKUPS_KEPT
    return (
        Setting(_("Version"), __version__),
        Setting(_("Data folder"), str(settings.HOME), "WHEREWITHAL_HOME"),
        Setting(_("Database"), _database(settings.DATABASE), "DATABASE_URL"),
        Setting(_("Languages to choose from"), ", ".join(languages().values()), "WHEREWITHAL_LANGUAGES"),
        Setting(_("Host names"), ", ".join(dict.fromkeys(settings.ALLOWED_HOSTS)), "WHEREWITHAL_HOSTS"),
        Setting(_("Served over HTTPS"), _yes(settings.HTTPS), "WHEREWITHAL_HTTPS"),
        Setting(_("Tracebacks in the browser"), _yes(settings.DEBUG), "WHEREWITHAL_DEBUG"),
        Setting(_("Backups kept"), str(kept), "WHEREWITHAL_BACKUPS_KEPT"),
    )


def _database(database: Database) -> str:
    return _("its own, in the data folder") if database.folder else _("a server of its own")


def _yes(on: bool) -> str:
    return _("yes") if on else _("no")
