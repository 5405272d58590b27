"""Every page of the demo company as a picture, wide and narrow, light and dark, with contact sheets to look over.

`python -m docs.screenshots --gallery FOLDER` calls it. Pages are found as a person finds them, from link to link; of
pages that differ by a number only, one is taken. The folder is for looking at; nothing of it is kept in the repository.
"""

import re
from collections import Counter, deque
from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageDraw
from playwright.sync_api import Page

EACH = 3  # pages whose addresses differ by one word only, such as the kinds of a document
SKIPPED = re.compile(r"/(files|backups|imports/samples|api)/|\.csv$|/files/\d+$")
SETTLE_MS = 400  # charts and tables that a page asks for itself
ACROSS, DOWN, WIDTH = 4, 3, 480  # pictures on a contact sheet, and how wide each is


def pages(page: Page, url: str, company: str) -> list[str]:
    """One address of each kind of page, in the order in which links lead to them."""
    start = f"/c/{company}/"
    found: list[str] = []
    kinds: set[str] = set()
    families: Counter[str] = Counter()
    queue = deque([start])
    while queue:
        address = queue.popleft()
        kind = re.sub(r"\d+", "1", address)
        family = (
            kind.rpartition("/")[0]
            if re.search(r"/(new|record|reports|packs|add|costing)/[^/]+$", kind)
            else kind
        )
        if kind in kinds or families[family] >= EACH or SKIPPED.search(address):
            continue
        kinds.add(kind)
        families[family] += 1
        response = page.goto(url + address)
        if response is None or response.status != 200 or "html" not in response.headers["content-type"]:
            continue
        found.append(address)
        links = page.eval_on_selector_all("a[href]", "(all) => all.map((link) => link.getAttribute('href'))")
        queue.extend(link for link in dict.fromkeys(links) if link.startswith(start) and "?" not in link)
    return found


def take(page: Page, url: str, addresses: Sequence[str], folder: Path) -> None:
    """The window of each page, into the folder; then the contact sheets."""
    folder.mkdir(parents=True, exist_ok=True)
    for address in addresses:
        page.goto(url + address)
        page.wait_for_timeout(SETTLE_MS)
        name = re.sub(r"[^a-z0-9]+", "-", address.partition("/c/")[2].partition("/")[2]).strip("-") or "home"
        page.screenshot(path=folder / f"{name}.png")
    sheets(folder)


def sheets(folder: Path) -> None:
    """All pictures of the folder, small, with their names, a dozen to a sheet."""
    pictures = sorted(path for path in folder.glob("*.png") if not path.name.startswith("sheet-"))
    each = ACROSS * DOWN
    for number in range(0, len(pictures), each):
        shown = [(path.stem, Image.open(path).convert("RGB")) for path in pictures[number : number + each]]
        scaled = [(name, one.resize((WIDTH, one.height * WIDTH // one.width))) for name, one in shown]
        height = max(one.height for _name, one in scaled) + 24
        rows = -(-len(scaled) // ACROSS)
        sheet = Image.new("RGB", (ACROSS * (WIDTH + 12), rows * height), "#888888")
        for at, (name, one) in enumerate(scaled):
            left, top = at % ACROSS * (WIDTH + 12), at // ACROSS * height
            sheet.paste(one, (left, top + 18))
            ImageDraw.Draw(sheet).text((left + 4, top + 3), name, fill="white")
        sheet.save(folder / f"sheet-{number // each + 1:02}.png")
