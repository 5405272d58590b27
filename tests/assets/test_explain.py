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
