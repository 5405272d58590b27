"""How text is prepared for finding, on the way in and on the way out.

Under row-level security PostgreSQL may use only leakproof operators inside an index: LIKE and lower() are not, `^@`
(starts with) is. So words are stored without case and accents, one row each, and looked up by their beginnings.
"""

import re
import unicodedata

LONGEST_WORD = 64
MOST_WORDS = 60
_WORD = re.compile(r"[^\W_]+")
_NOT_DECOMPOSED = str.maketrans(
    {"ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i", "ħ": "h"}
)


def normalise(text: str) -> str:
    """Without case, accents and surplus blanks: 'Größe  Ø5' becomes 'grosse o5'."""
    folded = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(char for char in folded if not unicodedata.combining(char)).casefold()
    return " ".join(plain.translate(_NOT_DECOMPOSED).split())


def words(*texts: str) -> list[str]:
    """The distinct words to be found by, in order of appearance, bounded in length and number."""
    found = dict.fromkeys(
        word[:LONGEST_WORD] for text in texts for word in _WORD.findall(normalise(text.replace("\0", " ")))
    )
    return list(found)[:MOST_WORDS]
