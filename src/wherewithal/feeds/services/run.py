"""Running an import: check every row, write in one piece or in chunks, keep what was wrong and what was loaded."""

import contextlib
import gc
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from wherewithal.core.words import say
from wherewithal.feeds import queries, reading
from wherewithal.feeds.kinds import KINDS
from wherewithal.feeds.mapping import RowProblem, Rows, apply, parse_mapping
from wherewithal.feeds.services.start import stored_path
from wherewithal.feeds.work import Plan, Progress, RunContext, Stage, Unit
from wherewithal.kit import db
from wherewithal.kit.errors import Conflict, Problem, Refused

RULES_OF_STATE = frozenset({"on_hand", "left_to_return", "left_to_lower"})  # depend on what else is written
MOST_PROBLEMS_KEPT = 10_000
PROBLEM_COLUMNS = (
    ("company_id", "int"),
    ("import_id", "bigint"),
    ("position", "int"),
    ("line", "int"),
    ("column_name", "text"),
    ("value", "text"),
    ("rule", "text"),
    ("message", "text"),
)
LOADED_COLUMNS = (
    ("company_id", "int"),
    ("source", "text"),
    ("key", "text"),
    ("import_id", "bigint"),
    ("digest", "bytea"),
    ("made_id", "bigint"),
)


@dataclass(frozen=True, slots=True)
class ImportReport:
    """How an import ended. `problems` holds the first of them; queries.problems has all that are kept."""

    import_id: int
    state: str
    dry_run: bool
    rows_total: int
    rows_loaded: int
    rows_known: int  # loaded by an earlier run
    rows_bad: int
    problem_count: int
    problems: tuple[RowProblem, ...]
    report: Mapping[str, Any]


def _no_progress(_doing: str, _done: int, _total: int) -> None:
    """Nobody watches."""


def run_import(
    *, company_id: int, actor_id: int | None, import_id: int, folder: Path, progress: Progress | None = None
) -> ImportReport:
    """Check and write what start_import has noted. May be called again: what is written stays written, once."""
    return _Run(company_id, actor_id, import_id, folder, progress or _no_progress).run()


@contextlib.contextmanager
def _little_garbage() -> Iterator[None]:
    """A file of half a million rows makes millions of objects that all stay alive to the end. Looking through them for
    garbage again and again would take longer than making them, so they are set aside (gc.freeze) once they are made."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.unfreeze()
        gc.enable()


def _chunks(stage: Stage) -> Iterator[tuple[Sequence[Unit], Sequence[Unit]]]:
    """The units chunk by chunk, each with the chunk that follows it."""
    start, end = 0, stage.cut(stage.units, 0)
    while start < len(stage.units):
        after = stage.cut(stage.units, end)
        yield stage.units[start:end], stage.units[end:after]
        start, end = end, after


class _TakeBack(Exception):
    """Raised at the end of a dry run, so that the transaction rolls back."""


class _Run:
    """One import while it runs."""

    def __init__(
        self, company_id: int, actor_id: int | None, import_id: int, folder: Path, progress: Progress
    ) -> None:
        self.company_id, self.actor_id, self.import_id = company_id, actor_id, import_id
        self.folder, self.progress = folder, progress
        self.loaded_rows = self.known_rows = 0
        self.problems: list[RowProblem] = []
        self.rows: Rows | None = None
        self.report: dict[str, Any] = {}
        self.state = "waiting"
        self.in_one = False  # whether everything is written in one transaction

    def transaction(self) -> Any:
        return db.company_transaction(company_id=self.company_id, actor_id=self.actor_id)

    def run(self) -> ImportReport:
        with self.transaction():
            self.row = queries.get_import(self.company_id, self.import_id)
            self._mark("checking")
        try:
            with _little_garbage():
                plan = self._check()
                gc.freeze()
                gc.enable()
                self._write(plan)
        except Refused as refused:
            self._note(refused)
            self.state = "refused" if not self.loaded_rows else "stopped"
        except BaseException:
            self._finish("stopped")
            raise
        self._finish(self.state)
        return self._report()

    # --- checking ---

    def _check(self) -> Plan:
        self.progress(say("Reading the file"), 0, 0)
        kind = KINDS[self.row["kind"]]
        definition = self.row["definition"]
        with self.transaction():
            currency, timezone = queries.company_facts(self.company_id)
            mapping = parse_mapping(definition, kind.fields, timezone)
        path = stored_path(self.folder, self.row["sha256"])
        if not path.exists():
            raise reading.refuse_file("kept", say("The uploaded file is no longer there: upload it again."))
        table = reading.read_table(path, delimiter=mapping.delimiter, sheet=mapping.sheet)
        self.progress(say("Checking the rows"), 0, len(table))
        rows = self.rows = apply(table, mapping, kind.fields)
        run = RunContext(
            self.company_id,
            self.actor_id,
            self.import_id,
            self.row["source"],
            self.row["sha256"],
            currency,
            mapping.options,
        )
        with self.transaction():
            self._mark("checking", rows_total=len(rows))
            plan: Plan = kind.plan(run, rows, mapping)
            known = [self._sort_out_known(stage) for stage in plan.stages]
        self.problems = rows.problems
        self.report = {"file": table.described, "unused_columns": list(rows.unused), **plan.report}
        self.report["units"] = {stage.name: len(stage.units) for stage in plan.stages}
        self.report["units_known"] = sum(known)
        return plan

    def _sort_out_known(self, stage: Stage) -> int:
        """Drop units that have been loaded before, telling the stage; note those that come again but differ."""
        found = queries.loaded(self.company_id, self.row["source"], [unit.key for unit in stage.units])
        known = [unit for unit in stage.units if unit.key in found]
        if not known:
            return 0
        same = []
        for unit in known:
            before, made_id, import_id = found[unit.key]
            if before == unit.digest:
                same.append((unit, made_id))
                self.known_rows += len(unit.positions)
            elif self.rows is not None:
                number = unit.key.split("|", 1)[0]
                message = say(
                    "{number} was loaded before, by import {import_id}, and differs now. Correct by reversal.",
                    number=number,
                    import_id=import_id,
                )
                for position in unit.positions:
                    self.rows.fault(position, "document", "same_as_before", message)
        if stage.recall is not None:
            stage.recall(same)
        stage.units = [unit for unit in stage.units if unit.key not in found]
        return len(same)

    # --- writing ---

    def _write(self, plan: Plan) -> None:
        dry_run, whole = self.row["dry_run"], self.row["mode"] == "all_or_nothing"
        if any(problem.line == 0 for problem in self.problems):
            self.state = "checked" if dry_run else "refused"
        elif dry_run:
            self._write_and_take_back(plan)
            self.state = "checked"
        elif (
            whole and self.problems
        ):  # refused, but with everything that is wrong, also what shows on writing only
            self._write_and_take_back(plan)
            self.loaded_rows = 0
            self.state = "refused"
        elif whole:
            db.run_retrying(lambda: self._write_in_one(plan))
            self.state = "refused" if self.problems else "done"
        else:
            self._write_stages(plan)
            self.state = "done"

    def _write_and_take_back(self, plan: Plan) -> None:
        def work() -> None:
            self.in_one, self.loaded_rows = True, 0
            del self.problems[checked:]
            with self.transaction():
                self._write_stages(plan)
                raise _TakeBack

        checked = len(self.problems)
        try:
            db.run_retrying(work)
        except _TakeBack:
            return

    def _write_in_one(self, plan: Plan) -> None:
        """Everything or nothing: faults that show on writing take all of it back."""
        self.in_one, self.loaded_rows = True, 0
        self.problems.clear()
        try:
            with self.transaction():
                self._write_stages(plan)
                if self.problems:
                    raise _TakeBack
        except _TakeBack:
            self.loaded_rows = 0

    def _write_stages(self, plan: Plan) -> None:
        total = sum(len(unit.positions) for stage in plan.stages for unit in stage.units)
        self._mark_in_transaction("writing")
        for stage in plan.stages:
            if stage.begin is not None and stage.units:
                with self.transaction():
                    stage.begin()
            for units, following in _chunks(stage):
                if stage.ahead is not None:
                    stage.ahead(following)
                self._write_chunk(stage, units)
                self.progress(stage.name, self.loaded_rows, total)
        if plan.finish is not None:
            with self.transaction():
                self.report |= plan.finish()

    def _write_chunk(self, stage: Stage, units: Sequence[Unit]) -> None:
        """Write a chunk; leave out the units that are refused, and try the others again."""
        while units:
            try:
                self._commit_chunk(stage, units)
            except Conflict:
                raise
            except Refused as refused:
                units = self._without_bad(stage, units, refused)
            else:
                return

    def _commit_chunk(self, stage: Stage, units: Sequence[Unit]) -> None:
        """One transaction (or, inside one, a savepoint): what is written, and the note that it was."""

        def work() -> int:
            with self.transaction():
                made = stage.write(units)
                rows = sum(len(unit.positions) for unit in units)
                self._note_loaded(units, made, self.loaded_rows + rows)
                return rows

        try:
            self.loaded_rows += work() if self.in_one else db.run_retrying(work)
        except psycopg.errors.UniqueViolation as error:
            if db.constraint(error) != "feeds_loaded_pkey":
                raise
            message = say("Another run is loading the same rows just now: wait for it, then start again.")
            raise Conflict(Problem("file", "one_run", message)) from error

    def _without_bad(self, stage: Stage, units: Sequence[Unit], refused: Refused) -> list[Unit]:
        """The units to try again: those that the refusal does not name. Where together they take more than there is, or
        none is named, the culprit is looked for by halves, so that what comes first goes in."""
        sure = {p.row for p in refused.problems if p.row is not None and p.rule not in RULES_OF_STATE}
        bad = [unit for unit in units if sure.intersection(unit.positions)]
        if not bad and len(units) > 1:
            middle = len(units) // 2
            self._write_chunk(stage, units[:middle])
            self._write_chunk(stage, units[middle:])
            return []
        bad = bad or list(units)
        self._note(refused, bad)
        return [unit for unit in units if unit not in bad]

    def _note(self, refused: Refused, units: Sequence[Unit] = ()) -> None:
        """Keep a refusal as problems of the file, at the row it names or else the first row of its unit."""
        rows = {position for unit in units for position in unit.positions}
        first = next((unit.positions[0] for unit in units if unit.positions), None)
        for problem in refused.problems:
            if rows and problem.row is not None and problem.row not in rows:
                continue  # about a unit that is tried again
            position = problem.row if problem.row is not None else first
            line = 0 if position is None or self.rows is None else self.rows.lines[position]
            column = (
                problem.field if self.rows is None else self.rows.headers.get(problem.field, problem.field)
            )
            self.problems.append(RowProblem(line, column, problem.value or "", problem.rule, problem.message))

    # --- what is kept ---

    def _mark_in_transaction(self, state: str) -> None:
        with self.transaction():
            self._mark(state)

    def _mark(self, state: str, *, rows_total: int | None = None) -> None:
        db.execute(
            """UPDATE feeds_import SET state = %s, rows_total = coalesce(%s, rows_total),
                      started_at = coalesce(started_at, clock_timestamp()), alive_at = clock_timestamp(),
                      finished_at = NULL
               WHERE company_id = %s AND id = %s""",
            (state, rows_total, self.company_id, self.import_id),
        )

    def _note_loaded(self, units: Sequence[Unit], made: Sequence[int | None], rows_done: int) -> None:
        source = self.row["source"]
        rows = [
            (self.company_id, source, unit.key, self.import_id, unit.digest, made_id)
            for unit, made_id in zip(units, made, strict=True)
        ]
        db.insert_rows("feeds_loaded", LOADED_COLUMNS, rows)
        db.execute(
            "UPDATE feeds_import SET rows_done = %s, alive_at = clock_timestamp() WHERE company_id = %s AND id = %s",
            (self.known_rows + rows_done, self.company_id, self.import_id),
        )

    def _finish(self, state: str) -> None:
        self.state = state
        self.problems.sort(key=lambda problem: problem.line)
        kept = self.problems[:MOST_PROBLEMS_KEPT]
        rows = [
            (self.company_id, self.import_id, position, p.line, p.column, p.value, p.rule, p.message)
            for position, p in enumerate(kept)
        ]
        with self.transaction():
            db.execute(
                "DELETE FROM feeds_problem WHERE company_id = %s AND import_id = %s",
                (self.company_id, self.import_id),
            )
            db.insert_rows("feeds_problem", PROBLEM_COLUMNS, rows)
            db.execute(
                """UPDATE feeds_import SET state = %s, problem_count = %s, report = %s::jsonb, rows_done = %s,
                          finished_at = clock_timestamp() WHERE company_id = %s AND id = %s""",
                (
                    state,
                    len(self.problems),
                    json.dumps(self.report, default=str),
                    0 if self.row["dry_run"] else self.known_rows + self.loaded_rows,
                    self.company_id,
                    self.import_id,
                ),
            )

    def _report(self) -> ImportReport:
        bad = {problem.line for problem in self.problems if problem.line}
        return ImportReport(
            import_id=self.import_id,
            state=self.state,
            dry_run=self.row["dry_run"],
            rows_total=len(self.rows) if self.rows is not None else 0,
            rows_loaded=self.loaded_rows,
            rows_known=self.known_rows,
            rows_bad=len(bad),
            problem_count=len(self.problems),
            problems=tuple(self.problems[:MOST_PROBLEMS_KEPT]),
            report=self.report,
        )
