"""wherewithal backup"""

import datetime
from pathlib import Path
from typing import Annotated

import typer

from wherewithal.cli.context import database
from wherewithal.cli.output import JsonFlag, emit, say
from wherewithal.reporting import backups


def register(app: typer.Typer) -> None:
    app.command("backup")(backup)


def backup(
    file: Annotated[Path | None, typer.Argument(help="Default: wherewithal-<time>.tar here.")] = None,
    as_json: JsonFlag = False,
) -> None:
    """Write everything (database, attachments, chain heads) into one file. The server may go on working."""
    now = datetime.datetime.now(datetime.UTC)
    target = file or Path(f"wherewithal-{now:%Y%m%dT%H%M%SZ}.tar")
    with database():
        manifest = backups.write(target.absolute(), at=now, tell=say)
    answer = {
        "file": str(target),
        "bytes": target.stat().st_size,
        "chain_heads": manifest["chain_heads"],
        "files": len(manifest["sha256"]),
    }
    emit(
        answer,
        as_json=as_json,
        text=f"{target}: {answer['bytes']:,} bytes, {answer['chain_heads']} chain heads",
    )
