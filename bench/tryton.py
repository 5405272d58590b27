"""The same moves through Tryton: installed from its packages into a virtual environment of its own, on our server.

Tryton runs `stock` and `product_cost_fifo` only: no accounting, so it does less than we do. Ten products, ten receipts
of ten and then forty issues of one, repeated; single moves in a transaction each, and batches of 100.
"""

import json
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from urllib.parse import quote

from django.conf import settings

from bench.harness import Report, Result
from wherewithal.items import services as items_services
from wherewithal.items.values import ItemDraft
from wherewithal.kit import postgres
from wherewithal.ledger import services as ledger_services
from wherewithal.stock import services
from wherewithal.stock.drafts import DocumentDraft, DocumentKind, LineDraft
from wherewithal.stock.services import LocationDraft

MOVES, BATCH, SINGLES = 400, 100, 50
PACKAGES = (
    "trytond==8.2.*",
    "trytond_stock==8.2.*",
    "trytond_product_cost_fifo==8.2.*",
    "psycopg[binary,pool]",
)


def run(report: Report) -> None:
    """Rates of both, and how many times ours is theirs."""
    with tempfile.TemporaryDirectory(prefix="wherewithal-tryton-") as folder:
        theirs = _tryton(Path(folder), report)
        report.say("posting the same moves through Wherewithal")
        ours_batches, ours_singles = _ours()
    for name, ours, other in (
        ("tryton_batches", ours_batches, theirs["batches_per_s"]),
        ("tryton_singles", ours_singles, theirs["singles_per_s"]),
    ):
        report.add(
            Result(name, "the same FIFO moves", ours, other, "Tryton 8.2", 10, unit="moves/s", at_least=True)
        )


def _tryton(folder: Path, report: Report) -> dict[str, float]:
    report.say("installing Tryton into an environment of its own")
    subprocess.run([sys.executable, "-m", "venv", folder / "venv"], check=True)
    python = folder / "venv" / "bin" / "python"
    subprocess.run(
        [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *PACKAGES], check=True
    )
    report.say("creating Tryton's database and posting through it")
    uri = _superuser_uri()
    worker = Path(__file__).with_name("tryton_worker.py")
    command = [python, worker, uri, "tryton_bench", str(MOVES), str(BATCH)]
    answer = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    found: dict[str, float] = json.loads(answer.splitlines()[-1])
    return found


def _superuser_uri() -> str:
    """The embedded server's superuser as a URI; Tryton makes a database of its own there."""
    host = quote(settings.DATABASE.owner.host, safe="")
    return f"postgresql://{postgres.SUPERUSER}@/?host={host}"


def _ours() -> tuple[float, float]:
    company = ledger_services.create_company(
        code="BENCH", name="Bench", country="DE", currency="EUR", timezone="UTC"
    )
    company_id = company.company_id
    items = items_services.create_items(
        company_id=company_id,
        actor_id=None,
        items=[ItemDraft(sku=f"T{number}", name=f"Thing {number}") for number in range(10)],
    )
    (place,) = services.create_locations(
        company_id=company_id, actor_id=None, locations=[LocationDraft("WH", "Warehouse", "warehouse")]
    )
    services.set_cost_method(
        company_id=company_id, actor_id=None, book_id=company.book_id, method="fifo", effective_on=None
    )
    start_at = datetime(2026, 1, 1, tzinfo=UTC)

    def document(number: int) -> DocumentDraft:
        item = items[number % 10]
        at = start_at + timedelta(seconds=number)
        if number % 50 < 10:
            line = LineDraft(item, 10, to_location_id=place, unit_cost=Decimal(5 + number % 7))
            return DocumentDraft(DocumentKind.RECEIPT, at, [line])
        return DocumentDraft(DocumentKind.ISSUE, at, [LineDraft(item, 1, from_location_id=place)])

    def post(first: int, count: int) -> None:
        services.record(
            company_id=company_id,
            actor_id=None,
            idempotency_key=f"bench-{first}",
            documents=[document(number) for number in range(first, first + count)],
        )

    def rate(first: int, count: int, size: int) -> float:
        start = time.perf_counter()
        for number in range(first, first + count, size):
            post(number, size)
        return count / (time.perf_counter() - start)

    post(0, 50)
    singles = rate(50, SINGLES, 1)
    return rate(100, MOVES, BATCH), singles
