import hashlib
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from wherewithal.items import queries, services
from wherewithal.items.values import ItemDraft
from wherewithal.kit import db, files
from wherewithal.kit.errors import NotFound, Refused


def picture(size: tuple[int, int] = (4, 3), kind: str = "PNG", colours: str = "RGB") -> bytes:
    buffer = BytesIO()
    Image.new(colours, size, 1).save(buffer, kind)
    return buffer.getvalue()


@pytest.fixture
def item(company: int) -> int:
    return services.create_item(company_id=company, actor_id=None, item=ItemDraft(sku="A", name="A"))


def attach(company: int, item: int, folder: Path, name: str, content: bytes) -> int:
    return services.attach_file(
        company_id=company, actor_id=None, item_id=item, folder=folder, name=name, content=content
    )


def test_a_picture_is_known_by_its_bytes_not_its_name(company: int, item: int, tmp_path: Path) -> None:
    content = picture(kind="JPEG")
    first = attach(company, item, tmp_path, "../../etc/pass wd.txt", content)
    assert attach(company, item, tmp_path, "again.jpg", content) == first
    sha256 = hashlib.sha256(content).hexdigest()
    assert files.file_path(tmp_path, sha256).read_bytes() == content
    with db.company_transaction(company_id=company):
        [row] = queries.attachments(company, item)
    assert (row["file_name"], row["media_type"], row["pixels_wide"], row["pixels_high"], row["sha256"]) == (
        "pass wd.txt",
        "image/jpeg",
        4,
        3,
        sha256,
    )
    services.remove_attachment(company_id=company, actor_id=None, attachment_id=first)
    with pytest.raises(NotFound):
        services.remove_attachment(company_id=company, actor_id=None, attachment_id=first)


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (b"%PDF-1.7 x", "application/pdf"),
        ("häuser".encode(), "text/plain"),
        (b"a\0b", "application/octet-stream"),
    ],
)
def test_documents_are_sniffed(content: bytes, media_type: str) -> None:
    assert files.check_file(content, "x").media_type == media_type


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (lambda: b"", "not_empty"),
        (lambda: b"x" * (files.LARGEST_FILE_BYTES + 1), "file_size"),
        (lambda: picture((900, 900), "JPEG")[:3000], "image_readable"),
        (lambda: picture((10_000, 10_000), colours="1"), "image_size"),
    ],
)
def test_refused_files_leave_nothing(
    company: int, item: int, tmp_path: Path, content: Callable[[], bytes], rule: str
) -> None:
    with pytest.raises(Refused) as refused:
        attach(company, item, tmp_path, "x.png", content())
    assert [problem.rule for problem in refused.value.problems] == [rule]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("a/b\\c.pdf", "c.pdf"),
        ("..", "file"),
        ("", "file"),
        ("\x1b[2J<script>.svg", "_[2J_script_.svg".replace("[", "_")),
    ],
)
def test_names_are_made_safe(given: str, kept: str) -> None:
    assert files.safe_name(given) == kept
