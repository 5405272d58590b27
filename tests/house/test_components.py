"""One set of components: each is shown in the gallery, pages have no styles of their own, and one place formats."""

import re
from collections.abc import Iterator
from pathlib import Path

WEB = Path(__file__).resolve().parents[2] / "src" / "wherewithal" / "web"
TEMPLATES = WEB / "templates"
COMPONENTS = TEMPLATES / "cotton"
COMPONENT = re.compile(r"<c-([a-z][a-z-]*)")
ICON = re.compile(
    r'<c-icon name="([a-z0-9-]+)"| icon="([a-z0-9-]+)"|Way\([^)]*?, "([a-z0-9-]+)", "[a-z.]+"\)'
)
CLASSES = re.compile(r'(?<![\w:])class="([^"]*)"')
TAG = re.compile(r"\{[{%].*?[%}]\}", re.S)
# What behaviour adds, and the hooks of libraries that read a class instead of an attribute.
OF_BEHAVIOUR = {"htmx-request", "is-open", "is-over"}


def _pages() -> Iterator[Path]:
    yield from sorted(path for path in TEMPLATES.rglob("*.html") if COMPONENTS not in path.parents)


def _names(text: str) -> set[str]:
    return {name.replace("-", "_") for name in COMPONENT.findall(text)} - {"slot", "vars"}


def test_every_component_that_pages_use_exists():
    known = {path.stem for path in COMPONENTS.glob("*.html")}
    wrong = {path.name: _names(path.read_text()) - known for path in TEMPLATES.rglob("*.html")}
    assert {name: missing for name, missing in wrong.items() if missing} == {}


def test_every_component_is_in_the_gallery():
    shown, queue = set(), {"gallery"}
    parts = {path.stem: path.read_text() for path in COMPONENTS.glob("*.html")}
    gallery = (TEMPLATES / "web" / "gallery.html").read_text()
    queue = _names(gallery)
    while queue:
        name = queue.pop()
        shown.add(name)
        queue |= _names(parts.get(name, "")) - shown
    assert set(parts) - shown == set()


def test_pages_have_no_styles_of_their_own():
    for path in TEMPLATES.rglob("*.html"):
        text = path.read_text()
        assert " style=" not in text, path
        assert "<style" not in text, path
    assert sorted(path.name for path in (WEB / "static" / "web").glob("*.css")) == ["app.css"]


def test_pages_use_only_classes_that_the_style_sheets_know():
    sheets = (WEB / "static" / "web" / "app.css", WEB / "static" / "vendor" / "tabler.css")
    known = {name for sheet in sheets for name in re.findall(r"\.(-?[A-Za-z_][\w-]*)", sheet.read_text())}
    unknown = {}
    for path in _pages():
        given = {
            name for classes in CLASSES.findall(TAG.sub("@", path.read_text())) for name in classes.split()
        }
        wrong = {name for name in given - known - OF_BEHAVIOUR if "@" not in name}
        if wrong:
            unknown[path.name] = sorted(wrong)
    assert unknown == {}


def test_every_icon_is_in_the_sprite():
    have = set(re.findall(r'<symbol id="([^"]+)"', (WEB / "static" / "vendor" / "icons.svg").read_text()))
    texts = [path.read_text() for path in (*TEMPLATES.rglob("*.html"), WEB / "navigation.py")]
    named = {name for text in texts for found in ICON.findall(text) for name in found if name}
    assert named - have == set(), "add it to web/vendor/icons.txt and build"
    listed = (WEB / "vendor" / "icons.txt").read_text().split()
    assert set(listed) == have


def test_figures_and_days_are_formatted_in_one_place():
    """Money, quantities, days: web/formatting.py knows how they look; templates use its filters."""
    elsewhere = re.compile(
        r"\|\s*(date|time|floatformat|intcomma|localize|stringformat)\b(?!:['\"]Y-m-d['\"])"
    )
    for path in _pages():
        assert not elsewhere.search(path.read_text()), path
    words = re.compile(r"strftime\((?!\"%Y|f?\"%G)|:,\.?\d*f?\}")
    allowed = {"formatting.py", "gallery.py"}
    for path in (WEB / "views").rglob("*.py"):
        assert path.name in allowed or not words.search(path.read_text()), path


def test_every_table_is_drawn_by_a_component():
    """Lists by `table`, small fixed ones by `grid`, a form's lines by `lines`: so each moves by keys and scrolls alone."""
    assert [path.name for path in _pages() if "<table" in path.read_text()] == []
    drawn = sorted(path.stem for path in COMPONENTS.glob("*.html") if "<table" in path.read_text())
    assert drawn == ["grid", "lines"]
