"""Set-up: members and their roles, what each role may do, and tokens for programs."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from wherewithal.kit.errors import NotFound, Problem, Refused
from wherewithal.kit.words import translated
from wherewithal.people import queries as people
from wherewithal.people import services
from wherewithal.people.permissions import PERMISSIONS, ROLE_TITLES, ROLES
from wherewithal.people.queries import Member, TokenRow
from wherewithal.web import fields, tables
from wherewithal.web.desk import Desk
from wherewithal.web.forms.people import NewMemberForm, RolesForm, TokenForm
from wherewithal.web.pages import act, attempt, done, page, table_page
from wherewithal.web.tables import Ask, Filter, Page, Table


@page("people.manage")
def members(request: HttpRequest, desk: Desk) -> HttpResponse:
    rows = people.members(desk.company_id)
    factors = people.with_second_factor([row.user_id for row in rows])
    table = _member_table(desk, factors)
    return table_page(
        request, desk, "web/people.html", table, lambda ask: tables.sliced(_matching(rows, ask), table, ask)
    )


def _member_table(desk: Desk, factors: frozenset[int]) -> Table:
    return Table(
        key="people",
        title=_("People"),
        columns=(
            tables.text(
                _("User"),
                "username",
                lead=True,
                sort="user",
                link=lambda row: desk.link("member", row.user_id),
            ),
            tables.text(_("Name"), "name", clip=True, sort="name"),
            tables.text(_("E-mail"), "email", phone=False, clip=True, sort="email"),
            tables.text(_("Roles"), lambda row: role_names(row.roles)),
            tables.tag(
                _("Second factor"),
                lambda row: row.user_id in factors,
                lambda on: (_("set up"), "good") if on else (_("none"), ""),
                phone=False,
            ),
            tables.tag(
                _("State"), "active", lambda on: (_("Active"), "good") if on else (_("Left"), ""), phone=False
            ),
            tables.instant(_("Last here"), "last_login", desk.timezone, phone=False, sort="last"),
        ),
        filters=(
            Filter(
                "role", _("Role"), choices=[(role, translated(title)) for role, title in ROLE_TITLES.items()]
            ),
        ),
        search_hint=_("User, name or e-mail"),
        default_sort="user",
    )


def role_names(roles: Any) -> str:
    return ", ".join(translated(ROLE_TITLES.get(role, role)) for role in roles)


def _matching(rows: list[Member], ask: Ask) -> list[Member]:
    wanted = ask.q.casefold()
    return [
        row
        for row in rows
        if (not ask.get("role") or ask.get("role") in row.roles)
        and any(wanted in text.casefold() for text in (row.username, row.name, row.email))
    ]


@page("people.manage")
def member_new(request: HttpRequest, desk: Desk) -> HttpResponse:
    form = NewMemberForm(request.POST if request.method == "POST" else None)
    if request.method != "POST" or not form.is_valid() or not attempt(form, lambda: _add(desk, form)):
        return render(request, "web/member_form.html", {"form": form}, status=422 if form.is_bound else 200)
    message = _("%(user)s may work here.") % {"user": form.cleaned_data["username"]}
    return done(request, message, desk.link("people"))


def _add(desk: Desk, form: NewMemberForm) -> None:
    """The user that has this name, or a new one with a first password."""
    data = form.cleaned_data
    try:
        user_id = people.user_by_login(data["username"]).user_id
    except NotFound:
        if not data["password"]:
            message = _("Nobody has this user name: give a first password to make an account.")
            raise Refused(Problem("password", "required", message)) from None
        user_id = services.create_user(
            username=data["username"],
            password=data["password"],
            email=data["email"],
            name=data["name"],
            company_id=desk.company_id,
            actor_id=desk.user_id,
        )
    services.add_member(
        company_id=desk.company_id, user_id=user_id, roles=data["roles"], actor_id=desk.user_id
    )


@page("people.manage")
def member(request: HttpRequest, desk: Desk, user_id: int) -> HttpResponse:
    """One member: the roles, the tokens; a POST changes the roles or ends the membership."""
    with desk.reading():
        found = next((row for row in people.members(desk.company_id) if row.user_id == user_id), None)
        tokens = people.tokens(desk.company_id, user_id=user_id)
        factors = people.with_second_factor([user_id])
    if found is None:
        raise NotFound(Problem("user", "exists", _("There is no such member of this company.")))
    form = RolesForm(request.POST if request.method == "POST" else None, initial={"roles": found.roles})
    if request.method == "POST":
        if "remove" in request.POST:
            form = RolesForm({"roles": found.roles})
            if form.is_valid() and attempt(form, lambda: _remove(desk, user_id)):
                return done(request, _("The membership has ended."), desk.link("people"))
        elif form.is_valid() and attempt(form, lambda: _set_roles(desk, user_id, form)):
            return done(request, _("The roles are changed."), desk.link("member", user_id))
    context = {
        "member": found,
        "form": form,
        "tokens": tokens,
        "factor": user_id in factors,
        "roles": role_names(found.roles),
        "may": [translated(PERMISSIONS[name]) for name in PERMISSIONS if _grants(found.roles, name)],
    }
    with desk.reading():
        return render(request, "web/member.html", context, status=422 if form.is_bound else 200)


def _grants(roles: Any, permission: str) -> bool:
    return any(permission in ROLES.get(role, ()) for role in roles)


def _set_roles(desk: Desk, user_id: int, form: RolesForm) -> None:
    services.set_roles(
        company_id=desk.company_id,
        user_id=user_id,
        roles=form.cleaned_data["roles"],
        actor_id=desk.user_id,
    )


def _remove(desk: Desk, user_id: int) -> None:
    services.remove_member(company_id=desk.company_id, user_id=user_id, actor_id=desk.user_id)


@page("stock.read", shows="now")
def roles(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Which role may do what: for everybody, so that one knows whom to ask."""
    context = {
        "titles": [translated(title) for title in ROLE_TITLES.values()],
        "rows": [
            (translated(meaning), name, [name in ROLES[role] for role in ROLE_TITLES])
            for name, meaning in PERMISSIONS.items()
        ],
    }
    return render(request, "web/roles.html", context)


# --- tokens -----------------------------------------------------------------------------------------------


@page("people.manage")
def tokens(request: HttpRequest, desk: Desk) -> HttpResponse:
    """All tokens of the company; a POST makes one that acts for oneself, and shows its text this once."""
    form = TokenForm(request.POST if request.method == "POST" else None, granted=desk.actor.permissions)
    made = ""
    if request.method == "POST" and form.is_valid() and attempt(form, lambda: _make_token(desk, form)):
        made = form.outcome
        form = TokenForm(granted=desk.actor.permissions)
    with desk.reading():
        rows = people.tokens(desk.company_id)
        table = tables.show(request, _token_table(desk), lambda ask: Page(rows))
        context = {"form": form, "table": table, "made": made}
        return render(request, "web/tokens.html", context, status=422 if form.is_bound else 200)


def _make_token(desk: Desk, form: TokenForm) -> str:
    data = form.cleaned_data
    return services.create_token(
        company_id=desk.company_id,
        user_id=desk.user_id,
        name=data["name"],
        scopes=data["scopes"],
        expires_at=form.expires_at(),
        actor_id=desk.user_id,
    )


def _token_table(desk: Desk) -> Table:
    def state(row: TokenRow) -> tuple[Any, str]:
        if row.revoked_at is not None:
            return (_("Revoked"), "bad")
        if row.expires_at is not None and row.expires_at < desk.now:
            return (_("Expired"), "warn")
        return (_("Valid"), "good")

    return Table(
        key="tokens",
        title=_("Tokens so far"),
        columns=(
            tables.text(
                _("For"), "name", lead=True, link=lambda row: desk.link("token_revoke", row.token_id)
            ),
            tables.text(_("Acts for"), "username"),
            tables.tag(_("State"), lambda row: row, state),
            tables.text(_("May"), lambda row: ", ".join(row.scopes), phone=False, clip=True),
            tables.instant(_("Valid through"), "expires_at", desk.timezone, phone=False),
            tables.instant(_("Last used"), "last_used_at", desk.timezone, phone=False),
        ),
        tools=False,
        empty_title=_("No token yet"),
        empty_text=_("A token lets a program do a part of what you may do."),
    )


@page("people.manage")
def token_revoke(request: HttpRequest, desk: Desk, token_id: int) -> HttpResponse:
    """A page that shows the token and asks, and the POST that revokes it."""
    with desk.reading():
        found = next((row for row in people.tokens(desk.company_id) if row.token_id == token_id), None)
    if found is None:
        raise NotFound(Problem("token", "exists", _("There is no such token in this company.")))
    if request.method != "POST":
        return render(request, "web/token_revoke.html", {"token": found, "form": fields.Form()})
    act(lambda: services.revoke_token(company_id=desk.company_id, token_id=token_id, actor_id=desk.user_id))
    return done(request, _("The token no longer works."), desk.link("tokens"))
