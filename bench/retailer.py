"""The main job on real input: a retailer's log of 541,909 lines, from the CSV file to posted and verified."""

import tempfile
from pathlib import Path

from bench.goods import BALANCES, copy_seconds, rows_of_batch, rows_of_company
from bench.harness import Report, Result, seconds
from wherewithal.feeds import services as feeds
from wherewithal.feeds.samples import sample_mapping
from wherewithal.feeds.services import ImportReport
from wherewithal.kit import db
from wherewithal.ledger import services as ledger
from wherewithal.reporting import verify
from wherewithal.stock.services import LocationDraft, create_locations

LOG = Path(__file__).resolve().parents[2] / "shared" / "data" / "online_retail" / "online_retail.csv.gz"


def run(report: Report) -> None:
    if not LOG.exists():
        report.say("left out: the log is not on this machine (../shared/data/online_retail)")
        return
    company_id = _company()
    with tempfile.TemporaryDirectory(prefix="wherewithal-bench-") as folder:
        results: list[ImportReport] = []
        imported = seconds(lambda: results.append(_import(company_id, Path(folder))))
    found = results[0]
    assert found.state == "done", found
    assert not found.problem_count, found.problems[:5]
    assert found.report["reconciled"], found.report["differences"]
    report.say(f"{found.rows_loaded:,} of {found.rows_total:,} lines are goods, loaded in {imported:.0f} s")
    checks: list[verify.VerifyReport] = []
    verified = seconds(lambda: checks.append(verify.run(company_id=company_id)))
    assert checks[0].passed, [check for check in checks[0].checks if not check.passed]
    report.say(f"verified in {verified:.0f} s")
    rows = rows_of_batch(company_id, _batches(company_id))
    rows |= rows_of_company(company_id, (*BALANCES, "feeds_loaded"))
    count = sum(text.count(b"\n") for text in rows.values())
    limit = copy_seconds(rows)
    report.say(f"{count:,} rows; COPY of them takes {limit:.1f} s")
    report.add(
        Result(
            "retailer_log",
            "541,909 lines of a real retailer's log: read, decided, posted with moving average cost, verified",
            imported + verified,
            limit,
            "a bare COPY of the rows of moves, values, documents, entries and balances, and of what was loaded",
            4.0,
        )
    )


def _company() -> int:
    company_id = ledger.reserve_company_id()
    with db.company_transaction(company_id=company_id):
        ledger.create_company(
            company_id=company_id,
            code="RETAIL",
            name="Retailer",
            country="GB",
            currency="GBP",
            timezone="Europe/London",
        )
        create_locations(
            company_id=company_id, actor_id=None, locations=[LocationDraft("MAIN", "Main", "warehouse")]
        )
    return company_id


def _import(company_id: int, folder: Path) -> ImportReport:
    import_id = feeds.start_import(
        company_id=company_id,
        actor_id=None,
        kind="sales_log",
        file_name=LOG.name,
        content=LOG,
        folder=folder,
        mapping=sample_mapping("online_retail"),
        mode="skip_bad_rows",
    )
    return feeds.run_import(company_id=company_id, actor_id=None, import_id=import_id, folder=folder)


def _batches(company_id: int) -> list[int]:
    with db.company_transaction(company_id=company_id):
        return [batch for (batch,) in db.fetch_all("SELECT batch_id FROM stock_batch")]
