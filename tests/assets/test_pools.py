"""Pools of a tax book, year by year, from the facts of the assets."""

from decimal import Decimal

from tests.assets.conftest import Firm, day

from wherewithal.assets import queries
from wherewithal.kit import db

PLANT = {"pack": "uk", "pack_class": "plant"}


def test_the_main_pool_is_written_down_by_its_rate(firm: Firm) -> None:
    """10,000 in 2023: 18 % = 1,800 leaves 8,200; in 2024 2,000 comes for what was sold: 18 % of 6,200 = 1,116."""
    firm.book("tax")
    asset = firm.buy("4000.00", "2023-02-01", service="2023-02-01", terms={"tax": PLANT})
    firm.buy("6000.00", "2023-05-01", service="2023-05-01", terms={"tax": PLANT})
    firm.buy("500.00", "2023-05-01", service="2023-05-01")
    firm.event("disposal", asset, "2024-06-01", how="sale", proceeds=Decimal(2000))
    with db.company_transaction(company_id=firm.company_id):
        rows = queries.pool_computations(
            firm.company_id, book_id=firm.books["tax"], through_on=day("2024-12-31")
        )
    assert [
        (row.from_on.year, row.year.pool, row.year.opening, row.year.claim, row.year.closing) for row in rows
    ] == [
        (2023, "main", 0, 180_000, 820_000),
        (2024, "main", 820_000, 111_600, 508_400),
    ]
