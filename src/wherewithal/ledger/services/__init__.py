"""The only writes of the ledger."""

from wherewithal.ledger.services.companies import (
    add_account,
    change_account,
    create_book,
    create_company,
    map_account,
    reserve_company_id,
)
from wherewithal.ledger.services.posting import post

__all__ = [
    "add_account",
    "change_account",
    "create_book",
    "create_company",
    "map_account",
    "post",
    "reserve_company_id",
]
