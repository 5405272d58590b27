"""What a German would find in English on a page."""

import html
import json
import re
from collections.abc import Iterator, Mapping

from wherewithal.site import messages

SHORTEST = 12  # shorter ones are names of things, which may be the same in both languages, or data
ENGLISH = re.compile(
    r"\b(the|of|and|is|are|to|not|has|it|from|by|with|for|at|this|each|what|which|than|be|there)\b", re.I
)
# The API and its description are English, as are the lines of an American form; sources are cited as they are called;
# the gallery of components holds samples.
SPEAKS_ENGLISH = re.compile(r"/c/[^/]+/(api|assets/packs|assets/reports/form-4562|gallery)\b")


# Places and categories that a company is born with.
BORN = ("Count differences", "Fixed assets", "Opening stock", "In transit")


def english_with_german() -> set[str]:
    """Sentences that German says otherwise and that have no places to be filled."""
    return {
        message.id
        for message in messages.read("de")
        if isinstance(message.id, str)
        and len(message.id) >= SHORTEST
        and message.string not in ("", message.id)
        and not set("{%") & set(message.id)
        and not all(place.endswith(".json") for place, _line in message.locations)  # may be data of a company
    }


def texts_of(response) -> set[str]:
    """What a page shows: the texts between its tags and those of its controls."""
    page = re.sub(r"<(script|style|code|pre)\b.*?</\1>", "", response.content.decode(), flags=re.DOTALL)
    shown = re.findall(r">([^<>]+)<", page)
    shown += re.findall(
        r'\b(?:aria-label|alt|placeholder|title|label|summary|data-text-\w+|data-confirm\S*)="([^"]*)"', page
    )
    for drawn in re.findall(r'data-spec="([^"]*)"', page):
        spec = json.loads(html.unescape(drawn))
        shown += [*spec["labels"], *(series["name"] for series in spec["series"])]
    return {html.unescape(" ".join(text.split())) for text in shown}


def in_english(texts: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Of texts and where they were read, those that German says otherwise, and whole sentences that no catalogue knows."""
    known = english_with_german()
    names = (*sorted(messages.data_names()), *BORN)  # the company's own, once it is set up
    for text, where in texts.items():
        if SPEAKS_ENGLISH.search(where) or text.endswith(names):
            continue
        if text in known or len(ENGLISH.findall(text)) > 1:
            yield text, where
