"""The house stands: imports point down, migrations are complete, every setting and command is documented."""

import ast
import io
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import call_command

from wherewithal.cli import reference
from wherewithal.site import environment

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "wherewithal"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


def _python_files(*folders: str) -> Iterator[Path]:
    for folder in folders:
        yield from sorted((SOURCE / folder).rglob("*.py"))


def test_import_contracts_hold() -> None:
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[done.stdout.rfind("Broken contracts") :]


def test_every_room_with_models_keeps_them_to_itself() -> None:
    contracts = PROJECT["tool"]["importlinter"]["contracts"]
    protected = {module for contract in contracts for module in contract.get("protected_modules", ())}
    with_models = {path.parent for path in SOURCE.glob("*/models.py")} | {
        path.parent for path in SOURCE.glob("*/models/")
    }
    assert {f"wherewithal.{room.name}.models" for room in with_models} == protected


@pytest.mark.django_db
def test_no_migration_is_missing() -> None:
    said = io.StringIO()
    try:
        call_command("makemigrations", check=True, dry_run=True, stdout=said, stderr=said)
    except SystemExit:
        pytest.fail(said.getvalue())


@pytest.mark.parametrize("page", ["commands", "settings"])
def test_the_reference_is_what_the_program_says(page: str) -> None:
    written = (ROOT / "docs" / "reference" / f"{page}.md").read_text()
    assert written == getattr(reference, page)(), "run `make reference`"


def test_the_environment_is_read_in_one_place() -> None:
    """Whoever needs a setting takes it from settings, so that the page of settings is complete."""
    names = {variable.name for variable in environment.VARIABLES}
    allowed = {SOURCE / "site" / "environment.py", SOURCE / "kit" / "postgres.py"}
    for path in _python_files("."):
        if path in allowed:
            continue
        for found in re.findall(r"environ(?:\.get)?[\[(]\s*\"([A-Z_]+)\"", path.read_text()):
            assert found in names or found in ("PGPASSWORD", "PROMETHEUS_MULTIPROC_DIR"), (
                f"{path} reads {found}"
            )


def test_doors_speak_no_sql() -> None:
    """Pages and API call use cases and queries; a statement in a door is a rule in the wrong place."""
    statements = {"fetch_all", "fetch_one", "fetch_dicts", "execute", "insert_rows", "stream"}
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in _python_files("web", "api")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ImportFrom)
        and node.module == "wherewithal.kit.db"
        and statements & {name.name for name in node.names}
    ]
    assert found == []


def test_the_clock_is_an_argument() -> None:
    """Below the doors nobody asks what day it is: the day and the user are arguments."""
    asking = re.compile(r"\b(datetime\.now|date\.today|timezone\.now|utcnow|time\.time)\(")
    rooms = ("core", "ledger", "people", "parties", "items", "stock", "assets", "reporting")
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in _python_files(*rooms)
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if asking.search(line)
    ]
    assert found == []


def test_no_function_is_longer_than_a_page() -> None:
    long = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name} {node.end_lineno - node.lineno + 1} lines"
        for path in _python_files(".")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef)
        and node.end_lineno is not None
        and node.end_lineno - node.lineno >= 90
    ]
    assert long == []


def test_no_file_is_longer_than_a_sitting() -> None:
    long = [
        f"{path.relative_to(ROOT)} {count} lines"
        for path in _python_files(".")
        if "vendor" not in path.parts and (count := len(path.read_text().splitlines())) > 650
    ]
    assert long == []


def test_the_locks_name_no_host() -> None:
    for name in ("requirements.lock", "requirements-dev.lock"):
        text = (ROOT / name).read_text()
        assert not re.search(r"https?:|file:|--index|--find-links|@ ", text), name
        pinned = re.findall(r"^([a-z0-9][a-z0-9._-]*)==\S+", text, re.M)
        assert len(pinned) > 50
        assert text.count("--hash=sha256:") >= len(pinned)


def test_the_locks_hold_what_the_project_needs() -> None:
    def names(requirements: list[str]) -> set[str]:
        return {
            re.split(r"[\[<>=;\s]", requirement)[0].lower().replace("_", "-") for requirement in requirements
        }

    runtime = names(PROJECT["project"]["dependencies"])
    development = names(PROJECT["dependency-groups"]["dev"])
    locked = {
        name: set(re.findall(r"^([a-z0-9][a-z0-9._-]*)==", (ROOT / name).read_text(), re.M))
        for name in ("requirements.lock", "requirements-dev.lock")
    }
    assert runtime <= locked["requirements.lock"]
    assert runtime | development <= locked["requirements-dev.lock"]
    assert not development & locked["requirements.lock"] - runtime
