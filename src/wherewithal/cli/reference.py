"""Writes docs/reference/commands.md and settings.md from the program itself: `make reference`.

A test compares the files with what this would write, so that no command and no setting stays undocumented.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer.main

from wherewithal.cli import main
from wherewithal.site import environment, start

COMMANDS_HEAD = """# Commands

Every command takes `--help`; those that answer with data take `--json`. Exit codes: 0 done, 1 a check found something
wrong, 2 refused or not understood. Messages go to standard error, answers to standard output. `wherewithal --version`
says which version this is.

(This page is written by `make reference` from the program.)
"""
SETTINGS_HEAD = """# Settings

Settings are environment variables. None is needed to begin.

(This page is written by `make reference` from the program.)

| Variable | Meaning | Default |
|---|---|---|
"""


def commands() -> str:
    """The page of commands."""
    group = typer.main.get_command(main.build())
    sections = [
        section for path, command in _walk(group, "wherewithal") for section in _section(path, command)
    ]
    return COMMANDS_HEAD + "\n" + "\n".join(sections).rstrip() + "\n"


def settings() -> str:
    """The page of settings."""
    rows = (
        f"| `{v.name}` | {v.meaning} | {f'`{v.default}`' if v.default else ''} |"
        for v in environment.VARIABLES
    )
    return SETTINGS_HEAD + "\n".join(rows) + "\n"


def _walk(command: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Every command that does something, in the order of the program's own help."""
    if not hasattr(command, "commands"):
        yield path, command
        return
    for name, inner in command.commands.items():
        if not inner.hidden:
            yield from _walk(inner, f"{path} {name}")


def _section(path: str, command: Any) -> Iterator[str]:
    context = command.make_context(path, [], resilient_parsing=True)
    arguments = " ".join(_argument(p) for p in command.params if p.param_type_name == "argument")
    yield f"## `{f'{path} {arguments}'.strip()}`\n"
    yield f"{(command.help or '').strip()}\n"
    records = [param.get_help_record(context) for param in command.params if param.name != "help"]
    rows = [f"| `{_text(name)}` | {_text(help)} |" for name, help in filter(None, records)]
    if rows:
        yield "\n".join(["| | |", "|---|---|", *rows]) + "\n"


def _argument(argument: Any) -> str:
    name = argument.name.upper()
    return (name if argument.required else f"[{name}]") + ("..." if argument.nargs != 1 else "")


def _text(text: str | None) -> str:
    """One line of a table's cell."""
    return " ".join((text or "").split()).replace("|", "\\|")


def write(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "commands.md").write_text(commands())
    (folder / "settings.md").write_text(settings())


if __name__ == "__main__":
    start.setup()
    write(Path(sys.argv[1]))
