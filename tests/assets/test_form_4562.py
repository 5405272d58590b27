"""Form 4562: the figures of a tax year of a book on the tax pack of the United States.

Percentages of Publication 946: A-1 (5 years, 20 % and 32 %), A-7a (39 years, June: 1.391 %). Limit of section 179 for
2025: 2,500,000 less what the year's property exceeds 4,000,000 by (section 179(b) as amended in 2025).
"""

from typing import Any

import pytest
from tests.assets.conftest import Firm, day

from wherewithal.assets import queries
from wherewithal.kit import db
from wherewithal.kit.errors import Refused


def us(pack_class: str, **elections: Any) -> dict[str, Any]:
    return {"tax": {"pack": "us", "pack_class": pack_class, "elections": elections}}


def test_the_lines_of_a_year(firms: Any) -> None:
    firm: Firm = firms(currency="USD", country="US")
    firm.book("tax")
    plain = {"bonus": False}
    machine = {"section_179": "1486400", "limit_property": "5013600"}
    firm.buy("10000.00", "2024-03-01", service="2024-03-01", terms=us("5-year", **plain))
    firm.buy("10000.00", "2025-02-10", service="2025-02-10", terms=us("5-year", **plain))
    firm.buy("1000000.00", "2025-06-20", service="2025-06-20", terms=us("nonresidential-real"))
    firm.buy(
        "5000000.00",
        "2025-02-01",
        service="2025-02-15",
        terms=us("7-year", **machine),
        name="Press",
        tag="P-1",
    )
    firm.buy("3600.00", "2025-07-01", service="2025-07-01", terms=us("software", **plain))
    firm.buy("18000.00", "2025-01-01", service="2025-01-01", terms=us("section-197"))
    firm.buy(
        "12000.00",
        "2025-01-01",
        service="2025-01-01",
        terms={"tax": {"method": "straight_line", "life_months": "60"}},
    )
    firm.run("2025-12-31", "tax")
    given = {"book_id": firm.books["tax"], "on": day("2025-05-05")}
    with db.company_transaction(company_id=firm.company_id):
        form = queries.form_4562_figures(firm.company_id, **given)
        limited = queries.form_4562_figures(
            firm.company_id, **given, business_income=100_000_000, carried_in=5_000
        )
    assert (form.from_on, form.to_on) == (day("2025-01-01"), day("2025-12-31"))
    assert {line.line: line.amount for line in form.lines} == {
        "1": 250_000_000, "2": 501_360_000, "3": 400_000_000, "4": 101_360_000, "5": 148_640_000,
        "6": 148_640_000, "8": 148_640_000, "9": 148_640_000, "10": 0, "11": 148_640_000, "12": 148_640_000, "13": 0,
        "14": 351_360_000, "15": 0, "16": 60_000 + 240_000, "17": 320_000, "19b": 200_000, "19i": 1_391_000,
        "21": 0, "22": 148_640_000 + 351_360_000 + 300_000 + 320_000 + 200_000 + 1_391_000,
        "42": 120_000, "43": 0, "44": 120_000,
    }  # fmt: skip
    part_iii = [
        (line.line, line.placed, line.basis, line.recovery, line.convention, line.method)
        for line in form.lines
        if line.line.startswith("19")
    ]
    assert part_iii == [
        ("19b", "", 1_000_000, "5 yrs.", "HY", "200 DB"),
        ("19i", "06/2025", 100_000_000, "39 yrs.", "MM", "S/L"),
    ]
    assert [(line.text, line.basis) for line in form.lines if line.line == "6"] == [
        ("P-1 Press", 500_000_000)
    ]
    # what the income of the business does not cover goes on to the next year
    by_line = {line.line: line.amount for line in limited.lines}
    assert (by_line["11"], by_line["12"], by_line["13"]) == (100_000_000, 100_000_000, 48_645_000)
    assert by_line["22"] == {line.line: line.amount for line in form.lines}["22"] - 48_640_000


def test_what_is_posted_is_what_the_form_says(firms: Any) -> None:
    """Everything but section 179 and amortization adds up to the expense of the book."""
    firm: Firm = firms(currency="USD", country="US")
    firm.book("tax")
    firm.buy("10000.00", "2024-03-01", service="2024-03-01", terms=us("15-year", bonus=False, method="ads"))
    firm.buy("20000.00", "2024-05-01", service="2024-05-01", terms=us("3-year"))
    firm.run("2024-12-31", "tax")
    with db.company_transaction(company_id=firm.company_id):
        form = queries.form_4562_figures(firm.company_id, book_id=firm.books["tax"], on=day("2024-12-31"))
        with pytest.raises(Refused) as refused:
            queries.form_4562_figures(firm.company_id, book_id=firm.books["tax"], on=day("1999-12-31"))
    by_line = {line.line: line.amount for line in form.lines}
    assert by_line["22"] == firm.balance("depreciation_expense", "tax")
    # 60 % of 20,000; a third of the rest by A-1; 10,000 over 20 years, half of the first
    assert (by_line["14"], by_line["19a"], by_line["20a"]) == (1_200_000, 266_640, 25_000)
    assert [(problem.field, problem.rule) for problem in refused.value.problems] == [("on", "known")]
