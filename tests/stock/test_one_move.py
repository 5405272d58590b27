"""A plain move by itself goes through two functions of its own (sql/one_move.sql). They must write what the door for all
batches writes, refuse what it refuses in the same words, and prove what the guards prove, which stand back for them."""

import contextlib
import os
import random
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.db import transaction
from tests.stock.conftest import Shop, at, check_whole, make_shop

from wherewithal.items.values import Tracking
from wherewithal.kit import cluster, db
from wherewithal.kit.errors import Refused
from wherewithal.ledger import services as ledger
from wherewithal.reporting import verify
from wherewithal.stock import services
from wherewithal.stock.drafts import LineDraft
from wherewithal.stock.services.posting import locks, one

Connection = psycopg.Connection[Any]
pytestmark = pytest.mark.django_db(transaction=True)
WRITTEN = {
    "stock_document": "kind, effective_at, move_count",
    "stock_move": "line_no, item_id, from_location_id, to_location_id, qty, effective_at, effective_on, phase, kind, amount",
    "stock_value": "item_id, scope_id, role, debit_account_id, credit_account_id, amount, stock_amount, posting_on",
    "stock_quant": "item_id, location_id, lot_id, qty, reserved, last_at",
    "stock_quant_month": "item_id, location_id, month, qty",
    "stock_item_lock": "item_id, last_at",
    "stock_cost_state": "item_id, scope_id, day, qty, value",
    "stock_cost_snapshot": "item_id, scope_id, day",
    "ledger_entry": "effective_on, posting_on, source",
    "ledger_line": "line_no, account_id, amount, effective_on, posting_on",
    "ledger_entry_seal": "year, number",
}


@pytest.fixture
def doors(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The functions that batches are begun by, as they are called."""
    begun: list[str] = []
    start = db.start

    def hear(sql: str, params: Any) -> None:
        begun.append(sql.split("(")[0].removeprefix("SELECT "))
        start(sql, params)

    monkeypatch.setattr(one.db, "start", hear)
    return begun


def told(shop: Shop) -> dict[str, list[tuple[Any, ...]]]:
    """All that is written, with places, items and accounts by their code instead of their number."""
    names = {
        "item_id": dict(shop.query("SELECT id, sku FROM items_item")),
        "location_id": dict(shop.query("SELECT id, code FROM stock_location")),
        "account_id": dict(shop.query("SELECT id, code FROM ledger_account")),
    }
    found = {}
    for table, columns in WRITTEN.items():
        kinds = [next((kind for kind in names if name.endswith(kind)), "") for name in columns.split(", ")]
        rows = shop.query(f"SELECT {columns} FROM {table} WHERE company_id = %s", shop.company_id)
        found[table] = sorted(
            tuple(names[kind][value] if kind else value for kind, value in zip(kinds, row, strict=True))
            for row in rows
        )
    return found


def live(shop: Shop, seed: int, wrapped: Callable[[], AbstractContextManager[Any]]) -> list[str]:
    """Receipts and issues of three items one by one, over two fiscal years; some of what cost nothing, of what is not there,
    of more than there is where that is allowed. What was refused."""
    rng = random.Random(seed)
    for sku in ("BOLT", "NUT", "WASHER"):
        shop.item(sku)
    services.update_location(
        company_id=shop.company_id, actor_id=None, location_id=shop.places["B-1"], allow_negative=True
    )
    when, refusals = at("11-03"), []
    for number in range(120):
        when += timedelta(hours=rng.randrange(1, 40))
        sku, place, qty = (
            rng.choice(("BOLT", "NUT", "WASHER")),
            rng.choice(("A-1", "A-2", "B-1")),
            rng.randint(1, 9),
        )
        try:
            with wrapped():
                if rng.random() < 0.5:
                    shop.receive(
                        sku, qty, f"{rng.choice((0, 1, 20, 900))}.{rng.choice((0, 7, 99)):02d}", when, place
                    )
                else:
                    shop.issue(sku, qty, when, place)
        except Refused as refused:
            refusals.append(f"{number}: {refused.problems}")
    return refusals


@pytest.mark.parametrize("methods", [("fifo",), ("moving_average",), ("moving_average", "lifo")])
def test_both_doors_write_the_same(doors: list[str], methods: tuple[str, ...]) -> None:
    """The oracle is the door of all batches: inside a wider transaction every move goes through it."""
    one, other = make_shop(), make_shop()
    for shop in (one, other):
        shop.policy(methods[0])
        for method in methods[1:]:
            who: dict[str, Any] = {"company_id": shop.company_id, "actor_id": None}
            shop.policy(
                method, book_id=ledger.create_book(**who, code=method, name=method, standard="us_gaap")
            )
    refused = live(one, 7, contextlib.nullcontext)
    assert doors.count("stock_begin_one") > 100
    assert {"stock_begin", "stock_write"} < set(doors), "some was not so plain, and done again"
    doors.clear()
    assert live(other, 7, transaction.atomic) == refused
    assert len(refused) > 10
    assert "stock_begin_one" not in doors
    assert told(one) == told(other)
    check_whole(one)
    assert [check.name for check in verify.run(company_id=one.company_id).checks if not check.passed] == []


def test_texts_are_taken_and_refused_alike(shop: Shop, doors: list[str]) -> None:
    lines = [LineDraft(shop.items["BOLT"], 1, from_location_id=shop.places["A-1"])]
    locks._in_hand.clear()
    shop.issue("BOLT", 1, at("03-02"))  # and takes ids for all that follow
    doors.clear()
    for day, name in ("03-03", "number"), ("03-04", "reference"), ("03-05", "note"):
        before = shop.counts()
        with pytest.raises(Refused) as refused:
            shop.record("issue", at(day), lines, **{name: "a\0b"})
        with pytest.raises(Refused) as by_others, transaction.atomic():
            shop.record("issue", at(day), lines, **{name: "a\0b"})
        assert refused.value.problems == by_others.value.problems
        assert [(problem.field, problem.rule) for problem in refused.value.problems] == [(name, "no_nul")]
        assert shop.counts() == before
        shop.record("issue", at(day), lines, **{name: "a' \\ \"}, {b"})
        assert shop.query(f"SELECT {name} FROM stock_document ORDER BY effective_at DESC LIMIT 1") == [
            ("a' \\ \"}, {b",)
        ]
    assert doors == ["stock_begin_one"] * 3


@pytest.mark.parametrize("lines", [1, 2])
def test_a_document_names_a_party_of_its_company_or_none(lines: int) -> None:
    """One line goes through the door of a plain move, two through that of batches."""
    shop = make_shop()
    shop.receive("BOLT", 10, "2.00", at("03-01"))
    line = LineDraft(shop.items["BOLT"], 1, from_location_id=shop.places["A-1"])
    before = shop.counts()
    with pytest.raises(Refused) as refused:
        shop.record("issue", at("03-02"), [line] * lines, party_id=999_999)
    assert [(problem.field, problem.rule) for problem in refused.value.problems] == [("party_id", "exists")]
    assert shop.counts() == before


# --- what the guards prove of others, they prove themselves ---------------------------------------------------


@pytest.fixture
def shop() -> Shop:
    """Ten bolts at 2.00 in A-1, posted and committed; nuts that never moved."""
    shop = make_shop()
    shop.receive("BOLT", 10, "2.00", at("03-01"))
    shop.item("NUT")
    return shop


@pytest.fixture
def raw(shop: Shop) -> Iterator[Callable[[str], Connection]]:
    """Connections of the application's role, in the shop's company, and of the tables' owner."""
    opened: list[Connection] = []

    def connect(role: str) -> Connection:
        login = settings.DATABASE.app if role == "app" else settings.DATABASE.owner
        opened.append(psycopg.connect(login.conninfo(), autocommit=True))
        opened[-1].execute("SELECT set_config('app.company', %s, false)", (str(shop.company_id),))
        return opened[-1]

    yield connect
    for connection in opened:
        connection.close()


class Hand:
    """An issue of three bolts at 2.00, written by hand through both functions; `wrong` is what is told otherwise."""

    def __init__(self, shop: Shop, connection: Connection, **wrong: Any) -> None:
        self.connection = connection
        row = connection.execute("SELECT stock_reserve_ids(3), nextval('ledger_entry_id_seq')").fetchone()
        assert row is not None
        accounts = dict(
            shop.query(
                "SELECT account_role, account_id FROM ledger_account_map WHERE book_id = %s", shop.book_id
            )
        )
        self.told = {
            "company": shop.company_id, "book": shop.book_id, "batch": row[0], "document": row[0] + 1, "move": row[0] + 2,
            "entry": row[1], "item": shop.items["BOLT"], "source": shop.places["A-1"], "target": shop.places["CUSTOMER"],
            "place": shop.places["A-1"], "qty": 3, "amount": 600, "day": "2026-03-05", "posting": "2026-03-05",
            "debit": accounts["cost_of_sales"], "credit": accounts["inventory"], "of_batch": row[0],
            "recorded": "2026-03-06T00:00:00Z", "of_company": shop.company_id,
        } | wrong  # fmt: skip

    def ask(self, sql: str) -> None:
        self.connection.execute(sql, self.told)

    def begin(self) -> None:
        self.ask("SELECT set_config('app.recorded_at', %(recorded)s, true)")
        self.ask(
            "SELECT stock_begin_one(%(company)s, %(batch)s, 'hand-' || %(batch)s::text, '\\x00', NULL, 'raw',"
            " %(document)s, 'issue', 'H', NULL, NULL, (%(day)s::text || 'T12:00Z')::timestamptz, NULL, %(move)s,"
            " %(item)s, %(source)s, %(target)s, %(place)s, %(qty)s, %(day)s::date, 50::smallint,"
            " gen_random_uuid(), 3::smallint, NULL, NULL,"
            " (%(day)s::text || 'T12:00Z')::timestamptz)"
        )

    def post(self) -> None:
        self.ask(
            "SELECT stock_post_one(%(of_company)s, %(of_batch)s, %(recorded)s::timestamptz, NULL, 'raw', '', %(entry)s,"
            " %(book)s, %(item)s, 0, %(move)s, 20::smallint, %(debit)s, %(credit)s, %(amount)s, -%(amount)s, %(day)s::date,"
            " %(posting)s::date, %(day)s::date, 7, 1400, '\\x00', NULL)"
        )

    def write(self) -> None:
        with self.connection.transaction():
            self.begin()
            self.post()


def refused(shop: Shop, state: str, work: Callable[[], Any], *, says: str = "") -> None:
    """With this SQLSTATE, and nothing is there that was not there before."""

    def there() -> list[tuple[Any, ...]]:
        return [
            *shop.counts().items(),
            *shop.query("SELECT item_id, location_id, qty FROM stock_quant ORDER BY 1, 2"),
        ]

    before = there()
    with pytest.raises(psycopg.Error) as error:
        work()
    assert error.value.sqlstate == state, error.value
    assert says in str(error.value)
    assert there() == before


def test_by_hand_it_is_accepted(shop: Shop, raw: Callable[[str], Connection]) -> None:
    """So that below it is the attack that is refused, and not a slip of the pen."""
    before = shop.counts()
    Hand(shop, raw("app")).write()
    after = shop.counts()
    assert {name: after[name] - before[name] for name in after if after[name] != before[name]} == {
        "batch": 1, "document": 1, "move": 1, "value": 1, "entry": 1,
    }  # fmt: skip
    assert (shop.on_hand("BOLT"), shop.balance("inventory")) == (7, 1400)
    assert shop.query("SELECT count(*) FROM ledger_entry_seal")[0][0] == after["entry"]


NOT_SO_PLAIN, FORBIDDEN, NONE_OF_THIS = "40001", "42501", "WH207"


@pytest.mark.parametrize(
    ("wrong", "state"),
    [
        ({"qty": 11}, NOT_SO_PLAIN),  # more than there is
        ({"day": "2026-02-27", "posting": "2026-02-27"}, NOT_SO_PLAIN),  # before they came
        ({"place": "A-2"}, NOT_SO_PLAIN),  # where there is none, and not where it leaves
        ({"place": "CUSTOMER"}, NOT_SO_PLAIN),  # not ours
        ({"place": "B-1"}, NOT_SO_PLAIN),  # where there is some, and not where it leaves
        ({"place": None}, NOT_SO_PLAIN),
        ({"target": "A-2"}, NOT_SO_PLAIN),  # a transfer
        ({"target": "nowhere"}, NOT_SO_PLAIN),
        ({"item": "NUT"}, NOT_SO_PLAIN),
        ({"item": "DRILL"}, NOT_SO_PLAIN),  # by serial
        ({"company": "other"}, FORBIDDEN),
        ({"of_company": "other"}, FORBIDDEN),
        ({"of_batch": "old"}, NONE_OF_THIS),
        ({"posting": "2026-03-04"}, "23514"),  # before it happened
        ({"book": "theirs"}, NOT_SO_PLAIN),
        ({"debit": "stranger"}, NOT_SO_PLAIN),
        ({"credit": "stranger"}, NOT_SO_PLAIN),
        ({"debit": "same"}, NOT_SO_PLAIN),
        ({"amount": 0}, "23514"),
        ({"day": "2028-01-03", "posting": "2028-01-03"}, NOT_SO_PLAIN),  # a year without entries
    ],
)
def test_nothing_else_is(
    shop: Shop, raw: Callable[[str], Connection], wrong: dict[str, Any], state: str
) -> None:
    other = make_shop()
    other.receive("BOLT", 10, "2.00", at("03-01"))
    shop.item("DRILL", tracking=Tracking.SERIAL)
    shop.receive("DRILL", 1, "50.00", at("03-01"), serials=("D1",))
    shop.receive("BOLT", 10, "2.00", at("03-01", "13:00"), "B-1")
    old = shop.query("SELECT max(batch_id) FROM stock_batch")[0][0]
    stranger = other.query("SELECT min(id) FROM ledger_account")[0][0]
    known: dict[Any, Any] = {
        **shop.places, "nowhere": other.places["A-1"], "NUT": shop.items["NUT"], "DRILL": shop.items["DRILL"],
        "other": other.company_id, "theirs": other.book_id, "old": old, "stranger": stranger,
        "same": shop.query("SELECT account_id FROM ledger_account_map WHERE account_role = 'inventory'")[0][0],
    }  # fmt: skip
    hand = Hand(shop, raw("app"), **{name: known.get(value, value) for name, value in wrong.items()})
    refused(shop, state, hand.write)
    assert other.on_hand("BOLT") == 10


def test_what_is_reserved_stays(shop: Shop, raw: Callable[[str], Connection]) -> None:
    app = raw("app")
    app.execute(
        "INSERT INTO stock_reservation (company_id, item_id, location_id, qty, open_qty, idempotency_key, line_no,"
        " request_hash, created_at) VALUES (%s, %s, %s, 8, 8, 'claim', 1, '\\x00', now())",
        (shop.company_id, shop.items["BOLT"], shop.places["A-1"]),
    )
    refused(shop, NOT_SO_PLAIN, Hand(shop, app).write)


def test_a_closed_period_takes_nothing(shop: Shop, raw: Callable[[str], Connection]) -> None:
    ledger.close_period(
        company_id=shop.company_id,
        actor_id=None,
        book_id=shop.book_id,
        end_on=date(2026, 3, 31),
        reason="test",
    )
    refused(shop, NOT_SO_PLAIN, Hand(shop, raw("app")).write)


def test_what_others_closed_and_opened_meanwhile_is_known(
    shop: Shop, raw: Callable[[str], Connection], doors: list[str]
) -> None:
    """The first open day is in memory; another process closes and opens the month."""
    other, march = raw("app"), (shop.company_id, shop.book_id, date(2026, 3, 31))
    locks._in_hand.clear()
    shop.issue("BOLT", 1, at("03-02"))  # and takes ids for all that follow
    shop.issue("BOLT", 1, at("03-03"))
    other.execute(
        "INSERT INTO ledger_period (company_id, book_id, start_on, end_on, fiscal_year, number, state)"
        " VALUES (%s, %s, '2026-03-01', %s, 2026, 3, 1)",
        march,
    )
    shop.issue("BOLT", 1, at("03-04"))
    shop.issue("BOLT", 1, at("03-05"))
    other.execute(
        "UPDATE ledger_period SET state = 0, reason = 'late' WHERE company_id = %s AND book_id = %s AND end_on = %s",
        march,
    )
    shop.issue("BOLT", 1, at("03-06"))
    shop.issue("BOLT", 1, at("03-07"))
    days = shop.query("SELECT effective_on, posting_on FROM ledger_entry WHERE effective_on > '2026-03-02'")
    assert sorted(days) == [
        (date(2026, 3, 3), date(2026, 3, 3)),
        (date(2026, 3, 4), date(2026, 4, 1)),
        (date(2026, 3, 5), date(2026, 4, 1)),
        (date(2026, 3, 6), date(2026, 3, 6)),
        (date(2026, 3, 7), date(2026, 3, 7)),
    ]
    assert [door for door in doors if door == "stock_begin_one"] == ["stock_begin_one"] * 5


def test_an_older_snapshot_does_not_see_what_was_closed(shop: Shop, raw: Callable[[str], Connection]) -> None:
    app = raw("app")
    app.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
    refused(shop, NOT_SO_PLAIN, Hand(shop, app).write)


def test_for_the_owner_no_guard_stands_back(shop: Shop, raw: Callable[[str], Connection]) -> None:
    refused(shop, NOT_SO_PLAIN, Hand(shop, raw("owner")).write)


def test_who_may_not_write_batches_does_not_by_it(shop: Shop, raw: Callable[[str], Connection]) -> None:
    """Everybody may call a function, also a role that somebody made for his reports."""
    name, database = f"reader_of_{os.getpid()}", settings.DATABASE
    login = replace(database.app, user=name, password="reads")
    hand, owner = Hand(shop, raw("app")), raw("owner")
    with cluster.administrator(database) as administrator:
        administrator.execute(f"CREATE ROLE {name} LOGIN PASSWORD 'reads'")
        owner.execute(f'GRANT CONNECT ON DATABASE "{database.owner.name}" TO {name}')
        try:
            with psycopg.connect(login.conninfo(), autocommit=True) as hand.connection:
                hand.ask("SELECT set_config('app.company', %(company)s::text, false)")
                refused(shop, FORBIDDEN, hand.write)
        finally:
            owner.execute(f'REVOKE CONNECT ON DATABASE "{database.owner.name}" FROM {name}')
            administrator.execute(f"DROP ROLE {name}")


def test_nobody_posts_an_entry_without_goods_by_it(shop: Shop, raw: Callable[[str], Connection]) -> None:
    app = raw("app")
    refused(
        shop,
        FORBIDDEN,
        lambda: app.execute(
            "SELECT ledger_post_one(1, 1, 1::bigint, '2026-03-05', '2026-03-05', now(), 'raw', NULL, '', NULL, 1, 2, 600)"
        ),
        says="ledger_post_one",
    )


@pytest.mark.parametrize("later", ["move", "value", "entry"])
def test_what_was_begun_so_takes_nothing_by_another_door(
    shop: Shop, raw: Callable[[str], Connection], later: str
) -> None:
    """No guard judges it at the end, so nothing may join it that one would have to judge."""
    app = raw("app")
    hand = Hand(shop, app)
    others = {
        "move": "INSERT INTO stock_move SELECT company_id, move_id + 1000000, batch_id, document_id, event_id, line_no,"
        " item_id, from_location_id, to_location_id, lot_id, qty, effective_at, effective_on, phase, gen_random_uuid(),"
        " kind, of_move_id, amount, currency, share, recorded_at FROM stock_move WHERE batch_id = %(batch)s",
        "value": "INSERT INTO stock_value SELECT company_id, book_id, item_id, scope_id, lot_id, move_id, cause_id, role,"
        " debit_account_id, credit_account_id, amount + 1, stock_amount, effective_on, posting_on, entry_id, batch_id,"
        " recorded_at FROM stock_value WHERE batch_id = %(batch)s",
        "entry": "WITH e AS (INSERT INTO ledger_entry SELECT company_id, book_id, nextval('ledger_entry_id_seq'),"
        " effective_on, posting_on, recorded_at, source, batch_id, '', '', NULL FROM ledger_entry WHERE batch_id = %(batch)s"
        " RETURNING *)"
        " INSERT INTO ledger_line (company_id, book_id, entry_id, line_no, account_id, amount, effective_on, posting_on,"
        " recorded_at) SELECT l.company_id, l.book_id, e.entry_id, l.line_no, l.account_id, l.amount, l.effective_on,"
        " l.posting_on, l.recorded_at FROM e, ledger_line l WHERE l.entry_id = %(entry)s",
    }

    def work() -> None:
        with app.transaction():
            hand.begin()
            hand.post()
            hand.ask(others[later])

    refused(shop, NONE_OF_THIS, work)
