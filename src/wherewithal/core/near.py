"""What somebody may have meant who typed a word with one slip: a letter missing, too many, wrong, or two swapped.

To look for all words near a given one takes an index of fragments, kept with every write. To look for a few hundred
given words takes none but the ordinary one. So the slips are made here, and the database is asked for each of them.
"""

LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"
SHORTEST = 4  # below this nearly everything is near to everything
LONGEST = 24


def slips(word: str, letters: str = LETTERS) -> list[str]:
    """Every text that becomes `word`, or from which `word` comes, by one slip; without the word itself, sorted.

    None for words that are too short to be told from others, or too long to be a word.
    """
    if not SHORTEST <= len(word) <= LONGEST:
        return []
    parts = [(word[:at], word[at:]) for at in range(len(word) + 1)]
    found = {head + tail[1:] for head, tail in parts if tail}
    found |= {head + tail[1] + tail[0] + tail[2:] for head, tail in parts if len(tail) > 1}
    found |= {head + letter + tail[1:] for head, tail in parts if tail for letter in letters}
    found |= {head + letter + tail for head, tail in parts for letter in letters}
    return sorted(found - {word})


def begins_near(word: str, typed: str) -> bool:
    """Whether a word begins with what was typed, or with something one slip away from it."""
    if word.startswith(typed):
        return True
    return len(typed) >= SHORTEST and any(word.startswith(slip) for slip in slips(typed, _letters(word)))


def _letters(word: str) -> str:
    return "".join(sorted(set(word)))
