"""Reads of the pictures and papers of documents, and of those they were done with."""

from typing import Any

from wherewithal.kit import db


def papers(
    company_id: int, *, document_id: int | None = None, party_id: int | None = None
) -> list[dict[str, Any]]:
    """The files of a document, or of a party, in the order in which they were kept."""
    return db.fetch_dicts(
        """
        SELECT id, file_name, title, media_type, size_bytes, sha256, is_image, pixels_wide, pixels_high, created_at
        FROM stock_paper
        WHERE company_id = %(company)s AND (document_id = %(document)s OR party_id = %(party)s) ORDER BY id
        """,
        {"company": company_id, "document": document_id, "party": party_id},
    )
