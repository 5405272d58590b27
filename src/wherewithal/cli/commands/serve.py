"""wherewithal serve"""

from typing import Annotated

import typer

from wherewithal.cli.context import database
from wherewithal.cli.output import say
from wherewithal.site import serve as serving

Host = Annotated[str, typer.Option(help="The address to listen on; 0.0.0.0 for every network.")]
Port = Annotated[int, typer.Option(min=1, max=65535, help="The port to listen on.")]
Workers = Annotated[
    int | None, typer.Option(min=1, max=64, help="Web processes. Default: one per core, 2 to 4.")
]


def register(app: typer.Typer) -> None:
    app.command("serve")(serve)


def serve(host: Host = "127.0.0.1", port: Port = 8000, workers: Workers = None) -> None:
    """Serve the pages and the API, and do the jobs, until Ctrl-C."""
    say("Starting the database ...")
    with database() as server:
        code = serving.serve(host=host, port=port, workers=workers, server=server, announce=say)
    raise typer.Exit(code)
