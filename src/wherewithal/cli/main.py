"""The command `wherewithal`.

Each command is a file in `commands` with a function `register(app)`. They are imported when Django is ready, because
the use cases that they call need its models; that is why their names stand here as text.
"""

import importlib
import importlib.util
import sys
from typing import Annotated

import typer

from wherewithal import __version__
from wherewithal.cli.output import EXIT_REFUSED, emit, refusal, say
from wherewithal.kit.errors import Refused
from wherewithal.kit.postgres import PostgresError
from wherewithal.site import start

COMMANDS = (
    "serve",
    "demo",
    "verify",
    "explain",
    "import_",
    "export",
    "backup",
    "restore",
    "company",
    "asset",
    "user",
    "token",
    "calc",
    "shell",
)


def _say_version(wanted: bool) -> None:
    if wanted:
        emit(None, as_json=False, text=f"wherewithal {__version__}")
        raise typer.Exit


def _whole(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_say_version, is_eager=True, help="Say which version this is."),
    ] = False,
) -> None:
    """What is said before a command."""


def build() -> typer.Typer:
    """The whole command line."""
    app = typer.Typer(
        name="wherewithal",
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        help="What an organisation holds, where it is, what state it is in and what it is worth.",
    )
    app.callback()(_whole)
    for name in COMMANDS:
        module = f"wherewithal.cli.commands.{name}"
        if importlib.util.find_spec(module):
            importlib.import_module(module).register(app)
    return app


def run(arguments: list[str] | None = None) -> None:
    """Run one command and exit: 0 done, 1 a check failed, 2 refused."""
    given = sys.argv[1:] if arguments is None else arguments
    start.setup()
    try:
        build()(args=given)
    except Refused as error:
        refusal(error, as_json="--json" in given)
        sys.exit(EXIT_REFUSED)
    except PostgresError as error:
        say(str(error))
        sys.exit(EXIT_REFUSED)
    except UnicodeError as error:
        say(f"That is no UTF-8 text: {error}")
        sys.exit(EXIT_REFUSED)
    except OSError as error:  # a file that was named and cannot be read or written
        if error.filename is None:
            raise
        say(f"{error.filename}: {error.strerror}")
        sys.exit(EXIT_REFUSED)


if __name__ == "__main__":
    run()
