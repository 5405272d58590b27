"""Kill a depreciation run, or PostgreSQL under it, at random moments; go on; hold the figures against an undisturbed twin.

`python -m tests.assets.kill_run --assets 100000 --times 10 --seed 1`

Two companies have the same assets. Month after month the first one's run is done by a process of its own, which is killed
(`kill -9`) at a moment drawn from the seed; every second time or so PostgreSQL is killed with it. What is left
must be nothing, or the whole run. Then it is simply run again, and the twin is charged the same month undisturbed. At the
end every asset's figures agree, `verify` passes in both, and so do the ledgers' sums. The tests of the suite do the same
once, small (test_broken_off.py).
"""

import argparse
import datetime
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

from bench.estate import FIRST, Estate, estate
from bench.harness import durable_database
from django.conf import settings

from wherewithal.assets import services
from wherewithal.core.depreciation.calendar import ONE_DAY, add_months
from wherewithal.kit import db, postgres
from wherewithal.reporting import verify
from wherewithal.site import start

FIGURES = """
    SELECT count(*), sum(amount), md5(string_agg(line, ';' ORDER BY line)) FROM (
        SELECT v.amount, concat_ws(' ', a.tag, v.role, v.effective_on, v.posting_on, v.amount, d.code, c.code) AS line
        FROM assets_value v
        JOIN assets_asset a ON a.company_id = v.company_id AND a.id = v.asset_id
        JOIN ledger_account d ON d.company_id = v.company_id AND d.id = v.debit_account_id
        JOIN ledger_account c ON c.company_id = v.company_id AND c.id = v.credit_account_id
        WHERE v.company_id = %(company)s) x
"""
LEDGER = """
    SELECT a.code, e.effective_on::text, sum(l.amount)::text FROM ledger_line l
    JOIN ledger_entry e USING (company_id, book_id, entry_id)
    JOIN ledger_account a ON a.company_id = l.company_id AND a.id = l.account_id
    WHERE l.company_id = %(company)s GROUP BY 1, 2 ORDER BY 1, 2
"""


class Wrong(AssertionError):
    """What is left after a kill is neither nothing nor the whole run, or figures differ."""


def charge(company_id: int, book_id: int, through_on: datetime.date) -> None:
    """The run that is killed; in a process of its own."""
    start.setup()
    services.depreciate(
        company_id=company_id,
        actor_id=None,
        book_id=book_id,
        through_on=through_on,
        idempotency_key=f"month {through_on}",
    )


def begin(firm: Estate, through_on: datetime.date, *, quiet: bool = False) -> subprocess.Popen[bytes]:
    asked = [str(firm.company_id), str(firm.books[0]), through_on.isoformat()]
    heard = subprocess.DEVNULL if quiet else None
    return subprocess.Popen([sys.executable, "-m", "tests.assets.kill_run", "--charge", *asked], stderr=heard)


def counts(firm: Estate) -> tuple[int, int, int]:
    """Runs, values, entries."""
    with db.company_transaction(company_id=firm.company_id, read_only=True):
        return tuple(
            db.fetch_all(f"SELECT count(*) FROM {table} WHERE company_id = %s", (firm.company_id,))[0][0]
            for table in ("assets_run", "assets_value", "ledger_entry")
        )


def kill_server(folder: Path) -> None:
    """The postmaster and all its children, as a power cut would, but for the disk."""
    pid = int((folder / "data" / "postmaster.pid").read_text().splitlines()[0])
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    for each in (pid, *map(int, children)):
        try:
            os.kill(each, signal.SIGKILL)
        except ProcessLookupError:
            continue


def disturb(firm: Estate, through_on: datetime.date, rng: random.Random, usual_s: float) -> str:
    """One kill; what was hit, when, and what was left."""
    before, folder = counts(firm), settings.DATABASE.folder
    assert folder is not None, "it is the embedded server that is killed"
    server = rng.random() < 0.5
    after_s = rng.uniform(0.0, 1.15 * usual_s)
    process = begin(firm, through_on, quiet=True)
    time.sleep(after_s)
    if server:
        start.close_connections()
        kill_server(folder)
        process.kill()
        process.wait()
        postgres.Server(folder, durable=True).ensure()
        start.close_connections()
    else:
        process.send_signal(signal.SIGKILL)
        process.wait()
    after = counts(firm)
    if after != before and (after[0] != before[0] + 1 or after[1] <= before[1]):
        raise Wrong(f"{through_on}: from {before} to {after}")
    left = "nothing" if after == before else "the whole run"
    return f"{'PostgreSQL and the process' if server else 'the process'} after {after_s:.2f} s left {left}"


def figures(firm: Estate) -> tuple[object, object]:
    with db.company_transaction(company_id=firm.company_id, read_only=True):
        given = {"company": firm.company_id}
        return db.fetch_one(FIGURES, given), db.fetch_all(LEDGER, given)


def check(firm: Estate) -> None:
    found = [(c.name, c.findings[:3]) for c in verify.run(company_id=firm.company_id).checks if not c.passed]
    if found:
        raise Wrong(f"verify: {found}")


def rehearse(assets: int, times: int, seed: int) -> None:
    rng = random.Random(seed)
    killed, twin = estate(), estate()
    for firm in (killed, twin):
        print(f"{assets:,} assets in {firm.acquire(assets):.0f} s", flush=True)
    end_on = add_months(FIRST, 12) - ONE_DAY
    for number in range(times):
        through_on = add_months(end_on + ONE_DAY, number) - ONE_DAY
        began = time.monotonic()
        if begin(twin, through_on).wait():
            raise Wrong(f"the twin's run of {through_on} failed")
        usual_s = time.monotonic() - began
        told = disturb(killed, through_on, rng, usual_s)
        if begin(killed, through_on).wait():
            raise Wrong(f"the run of {through_on} did not go on after the kill")
        if counts(killed) != counts(twin):
            raise Wrong(f"{through_on}: {counts(killed)}, undisturbed {counts(twin)}")
        print(f"{through_on}: usually {usual_s:.2f} s; {told}; went on", flush=True)
    mine, theirs = figures(killed), figures(twin)
    if mine != theirs:
        raise Wrong(f"figures: {mine[0]}, undisturbed {theirs[0]}")
    for firm in (killed, twin):
        check(firm)
    print(
        f"{times} kills over {assets:,} assets, seed {seed}: same figures {mine[0]}, verify passes",
        flush=True,
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--assets", type=int, default=100_000)
    parser.add_argument("--times", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--charge", nargs=3, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.charge:
        company_id, book_id, through_on = asked.charge
        charge(int(company_id), int(book_id), datetime.date.fromisoformat(through_on))
        return 0
    with durable_database():
        rehearse(asked.assets, asked.times, asked.seed)
    return 0


if __name__ == "__main__":
    sys.exit(main())
