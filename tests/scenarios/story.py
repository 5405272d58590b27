"""Stories as documents: the tables of a Markdown page, entered through the use cases and compared to the cent.

A comment `<!-- story: verb words name=value -->` says what the next table is, or does something by itself. Readers of
the page do not see it. The verbs are the functions below whose names begin with `do_`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from wherewithal.items import queries as items
from wherewithal.items.services import create_items, set_lot_status
from wherewithal.items.values import ItemDraft, LotStatus, Tracking
from wherewithal.kit.db import company_transaction, fetch_all
from wherewithal.kit.errors import Refused
from wherewithal.ledger import queries as ledger
from wherewithal.ledger import services as ledger_services
from wherewithal.parties.services import create_parties
from wherewithal.parties.values import PartyDraft
from wherewithal.reporting import explain, verify
from wherewithal.stock import services as stock
from wherewithal.stock.drafts import DocumentDraft, DocumentKind, LineDraft

Row = dict[str, str]
ZONE = ZoneInfo("Europe/Berlin")
DIRECTIVE = re.compile(r"<!-- story: (?P<said>.*?) -->")
EVENING = time(18)
KINDS = {
    "opening": DocumentKind.OPENING,
    "receipt": DocumentKind.RECEIPT,
    "issue": DocumentKind.ISSUE,
    "transfer": DocumentKind.TRANSFER,
    "scrap": DocumentKind.SCRAP,
    "count": DocumentKind.ADJUSTMENT,
    "return from customer": DocumentKind.RETURN_FROM_CUSTOMER,
    "return to supplier": DocumentKind.RETURN_TO_SUPPLIER,
    "freight": DocumentKind.LANDED_COST,
    "price correction": DocumentKind.PRICE_CORRECTION,
}
INTO_STOCK = {"opening", "receipt", "return from customer"}


@dataclass(frozen=True, slots=True)
class Part:
    """A directive with the table that follows it, if one does before the next directive."""

    verb: str
    words: tuple[str, ...]
    options: dict[str, str]
    table: list[Row]


def read(path: Path) -> list[Part]:
    """The parts of a page, in order."""
    parts = []
    matches = list(DIRECTIVE.finditer(text := path.read_text(encoding="utf-8")))
    for match, following in zip(matches, [*matches[1:], None], strict=True):
        verb, *rest = match["said"].split()
        between = text[match.end() : following.start() if following else len(text)]
        options = dict(word.split("=", 1) for word in rest if "=" in word)
        words = tuple(word for word in rest if "=" not in word)
        parts.append(Part(verb, words, options, list(_table(between))))
    return parts


def _table(text: str) -> Iterator[Row]:
    """The first table of a piece of Markdown."""
    lines = [line.strip() for line in text.splitlines()]
    start = next((n for n, line in enumerate(lines) if line.startswith("|")), None)
    if start is None:
        return
    names = _cells(lines[start])
    for line in lines[start + 2 :]:
        if not line.startswith("|"):
            return
        yield dict(zip(names, _cells(line), strict=True))


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip("|").split("|")]


def number(text: str) -> Decimal:
    return Decimal(text.replace(",", ""))


@dataclass(slots=True)
class Story:
    """What has been told so far: the company and the names that the page gives to things."""

    code: str
    company_id: int = 0
    books: dict[str, int] = field(default_factory=dict)
    items: dict[str, int] = field(default_factory=dict)
    places: dict[str, int] = field(default_factory=dict)
    parties: dict[str, int] = field(default_factory=dict)
    moves: dict[str, int] = field(default_factory=dict)
    count: int = 0

    def tell(self, path: Path) -> None:
        """Enter and compare everything on the page."""
        for part in read(path):
            getattr(self, f"do_{part.verb}")(part)

    # --- setting the scene ---------------------------------------------------------------------------

    def do_company(self, part: Part) -> None:
        created = ledger_services.create_company(
            code=self.code, name="A story", country=part.options["country"], currency=part.options["currency"],
            timezone=str(ZONE), book_code="main",
        )  # fmt: skip
        self.company_id = created.company_id
        self.books["main"] = created.book_id
        self._method("main", part.options["method"])
        if second := part.options.get("second"):
            self.books[second] = ledger_services.create_book(
                company_id=self.company_id, actor_id=None, code=second, name=second.title(), standard=second
            )
            self._method(second, part.options["second_method"])

    def _method(self, book: str, method: str) -> None:
        stock.set_cost_method(
            company_id=self.company_id, actor_id=None, book_id=self.books[book], method=method
        )

    def do_items(self, part: Part) -> None:
        tracking = Tracking[part.options.get("tracking", "bulk").upper()]
        drafts = [ItemDraft(sku, sku.title(), tracking=tracking) for sku in part.words]
        ids = create_items(company_id=self.company_id, actor_id=None, items=drafts)
        self.items |= dict(zip(part.words, ids, strict=True))

    def do_places(self, part: Part) -> None:
        below_zero = "allow_negative" in part.words
        drafts = [
            stock.LocationDraft(code, code.title(), "warehouse", allow_negative=below_zero)
            for code in part.words
            if code != "allow_negative"
        ]
        stock.create_locations(company_id=self.company_id, actor_id=None, locations=drafts)
        with company_transaction(company_id=self.company_id):
            rows = fetch_all("SELECT code, id FROM stock_location WHERE company_id = %s", (self.company_id,))
        self.places = dict(rows)

    def do_customers(self, part: Part) -> None:
        drafts = [PartyDraft(code, code.title(), is_customer=True) for code in part.words]
        ids = create_parties(company_id=self.company_id, actor_id=None, parties=drafts)
        self.parties |= dict(zip(part.words, ids, strict=True))

    # --- what happened --------------------------------------------------------------------------------

    def do_enter(self, part: Part) -> None:
        for row in part.table:
            self._enter(row)

    def _enter(self, row: Row) -> None:
        self.count += 1
        when = datetime.combine(date.fromisoformat(row["day"]), time(9), ZONE) + timedelta(minutes=self.count)
        entered = date.fromisoformat(row.get("entered") or row["day"])
        document = DocumentDraft(
            KINDS[row["what"]],
            when,
            [self._line(row)],
            party_id=self.parties.get(row.get("party", "")),
            amount=number(row["amount"]) if row["what"] == "freight" else None,
        )
        result = stock.record(
            company_id=self.company_id,
            actor_id=None,
            idempotency_key=f"{self.code} {self.count}",
            documents=[document],
            recorded_at=datetime.combine(entered, EVENING, ZONE) + timedelta(seconds=self.count),
        )
        if result.documents[0].move_ids:
            self.moves[row["name"]] = result.documents[0].move_ids[0]

    def _line(self, row: Row) -> LineDraft:
        what, place = row["what"], self.places.get(row.get("place", ""))
        counted = what == "count"
        return LineDraft(
            item_id=self.items.get(row.get("item", ""), 0),
            qty=number(row["quantity"]) if row.get("quantity") and not counted else None,
            counted_qty=number(row["quantity"]) if counted else None,
            to_location_id=place if what in INTO_STOCK else None,
            from_location_id=place if what not in INTO_STOCK else None,
            lot_code=row.get("lot") or None,
            unit_cost=number(row["price"]) if row.get("price") else None,
            of_move_id=self.moves[row["of"]] if row.get("of") else None,
        )

    def do_close(self, part: Part) -> None:
        entered = date.fromisoformat(part.options["entered"])
        for book_id in self.books.values():
            ledger_services.close_period(
                company_id=self.company_id,
                book_id=book_id,
                end_on=date.fromisoformat(part.words[0]),
                actor_id=None,
                recorded_at=datetime.combine(entered, EVENING, ZONE),
            )

    def do_status(self, part: Part) -> None:
        sku, lot, status = part.words
        set_lot_status(
            company_id=self.company_id,
            actor_id=None,
            lot_ids=[self._lot(sku, lot)],
            status=LotStatus[status.upper()],
        )

    def _lot(self, sku: str, code: str) -> int:
        with company_transaction(company_id=self.company_id):
            return items.lot_ids(self.company_id, [(self.items[sku], code)])[self.items[sku], code]

    def do_refused(self, part: Part) -> None:
        for row in part.table:
            with pytest.raises(Refused, match=row["because"]):
                self._reserve(row) if row["what"] == "reserve" else self._enter(row)

    def _reserve(self, row: Row) -> None:
        self.count += 1
        day = date.fromisoformat(row["day"])
        stock.reserve(
            company_id=self.company_id,
            actor_id=None,
            idempotency_key=f"{self.code} claim {self.count}",
            lines=[
                stock.ReservationDraft(
                    self.items[row["item"]], self.places[row["place"]], number(row["quantity"]),
                    lot_id=self._lot(row["item"], row["lot"]),
                )
            ],
            now=datetime.combine(day, EVENING, ZONE),
            today=day,
        )  # fmt: skip

    # --- what must come out ---------------------------------------------------------------------------

    def do_moves(self, part: Part) -> None:
        """What each move cost, as now known."""
        book_id = self.books[part.options.get("book", "main")]
        found = [
            {
                "name": row["name"],
                "cost": str(
                    explain.move_cost(
                        company_id=self.company_id, move_id=self.moves[row["name"]], book_id=book_id
                    ).figure
                ).removesuffix(" EUR"),
            }
            for row in part.table
        ]
        assert found == part.table

    def do_value(self, part: Part) -> None:
        """Quantity and value of each item, at the end of a day and as known on the evening of a day."""
        day, known_at = part.options.get("as_of"), _known_at(part)
        params = {
            "company": self.company_id, "book": self.books[part.options.get("book", "main")], "day": day,
            "known_at": known_at,
        }  # fmt: skip
        with company_transaction(company_id=self.company_id):
            found = fetch_all(VALUE, params)
        assert [(row["item"], number(row["quantity"]), number(row["value"])) for row in part.table] == [
            (sku, Decimal(qty), Decimal(value).scaleb(-2)) for sku, qty, value in found
        ]

    def do_ledger(self, part: Part) -> None:
        """All accounts that are not zero."""
        with company_transaction(company_id=self.company_id):
            balances = ledger.trial_balance(
                self.company_id,
                self.books[part.options.get("book", "main")],
                as_of=date.fromisoformat(part.options["as_of"]),
                known_at=_known_at(part),
                by=part.options.get("by", "posting"),  # type: ignore[arg-type]  # one of two words
            )
        found = {
            f"{row.code} {row.name}": Decimal(row.opening + row.debit + row.credit).scaleb(-2)
            for row in balances.rows
        }
        assert {row["account"]: number(row["balance"]) for row in part.table} == {
            account: balance for account, balance in found.items() if balance
        }

    def do_entries(self, part: Part) -> None:
        """The lines of all entries of the primary book that were entered on a day."""
        with company_transaction(company_id=self.company_id):
            rows = fetch_all(ENTRIES, (self.company_id, self.books["main"], part.options["entered"]))
        assert [
            (row["happened"], row["posted"], row["account"], number(row["amount"])) for row in part.table
        ] == [
            (str(on), str(posted), account, Decimal(amount).scaleb(-2))
            for on, posted, account, amount in rows
        ]

    def do_trace(self, part: Part) -> None:
        """Which customers got a lot."""
        lot_id = self._lot(*part.words)
        with company_transaction(company_id=self.company_id):
            rows = fetch_all(TRACE, (self.company_id, lot_id))
        assert [(row["day"], number(row["quantity"]), row["party"]) for row in part.table] == [
            (str(day), Decimal(qty), party) for day, qty, party in rows
        ]

    def do_available(self, part: Part) -> None:
        """What can be reserved: on hand, neither claimed nor blocked."""
        with company_transaction(company_id=self.company_id):
            rows = fetch_all(AVAILABLE, (self.company_id,))
        assert [(row["item"], number(row["quantity"])) for row in part.table] == [
            (sku, Decimal(qty)) for sku, qty in rows
        ]

    def do_verify(self, part: Part) -> None:
        report = verify.run(company_id=self.company_id, deep=True)
        assert [(check.name, check.findings) for check in report.checks if not check.passed] == [], part


def _known_at(part: Part) -> datetime | None:
    """The last moment of the day that the page names."""
    day = part.options.get("known_at")
    return datetime.combine(date.fromisoformat(day), time.max, ZONE) if day else None


VALUE = """
    SELECT i.sku,
           coalesce((SELECT sum(m.qty * (t.is_held::int - f.is_held::int)) FROM stock_move m
                     JOIN stock_location f ON f.company_id = m.company_id AND f.id = m.from_location_id
                     JOIN stock_location t ON t.company_id = m.company_id AND t.id = m.to_location_id
                     WHERE m.company_id = i.company_id AND m.item_id = i.id
                       AND (%(day)s::date IS NULL OR m.effective_on <= %(day)s)
                       AND (%(known_at)s::timestamptz IS NULL OR m.recorded_at <= %(known_at)s)), 0),
           coalesce((SELECT sum(v.stock_amount) FROM stock_value v
                     WHERE v.company_id = i.company_id AND v.item_id = i.id AND v.book_id = %(book)s
                       AND (%(day)s::date IS NULL OR v.effective_on <= %(day)s)
                       AND (%(known_at)s::timestamptz IS NULL OR v.recorded_at <= %(known_at)s)), 0)
    FROM items_item i WHERE i.company_id = %(company)s ORDER BY i.sku
"""
ENTRIES = """
    SELECT e.effective_on, e.posting_on, a.code || ' ' || a.name, l.amount
    FROM ledger_entry e
    JOIN ledger_line l ON (l.company_id, l.book_id, l.entry_id) = (e.company_id, e.book_id, e.entry_id)
    JOIN ledger_account a ON a.company_id = l.company_id AND a.id = l.account_id
    WHERE e.company_id = %s AND e.book_id = %s AND (e.recorded_at AT TIME ZONE 'Europe/Berlin')::date = %s
    ORDER BY e.effective_on, a.code
"""
TRACE = """
    SELECT m.effective_on, m.qty, p.code FROM stock_move m
    JOIN stock_document d ON d.company_id = m.company_id AND d.document_id = m.document_id
    JOIN stock_location t ON t.company_id = m.company_id AND t.id = m.to_location_id AND t.type = 'customer'
    JOIN parties_party p ON p.company_id = d.company_id AND p.id = d.party_id
    WHERE m.company_id = %s AND m.lot_id = %s
    ORDER BY m.effective_at
"""
AVAILABLE = """
    SELECT i.sku, sum(q.qty - q.reserved) FROM stock_quant q
    JOIN items_item i ON i.company_id = q.company_id AND i.id = q.item_id
    LEFT JOIN items_lot l ON l.company_id = q.company_id AND l.id = q.lot_id
    WHERE q.company_id = %s AND coalesce(l.status, 0) = 0
    GROUP BY i.sku ORDER BY i.sku
"""
