"""Pools of a tax book, year by year, from the facts of the assets."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

from tests.assets.conftest import Firm, day

from wherewithal.assets import queries, services
from wherewithal.kit import db

PLANT = {"pack": "uk", "pack_class": "plant"}


def test_the_main_pool_is_written_down_by_its_rate(firm: Firm) -> None:
    """10,000 in 2023: 18 % = 1,800 leaves 8,200; in 2024 2,000 comes for what was sold: 18 % of 6,200 = 1,116."""
    firm.book("tax")
    asset = firm.buy("4000.00", "2023-02-01", service="2023-02-01", terms={"tax": PLANT})
    firm.buy("6000.00", "2023-05-01", service="2023-05-01", terms={"tax": PLANT})
    firm.buy("500.00", "2023-05-01", service="2023-05-01")
    firm.event("disposal", asset, "2024-06-01", how="sale", proceeds=Decimal(2000))
    assert table(firm, "2024-12-31") == [
        ("main", 2023, 0, 1_000_000, 0, 0, 180_000, 820_000),
        ("main", 2024, 820_000, 0, 0, 200_000, 111_600, 508_400),
    ]


def table(firm: Firm, to: str, **more: Any) -> list[tuple[Any, ...]]:
    """Pool, year, brought forward, additions, claimed at once, disposals, allowance, carried forward."""
    with db.company_transaction(company_id=firm.company_id):
        report = queries.pool_report(firm.company_id, book_id=firm.books["tax"], to_on=day(to), **more)
    assert report.left_out == ()
    return [
        (
            row.code, row.from_on.year, row.year.opening, row.added, row.year.first_year, row.disposed, row.year.claim,
            row.year.closing,
        )
        for row in report.computations
    ]  # fmt: skip


def test_the_computation_is_as_known_and_as_of(firm: Firm) -> None:
    """A sale of 2024 entered late: who asks what was known before does not see it, nor who asks of a day before."""
    firm.book("tax")
    asset = firm.buy("4000.00", "2023-02-01", service="2023-02-01", terms={"tax": PLANT})
    firm.buy(
        "6000.00",
        "2023-05-01",
        service="2023-05-01",
        terms={"tax": PLANT | {"elections": {"allowance": "aia"}}},
    )
    (then,) = firm.query("SELECT clock_timestamp()")[0]
    firm.event("disposal", asset, "2024-06-01", how="sale", proceeds=Decimal(2000))
    of_2023 = ("main", 2023, 0, 1_000_000, 600_000, 0, 72_000, 328_000)
    assert table(firm, "2024-12-31") == [of_2023, ("main", 2024, 328_000, 0, 0, 200_000, 23_040, 104_960)]
    assert table(firm, "2024-12-31", known_at=then) == [
        of_2023,
        ("main", 2024, 328_000, 0, 0, 0, 59_040, 268_960),
    ]
    assert table(firm, "2024-05-31", from_on=day("2024-01-01")) == [
        ("main", 2024, 328_000, 0, 0, 0, 59_040, 268_960)
    ]
    with db.company_transaction(company_id=firm.company_id):
        report = queries.pool_report(firm.company_id, book_id=firm.books["tax"], to_on=day("2023-12-31"))
    assert [(row.line, row.amount, row.note) for row in queries.pool_lines(report)] == [
        ("opening", 0, ""),
        ("additions", 400_000, ""),
        ("writing_down_allowance", -72_000, "18 %"),
        ("aia", 600_000, "deducted at once"),
        ("closing", 328_000, ""),
    ]


def test_a_purchase_in_the_last_quarter_changes_the_convention_of_the_year(firm: Firm) -> None:
    """Two machines of five years: 4,000 in February; 6,000 in November is 60 % of the year: mid-quarter for both.

    Publication 946: half-year 20 %; mid-quarter table A-2 (first quarter) 35 %, A-5 (fourth quarter) 5 %.
    """
    firm.book("tax")
    macrs = {"pack": "us", "pack_class": "5-year", "elections": {"bonus": False}}
    first = firm.buy("4000.00", "2025-02-10", service="2025-02-10", terms={"tax": macrs})
    firm.run("2025-10-31", "tax")
    second = firm.buy("6000.00", "2025-11-20", service="2025-11-20", terms={"tax": macrs})
    given = {"company_id": firm.company_id, "actor_id": None, "book_id": firm.books["tax"]}
    answer = services.apply_year_test(**given, on=day("2025-12-31"))  # type: ignore[arg-type]
    assert (answer.outcome, answer.share, answer.changed) == ("mid_quarter", Fraction(3, 5), (first, second))
    again = services.apply_year_test(**given, on=day("2025-12-31"))  # type: ignore[arg-type]
    assert (again.changed, again.batch) == ((), None)
    firm.run("2025-12-31", "tax")
    assert sum(amount for _, amount in firm.charges(first, "tax")) == 140_000
    assert sum(amount for _, amount in firm.charges(second, "tax")) == 30_000
    # what was charged through October stands as it was
    assert dict(firm.charges(first, "tax"))["2025-10-31"] == dict(firm.charges(first, "tax"))["2025-09-30"]
