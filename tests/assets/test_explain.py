"""Every figure of an asset explains itself."""

from tests.assets.conftest import Firm, day

from wherewithal.reporting import explain


def test_a_net_book_value_is_told_event_by_event_and_year_by_year(firm: Firm) -> None:
    machine = firm.buy("12000.00", "2025-11-10", service="2025-12-01", tag="M-1", name="Lathe")
    firm.run("2026-02-28")
    told = explain.net_book_value(company_id=firm.company_id, asset_id=machine, as_of=day("2026-01-31"))
    assert told.figure == "11,600.00 EUR"
    assert [(child.statement.split(" by:")[0], child.figure) for child in told.children] == [
        ("Acquisition on 2025-11-10", "12,000.00 EUR"),
        ("Depreciation of 2025", "-200.00 EUR"),
        ("Depreciation of 2026", "-200.00 EUR"),
        (
            "Depreciated since 2025-12-01 (in service since 2025-12-01)",
            "from 12,000.00 EUR down to 0.00 EUR",
        ),
    ]


def test_a_charge_is_what_accrued_less_what_was_charged_before(firm: Firm) -> None:
    machine = firm.buy("1000.00", "2026-01-10", service="2026-01-10", tag="M-1", name="Lathe")
    firm.run("2026-02-28")
    posted = explain.depreciation_charge(company_id=firm.company_id, asset_id=machine, on=day("2026-02-10"))
    assert posted.figure == "16.66 EUR"
    assert posted.children[0].statement == (
        "Depreciation on 2026-02-28: due 33.33 EUR; charged before 16.67 EUR; charge 16.66 EUR"
    )
    planned = explain.depreciation_charge(company_id=firm.company_id, asset_id=machine, on=day("2026-03-31"))
    assert planned.statement.startswith("M-1 Lathe will be charged 16.67 EUR for 2026-03-01 to 2026-03-31")


def test_a_line_of_an_entry_names_the_assets_behind_it(firm: Firm) -> None:
    firm.buy("1200.00", "2026-01-10", service="2026-01-10", tag="M-1", name="Lathe")
    firm.buy("600.00", "2026-01-10", service="2026-01-10", tag="M-2", name="Drill")
    run = firm.run("2026-01-31")
    line_no = firm.query(
        "SELECT line_no FROM ledger_line WHERE entry_id = %s AND amount > 0", run.entry_ids[0]
    )[0][0]
    told = explain.entry_line(
        company_id=firm.company_id, book_id=firm.book_id, entry_id=run.entry_ids[0], line_no=line_no
    )
    assert [(child.statement.split(":")[0], child.figure) for child in told.children][-2:] == [
        ("M-1 Lathe", "20.00 EUR"),
        ("M-2 Drill", "10.00 EUR"),
    ]


def test_a_charge_from_a_pool_is_told_by_the_computation_of_the_pool(firm: Firm) -> None:
    """Two assets in the main pool of the United Kingdom, 10,000: 18 %, shared three to one."""
    firm.book("tax", name="Capital allowances")
    plant = {"tax": {"pack": "uk", "pack_class": "plant"}}
    one = firm.buy("7500.00", "2024-02-01", service="2024-02-01", tag="M-1", name="Lathe", terms=plant)
    firm.buy("2500.00", "2024-02-01", service="2024-02-01", tag="M-2", name="Drill", terms=plant)
    firm.run("2024-12-31", "tax")
    given = {"company_id": firm.company_id, "asset_id": one, "book_id": firm.books["tax"]}
    told = explain.depreciation_charge(**given, on=day("2024-12-31"))
    assert told.figure == "1,350.00 EUR"
    assert told.statement == (
        "M-1 Lathe was charged 1,350.00 EUR for 2024-12-01 to 2024-12-31 in book Capital allowances."
    )
    (pool,) = [child for child in told.children if "pool" in child.statement]
    assert (pool.statement, pool.figure) == (
        "Main pool (main) of pack uk, 2024-01-01 to 2024-12-31",
        "1,800.00 EUR deductible",
    )
    assert [(line.statement, line.figure, line.rule) for line in pool.children] == [
        ("Opening", "0.00 EUR", None),
        ("Additions", "10,000.00 EUR", None),
        ("Writing down allowance", "-1,800.00 EUR", "18 %"),
        ("Closing", "8,200.00 EUR", None),
    ]
    assert (
        "will be charged 1,107.00 EUR" in explain.depreciation_charge(**given, on=day("2025-12-05")).statement
    )
    worth = explain.net_book_value(**given)
    assert (worth.figure, worth.children[1].statement) == ("6,150.00 EUR", "Depreciation of 2024")
