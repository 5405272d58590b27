"""Pictures and papers of documents, and of those they were done with."""

from pathlib import Path

from wherewithal.items import files
from wherewithal.kit import db
from wherewithal.kit.errors import NotFound, Problem, Refused
from wherewithal.stock import queries

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
        message = f"A title has at most {LONGEST_TITLE} printable characters."
        raise Refused(Problem("title", "text", message))
    with db.company_transaction(company_id=company_id, actor_id=actor_id):
        _hold_owner(company_id, document_id, party_id)
        present = {
            row["sha256"]: row["id"]
            for row in queries.papers(company_id, document_id=document_id, party_id=party_id)
        }
        if checked.sha256 in present:
            return int(present[checked.sha256])
        if len(present) >= MOST_PAPERS:
            raise Refused(Problem("file", "file_count", f"There are at most {MOST_PAPERS} files here."))
        files.store(folder, checked.sha256, content)
        row = (company_id, document_id, party_id, *files.file_row(checked, title))
        return int(db.insert_rows("stock_paper", COLUMNS, [row], returning="id")[0][0])


def _hold_owner(company_id: int, document_id: int | None, party_id: int | None) -> None:
    """Two files at once for one owner are counted one after the other; NotFound where there is no such owner."""
    key = f"stock_paper {company_id} {document_id} {party_id}"
    db.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (key,))
    if document_id is not None:
        queries.get_document(company_id, document_id)
    elif (
        db.fetch_one("SELECT FROM parties_party WHERE company_id = %s AND id = %s", (company_id, party_id))
        is None
    ):
        raise NotFound(Problem("party_id", "exists", "There is no such party.", value=str(party_id)))


def remove_paper(*, company_id: int, actor_id: int | None, paper_id: int) -> None:
    """Take a file away. The content stays on disk: something else, or a backup, may name it."""
    with db.company_transaction(company_id=company_id, actor_id=actor_id):
        gone = db.execute("DELETE FROM stock_paper WHERE company_id = %s AND id = %s", (company_id, paper_id))
        if not gone:
            raise NotFound(Problem("paper_id", "exists", "There is no such file.", value=str(paper_id)))
