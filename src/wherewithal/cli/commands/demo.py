"""wherewithal demo"""

import os
from typing import Annotated

import typer

from wherewithal.cli.commands.serve import Host, Port, Workers
from wherewithal.cli.context import database
from wherewithal.cli.output import progress_bar, say
from wherewithal.site import demo as demonstration
from wherewithal.site import serve as serving


def register(app: typer.Typer) -> None:
    app.command("demo")(demo)


def demo(
    host: Host = "127.0.0.1",
    port: Port = 8000,
    workers: Workers = None,
    load_only: Annotated[bool, typer.Option("--load-only", help="Load the company, do not serve.")] = False,
) -> None:
    """Load the demo company (the first time) and serve it."""
    os.environ.setdefault("WHEREWITHAL_LOG", "warning")
    say("Starting the database ...")
    code = 0
    with database() as server:
        with progress_bar("Loading the demo company") as progress:
            login = demonstration.load(progress)
        if not load_only:
            code = serving.serve(
                host=host,
                port=port,
                workers=workers,
                server=server,
                announce=lambda text: say(f"{text}\n{login}" if "Ctrl-C" in text else text),
            )
    raise typer.Exit(code)
