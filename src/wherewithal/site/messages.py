"""`make messages`: collects what the program says, and makes a language's catalogue of it.

A language is one file, `web/locale/<language>/LC_MESSAGES/django.po`. This command adds to it what is new, takes out
what the program no longer says, guesses nothing, and compiles it to `django.mo`, which is what the program reads.
Both files are in the repository and in the wheel: running needs neither this command nor gettext's tools. Line
numbers are left out, so that the file changes only when a sentence does.
"""

import io
import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

ROOT = Path(__file__).parents[1]
LOCALES = ROOT / "web" / "locale"

# What marks a sentence, and which arguments are: the sentence, its plural, its context.
KEYWORDS: dict[str, tuple[int | tuple[int, str], ...] | None] = {
    **dict.fromkeys(("_", "gettext", "gettext_lazy", "gettext_noop", "say")),
    **dict.fromkeys(("ngettext", "ngettext_lazy", "say_many"), (1, 2)),
    **dict.fromkeys(("pgettext", "pgettext_lazy"), ((1, "c"), 2)),
    **dict.fromkeys(("npgettext", "npgettext_lazy"), ((1, "c"), 2, 3)),
}
# Data files with names for people; what is cited as a source stays as it is, and tests are not shown.
DATA = ("ledger/charts/*.json", "assets/templates/*.json", "core/depreciation/packs/*.json")
NAMES = ("name", "title")
NOT_SHOWN = ("sources", "tests")
# A language is made anew with this moment, so that the same sentences make the same file on every machine.
_MADE = datetime(2026, 1, 1, tzinfo=UTC)


def template() -> Catalog:
    """Every sentence of the program, with the files that say it."""
    found = Catalog(project="wherewithal", creation_date=_MADE, revision_date=_MADE, charset="utf-8")
    for path in sorted(ROOT.rglob("*.py")):
        if not {"migrations", "cli"} & set(path.parts):  # the command line speaks English
            _add(found, path, path.read_text(encoding="utf-8"))
    for name, place in data_names().items():
        found.add(name, None, [(place, 1)])
    for path in sorted((*ROOT.rglob("templates/**/*.html"), *ROOT.rglob("templates/**/*.txt"))):
        _add(found, path, _as_python(path))
    return found


def data_names() -> dict[str, str]:
    """The names in the program's data files, and the first file that has each."""
    found: dict[str, str] = {}
    for path in sorted(path for pattern in DATA for path in ROOT.glob(pattern)):
        for name in _names(json.loads(path.read_text(encoding="utf-8"))):
            found.setdefault(name, path.relative_to(ROOT).as_posix())
    return found


def merged(language: str) -> Catalog:
    """The catalogue of `language` with exactly the sentences that the program says now."""
    path = po_file(language)
    if path.exists():
        catalogue = read(language)
    else:
        catalogue = Catalog(locale=language, project="wherewithal", creation_date=_MADE, revision_date=_MADE)
        catalogue.fuzzy = False
    catalogue.update(template(), no_fuzzy_matching=True, update_creation_date=False)
    catalogue.obsolete.clear()
    return catalogue


def read(language: str) -> Catalog:
    """The catalogue of `language` as it lies in the repository."""
    with po_file(language).open("rb") as file:
        return read_po(file, locale=language)


def as_po(catalogue: Catalog) -> bytes:
    out = io.BytesIO()
    write_po(out, catalogue, width=110, sort_output=True, include_lineno=False, omit_header=False)
    return out.getvalue()


def as_mo(catalogue: Catalog) -> bytes:
    """The compiled catalogue; what is not translated stays out, so that it shows in English, not as nothing."""
    done = Catalog(locale=catalogue.locale, charset="utf-8")
    done.mime_headers = catalogue.mime_headers
    for message in catalogue:
        if message.id and not lacking(message):
            done.add(message.id, message.string, context=message.context)
    out = io.BytesIO()
    write_mo(out, done)
    return out.getvalue()


def po_file(language: str) -> Path:
    return LOCALES / language / "LC_MESSAGES" / "django.po"


def languages() -> list[str]:
    """The languages that have a catalogue."""
    return sorted(path.parent.parent.name for path in LOCALES.glob("*/LC_MESSAGES/django.po"))


def lacking(message: Message) -> bool:
    """Whether a sentence has no translation, or not in every number."""
    return not all(message.string if isinstance(message.string, tuple) else (message.string,))


def main(asked: list[str]) -> None:
    for language in asked or languages():
        catalogue = merged(language)
        path = po_file(language)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(as_po(catalogue))
        path.with_suffix(".mo").write_bytes(as_mo(catalogue))
        print(f"{language}: {len(catalogue)} sentences, {sum(map(lacking, catalogue))} without translation")


def _add(found: Catalog, path: Path, text: str) -> None:
    for lineno, message, comments, context in extract(
        "python", io.BytesIO(text.encode()), keywords=KEYWORDS, comment_tags=("Translators:",)
    ):
        found.add(
            message,
            None,
            [(path.relative_to(ROOT).as_posix(), lineno)],
            auto_comments=comments,
            context=context,
        )


def _names(data: object) -> Iterator[str]:
    """The names in a data file; read back by `core.words.known`."""
    if isinstance(data, list):
        for one in data:
            yield from _names(one)
    elif isinstance(data, dict):
        for key, value in data.items():
            if key in NAMES and isinstance(value, str):
                yield value
            elif key not in NOT_SHOWN:
                yield from _names(value)


def _as_python(path: Path) -> str:
    """A template as Python with the same calls; lines start at the margin, for nothing in it is a block."""
    return "\n".join(_lines(templatize(path.read_text(encoding="utf-8"), origin=str(path))))


def _lines(text: str) -> Iterator[str]:
    for line in text.splitlines():
        yield line.strip()


if __name__ == "__main__":
    main(sys.argv[1:])
