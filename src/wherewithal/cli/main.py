"""The command `wherewithal`.

Each command is a file in `commands` with a function `register(app)`. They are imported when Django is ready, because
the use cases that they call need its models; that is why their names stand here as text.
"""

import importlib
import importlib.util
import sys

import typer

from wherewithal.cli.output import EXIT_REFUSED, refusal, say
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


if __name__ == "__main__":
    run()
