"""The database as the last guard of goods: raw SQL and COPY, as the application's role and as the owner of the tables.

Every attack is refused with its SQLSTATE and leaves nothing behind. Each begins from something that is accepted, so that
it is the attack that is refused and not a slip of the pen.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from django.conf import settings
from tests.stock.conftest import Shop, at, check_whole, make_shop

from wherewithal.items.values import Tracking
from wherewithal.kit import db
from wherewithal.ledger import services as ledger
from wherewithal.reporting import verify
from wherewithal.stock.drafts import LineDraft
from wherewithal.stock.services.reservations import ReservationDraft, reserve

Connection = psycopg.Connection[Any]
Raw = Callable[[str], Connection]

pytestmark = pytest.mark.django_db(transaction=True)
ROLES = ("app", "owner")
DAY = "2026-03-05"
FACTS = (
    "stock_batch", "stock_document", "stock_document_rate", "stock_move", "stock_move_cost", "stock_cost_policy",
    "stock_standard_cost", "stock_value", "stock_nrv_estimate", "ledger_account_map", "ledger_entry", "ledger_line",
    "ledger_entry_seal", "ledger_period_event",
)  # fmt: skip
BALANCES = ("stock_quant", "stock_quant_month")
OWN_WRITABLE = (
    "stock_item_lock",
    "stock_cost_state",
    "stock_cost_snapshot",
    "stock_cost_edge",
    "stock_location",
)


@pytest.fixture
def shop(transactional_db: None) -> Shop:
    """Ten bolts at 2.00 in A-1 (4 of them reserved), a drill with a serial in A-1, posted and committed."""
    shop = make_shop()
    shop.receive("BOLT", 10, "2.00", at("03-01"))
    shop.item("DRILL", tracking=Tracking.SERIAL)
    shop.receive("DRILL", 1, "50.00", at("03-01"), serials=("D1",))
    reserve(
        company_id=shop.company_id, actor_id=None, idempotency_key="claim", now=at("03-02"), today=date(2026, 3, 2),
        lines=[ReservationDraft(shop.items["BOLT"], shop.places["A-1"], Decimal(4))],
    )  # fmt: skip
    return shop


@pytest.fixture
def raw(shop: Shop) -> Iterator[Raw]:
    """Connections that know nothing of the application: of its role, in the shop's company; of the tables' owner."""
    opened: list[Connection] = []

    def connect(role: str) -> Connection:
        login = settings.DATABASE.app if role == "app" else settings.DATABASE.owner
        connection: Connection = psycopg.connect(login.conninfo(), autocommit=True)
        opened.append(connection)
        if role == "app":
            connection.execute("SELECT set_config('app.company', %s, false)", (str(shop.company_id),))
        return connection

    yield connect
    for connection in opened:
        connection.close()


@pytest.fixture(params=ROLES)
def attacker(request: pytest.FixtureRequest, raw: Raw) -> Connection:
    return raw(request.param)


@dataclass(frozen=True)
class Forged:
    """A receipt of bolts written by hand, whole: batch, document, move, value row, entry and lines, in one transaction.

    Each field is one thing that can be wrong with it.
    """

    shop: Shop
    amount: int = 2000
    line_amount: int | None = None
    value_day: str = DAY
    value_role: str = "inventory"
    value_entry: str = "own"
    named: bool = True  # the batch, by the entry
    move: bool = True
    entry: bool = True
    batch: bool = True
    values: bool = True
    old: int = 0  # a batch or entry that was posted before
    day: str = DAY
    book_id: int = 0
    item: str = "BOLT"
    qty: int = 10
    lot: int = 0
    source: str = "SUPPLIER"
    target: str = "A-1"
    ids: dict[str, int] = field(default_factory=dict)

    def write(self, connection: Connection) -> None:
        """In one transaction; the deferred guard speaks at its end."""
        with connection.transaction():
            self._write(connection)

    def _write(self, connection: Connection) -> None:
        (batch, document, move), entry = self._ids(connection)
        company, book = self.shop.company_id, self.book_id or self.shop.book_id
        accounts = dict(
            self.shop.query(
                "SELECT account_role, account_id FROM ledger_account_map WHERE book_id = %s",
                self.shop.book_id,
            )
        )
        recorded = "2026-03-06T00:00:00Z"
        if self.batch:
            connection.execute(
                "INSERT INTO stock_batch (company_id, batch_id, idempotency_key, request_hash, recorded_at, source)"
                " VALUES (%s, %s, %s, '\\x00', %s, 'raw')",
                (company, batch, f"forged-{batch}", recorded),
            )
        else:
            batch = self.old or batch
        if self.move:
            connection.execute(
                "INSERT INTO stock_move (company_id, move_id, batch_id, document_id, event_id, line_no, item_id,"
                " from_location_id, to_location_id, lot_id, qty, effective_at, effective_on, phase, key, kind, amount,"
                " currency, recorded_at) VALUES (%s, %s, %s, %s, %s, 1, %s, %s, %s, %s, %s, %s, %s, 10,"
                " gen_random_uuid(), 2, %s, 'EUR', %s)",
                (company, move, batch, document, move, self.shop.items[self.item], self.shop.places[self.source],
                 self.shop.places[self.target], self.lot, self.qty, f"{self.day}T12:00Z", self.day, self.amount, recorded),
            )  # fmt: skip
        if self.values:
            value_entry = {"own": entry, "none": None, "old": self.old}[self.value_entry]
            connection.execute(
                "INSERT INTO stock_value (company_id, book_id, item_id, scope_id, lot_id, move_id, cause_id, role,"
                " debit_account_id, credit_account_id, amount, stock_amount, effective_on, posting_on, entry_id,"
                " batch_id, recorded_at) VALUES (%s, %s, %s, 0, 0, %s, %s, 1, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
                (company, book, self.shop.items[self.item], move, move, accounts[self.value_role], accounts["grni"],
                 self.amount, self.amount, self.value_day, self.value_day, value_entry, batch, recorded),
            )  # fmt: skip
        if self.entry:
            line = self.line_amount or self.amount
            connection.execute(
                "WITH e AS (INSERT INTO ledger_entry (company_id, book_id, entry_id, effective_on, posting_on, recorded_at,"
                " source, batch_id) VALUES (%(c)s, %(b)s, %(e)s, %(d)s, %(d)s, %(r)s, 'raw', %(k)s) RETURNING *)"
                " INSERT INTO ledger_line (company_id, book_id, entry_id, line_no, account_id, amount, effective_on,"
                " posting_on, recorded_at) SELECT company_id, book_id, entry_id, l.no, l.account, l.amount,"
                " effective_on, posting_on, recorded_at FROM e,"
                " (VALUES (1, %(debit)s::int, %(a)s::bigint), (2, %(credit)s, -%(a)s)) l (no, account, amount)",
                {"c": company, "b": book, "e": entry, "d": self.day, "r": recorded, "a": line,
                 "k": batch if self.named else None,
                 "debit": accounts["inventory"], "credit": accounts["grni"]},
            )  # fmt: skip

    def _ids(self, connection: Connection) -> tuple[tuple[int, int, int], int]:
        row = connection.execute("SELECT stock_reserve_ids(3), nextval('ledger_entry_id_seq')").fetchone()
        assert row is not None
        self.ids["batch"] = row[0]
        return (row[0], row[0] + 1, row[0] + 2), row[1]


def refused(shop: Shop, state: str, work: Callable[[], Any], *, says: str = "") -> None:
    """With this SQLSTATE, and nothing is there that was not there before."""
    before = shop.counts() | {
        "balance": shop.query("SELECT sum(qty)::bigint, sum(reserved)::bigint FROM stock_quant")
    }  # type: ignore[dict-item]
    with pytest.raises(psycopg.Error) as error:
        work()
    assert error.value.sqlstate == state, error.value
    assert says in str(error.value)
    after = shop.counts() | {
        "balance": shop.query("SELECT sum(qty)::bigint, sum(reserved)::bigint FROM stock_quant")
    }  # type: ignore[dict-item]
    assert after == before


def last(shop: Shop, what: str) -> int:
    """The id of the latest batch or entry."""
    table = {"batch": "stock_batch", "entry": "ledger_entry"}[what]
    return int(shop.query(f"SELECT max({what}_id) FROM {table}")[0][0])


# --- goods and money together -------------------------------------------------------------------------------


def test_a_whole_receipt_by_hand_is_accepted_and_sealed(shop: Shop, attacker: Connection) -> None:
    """The guards look at what is written, not at who writes it."""
    before = shop.counts()
    Forged(shop).write(attacker)
    after = shop.counts()
    assert {name: after[name] - before[name] for name in ("batch", "move", "value", "entry")} == {
        "batch": 1, "move": 1, "value": 1, "entry": 1,
    }  # fmt: skip
    assert shop.query("SELECT count(*) FROM ledger_entry_seal")[0][0] == after["entry"]
    assert shop.on_hand("BOLT") == 20


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"line_amount": 1999}, "differ by 1 "),
        ({"line_amount": -2000}, "differ by 4000"),
        ({"value_role": "cost_of_sales"}, "differ by"),
        ({"value_day": "2026-03-04"}, "differ by"),
        ({"value_entry": "none"}, "differ by"),
        ({"entry": False}, "differ by 2000"),
        ({"values": False}, "no value of it does"),
    ],
)
def test_values_must_say_what_their_entry_says(
    shop: Shop, attacker: Connection, wrong: dict[str, Any], says: str
) -> None:
    refused(shop, "WH207", lambda: replace(Forged(shop), **wrong).write(attacker), says=says)


def test_values_without_goods_or_entry_must_net_to_nothing(shop: Shop, attacker: Connection) -> None:
    forged = Forged(shop, move=False, entry=False, value_entry="none", named=False)
    refused(shop, "WH207", lambda: forged.write(attacker), says="entry (none) differ by 2000")


def test_an_old_entry_is_not_explained_twice(shop: Shop, attacker: Connection) -> None:
    """Its own value rows again, in a new batch."""
    row = shop.query(
        "SELECT entry_id, effective_on, amount FROM stock_value WHERE item_id = %s", shop.items["BOLT"]
    )
    entry_id, day, amount = row[0]
    forged = Forged(
        shop,
        move=False,
        entry=False,
        value_entry="old",
        old=entry_id,
        amount=amount,
        value_day=str(day),
    )
    refused(shop, "WH207", lambda: forged.write(attacker), says=f"entry {entry_id} differ")


@pytest.mark.parametrize("old", [False, True], ids=["no batch", "an old batch"])
@pytest.mark.parametrize("what", ["move", "values"])
def test_moves_and_values_come_with_their_batch(
    shop: Shop, attacker: Connection, what: str, old: bool
) -> None:
    only = {name: name == what for name in ("move", "values", "entry", "batch")}
    forged = Forged(shop, value_entry="none", old=last(shop, "batch") if old else 0, **only)
    refused(shop, "WH207", lambda: forged.write(attacker), says="come with their batch")


@pytest.mark.parametrize("old", [False, True], ids=["no batch", "an old batch"])
def test_an_entry_on_an_account_of_goods_comes_with_their_batch(
    shop: Shop, attacker: Connection, old: bool
) -> None:
    forged = Forged(shop, move=False, values=False, batch=False, old=last(shop, "batch") if old else 0)
    says = "come with their batch" if old else "on an account that carries goods"
    refused(shop, "WH207", lambda: forged.write(attacker), says=says)


def test_an_older_batch_takes_no_entry_whatever_its_accounts(shop: Shop, attacker: Connection) -> None:
    """What a batch posted is settled: the answer to its key would be another one."""
    refused(
        shop, "WH207", lambda: plain_entry(shop, attacker, last(shop, "batch")), says="come with their batch"
    )
    plain_entry(shop, attacker, None)


def test_nor_one_that_is_still_to_come(shop: Shop, raw: Raw) -> None:
    """The batch that will have this number would be found with an entry that is none of its own."""
    app = raw("app")
    to_come = range(last(shop, "batch") - 40, last(shop, "batch") + 40)  # some are used, some are in hand
    before = set(shop.query("SELECT batch_id FROM stock_batch"))
    for batch in to_come:
        refused(
            shop,
            "WH207",
            lambda batch=batch: plain_entry(shop, app, batch),  # type: ignore[misc]
            says="none of this transaction",
        )
    shop.receive("BOLT", 1, "2.00", at("03-07"))
    (new,) = set(shop.query("SELECT batch_id FROM stock_batch")) - before
    assert new[0] in to_come
    assert shop.on_hand("BOLT") == 11


def plain_entry(shop: Shop, attacker: Connection, batch: int | None) -> None:
    """An entry on accounts that carry no goods."""
    accounts = dict(
        shop.query(
            "SELECT account_role, account_id FROM ledger_account_map WHERE book_id = %s",
            shop.book_id,
        )
    )
    attacker.execute(
        "WITH e AS (INSERT INTO ledger_entry (company_id, book_id, entry_id, effective_on, posting_on, recorded_at,"
        f" source, batch_id) VALUES (%s, %s, 10^15, '{DAY}', '{DAY}', '{DAY}T13:00Z', 'raw', %s) RETURNING *)"
        " INSERT INTO ledger_line (company_id, book_id, entry_id, line_no, account_id, amount, effective_on,"
        " posting_on, recorded_at) SELECT company_id, book_id, entry_id, l.no, l.account, l.amount, effective_on,"
        " posting_on, recorded_at FROM e, (VALUES (1, %s::int, 700), (2, %s, -700)) l (no, account, amount)",
        (shop.company_id, shop.book_id, batch, accounts["grni"], accounts["cost_of_sales"]),
    )


def test_goods_that_move_without_any_value_are_found_by_verify(shop: Shop, raw: Raw) -> None:
    """The database cannot know what they are worth: a move within a pool, say, has no value."""

    def found(*, deep: bool = False) -> dict[str, set[str]]:
        checks = verify.run(company_id=shop.company_id, deep=deep).checks
        return {
            check.name: {finding.what for finding in check.findings} for check in checks if check.findings
        }

    sold = Forged(shop, source="A-1", target="CUSTOMER", qty=1, values=False, entry=False)
    sold.write(raw("app"))
    says = found()
    assert says["goods with value"] == {"goods that moved without value"}
    assert says["stock value"] == {"a pool that costs another quantity than is on hand"}

    bought = Forged(shop, values=False, entry=False)  # which may have been for nothing
    bought.write(raw("app"))
    says = found(deep=True)
    assert says["stock value"] == {"a pool that costs another quantity than is on hand"}
    assert "a value that does not follow from the facts" in says["costs recomputed"]


def test_nor_with_a_batch_that_it_does_not_name(shop: Shop, attacker: Connection) -> None:
    refused(shop, "WH207", lambda: Forged(shop, named=False).write(attacker), says="carries goods")


def test_savepoints_hide_nothing(shop: Shop, attacker: Connection) -> None:
    def work() -> None:
        with attacker.transaction(), attacker.transaction():
            replace(Forged(shop), line_amount=1)._write(attacker)

    refused(shop, "WH207", work)
    with attacker.transaction(), attacker.transaction():
        Forged(shop)._write(attacker)
    assert shop.on_hand("BOLT") == 20


@pytest.mark.parametrize("rows", ["values", "move", "entry"])
def test_a_batch_that_was_judged_early_takes_nothing_more(
    shop: Shop, attacker: Connection, rows: str
) -> None:
    """SET CONSTRAINTS IMMEDIATE has an empty batch judged as soon as it is there; what comes after it is too late."""
    only = {name: name == rows for name in ("move", "values", "entry")}
    forged = Forged(shop, named=rows == "entry", value_entry="none", **only)

    def work() -> None:
        with attacker.transaction():
            attacker.execute("SET CONSTRAINTS ALL IMMEDIATE")
            forged._write(attacker)

    refused(shop, "WH207", work)


def test_nor_after_a_whole_receipt_was_judged(shop: Shop, attacker: Connection) -> None:
    def work() -> None:
        forged = Forged(shop)
        with attacker.transaction():
            forged._write(attacker)
            attacker.execute("SET CONSTRAINTS ALL IMMEDIATE")
            Forged(
                shop, batch=False, move=False, entry=False, value_entry="none", old=forged.ids["batch"]
            )._write(attacker)

    refused(shop, "WH207", work, says="values come with their batch")


def test_a_table_of_the_attackers_own_is_not_what_guards_look_at(shop: Shop, attacker: Connection) -> None:
    """Temporary tables stand before all others, unless a guard says otherwise."""
    for table in (
        "ledger_entry",
        "ledger_line",
        "ledger_account_map",
        "stock_batch",
        "items_item",
        "stock_location",
    ):
        attacker.execute(f"CREATE TEMPORARY TABLE {table} AS SELECT * FROM public.{table}")
    entry = last(shop, "entry")
    joined = (
        "INSERT INTO public.ledger_line (company_id, book_id, entry_id, line_no, account_id, amount, effective_on,"
        f" posting_on, recorded_at) SELECT company_id, book_id, entry_id, line_no + 10, account_id, amount, effective_on,"
        f" posting_on, recorded_at FROM public.ledger_line WHERE entry_id = {entry} AND company_id = {shop.company_id}"
    )
    attacker.execute("DELETE FROM pg_temp.ledger_line")
    refused(shop, "WH102", lambda: attacker.execute(joined))


# --- quantities ---------------------------------------------------------------------------------------------


def serial(shop: Shop) -> int:
    return int(shop.query("SELECT id FROM items_lot WHERE code = 'D1'")[0][0])


@pytest.mark.parametrize(
    ("target", "state"), [("A-1", "23514"), ("A-2", "23505")], ids=["in one place", "in two places"]
)
def test_one_serial_is_one_unit_in_one_place(
    shop: Shop, attacker: Connection, target: str, state: str
) -> None:
    forged = Forged(shop, item="DRILL", qty=1, lot=serial(shop), target=target)
    refused(shop, state, lambda: forged.write(attacker), says="serial")


def test_nor_at_an_earlier_moment(shop: Shop, attacker: Connection) -> None:
    """D1 left on 4 March; a second one that comes on 3 March and leaves with nobody was here beside it."""
    line = LineDraft(shop.items["DRILL"], 1, from_location_id=shop.places["A-1"], serials=("D1",))
    shop.record("issue", at("03-04"), [line])
    forged = Forged(
        shop, item="DRILL", qty=1, lot=serial(shop), day="2026-03-03", value_day="2026-03-03", target="A-2"
    )
    refused(shop, "WH204", lambda: forged.write(attacker), says="two places")


def test_a_serial_moves_one_by_one(shop: Shop, attacker: Connection) -> None:
    refused(shop, "WH201", lambda: Forged(shop, item="DRILL", qty=2, lot=serial(shop)).write(attacker))
    refused(shop, "WH201", lambda: Forged(shop, item="DRILL", qty=1).write(attacker), says="names no lot")
    refused(shop, "WH201", lambda: Forged(shop, lot=serial(shop)).write(attacker), says="is not tracked")


def test_nothing_falls_below_zero(shop: Shop, attacker: Connection) -> None:
    forged = Forged(shop, source="A-2", target="CUSTOMER", qty=1)
    refused(shop, "WH202", lambda: forged.write(attacker), says="would fall to -1")


def test_nor_at_an_earlier_moment_than_now(shop: Shop, attacker: Connection) -> None:
    forged = Forged(shop, source="A-1", target="CUSTOMER", qty=1, day="2026-02-01", value_day="2026-02-01")
    refused(shop, "WH202", lambda: forged.write(attacker), says="2026-02-01")


def test_what_is_reserved_stays(shop: Shop, attacker: Connection) -> None:
    refused(shop, "WH203", lambda: Forged(shop, source="A-1", target="CUSTOMER", qty=7).write(attacker))


RESERVE = (
    "INSERT INTO stock_reservation (company_id, item_id, location_id, qty, open_qty, idempotency_key, line_no,"
    " request_hash, created_at) VALUES (%s, %s, %s, %s, %s, 'raw', 0, '\\x00', now())"
)


def test_a_claim_is_on_hand(shop: Shop, attacker: Connection) -> None:
    claim = (shop.company_id, shop.items["BOLT"], shop.places["A-1"])
    refused(shop, "WH203", lambda: attacker.execute(RESERVE, (*claim, 7, 7)))
    empty = (shop.company_id, shop.items["BOLT"], shop.places["B-1"])
    refused(shop, "WH203", lambda: attacker.execute(RESERVE, (*empty, 1, 1)))
    refused(shop, "23514", lambda: attacker.execute(RESERVE, (*claim, 1, 2)))
    attacker.execute(RESERVE, (*claim, 6, 6))


def test_a_claim_only_shrinks(shop: Shop, attacker: Connection) -> None:
    attacker.execute("UPDATE stock_reservation SET open_qty = 3 WHERE company_id = %s", (shop.company_id,))
    for change in ("open_qty = 4", "qty = 9", f"location_id = {shop.places['A-2']}"):
        sql = f"UPDATE stock_reservation SET {change} WHERE company_id = {shop.company_id}"
        refused(shop, "WH205", lambda sql=sql: attacker.execute(sql))  # type: ignore[misc]
    assert shop.query("SELECT open_qty FROM stock_reservation") == [(3,)]


@pytest.mark.parametrize("table", BALANCES)
@pytest.mark.parametrize("verb", ["UPDATE {} SET qty = qty + 1", "DELETE FROM {}", "TRUNCATE {}"])
def test_balances_are_written_by_nobody(shop: Shop, raw: Raw, table: str, verb: str) -> None:
    refused(shop, "42501", lambda: raw("app").execute(verb.format(table)))
    refused(shop, "WH205", lambda: raw("owner").execute(verb.format(table)))


# --- posted is posted, closed is closed ---------------------------------------------------------------------


@pytest.mark.parametrize("table", FACTS)
def test_facts_stay_as_they_are(shop: Shop, raw: Raw, table: str) -> None:
    for verb in (
        f"UPDATE {table} SET company_id = company_id",
        f"DELETE FROM {table}",
        f"TRUNCATE {table} CASCADE",
    ):
        refused(shop, "42501", lambda verb=verb: raw("app").execute(verb))  # type: ignore[misc]
        refused(shop, "WH002", lambda verb=verb: raw("owner").execute(verb))  # type: ignore[misc]


def close_march(shop: Shop) -> None:
    ledger.close_period(
        company_id=shop.company_id,
        actor_id=None,
        book_id=shop.book_id,
        end_on=date(2026, 3, 31),
        reason="test",
    )


def test_a_closed_period_takes_nothing(shop: Shop, attacker: Connection) -> None:
    close_march(shop)
    refused(shop, "WH001", lambda: Forged(shop).write(attacker), says="closed on 2026-03-05")
    Forged(shop, day="2026-04-01", value_day="2026-04-01").write(attacker)


def test_nor_values_that_no_entry_carries(shop: Shop, attacker: Connection) -> None:
    """Two rows that net to nothing need no entry, but a period that is open."""
    forged = Forged(shop, move=False, entry=False, value_entry="none", named=False)

    def work() -> None:
        with attacker.transaction():
            forged._write(attacker)
            batch = forged.ids["batch"]
            again = (
                "INSERT INTO stock_value SELECT company_id, book_id, item_id, scope_id, lot_id, move_id, cause_id, role,"
                " debit_account_id, credit_account_id, -amount, -stock_amount, effective_on, posting_on, entry_id,"
                " batch_id, recorded_at FROM stock_value WHERE batch_id = %s"
            )
            attacker.execute(again, (batch,))

    work()
    close_march(shop)
    refused(shop, "WH001", work, says="closed on 2026-03-05")


# --- COPY ---------------------------------------------------------------------------------------------------


def copy(connection: Connection, table: str, columns: str, *rows: tuple[Any, ...]) -> None:
    with connection.cursor().copy(f"COPY {table} ({columns}) FROM STDIN") as sink:
        for row in rows:
            sink.write_row(row)


MOVE = (
    "company_id, move_id, batch_id, document_id, event_id, line_no, item_id, from_location_id, to_location_id, qty,"
    " effective_at, effective_on, phase, key, kind, recorded_at"
)
VALUE = (
    "company_id, book_id, item_id, scope_id, lot_id, move_id, cause_id, role, debit_account_id, credit_account_id,"
    " amount, stock_amount, effective_on, posting_on, entry_id, batch_id, recorded_at"
)
LINE = "company_id, book_id, entry_id, line_no, account_id, amount, effective_on, posting_on, recorded_at"
KEY = "00000000-0000-0000-0000-000000000001"


def a_move(shop: Shop, batch: int, move: int = 10**15) -> tuple[Any, ...]:
    places = shop.places
    return (shop.company_id, move, batch, move, move, 1, shop.items["BOLT"], places["SUPPLIER"], places["A-1"], 1,
            f"{DAY}T12:00Z", DAY, 10, KEY, 2, f"{DAY}T13:00Z")  # fmt: skip


def a_value(shop: Shop, batch: int, entry: int) -> tuple[Any, ...]:
    return (shop.company_id, shop.book_id, shop.items["BOLT"], 0, 0, 1, 1, 1, 1, 2, 500, 500, DAY, DAY, entry, batch,
            f"{DAY}T13:00Z")  # fmt: skip


def test_copy_is_closed_to_the_application(shop: Shop, raw: Raw) -> None:
    """Row-level security and COPY FROM exclude each other."""
    for table, columns, row in (
        ("stock_move", MOVE, a_move(shop, 1)),
        ("stock_value", VALUE, a_value(shop, 1, 1)),
        ("ledger_line", LINE, (shop.company_id, shop.book_id, 1, 1, 1, 5, DAY, DAY, DAY)),
    ):
        refused(shop, "0A000", lambda t=table, c=columns, r=row: copy(raw("app"), t, c, r))  # type: ignore[misc]
    refused(shop, "42501", lambda: copy(raw("app"), "stock_quant", "company_id", (shop.company_id,)))


def test_copy_meets_the_same_guards(shop: Shop, raw: Raw) -> None:
    owner, batch, entry = raw("owner"), last(shop, "batch"), last(shop, "entry")
    refused(shop, "WH207", lambda: copy(owner, "stock_move", MOVE, a_move(shop, batch)))
    refused(shop, "WH207", lambda: copy(owner, "stock_value", VALUE, a_value(shop, batch, entry)))
    account = shop.query("SELECT account_id FROM ledger_line WHERE entry_id = %s LIMIT 1", entry)[0][0]
    lines = [
        (shop.company_id, shop.book_id, entry, no, account, amount, DAY, DAY, f"{DAY}T13:00Z")
        for no, amount in ((11, 700), (12, -700))
    ]
    refused(shop, "WH102", lambda: copy(owner, "ledger_line", LINE, *lines))
    head = "company_id, book_id, entry_id, effective_on, posting_on, recorded_at, source"
    bare = (shop.company_id, shop.book_id, 10**15, DAY, DAY, f"{DAY}T13:00Z", "copy")
    refused(shop, "WH101", lambda: copy(owner, "ledger_entry", head, bare))
    quant = (shop.company_id, shop.items["BOLT"], shop.places["B-1"], 0, 5, f"{DAY}T13:00Z")
    refused(
        shop, "WH205",
        lambda: copy(owner, "stock_quant", "company_id, item_id, location_id, lot_id, qty, last_at", quant),
    )  # fmt: skip


def test_copy_of_a_batch_with_goods_that_are_not_there(shop: Shop, raw: Raw) -> None:
    owner = raw("owner")
    batch = "company_id, batch_id, idempotency_key, request_hash, recorded_at, source"

    def work() -> None:
        with owner.transaction():
            copy(
                owner, "stock_batch", batch, (shop.company_id, 10**15, "copy", b"0", f"{DAY}T13:00Z", "copy")
            )
            row = list(a_move(shop, 10**15))
            row[7], row[8] = shop.places["B-1"], shop.places["CUSTOMER"]
            copy(owner, "stock_move", MOVE, tuple(row))

    refused(shop, "WH202", work, says="would fall to -1")


# --- companies ----------------------------------------------------------------------------------------------


@pytest.fixture
def other(shop: Shop) -> Shop:
    other = make_shop()
    other.receive("NUT", 5, "1.00", at("03-01"))
    return other


@pytest.mark.parametrize(
    "table", [*FACTS, *BALANCES, *OWN_WRITABLE, "stock_reservation", "stock_filled_book"]
)
def test_nobody_sees_another_companys_rows(shop: Shop, other: Shop, raw: Raw, table: str) -> None:
    sql = f"SELECT count(*) FROM {table} WHERE company_id <> {shop.company_id}"
    assert raw("app").execute(sql).fetchone() == (0,)
    nobody = psycopg.connect(settings.DATABASE.app.conninfo(), autocommit=True)
    assert nobody.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)
    nobody.close()


def test_nor_writes_them(shop: Shop, other: Shop, raw: Raw) -> None:
    app = raw("app")
    forged = replace(Forged(other), shop=other)
    refused(shop, "42501", lambda: forged.write(app), says="row-level security")
    for table in OWN_WRITABLE:
        row = f"UPDATE {table} SET company_id = company_id WHERE company_id = {other.company_id}"
        assert app.execute(row).rowcount == 0
        stolen = f"UPDATE {table} SET company_id = {other.company_id} WHERE company_id = {shop.company_id}"
        if table != "stock_cost_snapshot" and table != "stock_cost_edge":
            refused(shop, "42501", lambda sql=stolen: app.execute(sql), says="row-level security")  # type: ignore[misc]
    claim = (other.company_id, other.items["NUT"], other.places["A-1"], 1, 1)
    refused(shop, "42501", lambda: app.execute(RESERVE, claim), says="row-level security")
    assert app.execute(f"DELETE FROM stock_cost_state WHERE company_id = {other.company_id}").rowcount == 0
    assert (other.on_hand("NUT"), other.state("NUT")) == (5, (5, 500))


@pytest.mark.parametrize("what", ["item", "place", "lot"])
def test_a_move_names_nothing_of_another_company(
    shop: Shop, other: Shop, attacker: Connection, what: str
) -> None:
    if what == "item":
        shop.items["NUT"] = other.items["NUT"]
        forged = Forged(shop, item="NUT")
    elif what == "place":
        shop.places["theirs"] = other.places["A-1"]
        forged = Forged(shop, target="theirs")
    else:
        other.item("SAW", tracking=Tracking.LOT)
        other.receive("SAW", 1, "5.00", at("03-02"), lot_code="L1")
        lot = other.query("SELECT id FROM items_lot WHERE code = 'L1'")[0][0]
        forged = Forged(shop, item="DRILL", qty=1, lot=lot)
    refused(shop, "WH201", lambda: forged.write(attacker))


def test_an_entry_explains_no_other_companys_batch(shop: Shop, other: Shop, raw: Raw) -> None:
    """The owner sees all companies; a batch of one does not carry an entry of another."""
    owner = raw("owner")
    with pytest.raises(psycopg.Error) as error, owner.transaction():
        Forged(shop)._write(owner)
        replace(Forged(other), batch=False, old=last(shop, "batch"), move=False, values=False)._write(owner)
    assert error.value.sqlstate == "WH207"


def test_after_all_that_the_shop_is_whole(shop: Shop, attacker: Connection) -> None:
    for wrong in ({"line_amount": 1}, {"entry": False}, {"values": False}):
        refused(shop, "WH207", lambda w=wrong: replace(Forged(shop), **w).write(attacker))  # type: ignore[misc]
    with db.company_transaction(company_id=shop.company_id):
        pass
    check_whole(shop)
