"""wherewithal user ..."""

import getpass
import sys
from typing import Annotated

import typer

from wherewithal.cli.companies import all_companies, company_named, user_named
from wherewithal.cli.context import database
from wherewithal.cli.options import By
from wherewithal.cli.output import JsonFlag, emit
from wherewithal.kit.db import company_transaction
from wherewithal.kit.errors import refuse
from wherewithal.people import queries, services
from wherewithal.people.permissions import ROLES

Login = Annotated[str, typer.Argument(help="Username or e-mail address.", metavar="USER")]
Stdin = Annotated[
    bool, typer.Option("--password-stdin", help="Read the password from standard input, one line.")
]


def register(app: typer.Typer) -> None:
    commands = typer.Typer(no_args_is_help=True, help="People who can sign in, and their roles.")
    commands.command("create")(create)
    commands.command("password")(password)
    commands.command("add-role")(add_role)
    commands.command("set-roles")(set_roles)
    commands.command("remove")(remove)
    commands.command("list")(show)
    app.add_typer(commands, name="user")


def create(
    username: Annotated[str, typer.Argument(help="What they sign in with.")],
    email: Annotated[str, typer.Option(help="They may sign in with this too.")] = "",
    name: Annotated[str, typer.Option(help="Their name, to show.")] = "",
    company: Annotated[str | None, typer.Option("--company", "-c", help="A company they work in.")] = None,
    role: Annotated[
        list[str] | None, typer.Option("--role", "-r", help=f"{', '.join(ROLES)}; may repeat.")
    ] = None,
    no_password: Annotated[
        bool, typer.Option("--no-password", help="Cannot sign in; for tokens only.")
    ] = False,
    password_stdin: Stdin = False,
    by: By = None,
    as_json: JsonFlag = False,
) -> None:
    """A new user, and what they are in a company if one is named."""
    if bool(company) != bool(role):
        raise refuse(
            "role", "with_company", "A role is had in a company: give both --company and --role, or none."
        )
    secret = None if no_password else _ask_password(password_stdin)
    with database():
        place = None if company is None else company_named(company).company_id
        actor_id = user_named(by)
        with company_transaction(company_id=place, actor_id=actor_id):
            user_id = services.create_user(
                username=username,
                password=secret,
                email=email,
                name=name,
                company_id=place,
                actor_id=actor_id,
            )
            if place is not None:
                services.add_member(company_id=place, user_id=user_id, roles=role or [], actor_id=actor_id)
    text = f"User {username} is there, for tokens." if no_password else f"User {username} can sign in."
    emit({"user_id": user_id, "username": username}, as_json=as_json, text=text)


def password(user: Login, password_stdin: Stdin = False, by: By = None, as_json: JsonFlag = False) -> None:
    """Set a user's password. Their open sessions end."""
    secret = _ask_password(password_stdin)
    with database():
        found = queries.user_by_login(user)
        services.set_password(user_id=found.user_id, password=secret, actor_id=user_named(by))
    emit({"user_id": found.user_id}, as_json=as_json, text=f"{found.username} has a new password.")


def add_role(
    user: Login,
    company: Annotated[str, typer.Argument(help="The company's code.")],
    roles: Annotated[list[str], typer.Argument(help=", ".join(ROLES))],
    by: By = None,
    as_json: JsonFlag = False,
) -> None:
    """Give a user further roles in a company."""
    with database():
        company_id, found, actor_id = (
            company_named(company).company_id,
            queries.user_by_login(user),
            user_named(by),
        )
        services.add_member(company_id=company_id, user_id=found.user_id, roles=roles, actor_id=actor_id)
        held = _roles(company_id, found.user_id)
    _emit_roles(found.username, company, held, as_json)


def set_roles(
    user: Login,
    company: Annotated[str, typer.Argument(help="The company's code.")],
    roles: Annotated[list[str], typer.Argument(help=", ".join(ROLES))],
    by: By = None,
    as_json: JsonFlag = False,
) -> None:
    """Give a member exactly these roles in a company."""
    with database():
        company_id, found, actor_id = (
            company_named(company).company_id,
            queries.user_by_login(user),
            user_named(by),
        )
        services.set_roles(company_id=company_id, user_id=found.user_id, roles=roles, actor_id=actor_id)
        held = _roles(company_id, found.user_id)
    _emit_roles(found.username, company, held, as_json)


def remove(
    user: Login,
    company: Annotated[str, typer.Argument(help="The company's code.")],
    by: By = None,
    as_json: JsonFlag = False,
) -> None:
    """End a user's work in a company."""
    with database():
        found = queries.user_by_login(user)
        services.remove_member(
            company_id=company_named(company).company_id, user_id=found.user_id, actor_id=user_named(by)
        )
    emit(
        {"user_id": found.user_id, "company": company},
        as_json=as_json,
        text=f"{found.username} no longer works in {company}.",
    )


def show(as_json: JsonFlag = False) -> None:
    """All users, and where they work."""
    with database():
        roles = _all_roles()
        rows = [
            {
                "user_id": user.user_id,
                "username": user.username,
                "name": user.name,
                "email": user.email,
                "active": user.is_active,
                "last_login": user.last_login,
                "roles": roles.get(user.user_id, []),
            }
            for user in queries.users()
        ]
    emit(rows, as_json=as_json)


def _all_roles() -> dict[int, list[str]]:
    """`company: role, role` for each membership of each user."""
    found: dict[int, list[str]] = {}
    for company in all_companies():
        with company_transaction(company_id=company.company_id, read_only=True):
            for member in queries.members(company.company_id, active_only=True):
                found.setdefault(member.user_id, []).append(f"{company.code}: {'+'.join(member.roles)}")
    return found


def _roles(company_id: int, user_id: int) -> list[str]:
    with company_transaction(company_id=company_id, read_only=True):
        actor = queries.actor_for(user_id=user_id, company_id=company_id)
    return sorted(actor.roles) if actor else []


def _emit_roles(username: str, company: str, roles: list[str], as_json: bool) -> None:
    emit(
        {"username": username, "company": company, "roles": roles},
        as_json=as_json,
        text=f"{username} is {', '.join(roles)} in {company}.",
    )


def _ask_password(from_stdin: bool) -> str:
    if from_stdin or not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    first = getpass.getpass("Password: ")
    if getpass.getpass("Again: ") != first:
        raise refuse("password", "same_twice", "The two passwords differ.")
    return first
