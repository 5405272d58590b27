"""Every sentence of the program can be translated, and every language says every one of them."""

import ast
import re
from string import Formatter

import pytest
from babel.messages.catalog import Message

from wherewithal.site import messages

SAYS = {"Problem": (2, "message"), "refuse": (2, "message")}
LANGUAGES = messages.languages()


def _literal(node: ast.expr) -> bool:
    if isinstance(node, ast.IfExp):
        return _literal(node.body) or _literal(node.orelse)
    if isinstance(node, ast.BinOp):
        return _literal(node.left) or _literal(node.right)
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and bool(node.value))


def _bare(tree: ast.Module) -> list[int]:
    """The lines on which a refusal is given a text that was not said, directly or by a name of the same function."""
    found: list[int] = []
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef):
            continue
        named: dict[str, list[ast.Assign]] = {}
        for node in ast.walk(function):
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                named.setdefault(node.targets[0].id, []).append(node)
        for call in ast.walk(function):
            if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name | ast.Attribute):
                continue
            name = call.func.id if isinstance(call.func, ast.Name) else call.func.attr
            if name not in SAYS:
                continue
            place, keyword = SAYS[name]
            given = call.args[place] if len(call.args) > place else None
            given = given or next((one.value for one in call.keywords if one.arg == keyword), None)
            if isinstance(given, ast.Name):
                found += [one.lineno for one in named.get(given.id, ()) if _literal(one.value)]
            elif given is not None and _literal(given):
                found.append(call.lineno)
    return found


def test_refusals_are_said() -> None:
    """`say("There is no item {sku}.", sku=sku)`, not an f-string: in another language it would stay English."""
    bare = []
    for path in sorted(messages.ROOT.rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        if not {"migrations", "cli", "demo"} & set(path.parts) and ("Problem(" in text or "refuse(" in text):
            bare += [
                f"{path.relative_to(messages.ROOT)}:{line}" for line in sorted(set(_bare(ast.parse(text))))
            ]
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
