"""Replays of many thousand values: the same figures by the columns, and by the temporary table that they go through."""

from decimal import Decimal

import numpy as np
import pytest
from tests.stock.conftest import Shop, at, check_whole

from wherewithal.stock import services
from wherewithal.stock.drafts import DocumentDraft, DocumentKind, LineDraft
from wherewithal.stock.services.posting.columns import distinct, sums
from wherewithal.stock.services.posting.write import MANY_VALUES

ISSUES = MANY_VALUES + 500


def _columns(*rows: tuple[int, ...]) -> list[np.ndarray[tuple[int], np.dtype[np.int64]]]:
    return [np.array(column, dtype=np.int64) for column in zip(*rows, strict=True)]


def test_a_late_receipt_corrects_more_values_than_travel_with_the_batch(shop: Shop) -> None:
    shop.policy("moving_average")
    shop.receive("BOLT", ISSUES, "1.00", at("02-01"))
    line = LineDraft(shop.items["BOLT"], 1, from_location_id=shop.places["A-1"])
    days = [at("02-02"), at("02-03"), at("03-02")]
    services.record(
        company_id=shop.company_id,
        actor_id=None,
        idempotency_key="all issues",
        documents=[DocumentDraft(DocumentKind.ISSUE, day, [line] * (ISSUES // 3)) for day in days],
    )
    late = LineDraft(shop.items["BOLT"], ISSUES, to_location_id=shop.places["A-1"], unit_cost=Decimal("3.00"))
    result = shop.record("receipt", at("01-15"), [late])

    # Half at 1.00 and half at 3.00 is 2.00 each: every issue takes 1.00 more, on its own day.
    rows = shop.query(
        "SELECT effective_on::text, count(*), min(amount), max(amount) FROM stock_value"
        " WHERE batch_id = %s AND role = 20 GROUP BY 1 ORDER BY 1",
        result.batch_id,
    )
    assert rows == [
        ("2026-02-02", ISSUES // 3, 100, 100),
        ("2026-02-03", ISSUES // 3, 100, 100),
        ("2026-03-02", ISSUES // 3, 100, 100),
    ]
    left = 2 * ISSUES - ISSUES // 3 * 3
    assert shop.state("BOLT") == (left, left * 200)
    assert len(result.entry_ids) == 4, "one entry for the receipt and one for each day of issues"
    check_whole(shop)


def test_what_is_added_up_by_key_is_exact_and_in_the_order_of_the_keys() -> None:
    far = 2**61  # two such columns do not fit one word
    keys = _columns((5, far, -far), (1, -7, far), (5, far, -far), (1, -7, -far), (5, far, -far))
    totals = sums(keys, np.array([2**60, 3, -(2**60), 4, 1], dtype=np.int64))
    assert [column.tolist() for column in totals[0]] == [[1, 1, 5], [-7, -7, far], [-far, far, -far]]
    assert totals[1].tolist() == [4, 3, 1]


def test_what_comes_to_nothing_is_gone() -> None:
    keys, totals = sums(_columns((7,), (7,)), np.array([5, -5], dtype=np.int64))
    assert keys[0].tolist() == []
    assert totals.tolist() == []


def test_a_sum_that_might_not_fit_is_refused() -> None:
    with pytest.raises(OverflowError):
        sums(_columns((1,), (1,)), np.array([2**61, 2**61], dtype=np.int64))


def test_each_key_once_with_the_place_of_each_row() -> None:
    keys, places = distinct(_columns((2, 9), (1, 9), (2, 9), (1, 8)))
    assert [column.tolist() for column in keys] == [[1, 1, 2], [8, 9, 9]]
    assert places.tolist() == [2, 1, 2, 0]
