"""The command `wherewithal`."""

import typer

app = typer.Typer(
    no_args_is_help=True, add_completion=False, help="What you hold, where it is, what it is worth."
)


@app.callback()
def main() -> None:
    """What you hold, where it is, what it is worth."""


def run() -> None:
    app()
