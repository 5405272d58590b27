"""Whole numbers as columns: what is read is what was written, to the last bit, and nothing else is taken for a number."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from wherewithal.kit import db
from wherewithal.kit.columns import copy_aside, read_columns

EDGES = [0, 1, -1, 2**31, -(2**31) - 1, 2**63 - 1, -(2**63)]
NAMES = ("one", "two")


@pytest.mark.django_db
def test_columns_come_back_as_they_went() -> None:
    values = np.array([EDGES, EDGES[::-1]], dtype=np.int64)
    with db.company_transaction(company_id=981):
        for _ in range(2):  # what an earlier batch left there is gone
            table = copy_aside("load_try", NAMES, values)
            read = read_columns(f"SELECT one, two FROM {table}", NAMES, {})
            assert_array_equal(read, values)
        none = read_columns(f"SELECT one, two FROM {table} WHERE one = %(no)s", NAMES, {"no": 7})
        assert none.shape == (2, 0)


@pytest.mark.django_db
def test_more_rows_than_one_block() -> None:
    values = np.arange(240_000, dtype=np.int64).reshape(2, 120_000)
    with db.company_transaction(company_id=981):
        table = copy_aside("load_try", NAMES, values)
        assert db.fetch_one(f"SELECT count(*), sum(one), max(two) FROM {table}") == (
            120_000,
            sum(range(120_000)),
            239_999,
        )


@pytest.mark.django_db
@pytest.mark.parametrize("query", ["SELECT 1::bigint, NULL::bigint", "SELECT 1::bigint, 2::int"])
def test_what_is_no_number_of_that_size_is_a_mistake(query: str) -> None:
    with db.company_transaction(company_id=981), pytest.raises((AssertionError, ValueError)):
        read_columns(query, NAMES, {})
