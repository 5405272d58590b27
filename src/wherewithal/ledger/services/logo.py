"""The company's logo: one small picture, shown beside its name and on its documents."""

import hashlib
from pathlib import Path

from psycopg.types.json import Jsonb

from wherewithal.core.words import say
from wherewithal.kit import files
from wherewithal.kit.db import company_transaction, execute
from wherewithal.kit.errors import NotFound, Problem, Refused
from wherewithal.ledger.services import checks

LARGEST_BYTES = 2 * 1024 * 1024
SMALLEST_SIDE = 32
MOST_WIDE, MOST_HIGH = 640, 320


def keep_logo(*, company_id: int, actor_id: int | None, folder: Path, name: str, content: bytes) -> None:
    """Keep a picture as the company's logo, instead of the one it may have; `folder` is where attachments lie.

    What is kept is a PNG of at most 640 by 320 points, whatever was sent. Refused: what is no picture, more than 2 MB,
    or less than 32 points high or wide.
    """
    if len(content) > LARGEST_BYTES:
        limit = LARGEST_BYTES // 1024 // 1024
        raise Refused(
            Problem(
                "file", "file_size", say("A logo has at most {limit} MB: send a smaller one.", limit=limit)
            )
        )
    checked = files.check_file(content, name)
    checks.refuse_any(_picture_problem(checked))
    small, (wide, high) = files.small_picture(content, most_wide=MOST_WIDE, most_high=MOST_HIGH)
    sha256 = hashlib.sha256(small).hexdigest()
    files.store(folder, sha256, small)
    _set(company_id, actor_id, {"sha256": sha256, "wide": wide, "high": high})


def remove_logo(*, company_id: int, actor_id: int | None) -> None:
    """The company has no logo from now on. The content stays on disk: a backup may name it."""
    _set(company_id, actor_id, None)


def _picture_problem(checked: files.CheckedFile) -> Problem | None:
    if checked.pixels is None:
        message = say("A logo is a picture: send a PNG, JPEG, GIF or WebP file.")
        return Problem("file", "image", message, value=checked.media_type)
    if min(checked.pixels) < SMALLEST_SIDE:
        message = say(
            "The picture is {wide} by {high} points; a logo has at least {least} in each direction.",
            wide=checked.pixels[0],
            high=checked.pixels[1],
            least=SMALLEST_SIDE,
        )
        return Problem("file", "image_size", message)
    return None


def _set(company_id: int, actor_id: int | None, logo: dict[str, object] | None) -> None:
    with company_transaction(company_id=company_id, actor_id=actor_id):
        changed = execute(
            "UPDATE ledger_company SET settings = settings - 'logo' || %s WHERE id = %s",
            (Jsonb({"logo": logo} if logo else {}), company_id),
        )
        if not changed:
            raise NotFound(Problem("company", "exists", say("There is no such company.")))
