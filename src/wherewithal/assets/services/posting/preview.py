"""What would be posted, in words: rows and entries of each book."""

from collections.abc import Mapping

from wherewithal.assets.drafts import BookPreview, PreviewEntry, PreviewLine, PreviewRow
from wherewithal.assets.services.context import Context
from wherewithal.assets.services.posting.history import AssetHistory
from wherewithal.assets.services.posting.values import BookPosting
from wherewithal.assets.services.posting.write import Batch
from wherewithal.core.posting import RULES, Role
from wherewithal.kit import db
from wherewithal.ledger import queries as ledger_queries


def previews_of(
    context: Context, histories: Mapping[int, AssetHistory], batch: Batch
) -> tuple[BookPreview, ...]:
    """Every book of the batch, rows by day and asset."""
    names = {a.account_id: (a.code, a.name) for a in ledger_queries.accounts(context.company_id)}
    tags = _tags(context.company_id, histories, batch)
    return tuple(
        BookPreview(
            posting.book.book_id,
            posting.book.code,
            posting.book.currency,
            posting.book.decimals,
            _rows(posting, histories, names, tags),
            entries_of(posting, names, batch.cost_centres),
        )
        for posting in batch.postings
    )


def _tags(company_id: int, histories: Mapping[int, AssetHistory], batch: Batch) -> dict[int, str]:
    """The tags of all assets with rows: those of the events, and what shares a pool with them. 0: the pool."""
    found = {asset_id: history.tag for asset_id, history in histories.items()} | {0: ""}
    others = {value.key.asset_id for posting in batch.postings for value in posting.values} - found.keys()
    if others:
        found |= dict(
            db.fetch_all(
                "SELECT id, tag FROM assets_asset WHERE company_id = %s AND id = ANY (%s)",
                (company_id, sorted(others)),
            )
        )
    return found


def _rows(
    posting: BookPosting,
    histories: Mapping[int, AssetHistory],
    names: Mapping[int, tuple[str, str]],
    tags: Mapping[int, str],
) -> tuple[PreviewRow, ...]:
    kinds = {event.event_id: event.kind for history in histories.values() for event in history.events}
    found = []
    for key, amount, group in posting.values:
        role = Role(key.role)
        found.append(
            PreviewRow(
                key.asset_id,
                tags[key.asset_id],
                key.event_id,
                kinds.get(key.event_id, ""),
                key.effective_on,
                posting.entries[group].posting_on,
                role.name.lower(),
                RULES[role].meaning,
                names[key.debit][0],
                names[key.credit][0],
                amount,
            )
        )
    return tuple(sorted(found, key=lambda row: (row.effective_on, row.tag, row.role)))


def entries_of(
    posting: BookPosting, names: Mapping[int, tuple[str, str]], cost_centres: Mapping[int, str]
) -> tuple[PreviewEntry, ...]:
    """The entries that have lines, by day; lines by account code."""
    found = []
    for entry in sorted(posting.entries, key=lambda each: each.effective_on):
        lines = tuple(
            PreviewLine(*names[line.account_id], line.amount, line.memo or "")
            for line in entry.line_drafts(cost_centres)
        )
        if lines:
            ordered = tuple(sorted(lines, key=lambda line: (line.account, line.cost_centre)))
            found.append(PreviewEntry(entry.effective_on, entry.posting_on, ordered))
    return tuple(found)
