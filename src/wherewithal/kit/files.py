"""Attachments on disk: one file per content, named by its sha256, under the data folder.

The same picture attached to ten items lies there once. A file is written beside its place and renamed, so that a
crash leaves either the whole file or none; it is written before its row, so that a row never names a missing file.
"""

import hashlib
import os
import re
import unicodedata
import warnings
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageOps, UnidentifiedImageError

from wherewithal.core.words import say
from wherewithal.kit.errors import Problem, Refused

LARGEST_FILE_BYTES = 20 * 1024 * 1024
MOST_PIXELS = 50_000_000
IMAGE_TYPES = {"PNG": "image/png", "JPEG": "image/jpeg", "GIF": "image/gif", "WEBP": "image/webp"}
_DOCUMENT_STARTS = ((b"%PDF-", "application/pdf"), (b"PK\x03\x04", "application/zip"))
_UNSAFE = re.compile(r"[^\w .()+\-]")


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """What the bytes are, whatever their name claims."""

    sha256: str
    file_name: str
    media_type: str
    size_bytes: int
    pixels: tuple[int, int] | None


FILE_COLUMNS = (
    ("file_name", "text"),
    ("title", "text"),
    ("media_type", "text"),
    ("size_bytes", "bigint"),
    ("sha256", "text"),
    ("is_image", "boolean"),
    ("pixels_wide", "int"),
    ("pixels_high", "int"),
)
"""What every table of attachments keeps of a file, beside whose it is."""


def file_row(checked: CheckedFile, title: str) -> tuple[object, ...]:
    """The values of FILE_COLUMNS; without a title the name is the title."""
    return (
        checked.file_name,
        title.strip() or checked.file_name,
        checked.media_type,
        checked.size_bytes,
        checked.sha256,
        checked.pixels is not None,
        *(checked.pixels or (None, None)),
    )


def safe_name(name: str) -> str:
    """A file name without folders, control characters and leading dots, at most 120 characters, never empty."""
    last = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1]
    clean = _UNSAFE.sub("_", last).strip(" .")
    stem, dot, ending = clean.rpartition(".")
    if dot and len(ending) <= 10:
        return f"{stem[: 119 - len(ending)] or 'file'}.{ending}"
    return clean[:120] or "file"


def check_file(content: bytes, name: str) -> CheckedFile:
    """Sniff, measure and name an upload; Refused where it is empty, too large, or an image that cannot be read."""
    if not content:
        raise Refused(Problem("file", "not_empty", say("The file is empty.")))
    if len(content) > LARGEST_FILE_BYTES:
        limit = LARGEST_FILE_BYTES // 1024 // 1024
        raise Refused(
            Problem(
                "file",
                "file_size",
                say("The file is larger than {limit} MB.", limit=limit),
                value=str(len(content)),
            )
        )
    media_type, pixels = _sniff(content)
    return CheckedFile(hashlib.sha256(content).hexdigest(), safe_name(name), media_type, len(content), pixels)


def _sniff(content: bytes) -> tuple[str, tuple[int, int] | None]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(BytesIO(content), formats=list(IMAGE_TYPES)) as image:
                size, kind = image.size, image.format or ""
                if size[0] * size[1] > MOST_PIXELS:
                    raise Image.DecompressionBombError
                image.load()  # decode it whole: verify() lets a file through that breaks off in the middle
    except UnidentifiedImageError:
        return _sniff_document(content), None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        message = say(
            "The image has more than {most_pixels} million pixels: send a smaller one.",
            most_pixels=MOST_PIXELS // 1_000_000,
        )
        raise Refused(Problem("file", "image_size", message)) from None
    except (OSError, SyntaxError, ValueError) as error:  # what Pillow raises on broken images
        raise Refused(
            Problem("file", "image_readable", say("The image is damaged: {error}.", error=str(error)))
        ) from None
    return IMAGE_TYPES[kind], size


def _sniff_document(content: bytes) -> str:
    for start, media_type in _DOCUMENT_STARTS:
        if content.startswith(start):
            return media_type
    if b"\0" in content[:4096]:
        return "application/octet-stream"
    try:
        content[:4096].decode("utf-8", errors="strict")
    except UnicodeDecodeError as error:
        if error.start < min(len(content), 4096) - 4:
            return "application/octet-stream"
    return "text/plain"


def file_path(folder: Path, sha256: str) -> Path:
    """Where a content lies: two levels, so that no folder grows long."""
    return folder / sha256[:2] / sha256


def store(folder: Path, sha256: str, content: bytes) -> Path:
    """Write the content to its place unless it is there already."""
    path = file_path(folder, sha256)
    if path.exists():
        return path
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f"{sha256}.{os.getpid()}.draft")
    try:
        with open(draft, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, path)
    finally:
        draft.unlink(missing_ok=True)
    return path


def small_picture(content: bytes, *, most_wide: int, most_high: int) -> tuple[bytes, tuple[int, int]]:
    """An image that `check_file` took, as a PNG of at most this size and with nothing but its points; and its size.

    What a camera turned is turned, colours for printing become those of screens, and names of places and people that
    a file may hold stay behind.
    """
    with Image.open(BytesIO(content), formats=list(IMAGE_TYPES)) as image:
        # Coarsely first: a few kilobytes may unfold to 50 million points, and in full colour each takes four bytes.
        image.thumbnail((4 * max(most_wide, most_high),) * 2)
        points = ImageOps.exif_transpose(image).convert("RGBA")
    points.thumbnail((most_wide, most_high))
    out = BytesIO()
    points.save(out, "PNG", optimize=True)
    return out.getvalue(), points.size
