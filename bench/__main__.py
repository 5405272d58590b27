"""`python -m bench [name ...]`: run the benchmarks, each in a process of its own, and write bench/results.json."""

import importlib
import subprocess
import sys
import time

from bench.harness import RESULTS, Report, durable_database

NAMES = (
    "batch_posting",
    "single_moves",
    "back_dated",
    "cascade",
    "reads",
    "scale",
    "pages",
    "schedules",
    "assets",
    "http_moves",
    "retailer",
    "tryton",
)


def run_one(name: str) -> None:
    """Run one benchmark in this process, on a database of its own, and merge its results into the file."""
    report = Report()
    with durable_database():
        importlib.import_module(f"bench.{name}").run(report)
    report.write()


def run_all(names: list[str]) -> int:
    """Run benchmarks one after the other; the number that failed to run."""
    failed = 0
    for position, name in enumerate(names, start=1):
        print(f"[{position}/{len(names)}] {name}", flush=True)
        start = time.perf_counter()
        code = subprocess.run([sys.executable, "-m", "bench", "--one", name], check=False).returncode
        failed += code != 0
        print(f"  {'done' if code == 0 else 'FAILED'} in {time.perf_counter() - start:.0f} s", flush=True)
    print(f"Written to {RESULTS.name}.", flush=True)
    return failed


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        run_one(sys.argv[2])
    else:
        sys.exit(run_all(sys.argv[1:] or list(NAMES)))
