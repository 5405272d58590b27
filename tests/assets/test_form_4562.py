"""Form 4562: the figures of a tax year of a book on the tax pack of the United States.

Percentages of Publication 946: A-1 (5 years, 20 % and 32 %), A-7a (39 years, June: 1.391 %). Limit of section 179 for
2025: 2,500,000 less what the year's property exceeds 4,000,000 by (section 179(b) as amended in 2025).
"""

from typing import Any

import pytest
from tests.assets.conftest import Firm, day
from tests.assets.test_pool_posting import proven

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


def test_listed_property(firms: Any) -> None:
    """Part V. Section 280F(b)(2): the use of a truck of 10,000 falls from 80 % to 40 % in 2025; deducted were 20 % and 32 %
    of 8,000, straight line over 5 years would have been 10 % and 20 %: 4,160 - 2,400 = 1,760 are taken back, and 20 % of
    4,000 deducted. Section 280F(a) with Rev. Proc. 2025-16: of a car of 60,000, 75 % for business, 20,200 x 75 % in 2025;
    the rest waits (Rev. Proc. 2019-13 was for cars in service before 2023). A first-year deduction is taken back as well:
    10,000 of 2024 at 60 %.
    """
    firm: Firm = firms(currency="USD", country="US")
    firm.book("tax")

    def car(use: str, **more: Any) -> dict[str, Any]:
        return us("car", business_use=use, listed=True, **more)

    truck = firm.buy("10000.00", "2023-03-01", service="2023-03-01", terms=car("0.8", bonus=False), tag="T-1")
    van = firm.buy("10000.00", "2024-03-01", service="2024-03-01", terms=car("1"), tag="V-1")
    firm.buy(
        "60000.00",
        "2025-02-10",
        service="2025-02-10",
        terms=car("0.75", passenger_automobile=True),
        tag="C-1",
    )
    for asset, before in ((truck, "0.8"), (van, "1")):
        fallen = {
            "terms": car("0.4", business_use_since="2025-01-01", business_use_before=before)["tax"],
            "takes_back_allowances": True,
        }
        said = fallen if asset == truck else {"by_book": {"tax": fallen}}
        firm.event("terms_catch_up", asset, "2025-01-01", book="tax", **said)
    firm.run("2025-12-31", "tax")
    given = {"book_id": firm.books["tax"]}
    with db.company_transaction(company_id=firm.company_id):
        first, second, third = (
            queries.form_4562_figures(firm.company_id, **given, on=day(f"{year}-06-01"))
            for year in (2023, 2024, 2025)
        )
    assert [
        (row.line, row.amount, row.basis, row.business_use) for row in first.lines if row.part == "V"
    ] == [
        ("25", 0, None, ""),
        ("26", 160_000, 800_000, "80"),
        ("28", 160_000, None, ""),
        ("29", 0, None, ""),
    ]
    by_line = {row.line: row.amount for row in second.lines}
    # 60 % of 10,000 and 20 % of the rest; 32 % of 8,000
    assert (by_line["14"], by_line["25"], by_line["21"], by_line["17"]) == (0, 600_000, 936_000, 0)
    part_v = [row for row in third.lines if row.part == "V"]
    assert [
        (row.line, row.text, row.placed, row.business_use, row.cost, row.basis, row.method, row.amount)
        for row in part_v
    ] == [
        (
            "25",
            "Special depreciation allowance for qualified listed property",
            "",
            "",
            None,
            None,
            "",
            1_515_000,
        ),
        ("26", "C-1 Thing", "02/10/2025", "75", 6_000_000, 2_985_000, "200 DB", 0),
        ("27", "T-1 Thing", "03/01/2023", "40", 1_000_000, 400_000, "S/L", 80_000),
        ("27", "V-1 Thing", "03/01/2024", "40", 1_000_000, 400_000, "S/L", 80_000),
        ("28", "Depreciation of listed property", "", "", None, None, "", 1_675_000),
        ("29", "Elected cost of listed property under section 179", "", "", None, None, "", 0),
        ("4797", "T-1 Thing: recapture", "", "", None, None, "", 176_000),
        ("4797", "V-1 Thing: recapture", "", "", None, None, "", 680_000 - 100_000),
    ]
    by_line = {row.line: row.amount for row in third.lines}
    assert by_line["21"] == by_line["22"] == 1_675_000
    spent = [
        firm.query(
            "SELECT sum(l.amount)::bigint FROM ledger_line l JOIN ledger_account a ON a.id = l.account_id"
            " WHERE a.code = %s AND l.book_id = %s AND l.effective_on BETWEEN %s AND %s",
            firm.query(
                "SELECT a.code FROM ledger_account a JOIN ledger_account_map m ON m.account_id = a.id"
                " WHERE m.account_role = 'depreciation_expense' LIMIT 1"
            )[0][0],
            firm.books["tax"],
            day(f"{year}-01-01"),
            day(f"{year}-12-31"),
        )[0][0]
        for year in (2023, 2024, 2025)
    ]
    assert spent == [160_000, 936_000, 1_675_000 - 176_000 - 580_000]
    assert firm.run("2026-12-31", "tax").total == 80_000 + 80_000
    proven(firm)
