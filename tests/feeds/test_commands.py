"""The commands import and export, and imports as jobs of the worker."""

import contextlib
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import typer
from click.testing import Result
from tests.feeds.support import Feed, new_company
from typer.testing import CliRunner

from wherewithal.cli.commands import export, import_
from wherewithal.feeds import queries, services, tasks
from wherewithal.feeds.samples import sample
from wherewithal.kit import db, jobs
from wherewithal.kit.errors import NotFound, Refused

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])
Run = Callable[..., Result]


@pytest.fixture
def shop(tmp_path: Path) -> Feed:
    feed = Feed(new_company(f"C{os.getpid()}{tmp_path.name[-8:]}"), tmp_path)
    for kind in ("items", "locations", "parties"):
        assert feed.load(kind, sample(kind) or "").state == "done"
    return feed


@pytest.fixture
def run(shop: Feed, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command against the test's database."""

    @contextlib.contextmanager
    def already_running() -> Iterator[None]:
        yield

    app = typer.Typer()
    app.callback()(lambda: None)
    for module in (import_, export):
        monkeypatch.setattr(module, "database", already_running)
        module.register(app)
    [(code,)] = shop.rows("SELECT code FROM ledger_company")

    def invoke(*arguments: str | Path) -> Result:
        given = [str(argument) for argument in arguments]
        result = CliRunner().invoke(app, [*given, "-c", code])
        if isinstance(result.exception, Refused):
            raise result.exception
        return result

    return invoke


def written(folder: Path, name: str, content: str) -> Path:
    path = folder / name
    path.write_text(content, encoding="utf-8")
    return path


def test_from_a_dry_run_to_a_workbook(run: Run, tmp_path: Path) -> None:
    file = written(tmp_path, "opening.csv", sample("opening_stock") or "")
    checked = run("import", "opening_stock", file, "--dry-run")
    assert checked.exit_code == 0, checked.output
    assert "checked, nothing written. 4 rows, 4 would be loaded" in checked.stdout
    loaded = run("import", "opening_stock", file, "--json")
    assert json.loads(loaded.stdout)["rows_loaded"] == 4
    again = run("import", "opening_stock", file)
    assert "0 loaded, 4 known from before" in again.stdout
    listed = run("export", "on-hand")
    assert listed.stdout.splitlines()[1].startswith("DRILL-18,Cordless drill 18 V,A-02,D18-0001,,1,")
    book = run("export", "valuation", "--format", "xlsx", "--to", tmp_path / "value.xlsx", "--json")
    assert json.loads(book.stdout)["rows"] == 3
    assert (tmp_path / "value.xlsx").read_bytes().startswith(b"PK")
    assert "balance Assets" in run("export", "beancount").stdout
    assert run("export", "on-hand", "--as-of", "2025-12-31").stdout.count("\n") == 1


def test_faults_are_shown_and_answered_with_1(run: Run, tmp_path: Path) -> None:
    file = written(tmp_path, "bad.csv", "sku,name\nNEW,New\nNEW,Again\n,None\n")
    result = run("import", "items", file)
    assert result.exit_code == 1
    assert "refused, nothing written" in result.stdout
    assert "There is an item NEW already." in result.stdout
    skipped = run("import", "items", file, "--skip-bad-rows")
    assert skipped.exit_code == 1
    assert "1 loaded" in skipped.stdout


def test_mappings_that_ship_are_used_and_kept(run: Run, shop: Feed, tmp_path: Path) -> None:
    file = written(tmp_path, "log.csv", sample("sales_log") or "")
    result = run("import", "sales_log", file, "--mapping", "sales_log", "--set", "cost_share=0.5")
    assert result.exit_code == 0, result.output
    assert "in the moves written agree" in result.stdout
    with db.company_transaction(company_id=shop.company):
        assert [row["name"] for row in queries.list_mappings(shop.company)] == ["sales_log"]
    own = written(tmp_path, "own.json", '{"defaults": {"kind": "spare"}}')
    spare = written(tmp_path, "spare.csv", "sku,name\nSP-1,Spare\n")
    assert run("import", "items", spare, "--mapping-file", own, "--save-as", "spares").exit_code == 0
    assert shop.rows("SELECT kind FROM items_item WHERE sku = 'SP-1'") == [("spare",)]


def test_what_cannot_be_done_is_refused(run: Run, tmp_path: Path) -> None:
    file = written(tmp_path, "items.csv", "sku,name\nA,A\n")
    for arguments in (
        ("import", "things"),
        ("import", "things", file),
        ("import", "items", tmp_path / "none.csv"),
        ("import", "items", file, "--mapping", "nobody"),
        ("import", "items", file, "--mapping-file", file),
        ("import", "items", file, "--set", "x"),
        ("export", "secrets"),
        ("export", "items", "--format", "xlsx"),
        ("export", "items", "--book", "nobody"),
    ):
        with pytest.raises(Refused):
            run(*arguments)


def test_a_kind_describes_itself(run: Run) -> None:
    said = run("import", "moves").stdout
    assert "of_document" in said
    assert "S-3001,2026-01-07 14:00" in said


def test_an_import_is_a_job(shop: Feed, tmp_path: Path) -> None:
    file = written(tmp_path, "items.csv", "sku,name\nJOB-1,By the worker\n")
    import_id = services.start_import(
        company_id=shop.company,
        actor_id=None,
        kind="items",
        file_name="items.csv",
        content=file,
        folder=tasks.uploads_folder(),
    )
    with db.company_transaction(company_id=shop.company):
        arguments = {"import_id": import_id}
        job_id = jobs.enqueue(company_id=shop.company, actor_id=None, kind="import", arguments=arguments)
    jobs.run_job(company_id=shop.company, job_id=job_id, actor_id=None)
    with db.company_transaction(company_id=shop.company):
        assert jobs.get_job(company_id=shop.company, job_id=job_id)["state"] == "done"
        assert queries.get_import(shop.company, import_id)["state"] == "done"
        with pytest.raises(NotFound):
            queries.get_import(shop.company, import_id + 1000)
    assert shop.rows("SELECT name FROM items_item WHERE sku = 'JOB-1'") == [("By the worker",)]
