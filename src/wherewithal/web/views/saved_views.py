"""Keeping and forgetting how one sees a list."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from wherewithal.people import services
from wherewithal.people.permissions import require
from wherewithal.web.desk import Desk
from wherewithal.web.pages import Undo, act, back_of, done, page


@require_POST
@page("items.read", shows="now")
def view_save(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Keep a list as it is shown. Everybody may for themselves; to share it takes a permission."""
    shared = "shared" in request.POST
    if shared:
        require(desk.actor, "views.share")
    name = request.POST.get("name", "")
    act(
        lambda: services.save_view(
            company_id=desk.company_id,
            actor_id=desk.user_id,
            list_name=request.POST.get("list", ""),
            name=name,
            query=request.POST.get("query", ""),
            shared=shared,
        )
    )
    message = _("The view “%(name)s” is kept for everybody.") if shared else _("The view “%(name)s” is kept.")
    return done(request, message % {"name": name}, back_of(request, desk))


@require_POST
@page("items.read", shows="now")
def view_delete(request: HttpRequest, desk: Desk, view_id: int) -> HttpResponse:
    view = act(
        lambda: services.delete_view(
            company_id=desk.company_id,
            actor_id=desk.user_id,
            view_id=view_id,
            of_others=desk.may("company.manage"),
        )
    )
    back = back_of(request, desk)
    fields = {"list": view.list_name, "name": view.name, "query": view.query, "back": back}
    if view.shared:
        fields["shared"] = "on"
    own = view.user_id == desk.user_id
    undo = Undo(desk.link("view_save"), [*fields.items()]) if own else None
    return done(request, _("The view “%(name)s” is removed.") % {"name": view.name}, back, undo=undo)
