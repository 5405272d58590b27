"""Options that several commands take in the same words."""

import datetime
from typing import Annotated, Any

import typer

DAY: dict[str, Any] = {
    "formats": ["%Y-%m-%d"],
    "metavar": "DAY",
}  # how an argument or option that is a day reads
Company = Annotated[str, typer.Option("--company", "-c", help="The company's code.")]
BookCode = Annotated[
    str | None, typer.Option("--book", "-b", help="The book's code. Default: the primary book.")
]
By = Annotated[str | None, typer.Option("--by", help="Username of whoever does this, for the trail.")]
AsOf = Annotated[
    datetime.datetime | None,
    typer.Option("--as-of", help="As it was at the end of this day.", **DAY),
]
KnownAt = Annotated[
    str | None,
    typer.Option(
        "--known-at",
        help="Counting only what was recorded by then (company time, or with an offset): 2026-04-15T18:00.",
        metavar="INSTANT",
    ),
]
