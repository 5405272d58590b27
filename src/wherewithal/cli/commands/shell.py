"""wherewithal shell"""

import code
import os
import subprocess
from typing import Annotated

import typer
from django.conf import settings
from psycopg.conninfo import make_conninfo

from wherewithal.cli.context import database
from wherewithal.kit import db, postgres


def register(app: typer.Typer) -> None:
    app.command("shell")(shell)


def shell(
    sql: Annotated[bool, typer.Option("--sql", help="psql in place of Python.")] = False,
    owner: Annotated[
        bool, typer.Option("--owner", help="psql as the owner of the tables, who sees all companies.")
    ] = False,
    company_id: Annotated[int | None, typer.Option(help="Whose rows to see.")] = None,
    command: Annotated[str | None, typer.Option("--command", "-c", help="Run this and leave.")] = None,
) -> None:
    """A Python prompt with the database at hand, or psql."""
    with database():
        if sql or owner:
            raise typer.Exit(_psql(owner, company_id, command))
        with db.company_transaction(company_id=company_id):
            names = {"db": db, "settings": settings}
            if command:
                exec(compile(command, "<command>", "exec"), names)
            else:
                code.interact(
                    banner="db.fetch_all(sql) reads. One transaction, kept at the end.", local=names
                )


def _psql(owner: bool, company_id: int | None, command: str | None) -> int:
    login = settings.DATABASE.owner if owner else settings.DATABASE.app
    company = {} if company_id is None else {"options": f"-c app.company={company_id}"}
    arguments = [str(postgres.programs() / "psql")]
    if command:
        arguments += ["-c", command]
    environ = os.environ | {"PGPASSWORD": login.password}
    conninfo = make_conninfo(login.conninfo(), **company, password=None)
    return subprocess.run([*arguments, conninfo], env=environ, check=False).returncode
