"""The embedded PostgreSQL: found, started, shared and stopped by the processes that use it."""

import hashlib
import os
import tempfile
from pathlib import Path

PORT = "5432"
LONGEST_SOCKET_PATH = 107


def socket_folder(folder: Path) -> Path:
    """Where the server's socket lies: beside the data, or in a short folder when that path is too long."""
    beside = folder / "run"
    if len(os.fsencode(beside / f".s.PGSQL.{PORT}")) <= LONGEST_SOCKET_PATH:
        return beside
    digest = hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"wherewithal-{digest}"
