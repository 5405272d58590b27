"""The company's logo: shown, kept, taken away."""

from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from wherewithal.kit import files
from wherewithal.kit.errors import NotFound, Problem
from wherewithal.ledger import services
from wherewithal.web.desk import Desk
from wherewithal.web.forms.files import LogoForm
from wherewithal.web.pages import act, attempt, done, page


@page("stock.read", shows="fact")
def _logo(request: HttpRequest, desk: Desk) -> HttpResponse:
    logo = desk.company.logo
    path = files.file_path(Path(settings.MEDIA_ROOT), logo.sha256) if logo else None
    if path is None or not path.is_file():
        raise NotFound(Problem("logo", "exists", _("This company has no logo.")))
    headers = {"X-Content-Type-Options": "nosniff"}
    return HttpResponse(path.read_bytes(), content_type="image/png", headers=headers)


def logo(request: HttpRequest, company: str) -> HttpResponse:
    """The picture. Its address names its content (`?v=`), so that a browser asks for it once."""
    answer = _logo(request, company=company)
    if answer.status_code == 200 and "v" in request.GET:
        del answer.headers["Expires"]
        answer.headers["Cache-Control"] = "private, max-age=31536000, immutable"
    return answer


@page("company.manage", shows="now")
def logo_change(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Send a picture that is the company's logo from now on."""
    form = LogoForm(request.POST, request.FILES) if request.method == "POST" else LogoForm()
    back = desk.link("company")

    def keep() -> None:
        given = form.cleaned_data["file"]
        services.keep_logo(
            company_id=desk.company_id,
            actor_id=desk.user_id,
            folder=Path(settings.MEDIA_ROOT),
            name=given.name,
            content=given.read(),
        )

    if not form.is_valid() or not attempt(form, keep):
        context = {"form": form, "back": back}
        return render(request, "web/logo_form.html", context, status=422 if form.is_bound else 200)
    return done(request, _("The logo is kept."), back)


@page("company.manage", shows="now")
def logo_remove(request: HttpRequest, desk: Desk) -> HttpResponse:
    back = desk.link("company")
    if request.method != "POST":
        return redirect(back)
    act(lambda: services.remove_logo(company_id=desk.company_id, actor_id=desk.user_id))
    return done(request, _("The logo is taken away."), back)
