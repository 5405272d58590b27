"""Pictures and documents of an item."""

from pathlib import Path

from wherewithal.core.words import say
from wherewithal.items import queries
from wherewithal.items.texts import LONGEST_NAME, text_problem
from wherewithal.kit import db, files
from wherewithal.kit.errors import NotFound, Problem, Refused

ATTACHMENT_COLUMNS = (
    ("company_id", "int"),
    ("item_id", "int"),
    *files.FILE_COLUMNS,
)
MOST_PER_ITEM = 50


def attach_file(
    *,
    company_id: int,
    actor_id: int | None,
    item_id: int,
    folder: Path,
    name: str,
    content: bytes,
    title: str = "",
) -> int:
    """Keep a file with an item; `folder` is where attachments lie. The same content twice is one attachment."""
    checked = files.check_file(content, name)
    problem = text_problem("title", title, LONGEST_NAME, required=False)
    if problem:
        raise Refused(problem)
    with db.company_transaction(company_id=company_id, actor_id=actor_id):
        if queries.get_item(company_id, item_id, for_update=True) is None:
            raise NotFound(Problem("item_id", "exists", say("There is no such item."), value=str(item_id)))
        present = {row["sha256"]: row["id"] for row in queries.attachments(company_id, item_id)}
        if checked.sha256 in present:
            return int(present[checked.sha256])
        if len(present) >= MOST_PER_ITEM:
            raise Refused(
                Problem(
                    "file",
                    "file_count",
                    say("An item has at most {most_per_item} attachments.", most_per_item=MOST_PER_ITEM),
                )
            )
        files.store(folder, checked.sha256, content)
        row = (company_id, item_id, *files.file_row(checked, title))
        return int(db.insert_rows("items_attachment", ATTACHMENT_COLUMNS, [row], returning="id")[0][0])


def remove_attachment(*, company_id: int, actor_id: int | None, attachment_id: int) -> None:
    """Take a file from an item. The content stays on disk: another item, or a backup, may name it."""
    with db.company_transaction(company_id=company_id, actor_id=actor_id):
        gone = db.execute(
            "DELETE FROM items_attachment WHERE company_id = %s AND id = %s", (company_id, attachment_id)
        )
        if not gone:
            raise NotFound(
                Problem("attachment_id", "exists", say("There is no such file."), value=str(attachment_id))
            )
