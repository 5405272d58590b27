"""What every benchmark needs: a durable database of its own, a clock, and a report of ratios.

A *limit* is the least that the machine can do for the same rows (a bare COPY, one bare statement), measured in the
same run, so that ratios hold on a slow machine too. Ratios are of times: measured / limit, lower is better, unless a
result says `at_least`, where it is of rates and higher is better.
"""

import contextlib
import json
import os
import platform
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

from wherewithal.site import start

RESULTS = Path(__file__).parent / "results.json"


@dataclass(frozen=True, slots=True)
class Result:
    """One answered question. `measured` and `limit` in `unit`; `goal` bounds the ratio measured / limit."""

    name: str
    what: str
    measured: float
    limit: float
    limit_is: str
    goal: float
    unit: str = "s"
    at_least: bool = False

    @property
    def ratio(self) -> float:
        return self.measured / self.limit

    @property
    def met(self) -> bool:
        return self.ratio >= self.goal if self.at_least else self.ratio <= self.goal


@dataclass(slots=True)
class Report:
    """Results as they come: printed at once, written to results.json at the end."""

    results: list[Result] = field(default_factory=list)

    def add(self, result: Result) -> None:
        self.results.append(result)
        bound = ">=" if result.at_least else "<="
        print(
            f"  {'met ' if result.met else 'MISS'} {result.name}: x{result.ratio:.2f} (goal {bound} x{result.goal:g});"
            f" {result.measured:,.4g} {result.unit} against {result.limit:,.4g} {result.unit} for {result.limit_is}",
            flush=True,
        )

    def say(self, text: str) -> None:
        print(f"  ... {text}", flush=True)

    def write(self, path: Path = RESULTS) -> None:
        """Results of earlier runs stay unless this run measured them again."""
        known = {row["name"]: row for row in json.loads(path.read_text())["results"]} if path.exists() else {}
        for result in self.results:
            row = asdict(result) | {"ratio": result.ratio, "met": result.met}
            known[result.name] = {
                key: float(f"{value:.5g}") if isinstance(value, float) else value
                for key, value in row.items()
            }
        content = {
            "python": platform.python_version(),
            "note": "PostgreSQL with fsync on; ratios are to limits measured in the same run.",
            "results": [known[name] for name in sorted(known)],
        }
        path.write_text(json.dumps(content, indent=1) + "\n")


def seconds(work: Callable[[], object]) -> float:
    """How long one call takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def median_seconds(work: Callable[[], object], *, runs: int = 5) -> float:
    """The median of several calls."""
    return statistics.median(seconds(work) for _ in range(runs))


@contextlib.contextmanager
def durable_database() -> Iterator[None]:
    """Django on a fresh embedded PostgreSQL with fsync on, gone afterwards. One for each process."""
    with tempfile.TemporaryDirectory(prefix="wherewithal-bench-") as folder:
        os.environ["WHEREWITHAL_HOME"] = folder
        os.environ.pop("DATABASE_URL", None)
        try:
            with start.running(durable=True):
                yield
        finally:
            # Root's server keeps its data in a folder elsewhere, to which a link points.
            shutil.rmtree((Path(folder) / "postgres").resolve(), ignore_errors=True)
