"""wherewithal token ..."""

import datetime
from typing import Annotated

import typer

from wherewithal.cli.companies import company_named, user_named
from wherewithal.cli.context import database
from wherewithal.cli.options import By
from wherewithal.cli.output import JsonFlag, emit, say
from wherewithal.kit.db import company_transaction
from wherewithal.people import queries, services
from wherewithal.people.permissions import Actor

Company = Annotated[str, typer.Argument(help="The company's code.")]
DAYS = 365


def register(app: typer.Typer) -> None:
    commands = typer.Typer(no_args_is_help=True, help="Tokens with which programs use the API.")
    commands.command("create")(create)
    commands.command("revoke")(revoke)
    commands.command("list")(show)
    app.add_typer(commands, name="token")


def create(
    company: Company,
    user: Annotated[str, typer.Argument(help="Username of whom the program acts for.")],
    name: Annotated[str, typer.Argument(help="What the token is for.")],
    scope: Annotated[
        list[str] | None,
        typer.Option("--scope", "-s", help="A permission; may repeat. Default: all that the user has."),
    ] = None,
    days: Annotated[int, typer.Option(min=1, max=3650, help="How long it lasts.")] = DAYS,
    by: By = None,
    as_json: JsonFlag = False,
) -> None:
    """A new token. It is shown this once."""
    expires_at = datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=days)
    with database():
        company_id, user_id = company_named(company).company_id, queries.user_by_login(user).user_id
        scopes = scope or sorted(_actor(company_id, user_id).permissions)
        text = services.create_token(
            company_id=company_id,
            user_id=user_id,
            name=name,
            scopes=scopes,
            expires_at=expires_at,
            actor_id=user_named(by),
        )
    if not as_json:
        say(f"Expires {expires_at:%Y-%m-%d}. Keep it well: it is not shown again.")
    emit({"token": text, "expires_at": expires_at, "scopes": scopes}, as_json=as_json, text=text)


def revoke(
    company: Company,
    token_id: Annotated[int, typer.Argument(help="As shown by `token list`.")],
    by: By = None,
    as_json: JsonFlag = False,
) -> None:
    """Make a token useless, at once and for good."""
    with database():
        services.revoke_token(
            company_id=company_named(company).company_id, token_id=token_id, actor_id=user_named(by)
        )
    emit({"token_id": token_id, "revoked": True}, as_json=as_json, text=f"Token {token_id} is revoked.")


def show(company: Company, as_json: JsonFlag = False) -> None:
    """The company's tokens, without their secrets."""
    with database():
        company_id = company_named(company).company_id
        with company_transaction(company_id=company_id, read_only=True):
            tokens = queries.tokens(company_id)
    emit(tokens, as_json=as_json)


def _actor(company_id: int, user_id: int) -> Actor:
    with company_transaction(company_id=company_id, read_only=True):
        actor = queries.actor_for(user_id=user_id, company_id=company_id)
    return actor or Actor(user_id, company_id, frozenset())
