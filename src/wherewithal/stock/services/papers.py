"""Pictures and papers of documents, and of those they were done with."""

from pathlib import Path

from wherewithal.core.words import say
from wherewithal.kit import db, files
from wherewithal.kit.errors import NotFound, Problem, Refused

COLUMNS = (
    ("company_id", "int"),
    ("document_id", "bigint"),
    ("party_id", "int"),
    *files.FILE_COLUMNS,
)
MOST_PAPERS = 50
LONGEST_TITLE = 300


def attach_paper(
    *,
    company_id: int,
    actor_id: int | None,
    folder: Path,
    name: str,
    content: bytes,
    title: str = "",
    document_id: int | None = None,
    party_id: int | None = None,
) -> int:
    """Keep a file with a document or with a party (one of them); `folder` is where attachments lie; the paper's id.
    The same content twice is one paper."""
    assert (document_id is None) != (party_id is None), "a paper is of a document or of a party"
    checked = files.check_file(content, name)
    if len(title) > LONGEST_TITLE or not title.isprintable():
        message = say(
            "A title has at most {longest_title} printable characters.", longest_title=LONGEST_TITLE
        )
        raise Refused(Problem("title", "text", message))
    with db.company_transaction(company_id=company_id, actor_id=actor_id):
        _hold_owner(company_id, document_id, party_id)
        present: dict[str, int] = dict(
            db.fetch_all(
                "SELECT sha256, id FROM stock_paper"
                " WHERE company_id = %s AND (document_id = %s OR party_id = %s)",
                (company_id, document_id, party_id),
            )
        )
        if checked.sha256 in present:
            return present[checked.sha256]
        if len(present) >= MOST_PAPERS:
            raise Refused(
                Problem(
                    "file",
                    "file_count",
                    say("There are at most {most_papers} files here.", most_papers=MOST_PAPERS),
                )
            )
        files.store(folder, checked.sha256, content)
        row = (company_id, document_id, party_id, *files.file_row(checked, title))
        return int(db.insert_rows("stock_paper", COLUMNS, [row], returning="id")[0][0])


def _hold_owner(company_id: int, document_id: int | None, party_id: int | None) -> None:
    """Two files at once for one owner are counted one after the other; NotFound where there is no such owner."""
    key = f"stock_paper {company_id} {document_id} {party_id}"
    db.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (key,))
    there = db.fetch_one(
        "SELECT FROM stock_document WHERE company_id = %(company)s AND document_id = %(document)s"
        " UNION ALL SELECT FROM parties_party WHERE company_id = %(company)s AND id = %(party)s",
        {"company": company_id, "document": document_id, "party": party_id},
    )
    if there is None:
        field = "party_id" if document_id is None else "document_id"
        raise NotFound(
            Problem(field, "exists", say("There is nothing in this company that the file belongs to."))
        )


def remove_paper(*, company_id: int, actor_id: int | None, paper_id: int) -> None:
    """Take a file away. The content stays on disk: something else, or a backup, may name it."""
    with db.company_transaction(company_id=company_id, actor_id=actor_id):
        gone = db.execute("DELETE FROM stock_paper WHERE company_id = %s AND id = %s", (company_id, paper_id))
        if not gone:
            raise NotFound(Problem("paper_id", "exists", say("There is no such file."), value=str(paper_id)))
