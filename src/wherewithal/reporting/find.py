"""Finding anything: items, assets, lots and serials, documents, parties and places, by any code or name.

First by the beginnings of words and codes, as they were typed. Where that finds little, again with each slip of the
fingers that the typed words may hold (`core.near`): nothing is kept for it, the ordinary indexes are asked for each of
the few hundred words that may have been meant. Every look-up goes through operators that are leakproof, so that it
keeps its index under row-level security; each is bounded, so that a word that half the company's things bear costs
no more than a rare one.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from wherewithal.core.near import slips
from wherewithal.items.barcodes import match_code
from wherewithal.items.search import normalise, words
from wherewithal.kit.db import fetch_all

KINDS = ("item", "asset", "lot", "document", "party", "location")
LONGEST_QUERY = 200
MOST_WORDS = 6
ENOUGH = 3  # with fewer hits than this, slips are looked for as well
MOST_OF_A_WORD = 10_000  # things that the rarest word is followed to
MOST_CANDIDATES = 60  # things of a kind that are ranked
MOST_NAMED = 2_000  # of assets, parties and places together, before each kind gets its share
COUNTED = 1_000  # how far a word is counted to see which is the rarest
CODE_LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-"
LAST = "\U0010ffff"
_NUMBERS = {"asset": 1, "party": 2, "location": 3}


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing that was found. `near`: only with a slip of the fingers mended."""

    kind: str
    id: int
    code: str
    name: str
    note: str = ""
    near: bool = False


def find(company_id: int, text: str, *, kinds: Collection[str] = KINDS, limit: int = 6) -> list[Hit]:
    """Up to `limit` things of each kind, best first: the exact code, the beginning of a code, of a name, the rest."""
    text = " ".join(text.replace("\0", " ").split())[:LONGEST_QUERY]
    typed = words(text)[:MOST_WORDS]
    wanted = [kind for kind in KINDS if kind in kinds]
    if not text or not wanted:
        return []
    found = _search(company_id, text, [[word] for word in typed], _cases(text), wanted, near=False)
    named_exactly = any(hit.code.casefold() == text.casefold() for hit in found)
    if len(found) < ENOUGH and not named_exactly:
        near = [[word, *slips(word)] for word in typed]
        codes = [code for case in _cases(text)[:1] for code in slips(case.upper(), CODE_LETTERS)]
        if codes or any(len(meant) > 1 for meant in near):
            seen = {(hit.kind, hit.id) for hit in found}
            more = _search(company_id, text, near, codes, wanted, near=True)
            found += [hit for hit in more if (hit.kind, hit.id) not in seen]
    return _best(found, text, limit)


def _cases(text: str) -> list[str]:
    """A code as it was typed, and as codes are mostly written."""
    return list(dict.fromkeys((text, text.upper())))


def _search(
    company_id: int,
    text: str,
    meant: Sequence[Sequence[str]],
    codes: Sequence[str],
    kinds: Sequence[str],
    *,
    near: bool,
) -> list[Hit]:
    """`meant`: for each word typed, the words that it may stand for; `codes`: what the whole text may stand for."""
    hits: list[Hit] = []
    if "item" in kinds:
        hits += _items(company_id, text, meant, codes, near=near)
    named = [kind for kind in kinds if kind in _NUMBERS]
    if named:
        hits += _named(company_id, meant, codes, named, near=near)
    if "lot" in kinds:
        hits += _lots(company_id, codes, near=near)
    if "document" in kinds:
        hits += _documents(company_id, codes, near=near)
    return hits


# --- by words ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Words:
    """A table of words: whose words they are, and which of its rows count."""

    name: str
    keys: tuple[str, ...]
    condition: str = "true"


ITEM_WORDS = Words("items_word", ("item_id",))
NAME_WORDS = Words("reporting_word", ("kind", "of_id"), "t.kind = ANY (%(kinds)s::smallint[])")


def _with_words(table: Words, meant: Sequence[Sequence[str]], params: dict[str, object]) -> str:
    """The query for things that have, for each word typed, a word that begins with what it may stand for.

    It is driven by the rarest of the typed words; whether a thing has the others is asked of each thing that has
    that one, so that a common word costs nothing and hides nothing.
    """
    for at, word_list in enumerate(meant):
        params[f"from{at}"] = list(word_list)
        params[f"to{at}"] = [word + LAST for word in word_list]
    driver = _rarest(table, meant, params) if len(meant) > 1 else 0
    keys = ", ".join(f"d.{key}" for key in table.keys)
    same = " AND ".join(f"x.{key} = d.{key}" for key in table.keys)
    others = [
        f"EXISTS (SELECT FROM {table.name} x WHERE x.company_id = %(company)s AND {same} AND {_begins(at, meant[at])})"
        for at in range(len(meant))
        if at != driver
    ]
    return (
        f"SELECT {keys} FROM ({_rows(table, driver, MOST_OF_A_WORD)}) AS d"  # noqa: S608 fixed texts
        f" WHERE {' AND '.join(others) or 'true'}"
    )


def _rows(table: Words, at: int, limit: int) -> str:
    """Things with a word that begins with what the typed word number `at` may stand for."""
    keys = ", ".join(table.keys)
    return (
        f"SELECT {keys} FROM unnest(%(from{at})s::text[], %(to{at})s::text[]) AS m (low, high)"  # noqa: S608
        f" CROSS JOIN LATERAL (SELECT {keys} FROM {table.name} t WHERE t.company_id = %(company)s"
        f' AND t.word >= m.low COLLATE "C" AND t.word < m.high COLLATE "C" AND {table.condition}'
        f" LIMIT {limit}) w LIMIT {limit}"
    )


def _begins(at: int, word_list: Sequence[str]) -> str:
    """Whether a word begins with one of these, whose lengths differ by two at the most: by look-up, not one by one."""
    lengths = sorted({len(word) for word in word_list})
    return f"({' OR '.join(f'left(x.word, {length}) = ANY (%(from{at})s)' for length in lengths)})"


def _rarest(table: Words, meant: Sequence[Sequence[str]], params: dict[str, object]) -> int:
    """Which of the typed words the fewest things have; counted no further than needed."""
    sets = [_rows(table, at, COUNTED) for at in range(len(meant))]
    counts = [f"(SELECT count(*) FROM ({rows}) AS counted)" for rows in sets]  # noqa: S608 fixed texts
    [row] = fetch_all(f"SELECT {', '.join(counts)}", params)
    return min(range(len(meant)), key=lambda at: (row[at], -len(meant[at][0])))


def _items(
    company_id: int, text: str, meant: Sequence[Sequence[str]], codes: Sequence[str], *, near: bool
) -> list[Hit]:
    params: dict[str, object] = {
        "company": company_id,
        "key": normalise(text),
        "match": match_code(text),
        "keys": [normalise(code) for code in codes],
    }
    parts = []
    if near:
        parts.append("SELECT id FROM items_item WHERE company_id = %(company)s AND sku_key = ANY (%(keys)s)")
    else:
        parts.append(
            "SELECT item_id FROM items_barcode WHERE company_id = %(company)s AND match_code = %(match)s"
        )
        parts.append(
            "(SELECT id FROM items_item WHERE company_id = %(company)s AND sku_key ^@ %(key)s"  # noqa: S608
            f" ORDER BY sku_key LIMIT {MOST_CANDIDATES})"
        )
    if meant:
        by_words = _with_words(ITEM_WORDS, meant, params)
        parts.append(f"({by_words} LIMIT {MOST_CANDIDATES})")
    rows = fetch_all(
        f"SELECT i.id, i.sku, i.name FROM items_item i WHERE i.company_id = %(company)s"  # noqa: S608
        f" AND i.id IN ({' UNION ALL '.join(parts)})",
        params,
    )
    return [Hit("item", row[0], row[1], row[2], near=near) for row in rows]


_NAMES = {
    "asset": """
        SELECT 1, a.id, a.tag, a.name, a.serial_no FROM assets_asset a
        WHERE a.company_id = %(company)s AND a.id IN (
            SELECT of_id FROM found WHERE kind = 1
            UNION ALL
            SELECT id FROM assets_asset WHERE company_id = %(company)s AND tag = ANY (%(codes)s))""",
    "party": """
        SELECT 2, p.id::bigint, p.code, p.name, '' FROM parties_party p
        WHERE p.company_id = %(company)s AND p.id IN (
            SELECT of_id FROM found WHERE kind = 2
            UNION ALL
            SELECT id FROM parties_party WHERE company_id = %(company)s AND code = ANY (%(codes)s))""",
    "location": """
        SELECT 3, l.id::bigint, l.code, l.name, l.type FROM stock_location l
        WHERE l.is_held AND l.company_id = %(company)s AND l.id IN (
            SELECT of_id FROM found WHERE kind = 3
            UNION ALL
            SELECT id FROM stock_location WHERE company_id = %(company)s AND code = ANY (%(codes)s)
            UNION ALL
            SELECT id FROM stock_location WHERE company_id = %(company)s AND barcode = ANY (%(codes)s))""",
}


def _named(
    company_id: int,
    meant: Sequence[Sequence[str]],
    codes: Sequence[str],
    kinds: Sequence[str],
    *,
    near: bool,
) -> list[Hit]:
    """Assets, parties and places, whose words stand in one table."""
    params: dict[str, object] = {
        "company": company_id,
        "codes": list(codes),
        "kinds": [_NUMBERS[kind] for kind in kinds],
    }
    found = "SELECT 0::smallint AS kind, 0::bigint AS of_id"
    if meant:
        found = (
            "SELECT kind, of_id FROM"  # noqa: S608 fixed texts
            " (SELECT kind, of_id, row_number() OVER (PARTITION BY kind) AS nth"
            f" FROM ({_with_words(NAME_WORDS, meant, params)} LIMIT {MOST_NAMED}) AS met) AS counted"
            f" WHERE nth <= {MOST_CANDIDATES}"
        )
    rows = fetch_all(
        f"WITH found AS MATERIALIZED ({found}) {' UNION ALL '.join(_NAMES[kind] for kind in kinds)}",
        params,
    )
    names = {number: kind for kind, number in _NUMBERS.items()}
    return [Hit(names[row[0]], row[1], row[2], row[3], row[4], near) for row in rows]


# --- by codes ---------------------------------------------------------------------------------------------------


def _lots(company_id: int, codes: Sequence[str], *, near: bool) -> list[Hit]:
    rows = fetch_all(
        f"""
        SELECT l.id, l.code, i.sku || ' ' || i.name, l.is_serial
        FROM items_lot l JOIN items_item i ON i.company_id = l.company_id AND i.id = l.item_id
        WHERE l.company_id = %(company)s AND l.id IN ({_by_code("items_lot", "id", "code", near)})
        """,  # noqa: S608 fixed texts
        _ranges(company_id, codes),
    )
    return [Hit("lot", row[0], row[1], row[2], "serial" if row[3] else "lot", near) for row in rows]


def _documents(company_id: int, codes: Sequence[str], *, near: bool) -> list[Hit]:
    numbers = _by_code("stock_document", "document_id", "number", near)
    references = _by_code("stock_document", "document_id", "reference", near)
    rows = fetch_all(
        f"""
        SELECT d.document_id, d.number, concat_ws(' ', d.reference, p.name), d.kind
        FROM stock_document d LEFT JOIN parties_party p ON p.company_id = d.company_id AND p.id = d.party_id
        WHERE d.company_id = %(company)s AND d.document_id IN ({numbers} UNION ALL {references})
        """,  # noqa: S608 fixed texts
        _ranges(company_id, codes),
    )
    return [Hit("document", row[0], row[1], row[2], row[3], near) for row in rows]


def _by_code(table: str, key: str, column: str, near: bool) -> str:
    """Keys of rows whose code is, or (not near) begins with, one of the codes."""
    collate = ' COLLATE "C"' if column == "reference" else ""
    if near:
        return (
            f"(SELECT {key} FROM {table} WHERE company_id = %(company)s"  # noqa: S608 fixed texts
            f" AND {column}{collate} = ANY (%(codes)s) LIMIT {MOST_CANDIDATES})"
        )
    return (
        f"(SELECT t.{key} FROM unnest(%(codes)s::text[], %(ends)s::text[]) AS m (low, high)"  # noqa: S608
        f" CROSS JOIN LATERAL (SELECT {key} FROM {table} WHERE company_id = %(company)s"
        f" AND {column}{collate} >= m.low AND {column}{collate} < m.high ORDER BY {column}{collate}"
        f" LIMIT {MOST_CANDIDATES}) t)"
    )


def _ranges(company_id: int, codes: Sequence[str]) -> dict[str, object]:
    return {"company": company_id, "codes": list(codes), "ends": [code + LAST for code in codes]}


# --- the best ---------------------------------------------------------------------------------------------------


def _best(hits: Sequence[Hit], text: str, limit: int) -> list[Hit]:
    """The best of each kind, in the order of the kinds."""
    typed = text.casefold()

    def rank(hit: Hit) -> tuple[bool, int, int, str]:
        code, name = hit.code.casefold(), hit.name.casefold()
        fits = (code == typed, code.startswith(typed), name.startswith(typed), typed in name)
        return (hit.near, fits.index(True) if True in fits else len(fits), len(hit.code), hit.code)

    best: list[Hit] = []
    for kind in KINDS:
        best += sorted((hit for hit in hits if hit.kind == kind), key=rank)[:limit]
    return best
