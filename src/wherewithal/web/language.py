"""In which language a page is: the person's own choice, else the first the browser asks for that there is."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils import translation

Respond = Callable[[HttpRequest], HttpResponseBase]


def own_language(get_response: Respond) -> Respond:
    """Middleware below LocaleMiddleware, which has settled what the browser asks for, and below authentication."""

    def respond(request: HttpRequest) -> HttpResponseBase:
        own = getattr(request.user, "language", "")
        if own and own in languages():
            translation.activate(own)
            request.LANGUAGE_CODE = translation.get_language()
        return get_response(request)

    return respond


def language_code() -> str:
    """The language of this page, one of `languages`."""
    active = translation.get_language() or settings.LANGUAGE_CODE
    return active if active in languages() else active.split("-")[0]


def languages() -> dict[str, str]:
    """The languages there are, by code: each under its own name."""
    return {code: translation.get_language_info(code)["name_local"] for code, _ in settings.LANGUAGES}
