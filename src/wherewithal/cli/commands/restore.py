"""wherewithal restore"""

from pathlib import Path
from typing import Annotated

import typer
from django.conf import settings

from wherewithal.cli.output import JsonFlag, emit, say
from wherewithal.kit import cluster
from wherewithal.site import backup as backups
from wherewithal.site import start


def register(app: typer.Typer) -> None:
    app.command("restore")(restore)


def restore(
    file: Annotated[Path, typer.Argument(help="A file that `wherewithal backup` wrote.")],
    as_json: JsonFlag = False,
) -> None:
    """Fill an empty database (a new WHEREWITHAL_HOME, or an empty one named by DATABASE_URL) from a backup."""
    with cluster.available(settings.DATABASE):
        manifest = backups.restore(file.absolute(), say=say)
        start.close_connections()
    text = f"Restored the backup of {manifest['made_at']}. Prove it: wherewithal verify"
    emit({"made_at": manifest["made_at"], "version": manifest["version"]}, as_json=as_json, text=text)
