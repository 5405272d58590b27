"""The only reads of this room. All run inside the caller's company_transaction."""

from collections.abc import Iterable
from typing import Any, Literal

from wherewithal.kit import db
from wherewithal.parties.checks import name_key

LARGEST_PAGE = 1001  # a thousand and one to look ahead
_COLUMNS = "id, code, name, is_supplier, is_customer, country, tax_id, email, phone, address, active"


def get_party(company_id: int, party_id: int, *, for_update: bool = False) -> dict[str, Any] | None:
    lock = " FOR NO KEY UPDATE" if for_update else ""
    rows = db.fetch_dicts(
        f"SELECT {_COLUMNS} FROM parties_party WHERE company_id = %s AND id = %s{lock}",  # noqa: S608 fixed text
        (company_id, party_id),
    )
    return rows[0] if rows else None


def party_ids(company_id: int, codes: Iterable[str]) -> dict[str, int]:
    """The ids of parties by code; unknown codes are not in the answer."""
    rows = db.fetch_all(
        "SELECT code, id FROM parties_party WHERE company_id = %s AND code = ANY(%s)",
        (company_id, list(codes)),
    )
    return dict(rows)


def list_parties(
    company_id: int,
    *,
    text: str = "",
    is_supplier: bool | None = None,
    is_customer: bool | None = None,
    active: bool | None = None,
    order: Literal["code", "name"] = "code",
    descending: bool = False,
    after: tuple[str, int] | None = None,
    limit: int = 50,
) -> list[dict[str, Any]]:
    """A page by code, or by name without case and accents. `text` is the beginning of either.
    `after` is the (code or name, id) of the last row of the page before."""
    column = {"code": "code", "name": "name_key"}[order]
    way, beyond = ("DESC", "<") if descending else ("ASC", ">")
    past = f"AND ({column}, id) {beyond} (%(after_key)s, %(after_id)s)" if after else ""
    key, after_id = after or ("", 0)
    return db.fetch_dicts(
        f"""
        SELECT {_COLUMNS} FROM parties_party
        WHERE company_id = %(company)s {past}
          AND (%(text)s::text = '' OR code ^@ %(text)s::text OR name_key ^@ %(name_key)s)
          AND (%(supplier)s::boolean IS NULL OR is_supplier = %(supplier)s)
          AND (%(customer)s::boolean IS NULL OR is_customer = %(customer)s)
          AND (%(active)s::boolean IS NULL OR active = %(active)s)
        ORDER BY {column} {way}, id {way} LIMIT %(limit)s
        """,  # noqa: S608 fixed text
        {
            "company": company_id,
            "text": text.replace("\0", "").strip(),
            "name_key": name_key(text.replace("\0", "")),
            "supplier": is_supplier,
            "customer": is_customer,
            "active": active,
            "after_key": name_key(key) if order == "name" else key,
            "after_id": after_id,
            "limit": max(1, min(limit, LARGEST_PAGE)),
        },
    )
