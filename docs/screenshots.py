"""Pictures of the pages for README and guide: the demo company in Chromium, wide and narrow, light and dark.

    python -m docs.screenshots                 take all of them, of a demo started for the purpose
    python -m docs.screenshots --url URL       of a demo that is running
    python -m docs.screenshots --only home     some of them
    python -m docs.screenshots --gallery DIR   and every page of the product, for looking at

They go to docs/images as <page>-<wide|narrow>-<light|dark>.webp. Only those that a document shows are kept in the
repository (docs/images/.gitignore names them).
"""

import argparse
import contextlib
import io
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from docs import gallery
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

IMAGES = Path(__file__).parent / "images"
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
USERNAME, PASSWORD, COMPANY = "demo", "clear-water-demo", "QUELL"  # told by `wherewithal demo` itself
PORT = 8765
START_S = 900  # the first start loads two years of a company
LARGEST_BYTES = 150_000
SIZES = {"wide": (1440, 900, 1.5), "narrow": (380, 800, 2.0)}  # width, height, pixels per CSS pixel
SCHEMES = ("light", "dark")


@dataclass(frozen=True, slots=True)
class Shot:
    """A page, how to get there from the company's start page, and what must be on it before the picture is taken."""

    name: str
    go: Callable[[Page, str], object]
    ready: str = "main"
    whole: bool = False  # the whole page, not only what the window shows


def _open(address: str) -> Callable[[Page, str], object]:
    return lambda page, base: page.goto(f"{base}/{address}")


def _home(page: Page, base: str) -> None:
    """The home page with its first charts, which come when they are scrolled to."""
    page.goto(base)
    page.locator("[hx-trigger=revealed]").first.scroll_into_view_if_needed()
    page.locator("canvas, svg[role=img]").first.wait_for()
    page.evaluate("window.scrollTo(0, 0)")


def _item(page: Page, base: str, sku: str) -> None:
    """The item's page, by way of the list: ids are not known here."""
    page.goto(f"{base}/items?q={sku}")
    page.locator("a.row-key", has_text=sku).first.click()


def _card(page: Page, base: str) -> None:
    _item(page, base, "FG-UV40")
    page.goto(f"{page.url.partition('?')[0]}/card")


def _why(page: Page, base: str) -> None:
    _item(page, base, "FG-S5")
    page.goto(f"{page.url.partition('?')[0]}/why-this-value")


def _receipt(page: Page, base: str) -> None:
    """The form for a receipt, with a first line half typed."""
    page.goto(f"{base}/stock/documents/new/receipt")
    field = page.locator("input[name='lines-0-item']")
    field.press_sequentially("carbon", delay=40)
    page.locator("[role=option]").first.wait_for()


SHOTS = (
    Shot("home", _home, "canvas, svg[role=img]"),
    Shot("on-hand", _open("stock/on-hand"), "table tbody tr"),
    Shot("moves", _open("stock/moves"), "table tbody tr"),
    Shot("receive", _receipt),
    Shot("item", lambda page, base: _item(page, base, "FG-UV40")),
    Shot("ledger-card", _card, "table tbody tr"),
    Shot("why", _why),
    Shot("lots", _open("lots"), "table tbody tr"),
    Shot("valuation", _open("finance/valuation"), "table tbody tr"),
    Shot("entries", _open("finance/entries"), "table tbody tr"),
    Shot("trial-balance", _open("finance/trial-balance"), "table tbody tr"),
    Shot("balance-sheet", _open("finance/balance-sheet")),
    Shot("company", _open("company")),
    Shot("import", _open("imports")),
    Shot("verify", _open("verify")),
)


# --- the demo ---------------------------------------------------------------------------------------------


@contextlib.contextmanager
def demo(url: str | None) -> Iterator[str]:
    """The address of a demo: the one named, or one of our own that ends with the block."""
    if url:
        yield url.rstrip("/")
        return
    own = f"http://127.0.0.1:{PORT}"
    command = [sys.executable, "-m", "wherewithal.cli.main", "demo", "--port", str(PORT)]
    process = subprocess.Popen(command)
    try:
        _wait_until_ready(own, process)
        yield own
    finally:
        process.terminate()
        process.wait(timeout=60)


def _wait_until_ready(url: str, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise SystemExit("The demo did not start.")
        try:
            with urllib.request.urlopen(f"{url}/readyz", timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.5)
    raise SystemExit(f"The demo was not ready after {START_S} s.")


# --- the pictures -----------------------------------------------------------------------------------------


def session(browser: Browser, url: str, size: str, scheme: str, *, sharp: bool = True) -> Page:
    """Somebody signed in, in one size and one scheme."""
    width, height, scale = SIZES[size]
    context = browser.new_context(
        viewport={"width": width, "height": height},
        device_scale_factor=scale if sharp else 1,
        color_scheme="dark" if scheme == "dark" else "light",
        reduced_motion="reduce",
        locale="en-GB",
        timezone_id="Europe/Vienna",
    )
    page = context.new_page()
    _sign_in(page, url)
    return page


def take(browser: Browser, url: str, shots: list[Shot], size: str, scheme: str) -> None:
    """The chosen pages in one size and one scheme."""
    page = session(browser, url, size, scheme)
    for shot in shots:
        shot.go(page, f"{url}/c/{COMPANY}")
        page.locator(shot.ready).first.wait_for()
        page.wait_for_load_state("networkidle")
        keep(page.screenshot(full_page=shot.whole), IMAGES / f"{shot.name}-{size}-{scheme}.webp")
    page.context.close()


def _sign_in(page: Page, url: str) -> None:
    page.goto(f"{url}/accounts/login/")
    page.fill("input[name=login]", USERNAME)
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_url("**/c/**")


def keep(png: bytes, path: Path) -> None:
    """As WebP, lossless where that is small enough: text stays sharp."""
    image = Image.open(io.BytesIO(png)).convert("RGB")
    lossless = io.BytesIO()
    image.save(lossless, "WEBP", lossless=True, method=6)
    content = lossless.getvalue()
    if len(content) > LARGEST_BYTES:
        lossy = io.BytesIO()
        image.save(lossy, "WEBP", quality=85, method=6)
        content = lossy.getvalue()
    path.write_bytes(content)
    print(
        f"{path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path}: {len(content):,} bytes"
    )


def main() -> None:
    names = [shot.name for shot in SHOTS]
    parser = argparse.ArgumentParser(
        prog="docs.screenshots", description="Take the pictures of the documents."
    )
    parser.add_argument("--url", help="a demo that is running; one is started when none is named")
    parser.add_argument(
        "--only", nargs="+", choices=names, default=names, metavar="PAGE", help=", ".join(names)
    )
    parser.add_argument("--size", nargs="+", choices=SIZES, default=list(SIZES))
    parser.add_argument("--scheme", nargs="+", choices=SCHEMES, default=list(SCHEMES))
    parser.add_argument("--gallery", type=Path, metavar="DIR", help="every page as well, into this folder")
    given = parser.parse_args()
    IMAGES.mkdir(exist_ok=True)
    shots = [shot for shot in SHOTS if shot.name in given.only]
    with demo(given.url) as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--lang=en-GB"])
        for size in given.size:
            for scheme in given.scheme:
                take(browser, url, shots, size, scheme)
        if given.gallery:
            every = None
            for size in given.size:
                for scheme in given.scheme:
                    page = session(browser, url, size, scheme, sharp=False)
                    every = every or gallery.pages(page, url, COMPANY)
                    gallery.take(page, url, every, given.gallery / f"{size}-{scheme}")
                    page.context.close()
        browser.close()


if __name__ == "__main__":
    main()
