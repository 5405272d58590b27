"""wherewithal import"""

import dataclasses
import json
from pathlib import Path
from typing import Annotated, Any

import typer
from django.conf import settings

from wherewithal.cli.companies import company_named, user_named
from wherewithal.cli.context import database
from wherewithal.cli.output import EXIT_FAILED, JsonFlag, emit, progress_bar, table
from wherewithal.feeds import queries, samples, services
from wherewithal.feeds.kinds import KINDS
from wherewithal.feeds.services import ImportReport
from wherewithal.kit.db import company_transaction
from wherewithal.kit.errors import Problem, Refused, refuse

PROBLEMS_SHOWN = 50


def register(app: typer.Typer) -> None:
    app.command("import")(import_file)


def import_file(
    kind: Annotated[str, typer.Argument(help=f"What the file holds: {', '.join(KINDS)}.")],
    file: Annotated[
        Path | None,
        typer.Argument(help="CSV (also .gz) or XLSX. Without it: the columns of this kind, and a sample."),
    ] = None,
    company: Annotated[str, typer.Option("--company", "-c", help="The company's code.")] = "",
    mapping: Annotated[
        str | None, typer.Option(help="A saved mapping, or one that ships with the product.")
    ] = None,
    mapping_file: Annotated[Path | None, typer.Option(help="A mapping as a JSON file.")] = None,
    save_as: Annotated[str | None, typer.Option(help="Keep the mapping under this name.")] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show everything that is wrong; write nothing.")
    ] = False,
    skip_bad_rows: Annotated[
        bool,
        typer.Option("--skip-bad-rows", help="Leave out what is wrong and load the rest, chunk by chunk."),
    ] = False,
    option: Annotated[
        list[str] | None, typer.Option("--set", help="An option of the mapping, such as --set location=MAIN.")
    ] = None,
    by: Annotated[
        str | None, typer.Option("--by", help="Username of whoever does this, for the trail.")
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Load items, locations, parties, opening stock, moves or a log from a file; the same file twice is loaded once.

    By default all or nothing: one fault and nothing is written. With --skip-bad-rows the rest is written in chunks;
    broken off, the same command goes on where it stopped. Answers 0 when all is well, 1 when rows were faulty,
    2 when nothing could be done.
    """
    if file is None:
        _describe(kind, as_json=as_json)
        return
    with database():
        company_id, actor_id = company_named(company).company_id, user_named(by)
        chosen = _mapping(company_id, actor_id, kind, mapping, mapping_file, save_as)
        if not file.is_file():
            raise refuse("file", "exists", f"There is no file {file}.")
        import_id = services.start_import(
            company_id=company_id,
            actor_id=actor_id,
            kind=kind,
            mapping=chosen,
            file_name=file.name,
            content=file,
            folder=settings.HOME / "imports",
            mode="skip_bad_rows" if skip_bad_rows else "all_or_nothing",
            dry_run=dry_run,
            options=_options(option or []),
        )
        with progress_bar(file.name) as show:
            report = services.run_import(
                company_id=company_id,
                actor_id=actor_id,
                import_id=import_id,
                folder=settings.HOME / "imports",
                progress=lambda doing, done, total: show(done, total or None, doing),
            )
    emit(dataclasses.asdict(report), as_json=as_json, text=_text(report))
    raise typer.Exit(EXIT_FAILED if report.problem_count else 0)


def _mapping(
    company_id: int,
    actor_id: int | None,
    kind: str,
    name: str | None,
    path: Path | None,
    save_as: str | None,
) -> str | dict[str, Any] | None:
    """The name of a saved mapping, or a mapping."""
    found: dict[str, Any] | None = None
    if path is not None:
        found = _read_mapping(path)
    elif name is not None:
        with company_transaction(company_id=company_id, read_only=True):
            saved = queries.mapping_by_name(company_id, name)
        found = None if saved else samples.sample_mapping(name)
        if not saved and found is None:
            shipped = ", ".join(samples.sample_mappings())
            raise refuse(
                "mapping", "exists", f"There is no mapping {name}. With the product come: {shipped}."
            )
        save_as = save_as or (name if found else None)
    if found is None or save_as is None:
        return name if found is None else found
    services.save_mapping(company_id=company_id, actor_id=actor_id, name=save_as, kind=kind, definition=found)
    return save_as


def _read_mapping(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise refuse("mapping", "json", f"{path} is no JSON file: {error}.") from None
    if not isinstance(found, dict):
        raise refuse("mapping", "json", f"{path} holds no JSON object.")
    return found


def _options(given: list[str]) -> dict[str, Any]:
    """--set name=value; true and false are yes and no."""
    options: dict[str, Any] = {}
    problems = []
    for text in given:
        name, equals, value = text.partition("=")
        if not equals:
            problems.append(Problem("set", "form", f"{text} is no option: write name=value."))
        options[name.strip()] = {"true": True, "false": False}.get(value.strip().lower(), value.strip())
    if problems:
        raise Refused(problems)
    return options


def _describe(kind: str, *, as_json: bool) -> None:
    """The columns of a kind, and a sample."""
    if kind not in KINDS:
        raise refuse("kind", "known", f"There is no import of kind {kind}. There are: {', '.join(KINDS)}.")
    found = KINDS[kind]
    rows = [
        {"column": one.name, "required": "yes" if one.required else "", "meaning": one.meaning}
        for one in found.fields
    ]
    sample = samples.sample(kind) or ""
    text = f"{found.label}: {found.about}\n\n{table(rows)}\n\nA sample:\n\n{sample}"
    emit({"kind": kind, "about": found.about, "columns": rows, "sample": sample}, as_json=as_json, text=text)


def _text(report: ImportReport) -> str:
    state = {"checked": "checked, nothing written", "refused": "refused, nothing written"}
    lines = [
        f"Import {report.import_id}: {state.get(report.state, report.state)}. {report.rows_total:,} rows, "
        f"{report.rows_loaded:,} {'would be ' if report.dry_run else ''}loaded, "
        f"{report.rows_known:,} known from before, {report.rows_bad:,} faulty."
    ]
    if report.report.get("rules"):
        lines += ["", table(report.report["rules"])]
    if report.report.get("reconciled") is not None:
        agree = "agree" if report.report["reconciled"] else "DIFFER"
        lines += ["", f"Quantities by item in the file and in the moves written {agree}."]
    if report.problems:
        shown = [dataclasses.asdict(problem) for problem in report.problems[:PROBLEMS_SHOWN]]
        lines += ["", table(shown)]
        if report.problem_count > PROBLEMS_SHOWN:
            lines.append(f"... and {report.problem_count - PROBLEMS_SHOWN:,} more (all of them with --json).")
    return "\n".join(lines)
