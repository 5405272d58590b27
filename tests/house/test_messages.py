"""Every sentence of the program can be translated, and every language says every one of them."""

import ast
import re
from collections.abc import Callable, Iterator
from string import Formatter

import pytest
from babel.messages.catalog import Message

from wherewithal.site import messages

SAYS = {"Problem": (2, "message"), "refuse": (2, "message")}
# Worked cases, the API's description and the server's own log are of English programs, not of readers.
SPEAK_ENGLISH = ("core/calc/", "api/", "kit/postgres.py", "site/")
LANGUAGES = messages.languages()


def _literal(node: ast.expr) -> bool:
    if isinstance(node, ast.IfExp):
        return _literal(node.body) or _literal(node.orelse)
    if isinstance(node, ast.BinOp):
        return _literal(node.left) or _literal(node.right)
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and bool(node.value))


def _sentence(node: ast.expr) -> bool:
    """Whether a text that was not said reads as a sentence."""
    if isinstance(node, ast.IfExp | ast.BinOp):
        return any(_sentence(part) for part in ast.iter_child_nodes(node) if isinstance(part, ast.expr))
    pieces = node.values if isinstance(node, ast.JoinedStr) else [node]
    text = "".join(str(one.value) if isinstance(one, ast.Constant) else "X" for one in pieces)
    return re.fullmatch(r"[A-Z].* .* .*[.?!]", text, re.DOTALL) is not None


def _told(function: ast.FunctionDef) -> Iterator[tuple[ast.expr, Callable[[ast.expr], bool]]]:
    """What a function gives to refusals, or yields or returns beside a field and a rule; and what it must not be."""
    for node in ast.walk(function):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
            name = node.func.id if isinstance(node.func, ast.Name) else node.func.attr
            if name in SAYS:
                place, keyword = SAYS[name]
                yield from ((one, _literal) for one in node.args[place : place + 1])
                yield from ((one.value, _literal) for one in node.keywords if one.arg == keyword)
        elif isinstance(node, ast.Yield | ast.Return) and isinstance(node.value, ast.Tuple):
            yield from ((one, _sentence) for one in node.value.elts)
        elif isinstance(node, ast.Return) and node.value is not None:
            yield node.value, _sentence


def _bare(tree: ast.Module) -> list[int]:
    """The lines on which a text is told that was not said, directly or by a name of the same function."""
    found: list[int] = []
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef):
            continue
        named: dict[str, list[ast.expr]] = {}
        for node in ast.walk(function):
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                named.setdefault(node.targets[0].id, []).append(node.value)
        for given, wrong in _told(function):
            meant = named.get(given.id, []) if isinstance(given, ast.Name) else [given]
            found += [one.lineno for one in meant if wrong(one)]
    return found


def test_what_is_told_beside_a_field_is_looked_at_too() -> None:
    """Faults that are yielded become refusals elsewhere."""
    wrong = """
def faults(event, row):
    yield event, "kind", "once", "The asset is idle already."
    message = f"It left on {event.day} only."
    yield event, "effective_on", "after_disposal", message
    yield "cost", "required", say("Say what it cost.")
    return f"A GTIN has {row} digits."
"""
    assert sorted(_bare(ast.parse(wrong))) == [3, 4, 7]


def test_refusals_are_said() -> None:
    """`say("There is no item {sku}.", sku=sku)`, not an f-string: in another language it would stay English."""
    bare = []
    for path in sorted(messages.ROOT.rglob("*.py")):
        name = path.relative_to(messages.ROOT).as_posix()
        if not {"migrations", "cli", "demo"} & set(path.parts) and not name.startswith(SPEAK_ENGLISH):
            text = path.read_text(encoding="utf-8")
            bare += [f"{name}:{line}" for line in sorted(set(_bare(ast.parse(text))))]
    assert bare == []


def _places(text: str, flags: set[str]) -> set[str]:
    """The named places of a sentence, by the way in which it is filled."""
    if "python-brace-format" in flags:
        return {
            f"{name}!{conversion}" if conversion else name
            for _, name, _, conversion in Formatter().parse(text)
            if name is not None
        }
    return set(re.findall(r"%\(\w+\)[a-z]", text)) if "python-format" in flags else set()


def _lost(message: Message) -> bool:
    """Whether a translation names other places than the sentence."""
    asked = message.id if isinstance(message.id, tuple) else (message.id,)
    given = message.string if isinstance(message.string, tuple) else (message.string,)
    places = [_places(text, message.flags) for text in asked]
    most, all_have = (
        set().union(*places),
        set.intersection(*places),
    )  # "1 asset, %(n)s assets" needs no number
    least = all_have - {"count", "%(count)s", "%(counter)s"} if len(asked) > 1 else most
    try:
        return any(not least <= _places(text, message.flags) <= most for text in given)
    except ValueError:  # a brace that is not closed
        return True


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_says_everything_and_nothing_else(language: str) -> None:
    """`make messages` adds what is new and takes out what is gone; then somebody translates what is new."""
    kept, now = messages.read(language), messages.merged(language)
    said = {(message.id, message.context) for message in kept}
    assert [message.id for message in now if (message.id, message.context) not in said] == []
    assert len(kept) == len(now)
    assert kept.obsolete == {}
    assert [message.id for message in kept if message.id and messages.lacking(message)] == []
    assert [message.id for message in kept if message.id and message.fuzzy] == []
    assert [message.id for message in kept if message.id and _lost(message)] == []
    compiled = messages.po_file(language).with_suffix(".mo").read_bytes()
    assert compiled == messages.as_mo(kept), "run `make messages`"
