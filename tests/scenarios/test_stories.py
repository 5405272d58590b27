"""Every story of the guide comes out as it is told."""

import os
from pathlib import Path

import pytest
from tests.scenarios.story import Story, read

STORIES = Path(__file__).resolve().parents[2] / "docs" / "guide" / "stories"
PAGES = sorted(path for path in STORIES.glob("*.md") if path.name != "README.md")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("page", PAGES, ids=[page.stem for page in PAGES])
def test_the_story(page: Path) -> None:
    Story(code=f"S{PAGES.index(page)}P{os.getpid()}").tell(page)


def test_every_story_is_listed_and_proves_its_books() -> None:
    listed = (STORIES / "README.md").read_text(encoding="utf-8")

    assert PAGES, "there are no stories"
    for page in PAGES:
        assert f"({page.name})" in listed, f"{page.name} is not in the list of stories"
        assert read(page)[-1].verb == "verify", f"{page.name} does not end with verify"
