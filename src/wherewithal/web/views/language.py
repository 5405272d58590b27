"""The language of the one who is signed in."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from wherewithal.kit.errors import refuse
from wherewithal.people import services
from wherewithal.web.language import languages
from wherewithal.web.pages import done, refusal, user_id_of


@require_POST
@login_required
def language(request: HttpRequest) -> HttpResponse:
    """Read in this language from now on; '' is what the browser asks for. Back to the page one comes from."""
    chosen = request.POST.get("language", "")
    if chosen and chosen not in languages():
        return refusal(request, refuse("language", "choice", _("Choose one of the languages there are.")))
    user_id = user_id_of(request)
    services.set_language(user_id=user_id, language=chosen, actor_id=user_id)
    following = chosen or translation.get_language_from_request(request)
    back = request.POST.get("back", "")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts=None) or back.startswith("//"):
        back = "/"
    with translation.override(following):
        return done(request, _("This is your language from now on."), back)
