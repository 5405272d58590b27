"""Working every asset out again from its facts, for `verify --deep`."""

from collections.abc import Iterator

from wherewithal.assets.services.context import BookFacts, Context, load_context
from wherewithal.assets.services.posting.decide import booked, changes, groups_of, should
from wherewithal.assets.services.posting.history import AssetHistory, linked, load_histories
from wherewithal.assets.services.posting.moves import costs_of_moves
from wherewithal.assets.services.posting.pools import pool_differences as pool_rows_missing
from wherewithal.assets.services.posting.values import ASSET_ROLES, Accounts, effect_of
from wherewithal.core.posting import AccountRole, Role
from wherewithal.kit import db
from wherewithal.ledger import queries as ledger_queries

CHUNK = 2_000
DISPOSAL_ADDS, DISPOSAL_TAKES = (
    [int(role) for role in ASSET_ROLES if effect_of(role, frozenset({AccountRole.ASSET_DISPOSAL})) == effect]
    for effect in (1, -1)
)
_DISPOSALS_LEFT = f"""
    SELECT coalesce(sum(CASE WHEN role = ANY (%(adds)s) THEN amount ELSE -amount END), 0)::bigint FROM assets_value
    WHERE company_id = %(company)s AND book_id = %(book)s AND effective_on <= %(horizon)s
      AND role IN ({", ".join(map(str, sorted([*DISPOSAL_ADDS, *DISPOSAL_TAKES])))})
"""  # noqa: S608 - our own numbers, those of an index
# A book that was added later says the transfer for the first time: that is no change.
_HANDED_OVER = """
    SELECT a.tag, b.code, e.event_id, e.effective_on, e.detail #>> '{counterpart,company}',
           e.detail #>> '{counterpart,tag}', v.role, v.handed, v.now
    FROM assets_event e
    CROSS JOIN LATERAL (
        SELECT x.book_id, x.role, coalesce(sum(x.amount) FILTER (WHERE x.batch_id = e.batch_id), 0)::bigint AS handed,
               sum(x.amount)::bigint AS now
        FROM assets_value x
        WHERE x.company_id = e.company_id AND x.asset_id = e.asset_id AND x.event_id = e.event_id
          AND x.role = ANY (%(roles)s)
          AND EXISTS (SELECT 1 FROM assets_value o WHERE o.company_id = x.company_id AND o.asset_id = x.asset_id
                        AND o.event_id = x.event_id AND o.book_id = x.book_id AND o.batch_id = e.batch_id)
        GROUP BY 1, 2
        HAVING sum(x.amount) FILTER (WHERE x.batch_id <> e.batch_id) <> 0
    ) v
    JOIN assets_asset a ON a.company_id = e.company_id AND a.id = e.asset_id
    JOIN ledger_book b ON b.company_id = e.company_id AND b.id = v.book_id
    WHERE e.company_id = %(company)s AND e.kind = 'intercompany_out' AND e.detail ? 'counterpart'
      AND assets_stands(e.company_id, e.event_id, NULL)
    ORDER BY e.event_id, v.book_id, v.role
"""
HANDED_OVER = [int(role) for role in Role if role.name.startswith("INTERCOMPANY_")]
Difference = tuple[str, str, str]
"""(where, what it should be, what it is)"""


def differences(company_id: int) -> list[Difference]:
    """Rows that should be there and are not, or the other way round, in every filled book."""
    context = load_context(company_id)
    ids = [
        row[0]
        for row in db.fetch_all(
            "SELECT id FROM assets_asset WHERE company_id = %s ORDER BY id", (company_id,)
        )
    ]
    found: list[Difference] = []
    seen: set[int] = set()
    for start in range(0, len(ids), CHUNK):
        wanted = linked(company_id, set(ids[start : start + CHUNK])) - seen
        seen |= wanted
        histories = load_histories(company_id, wanted)
        for book in context.books:
            if book.filled:
                found += _of_book(context, book, histories)
    return found


def pool_differences(company_id: int) -> list[Difference]:
    """The same for what the pools of a book say of their assets."""
    context = load_context(company_id)
    found: list[Difference] = []
    for book in context.books:
        if book.filled:
            accounts = Accounts(context, book, ledger_queries.account_resolver(company_id, [book.book_id]))
            missing = pool_rows_missing(context, book, accounts, {})
            found += [
                (
                    f"book {book.code}, pools of the pack {pack}",
                    "worked out",
                    "no answer: see the run's exceptions",
                )
                for pack in missing.stopped
            ]
            found += [
                (
                    f"book {book.code}, asset {key.asset_id}, event {key.event_id}, {Role(key.role).name.lower()},"
                    f" {key.effective_on}",
                    f"{amount} more",
                    "what is booked",
                )
                for key, amount in sorted(missing.rows.items())
            ]
    return found


def disposals_left(company_id: int) -> list[Difference]:
    """What each book was charged through and still has between disposal and gain, loss or pool."""
    context = load_context(company_id)
    found: list[Difference] = []
    for book in context.books:
        rows = db.fetch_all(
            _DISPOSALS_LEFT,
            {
                "company": company_id,
                "book": book.book_id,
                "horizon": book.horizon_on,
                "adds": DISPOSAL_ADDS,
            },
        )
        if rows[0][0]:
            found.append((f"book {book.code}, through {book.horizon_on}", "0", f"{rows[0][0]}"))
    return found


def handed_over(company_id: int) -> list[Difference]:
    """What another company took up at another value than it has here by now: a price of goods that became known late."""
    return [
        (
            f"asset {tag}, book {book}, handed over to {company} ({there}) on {on} by event {event_id},"
            f" {Role(role).name.lower()}",
            f"{handed} as handed over: take the transfer back and record it anew",
            str(now),
        )
        for tag, book, event_id, on, company, there, role, handed, now in db.fetch_all(
            _HANDED_OVER, {"company": company_id, "roles": HANDED_OVER}
        )
    ]


def _of_book(context: Context, book: BookFacts, histories: dict[int, AssetHistory]) -> Iterator[Difference]:
    company_id = context.company_id
    move_costs = costs_of_moves(company_id, histories.values())
    rows = {
        asset_id: wanted
        for group in groups_of(histories)
        for asset_id, wanted in should(context, book, group, move_costs).rows().items()
    }
    accounts = Accounts(context, book, ledger_queries.account_resolver(company_id, [book.book_id]))
    said = booked(company_id, book.book_id, histories)
    before = dict(said)
    for key, amount in sorted(changes(accounts, histories, rows, said).items()):
        where = (
            f"book {book.code}, asset {histories[key.asset_id].tag}, event {key.event_id}, role {key.role}"
        )
        is_now = before.get(key, 0)
        yield f"{where}, {key.effective_on}", f"{is_now + amount}", f"{is_now}"
