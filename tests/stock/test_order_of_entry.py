"""Order of entry does not matter, through the real door and tables.

Random histories (ties, rings of production, transfers between warehouses, returns, amendments, reversals, negative
stock, landed costs, method changes, closed months, several books and currencies) are entered in several orders and
batch cuts, each into a company of its own, and held against the naive oracle of tests/core: at the end, as of each
day, and as known after each batch.
"""

import os
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from tests.core.oracle import should
from tests.stock.conftest import check_whole, make_shop

from wherewithal.kit import db
from wherewithal.ledger import services as ledger_services
from wherewithal.stock import queries, services
from wherewithal.stock.drafts import AllocateBy, DocumentDraft, DocumentKind, LineDraft, OwnAmount
from wherewithal.stock.services import StandardCostDraft

HISTORIES = int(os.environ.get("WHEREWITHAL_HISTORIES", "60"))
FIRST_SEED = int(os.environ.get("WHEREWITHAL_SEED", "1"))
START = datetime(2026, 1, 1, tzinfo=UTC)
DAYS = (3, 4, 17, 33, 34, 40)  # of the year: two months, and neighbours
METHODS = ("fifo", "lifo", "moving_average", "standard", "periodic_average")
NO_LIFO = tuple(method for method in METHODS if method != "lifo")  # the main book follows IFRS
SKUS = ("A", "B", "C")
BINS = ("A-1", "A-2", "B-1")


@dataclass
class Entered:
    """A fact to enter: a document (its lines may name moves of earlier ones by reference), or a policy."""

    number: int
    names: tuple[int, ...]
    kind: str
    at: datetime = START
    lines: list[dict[str, Any]] = field(default_factory=list)
    head: dict[str, Any] = field(default_factory=dict)


@dataclass
class Ref:
    """A move by (fact number, line position)."""

    fact: int
    line: int


class Teller:
    """Draws one history. Quantities that can be returned or lowered are counted so that any order is accepted."""

    def __init__(self, seed: int) -> None:
        self.rng = Random(seed)
        self.facts: list[Entered] = []
        self.open: dict[tuple[int, int], int] = {}  # reference of a move -> qty left to return or lower
        self.touched: set[int] = set()  # facts that something names: they are not reversed
        self.reversed: set[int] = set()
        self.skus = SKUS[: self.rng.choice((1, 2, 3))]
        for _ in range(self.rng.randint(4, 14)):
            self.tell()

    def at(self) -> datetime:
        return START + timedelta(days=self.rng.choice(DAYS) - 1, hours=self.rng.choice((8, 8, 15)))

    def qty(self) -> int:
        return self.rng.choice((1, 2, 3, 5, 8, 20))

    def tell(self) -> None:
        tell = self.rng.choices(
            (self.receipt, self.issue, self.transfer, self.production, self.adjustment, self.give_back, self.amend,
             self.reverse, self.land, self.correct, self.policy, self.dropship, self.from_asset),
            (24, 20, 10, 14, 6, 12, 8, 6, 7, 5, 4, 2, 5),
        )[0]  # fmt: skip
        tell()

    def enter(
        self, kind: str, at: datetime, lines: list[dict[str, Any]], names: tuple[int, ...] = (), **head: Any
    ) -> None:
        number = len(self.facts)
        self.facts.append(Entered(number, names, kind, at, lines, head))
        for position, line in enumerate(lines):
            if kind not in ("amendment", "landed_cost", "price_correction", "reversal"):
                self.open[number, position] = abs(line["qty"])

    def line(self, **more: Any) -> dict[str, Any]:
        return {"sku": self.rng.choice(self.skus), "qty": self.qty()} | more

    def money(self) -> dict[str, Any]:
        if self.rng.random() < 0.25:
            return {"currency": self.rng.choice(("USD", "JPY"))}
        return {}

    def receipt(self) -> None:
        head = self.money()
        decimals = 0 if head.get("currency") == "JPY" else 2
        lines = [
            self.line(to=self.rng.choice(BINS), amount=Decimal(self.rng.randint(0, 3000)).scaleb(-decimals))
            for _ in range(self.rng.choice((1, 1, 2)))
        ]
        self.enter(self.rng.choice(("receipt", "receipt", "receipt", "opening")), self.at(), lines, **head)

    def issue(self) -> None:
        self.enter(
            self.rng.choice(("issue", "issue", "issue", "scrap")),
            self.at(),
            [self.line(source=self.rng.choice(BINS))],
        )

    def transfer(self) -> None:
        source, target = self.rng.sample((*BINS, "TRANSIT"), 2)
        self.enter("transfer", self.at(), [self.line(source=source, to=target)])

    def production(self) -> None:
        eaten = [
            self.line(source=self.rng.choice(BINS), consumed=True) for _ in range(self.rng.choice((1, 1, 2)))
        ]
        made = [self.line(to=self.rng.choice(BINS)) for _ in range(self.rng.choice((1, 1, 2)))]
        head = {"amount": Decimal(self.rng.randint(0, 500)).scaleb(-2)} if self.rng.random() < 0.4 else {}
        self.enter("production", self.at(), eaten + made, **head)

    def adjustment(self) -> None:
        qty = self.qty() * self.rng.choice((1, -1))
        self.enter("adjustment", self.at(), [self.line(to=self.rng.choice(BINS), qty=qty)])

    def dropship(self) -> None:
        self.enter("dropship", self.at(), [self.line(amount=Decimal(self.rng.randint(0, 900)).scaleb(-2))])

    def from_asset(self) -> None:
        """Goods that the second book carries at an amount of its own, perhaps nothing."""
        line = self.line(
            source="ASSET", to=self.rng.choice(BINS), amount=Decimal(self.rng.randint(0, 3000)).scaleb(-2)
        )
        self.enter(
            "return_from_customer", self.at(), [line], own=self.rng.choice((0, self.rng.randint(0, 9000)))
        )

    def some(self, *kinds: str) -> tuple[int, int] | None:
        found = [
            ref for ref, left in self.open.items()
            if left > 0 and ref[0] not in self.reversed
            and ("from_asset" if "own" in self.facts[ref[0]].head else self.facts[ref[0]].kind) in kinds
        ]  # fmt: skip
        return self.rng.choice(found) if found else None

    def name(self, ref: tuple[int, int]) -> tuple[int, ...]:
        self.touched.add(ref[0])
        return (ref[0],)

    def give_back(self) -> None:
        kind, of = self.rng.choice(
            (("return_to_supplier", self.some("receipt")), ("return_from_customer", self.some("issue")))
        )
        if of is None:
            return
        qty = self.rng.choice((self.open[of], self.rng.randint(1, self.open[of])))
        self.open[of] -= qty
        at = max(self.at(), self.facts[of[0]].at)
        self.enter(kind, at, [{"qty": qty, "of": Ref(*of)}], self.name(of))

    def amend(self) -> None:
        of = self.some(
            "receipt",
            "opening",
            "issue",
            "transfer",
            "production",
            "adjustment",
            "scrap",
            "return_to_supplier",
            "from_asset",
        )
        if of is None:
            return
        qty = self.rng.randint(1, 5)
        if self.rng.random() < 0.6:
            qty = -self.rng.choice((self.open[of], self.rng.randint(1, self.open[of])))
            self.open[of] += qty
        self.enter("amendment", self.facts[of[0]].at, [{"qty": qty, "of": Ref(*of)}], self.name(of))

    def reverse(self) -> None:
        """A whole document that nothing names."""
        goods = [
            f.number for f in self.facts
            if f.kind not in ("amendment", "reversal", "policy", "standard") and f.number not in self.touched | self.reversed
        ]  # fmt: skip
        if goods:
            number = self.rng.choice(goods)
            self.reversed.add(number)
            self.enter("reversal", self.at(), [], (number,), of_document=number)

    def land(self) -> None:
        refs = {ref for _ in range(2) if (ref := self.some("receipt", "opening")) is not None}
        if refs:
            names = tuple({ref[0] for ref in refs})
            self.touched.update(names)
            head = {"amount": Decimal(self.rng.randint(-300, 900)).scaleb(-2), "by": "quantity"}
            if head["amount"]:
                self.enter(
                    "landed_cost", self.at(), [{"of": Ref(*ref)} for ref in sorted(refs)], names, **head
                )

    def correct(self) -> None:
        of = self.some("receipt")
        amount = Decimal(self.rng.randint(-300, 900)).scaleb(-2)
        if of is not None and amount:
            self.enter("price_correction", self.at(), [{"of": Ref(*of), "amount": amount}], self.name(of))

    def policy(self) -> None:
        book = self.rng.choice(("main", "second"))
        day = (START + timedelta(days=self.rng.choice((1, *DAYS)) - 1)).date()
        if self.rng.random() < 0.4:
            cost = Decimal(self.rng.randint(0, 400)).scaleb(-2)
            self.facts.append(
                Entered(
                    len(self.facts),
                    (),
                    "standard",
                    head={"book": book, "on": day, "sku": self.rng.choice(self.skus), "cost": cost},
                )
            )
            return
        if any(f.kind == "policy" and (f.head["book"], f.head["on"]) == (book, day) for f in self.facts):
            return
        method = self.rng.choice(METHODS if book == "second" else NO_LIFO)
        self.facts.append(
            Entered(len(self.facts), (), "policy", head={"book": book, "on": day, "method": method})
        )


# --- entering ---------------------------------------------------------------------------------------------


class Clerk:
    """Enters a history into a company of its own, in an order and in batches of his own."""

    def __init__(self, facts: list[Entered], rng: Random, methods: dict[str, str]) -> None:
        self.shop = make_shop()
        self.rng = rng
        self.facts = facts
        self.moves: dict[tuple[int, int], int] = {}
        self.documents: dict[int, int] = {}
        self.known: list[datetime] = []
        self.closed: dict[int, date] = {}
        self.set_up(methods)

    def set_up(self, methods: dict[str, str]) -> None:
        shop = self.shop
        for code in BINS:
            services.update_location(
                company_id=shop.company_id, actor_id=None, location_id=shop.places[code], allow_negative=True
            )
        services.update_location(
            company_id=shop.company_id, actor_id=None, location_id=shop.places["TRANSIT"], allow_negative=True
        )
        created = ledger_services.create_book(
            company_id=shop.company_id, code="second", name="Second", standard="US GAAP", currency="JPY",
            cost_scope="warehouse", actor_id=None,
        )  # fmt: skip
        self.books = {"main": shop.book_id, "second": created}
        ((shop.places["ASSET"],),) = shop.query("SELECT id FROM stock_location WHERE type = 'asset'")
        for book, method in methods.items():
            shop.policy(method, book_id=self.books[book])
        for sku in SKUS:
            shop.item(sku)

    def enter_all(self) -> None:
        waiting = list(self.facts)
        while waiting:
            done = {fact.number for fact in self.facts} - {fact.number for fact in waiting}
            ready = [fact for fact in waiting if set(fact.names) <= done]
            self.rng.shuffle(ready)
            batch = ready[: self.rng.choice((1, 1, 2, 3, 5))]
            if self.rng.random() < 0.15:
                self.close_a_month()
            self.enter(batch)
            waiting = [fact for fact in waiting if fact not in batch]

    def close_a_month(self) -> None:
        book = self.rng.choice(list(self.books.values()))
        end_on = self.rng.choice((date(2026, 1, 31), date(2026, 2, 28)))
        if end_on > self.closed.get(book, date.min):
            self.closed[book] = end_on
            # What is posted so far is judged as if it were committed: closing waits for that.
            with db.company_transaction(company_id=self.shop.company_id):
                db.execute("SET CONSTRAINTS ALL IMMEDIATE")
                db.execute("SET CONSTRAINTS ALL DEFERRED")
            ledger_services.close_period(
                company_id=self.shop.company_id,
                book_id=book,
                end_on=end_on,
                actor_id=None,
                reason="month end",
            )

    def enter(self, batch: list[Entered]) -> None:
        goods = [fact for fact in batch if fact.kind not in ("policy", "standard")]
        for fact in batch:
            if fact.kind == "policy":
                self.shop.policy(
                    fact.head["method"],
                    on=fact.head["on"].isoformat()[5:],
                    book_id=self.books[fact.head["book"]],
                )
            elif fact.kind == "standard":
                draft = StandardCostDraft(
                    self.shop.items[fact.head["sku"]], fact.head["cost"], fact.head["on"]
                )
                services.set_standard_costs(
                    company_id=self.shop.company_id,
                    actor_id=None,
                    book_id=self.books[fact.head["book"]],
                    costs=[draft],
                )
        if goods:
            result = services.record(
                company_id=self.shop.company_id,
                actor_id=None,
                idempotency_key=f"batch-{next(self.shop.keys)}",
                documents=[self.draft(fact) for fact in goods],
            )
            self.known.append(result.recorded_at)
            for fact, document in zip(goods, result.documents, strict=True):
                self.documents[fact.number] = document.document_id
                for position, move_id in enumerate(document.move_ids):
                    self.moves[fact.number, position] = move_id

    def draft(self, fact: Entered) -> DocumentDraft:
        head = dict(fact.head)
        of = head.pop("of_document", None)
        by = AllocateBy(head.pop("by", "value"))
        if (own := head.pop("own", None)) is not None:
            head["own_amounts"] = (OwnAmount(self.books["second"], own, "JPY"),)
        rates = {"USD": {"EUR": Decimal("0.9"), "JPY": Decimal("151.3")}, "JPY": {"EUR": Decimal("0.0061")}}
        return DocumentDraft(
            DocumentKind(fact.kind),
            fact.at,
            [self.line(line) for line in fact.lines],
            key=f"fact-{fact.number}",
            rates=rates.get(head.get("currency", ""), {"JPY": Decimal("163.7")}),
            of_document_id=None if of is None else self.documents[of],
            allocate_by=by,
            **head,
        )

    def line(self, line: dict[str, Any]) -> LineDraft:
        places, of = self.shop.places, line.get("of")
        return LineDraft(
            self.shop.items[line["sku"]] if "sku" in line else 0,
            line.get("qty"),
            from_location_id=places[line["source"]] if "source" in line else None,
            to_location_id=places[line["to"]] if "to" in line else None,
            of_move_id=self.moves[of.fact, of.line] if of else None,
            amount=line.get("amount"),
            consumed=line.get("consumed", False),
        )

    # --- what the company says --------------------------------------------------------------------------------

    def named(self) -> dict[int, Any]:
        """Move ids -> names that are the same in every order of entry."""
        rows = self.shop.query("SELECT m.move_id, m.key FROM stock_move m")
        return dict(rows) | {0: 0}

    def says(self, until: date | None = None, known_at: datetime | None = None) -> dict[Any, int]:
        """Amounts by book and key, moves by their names."""
        names = self.named()
        items = {item: sku for sku, item in self.shop.items.items()} | {0: ""}
        places = {place: code for code, place in self.shop.places.items()} | {0: ""}
        accounts = dict(self.shop.query("SELECT id, code FROM ledger_account"))
        books = {book: code for code, book in self.books.items()}
        rows = self.shop.query(
            "SELECT book_id, move_id, cause_id, role, scope_id, item_id, effective_on, debit_account_id, credit_account_id,"
            " sum(amount)::bigint FROM stock_value"
            " WHERE (%s::date IS NULL OR effective_on <= %s) AND (%s::timestamptz IS NULL OR recorded_at <= %s)"
            " GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9",
            until, until, known_at, known_at,
        )  # fmt: skip
        return {
            (
                books[b],
                names[m],
                names.get(c, c),
                r,
                places[s],
                items[i],
                day,
                accounts[debit],
                accounts[credit],
            ): amount
            for b, m, c, r, s, i, day, debit, credit, amount in rows
            if amount
        }

    def oracle(
        self, book: str, until: date | None = None, known_at: datetime | None = None
    ) -> dict[Any, int]:
        """What the book should say of the facts, by the naive recompute."""
        with db.company_transaction(company_id=self.shop.company_id):
            facts = queries.facts_of_items(
                self.shop.company_id, book_id=self.books[book], item_ids=self.shop.items.values()
            )
        moves = facts.moves
        policies = {item: list(each) for item, each in facts.policies.items()}
        if known_at is not None:
            known = {
                row[0]
                for row in self.shop.query("SELECT move_id FROM stock_move WHERE recorded_at <= %s", known_at)
            }
            costs = {
                row[0]
                for row in self.shop.query(
                    "SELECT cost_id FROM stock_move_cost WHERE recorded_at <= %s", known_at
                )
            }
            moves = tuple(
                m._replace(extras=tuple(e for e in m.extras if e.cost_id in costs))
                for m in moves
                if m.move_id in known
            )
        if until is not None:
            moves = tuple(m for m in moves if m.day <= until.toordinal())
            policies = {i: [p for p in each if p.day <= until.toordinal()] for i, each in policies.items()}
        rows, _ = should(moves, policies)
        return {key: amount for key, amount in rows.items() if amount}

    def booked(
        self, book: str, until: date | None = None, known_at: datetime | None = None
    ) -> dict[Any, int]:
        rows = self.shop.query(
            "SELECT move_id, cause_id, role, scope_id, item_id, lot_id, effective_on - date '0001-01-01' + 1,"
            " sum(amount)::bigint FROM stock_value WHERE book_id = %s"
            " AND (%s::date IS NULL OR effective_on <= %s) AND (%s::timestamptz IS NULL OR recorded_at <= %s)"
            " GROUP BY 1, 2, 3, 4, 5, 6, effective_on",
            self.books[book], until, until, known_at, known_at,
        )  # fmt: skip
        return {tuple(row[:-1]): row[-1] for row in rows if row[-1]}


def differences(found: dict[Any, int], wanted: dict[Any, int]) -> list[str]:
    return [
        f"{key}: found {found.get(key)}, should be {wanted.get(key)}"
        for key in sorted({*found, *wanted}, key=str)
        if found.get(key) != wanted.get(key)
    ]


def run(seed: int, *, orders: int = 2) -> None:
    rng = Random(seed * 7919)
    teller = Teller(seed)
    methods = {"main": rng.choice(NO_LIFO), "second": rng.choice(METHODS)}
    said = None
    for _ in range(orders):
        clerk = Clerk(teller.facts, rng, methods)
        clerk.enter_all()
        check_whole(clerk.shop)
        for book in clerk.books:
            assert differences(clerk.booked(book), clerk.oracle(book)) == [], (
                f"seed {seed}: {book} at the end"
            )
            for day in (date(2026, 1, 4), date(2026, 1, 31), date(2026, 2, 3)):
                until = {k: v for k, v in clerk.oracle(book, day).items() if k[-1] <= day.toordinal()}
                assert differences(clerk.booked(book, day), until) == [], f"seed {seed}: {book} as of {day}"
            if not any(fact.kind in ("policy", "standard") for fact in teller.facts):
                for known_at in clerk.known:
                    found, wanted = clerk.booked(book, None, known_at), clerk.oracle(book, None, known_at)
                    assert differences(found, wanted) == [], f"seed {seed}: {book} as known at {known_at}"
        says = clerk.says()
        assert said is None or differences(says, said) == [], f"seed {seed}: another order, another answer"
        said = says


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(FIRST_SEED, FIRST_SEED + HISTORIES))
def test_the_order_of_entry_does_not_matter(seed: int) -> None:
    run(seed)
