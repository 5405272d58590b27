"""What must hold on every page in a real browser, checked in one visit per page; the two halves are files of their own.

One load, then the page is turned: wide and light, 200 % zoom, 380 px and dark, right to left, keys alone. LIMITS are
the budget; how long the server takes is measured by bench/pages.py, because it says more about the machine than the page.
"""

import gzip
import statistics
from collections import Counter, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import axe_playwright_python
from playwright.sync_api import Browser, Page, ViewportSize
from pytest_django.live_server_helper import LiveServer
from tests.web.keys import keys_alone
from tests.web.shop import Shop
from tests.web.test_browser import NARROW, RULES, STATIC, WIDE, Visit, _visit
from tests.web.test_crawler import page_of
from tests.web.world import new_world

LIMITS = {
    "bytes": 250_000,  # all that the first visit fetches, compressed, on a page without charts
    "bytes with charts": 500_000,
    "requests": 24,
    "layout shift": 0.02,  # of the window, without a person's doing
    # From the last byte until the page's scripts have run, in the median of pages; ten times what it is on two cores.
    # A machine that takes longer than SUM_MS for the sum in LOOK, slow or busy, has longer in proportion.
    "interactive, ms": 1_500,
}
SUM_MS = 10
ZOOMED = ViewportSize(width=720, height=450)  # the wide window at 200 %
EACH = 2  # pages of one kind that differ by a word of the address
PAGES_PER_TAB = 12  # a tab keeps what its pages left behind; a new one is quicker than a large one
FILES = {"sample", "file_show", "asset_file", "backup_file", "api_operation"}
# On a narrow and dark page only what can differ there is looked at again.
AGAIN = {
    "runOnly": {"type": "rule", "values": ["color-contrast", "scrollable-region-focusable"]},
    "resultTypes": ["violations"],
    "preload": False,
}
AXE = Path(axe_playwright_python.__file__).with_name("axe.min.js").read_text()
WATCH = """
window.__seen = {shift: 0};
const watch = (type, take) =>
  new PerformanceObserver((list) => list.getEntries().forEach(take)).observe({type, buffered: true});
watch("layout-shift", (one) => { if (!one.hadRecentInput) __seen.shift += one.value; });
window.named = (found) => found.violations.map(
  (one) => `${one.id}: ${one.nodes.slice(0, 3).map((node) => node.html.slice(0, 160)).join(" | ")}`);
"""
# What stands around every page is looked at on the first of them.
LOOK = """async ([options, shell]) => {
  const [come] = performance.getEntriesByType("navigation");
  // What follows the page is looked at with it, however late it comes.
  while (document.querySelector(".htmx-request") && performance.now() < 60_000)
    await new Promise((resolve) => setTimeout(resolve, 20));
  const began = performance.now();
  let sum = 0;
  for (let count = 0; count < 3_000_000; count += 1) sum += count % 7;
  const summed = performance.now() - began;
  const found = await axe.run(shell ? document : {exclude: [".side", ".top"]}, options);
  return {
    barriers: named(found),
    links: [...document.querySelectorAll("a[href]")].map((link) => link.getAttribute("href")),
    fetched: performance.getEntriesByType("resource").map((one) => one.name),
    interactive: come.domContentLoadedEventEnd - come.responseEnd,
    summed: sum && summed,
    ...__seen,
  };
}"""
DARK = """async ([options, shell]) => {
  document.documentElement.setAttribute("data-bs-theme", "dark");
  return named(await axe.run(!shell && document.getElementById("main") || document.body, options));
}"""
TURN = """() => { document.documentElement.dir = "rtl"; }"""
BACK = """() => { document.documentElement.dir = "ltr"; }"""
# Charts follow the width of their page with the next frame.
WIDTH = """async () => {
  const wide = () => document.documentElement.scrollWidth;
  for (let frame = 0; frame < 60 && wide() > innerWidth; frame += 1)
    await new Promise((resolve) => requestAnimationFrame(resolve));
  return wide();
}"""


@dataclass
class Finding:
    """What was wrong, page by page, and what was measured."""

    wrong: list[str] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)
    ready: list[float] = field(default_factory=list)
    sums: list[float] = field(default_factory=list)


def look_at_pages(
    browser: Browser,
    server: LiveServer,
    shop: Shop,
    mine: Callable[[str], bool],
    extra: tuple[str, ...],
) -> Finding:
    """Every page that is reached by links within one half of the product; `extra` are ways with parameters."""
    world = new_world(shop)
    finding = Finding()
    context = browser.new_context(
        viewport=WIDE, color_scheme="light", reduced_motion="reduce", locale="en-GB"
    )
    context.add_init_script(AXE + WATCH)
    starts = [shop.url(path) for path in ("", *filter(mine, world.paths))]
    starts += [path if path.startswith("/") else shop.url(path) for path in extra]
    for visit in _visit(context, server, shop):
        for address, links in _walk(starts, lambda address: mine(address.removeprefix(shop.url()))):
            if finding.seen and len(finding.seen) % PAGES_PER_TAB == 0:
                visit.page.close()
                visit.page = context.new_page()
                visit.watch()
            links += look(visit, address, finding)
    context.close()
    ready, summed = statistics.median(finding.ready), statistics.median(finding.sums)
    if ready > LIMITS["interactive, ms"] * max(1, summed / SUM_MS):
        finding.wrong.append(
            f"{ready:.0f} ms until pages can be used, in the median; {summed:.0f} for a sum of {SUM_MS}"
        )
    return finding


def _walk(starts: list[str], mine: Callable[[str], bool]) -> Iterator[tuple[str, list[str]]]:
    """Addresses, each with a list to be filled with the links found there; one of a kind, and the starts."""
    kinds: set[object] = set()
    done: set[str] = set()
    names: Counter[str | None] = Counter()
    queue = deque(starts)
    while queue:
        address = queue.popleft()
        kind = page_of_path(address)
        known = kind in kinds or names[kind[0]] >= EACH
        if address in done or (known and address not in starts):
            continue
        done.add(address)
        kinds.add(kind)
        names[kind[0]] += 1
        links: list[str] = []
        yield address, links
        for link in dict.fromkeys(links):
            plain = link.startswith("/c/") and "?" not in link and "#" not in link
            if plain and mine(link) and page_of_path(link)[0] not in FILES:
                queue.append(link)


@cache
def page_of_path(address: str) -> tuple[str | None, tuple[str, ...]]:
    return page_of("".join("1" if letter.isdigit() else letter for letter in address.partition("?")[0]))


def look(visit: Visit, address: str, finding: Finding) -> list[str]:
    """All that is checked on one page; the links it shows."""
    page, shell = visit.page, not finding.seen
    response = visit.go(address)
    finding.seen.append(address)
    if response.status != 200:
        finding.wrong.append(f"{address}: {response.status}")
        return []
    seen = page.evaluate(LOOK, [RULES | {"preload": False}, shell])
    wrong = [*seen["barriers"], *too_wide(page, WIDE), *widths(page, ZOOMED, NARROW)]
    wrong += page.evaluate(DARK, [AGAIN, shell])
    page.evaluate(TURN)
    wrong += [f"right to left: {fault}" for fault in too_wide(page, NARROW)]
    page.evaluate(BACK)
    page.set_viewport_size(WIDE)
    wrong += keys_alone(page, shell=shell)
    wrong += over_budget(len(gzip.compress(response.body())), seen, visit.base)
    # The gallery shows a day that is none, on purpose; the browser tells of it.
    wrong += [fault for fault in visit.faults if "2026-02-30" not in fault]
    visit.faults.clear()
    finding.wrong += [f"{address}: {fault}" for fault in wrong]
    finding.ready.append(seen["interactive"])
    finding.sums.append(seen["summed"])
    return list(seen["links"])


def widths(page: Page, *sizes: ViewportSize) -> Iterator[str]:
    """Nothing is wider than the screen, be it of one size or another."""
    for size in sizes:
        page.set_viewport_size(size)
        yield from too_wide(page, size)


def too_wide(page: Page, size: ViewportSize) -> Iterator[str]:
    """The same on a screen that has this size already."""
    width = page.evaluate(WIDTH)
    if width > size["width"]:
        yield f"{width} px wide at {size['width']}"


def over_budget(html: int, seen: dict[str, Any], base: str) -> Iterator[str]:
    """What one page weighs: its own text and all files that a first visit fetches for it, compressed."""
    files = {name.removeprefix(base).partition("#")[0] for name in seen["fetched"]}
    named = {file for file in files if file.startswith("/static/")}
    weights = {file: weight(file) for file in named}
    charts = any(file.endswith("charts.js") for file in named)
    total, limit = html + sum(weights.values()), LIMITS["bytes with charts" if charts else "bytes"]
    if total > limit:
        yield f"{total:,} bytes of {limit:,}: {html:,} of its own and {weights}"
    if len(files) + 1 > LIMITS["requests"]:
        yield f"{len(files) + 1} requests"
    if seen["shift"] > LIMITS["layout shift"]:
        yield f"moves by {seen['shift']:.3f} while it comes"


@cache
def weight(path: str) -> int:
    file = STATIC / path.removeprefix("/static/")
    return file.stat().st_size if file.suffix == ".woff2" else len(gzip.compress(file.read_bytes()))
