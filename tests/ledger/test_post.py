"""The verb that posts: what is written, how it is numbered, and that hash and chain are what we say they are."""

import datetime
import hashlib
from dataclasses import replace
from decimal import Decimal

import pytest
from tests.ledger.firm import JAN_31, Firm, make_firm

from wherewithal.kit.db import company_transaction, execute, fetch_all, fetch_one, reserve_ids
from wherewithal.ledger import queries, seal, services
from wherewithal.ledger.values import EntryDraft, LineDraft

RECORDED = datetime.datetime(2026, 2, 3, 9, 30, 15, 123456, tzinfo=datetime.UTC)


def seals(firm: Firm) -> list[tuple[int, int, int, bytes, bytes]]:
    with firm.work():
        return fetch_all(  # type: ignore[return-value]  # five columns as named
            "SELECT year, number, entry_id, content_hash, chain_hash FROM ledger_entry_seal "
            "WHERE company_id = %s ORDER BY book_id, year, number",
            (firm.company_id,),
        )


def with_their_batches(firm: Firm, *drafts: EntryDraft) -> list[EntryDraft]:
    """The entries with ids, and the batches that they name, which have to be there: of a room above, by hand."""
    ids = reserve_ids("ledger_entry_id_seq", len(drafts))
    numbered = [replace(draft, entry_id=entry_id) for draft, entry_id in zip(drafts, ids, strict=True)]
    with firm.work():
        for draft in numbered:
            if draft.batch_id is not None:
                execute(
                    "INSERT INTO assets_batch (company_id, batch_id, idempotency_key, request_hash, recorded_at, source,"
                    " entry_ids) VALUES (%s, %s, 'by hand', '', %s, 'test', %s)",
                    (firm.company_id, draft.batch_id, RECORDED, [draft.entry_id]),
                )
    return numbered


def test_one_entry_is_written_as_given(firm: Firm) -> None:
    cash, capital = firm.accounts["1000"], firm.accounts["3000"]
    lines = [
        LineDraft(cash, 92_00, "USD", 100_00, Decimal("0.92"), "wire"),
        LineDraft(capital, -92_00),
    ]
    draft = EntryDraft(firm.book_id, JAN_31, JAN_31, "journal", lines, RECORDED, 7, "INV-1", 'say "hi"\\', 3)
    (entry_id,) = firm.post(*with_their_batches(firm, draft))
    with firm.work():
        entry = queries.entry(firm.company_id, firm.book_id, entry_id)
    assert (entry.year, entry.number) == (2026, 1)
    assert (entry.effective_on, entry.posting_on, entry.recorded_at) == (JAN_31, JAN_31, RECORDED)
    assert (entry.source, entry.batch_id, entry.reference) == ("journal", 7, "INV-1")
    assert (entry.description, entry.actor_id) == ('say "hi"\\', 3)
    first, second = entry.lines
    assert (first.line_no, first.account_code, first.amount) == (1, "1000", 92_00)
    assert (first.currency, first.document_amount, first.rate, first.memo) == (
        "USD",
        100_00,
        Decimal("0.92"),
        "wire",
    )
    assert (second.line_no, second.account_code, second.amount, second.currency) == (2, "3000", -92_00, None)


def test_python_and_sql_agree_on_hash_and_chain(firm: Firm) -> None:
    """The text that is hashed is worked out by hand here for the first entry, by seal.py for the others."""
    cash, capital = firm.accounts["1000"], firm.accounts["3000"]
    drafts = [
        EntryDraft(
            firm.book_id, JAN_31, JAN_31, "journal", [LineDraft(cash, 5), LineDraft(capital, -5)], RECORDED
        ),
        EntryDraft(
            firm.book_id,
            JAN_31,
            datetime.date(2026, 3, 1),
            "stock",
            [
                LineDraft(cash, 10**15, "JPY", -(10**15), Decimal("1.500"), "Ä 12:3\n€"),
                LineDraft(capital, -(10**15), memo=""),
            ],
            RECORDED,
            2**40,
            "réf",
            "a\nb",
            9,
        ),
        EntryDraft(firm.book_id, JAN_31, JAN_31, "x", [LineDraft(cash, 1), LineDraft(capital, -1)], RECORDED),
    ]
    drafts = with_their_batches(firm, *drafts)
    ids = firm.post(*drafts)
    by_hand = (
        f"entry/1 {firm.company_id} {firm.book_id} {ids[0]} 20484 20484 1770111015123456 7:journal - 0: 0: -\n"
        f"1 {cash} 5 - - - -\n"
        f"2 {capital} -5 - - - -"
    )
    texts = [
        seal.canonical(firm.company_id, entry_id, draft, RECORDED)
        for entry_id, draft in zip(ids, drafts, strict=True)
    ]
    assert texts[0] == by_hand
    hashes = [seal.content_hash(text) for text in texts]
    chain = seal.chain(seal.genesis(firm.company_id, firm.book_id, 2026), hashes)
    assert seals(firm) == [
        (2026, number, entry_id, content, link)
        for number, (entry_id, content, link) in enumerate(zip(ids, hashes, chain, strict=True), 1)
    ]
    assert (
        chain[0]
        == hashlib.sha256(
            hashlib.sha256(f"chain/1 {firm.company_id} {firm.book_id} 2026".encode()).digest()
            + hashlib.sha256(by_hand.encode()).digest()
        ).digest()
    )
    with firm.work():
        (head,) = queries.chain_heads(firm.company_id)
    assert (head.year, head.number, head.chain_hash) == (2026, 3, chain[-1].hex())


def test_numbers_follow_the_fiscal_year(db: None) -> None:
    """A fiscal year is named by the calendar year in which it ends: October 2025 belongs to 2026."""
    firm = make_firm(fiscal_year_start_month=10)
    with firm.work():
        second = services.create_book(
            company_id=firm.company_id, actor_id=None, code="tax", name="Tax", standard="tax"
        )
    pair = (("1000", 5), ("3000", -5))
    september, october = datetime.date(2025, 9, 30), datetime.date(2025, 10, 1)
    a, b, c, d = firm.post(
        firm.entry(*pair, on=september),
        firm.entry(*pair, on=october),
        firm.entry(*pair, on=october, book_id=second),
        firm.entry(*pair, on=september),
    )
    assert [row[:3] for row in seals(firm)] == [(2025, 1, a), (2025, 2, d), (2026, 1, b), (2026, 1, c)]


def test_reserved_ids_are_kept_and_given_back_in_order(firm: Firm) -> None:
    with firm.work():
        ids = reserve_ids("ledger_entry_id_seq", 2)
    pair = (("1000", 5), ("3000", -5))
    assert firm.post(firm.entry(*pair, entry_id=ids[1]), firm.entry(*pair, entry_id=ids[0])) == [
        ids[1],
        ids[0],
    ]
    assert [row[1:3] for row in seals(firm)] == [(1, ids[0]), (2, ids[1])]


def test_a_large_batch_goes_in_blocks_and_stays_in_order(firm: Firm) -> None:
    """45,000 lines in entries of 2 and one of 5,000 lines: three statements, one chain."""
    small = [firm.entry(("1000", n), ("3000", -n)) for n in range(1, 20_001)]
    large = firm.entry(*[("1000", 1)] * 4_999, ("3000", -4_999))
    ids = firm.post(*small[:15_000], large, *small[15_000:])
    assert ids == sorted(ids)
    assert len(ids) == 20_001
    assert firm.count("ledger_line") == 45_000
    with firm.work():
        (head,) = queries.chain_heads(firm.company_id)
        totals = fetch_one("SELECT sum(amount), sum(amount) FILTER (WHERE amount > 0) FROM ledger_line")
    assert head.number == 20_001
    assert totals == (0, sum(range(1, 20_001)) + 4_999)


def test_without_an_instant_it_is_the_databases_clock(firm: Firm) -> None:
    with firm.work():
        before = fetch_all("SELECT clock_timestamp()")[0][0]
    pair = (("1000", 5), ("3000", -5))
    first, second = firm.post(firm.entry(*pair), firm.entry(*pair, recorded_at=RECORDED))
    with firm.work():
        assert queries.entry(firm.company_id, firm.book_id, first).recorded_at >= before
        assert queries.entry(firm.company_id, firm.book_id, second).recorded_at == RECORDED


def test_nothing_to_post_posts_nothing(firm: Firm) -> None:
    assert firm.post() == []
    assert firm.count("ledger_entry") == 0


def test_posting_outside_a_transaction_is_a_mistake_of_the_program(firm: Firm) -> None:
    with pytest.raises(AssertionError, match="outside a company's transaction"):
        services.post(company_id=firm.company_id, entries=[firm.entry(("1000", 5), ("3000", -5))])


def test_yen_and_dinar_have_their_own_decimals(db: None) -> None:
    for currency, decimals in (("JPY", 0), ("KWD", 3), ("EUR", 2)):
        firm = make_firm(currency=currency)
        with company_transaction(company_id=firm.company_id):
            assert queries.book(firm.company_id, firm.book_id).currency_decimals == decimals
