"""The only writes of the ledger."""

from wherewithal.ledger.services.account_map import CONTROL_ROLES, hold_book_alone, map_account
from wherewithal.ledger.services.companies import (
    add_account,
    change_account,
    change_book,
    change_company,
    create_book,
    create_company,
    reserve_company_id,
)
from wherewithal.ledger.services.journal import JournalLine, Posted, post_journal, reverse_entry
from wherewithal.ledger.services.logo import keep_logo, remove_logo
from wherewithal.ledger.services.periods import close_period, lock_period, month_end, reopen_period
from wherewithal.ledger.services.posting import POSTING, entry_rows, post
from wherewithal.ledger.services.rates import RateDraft, set_exchange_rates

__all__ = [
    "CONTROL_ROLES",
    "POSTING",
    "JournalLine",
    "Posted",
    "RateDraft",
    "add_account",
    "change_account",
    "change_book",
    "change_company",
    "close_period",
    "create_book",
    "create_company",
    "entry_rows",
    "hold_book_alone",
    "keep_logo",
    "lock_period",
    "map_account",
    "month_end",
    "post",
    "post_journal",
    "remove_logo",
    "reopen_period",
    "reserve_company_id",
    "reverse_entry",
    "set_exchange_rates",
]
