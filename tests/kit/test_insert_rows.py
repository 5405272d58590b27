"""Many rows by one statement: what goes in comes out, by either way, and nothing else does."""

import datetime
import decimal
import enum
import uuid
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wherewithal.kit import db
from wherewithal.kit.errors import Refused

COLUMNS = [
    ("place", "int"),
    ("a_text", "text"),
    ("a_number", "numeric"),
    ("an_instant", "timestamptz"),
    ("some_bytes", "bytea"),
    ("a_flag", "boolean"),
    ("an_id", "uuid"),
    ("some_json", "jsonb"),
    ("words", "text[]"),
    ("a_date", "date"),
]
NAMES = ", ".join(name for name, _ in COLUMNS)

texts = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=12)
awkward = st.sampled_from(
    ["", "NULL", "null", '"', "\\", "\\N", "\\.", "{a,b}", "a,b", "\n", "\r\n", "\t", " ", "'", "\u2028"]
)
instants = st.integers(-(2**51), 2**52).map(
    lambda us: datetime.datetime(2000, 1, 1, tzinfo=datetime.UTC) + datetime.timedelta(microseconds=us)
)
jsons = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | texts | awkward,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=5,
).filter(lambda value: isinstance(value, dict | list))
rows = st.lists(
    st.tuples(
        st.none() | st.integers(-(2**31), 2**31 - 1),
        st.none() | texts | awkward,
        st.none() | st.decimals(-(10**12), 10**12, places=6),
        st.none() | instants,
        st.none() | st.binary(max_size=12),
        st.none() | st.booleans(),
        st.none() | st.uuids(),
        st.none() | jsons,
        st.none() | st.lists(st.none() | texts | awkward, max_size=3),
        st.none() | st.dates(datetime.date(1, 1, 1)),
    ),
    max_size=12,
)


def _read(company_id: int) -> list[Any]:
    return db.fetch_all(f"SELECT {NAMES} FROM try_any WHERE company_id = %s ORDER BY n", (company_id,))


@pytest.mark.django_db
@pytest.mark.parametrize("copying", [False, True], ids=["unnest", "copy"])
def test_what_goes_in_comes_out(guarded_tables: None, copying: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(db, "UNNEST_ROWS", 0 if copying else 10_000)

    @settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
    @given(rows)
    def check(given_rows: list[Any]) -> None:
        with db.company_transaction(company_id=911):
            db.execute("DELETE FROM try_any")
            assert db.insert_rows("try_any", COLUMNS, given_rows) == []
            assert _read(911) == given_rows

    check()


@pytest.mark.django_db
@pytest.mark.parametrize("copying", [False, True], ids=["unnest", "copy"])
class TestBothWays:
    @pytest.fixture(autouse=True)
    def way(self, guarded_tables: None, copying: bool, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(db, "UNNEST_ROWS", 0 if copying else 10_000)

    def test_returns_what_was_asked_for(self) -> None:
        with db.company_transaction(company_id=912):
            columns = [("a_text", "text"), ("place", "int")]
            answer = db.insert_rows("try_any", columns, [("b", 2), ("a", 1)], returning="place, company_id")
        assert answer == [(2, 912), (1, 912)]

    def test_twice_in_one_transaction(self) -> None:
        with db.company_transaction(company_id=913):
            db.insert_rows("try_any", [("place", "int")], [(1,), (2,)])
            db.insert_rows("try_any", [("place", "int")], [(3,)])
            assert db.fetch_all("SELECT place FROM try_any ORDER BY place") == [(1,), (2,), (3,)]

    def test_enumerations_are_their_values(self) -> None:
        class Kind(enum.IntEnum):
            ISSUE = 7

        class Word(enum.StrEnum):
            ISSUE = 'is"sue'

        with db.company_transaction(company_id=914):
            db.insert_rows("try_any", [("place", "int"), ("a_text", "text")], [(Kind.ISSUE, Word.ISSUE)])
            assert db.fetch_all("SELECT place, a_text FROM try_any") == [(7, 'is"sue')]

    def test_nul_is_refused_with_its_row_and_nothing_is_written(self) -> None:
        with db.company_transaction(company_id=915):
            with pytest.raises(Refused) as caught:
                db.insert_rows("try_any", [("a_text", "text")], [("good",), ("b\0d",), ("also\0",)])
            assert [(p.field, p.rule, p.row) for p in caught.value.problems] == [
                ("a_text", "no_nul", 1),
                ("a_text", "no_nul", 2),
            ]
            assert db.fetch_all("SELECT 1 FROM try_any") == []

    @pytest.mark.parametrize("value", [None, "x\0"], ids=["beside nothing", "in a list"])
    def test_nul_is_refused_wherever_it_hides(self, value: str | None) -> None:
        cases: list[tuple[tuple[str, str], Any]] = [
            (("words", "text[]"), ["a", "x\0"]),
            (("some_json", "jsonb"), {"a": "x\0"}),
            (("a_text", "text"), "x\0"),
        ]
        with db.company_transaction(company_id=916):
            for column, bad in cases:
                with pytest.raises(Refused):
                    db.insert_rows("try_any", [column], [(None,), (bad,)])

    @pytest.mark.parametrize("value", [1.5, object(), {1, 2}])
    def test_types_without_a_notation_are_mistakes(self, value: object) -> None:
        with db.company_transaction(company_id=917), pytest.raises(TypeError, match="no notation for"):
            db.insert_rows("try_any", [("a_number", "numeric")], [(value,)])

    def test_a_text_in_a_column_of_numbers_cannot_smuggle_in_another(self) -> None:
        with pytest.raises(psycopg.errors.InvalidTextRepresentation), db.company_transaction(company_id=918):
            db.insert_rows("try_any", [("place", "int")], [("1,2",), (3,)])

    def test_another_companys_row_is_refused(self) -> None:
        columns = [("company_id", "int"), ("place", "int")]
        with pytest.raises(psycopg.errors.InsufficientPrivilege), db.company_transaction(company_id=919):
            db.insert_rows("try_any", columns, [(919, 1), (920, 2)])

    def test_no_rows(self) -> None:
        with db.company_transaction(company_id=921):
            assert db.insert_rows("try_any", [("place", "int")], [], returning="place") == []


@pytest.mark.django_db
def test_many_rows_in_order(guarded_tables: None) -> None:
    """25,000 rows go by COPY, in two blocks; 10,000 do not."""
    for count in (10_000, 25_000):
        given_rows = [(n, f"text {n}", decimal.Decimal(n) / 8, uuid.UUID(int=n)) for n in range(count)]
        columns = [("place", "int"), ("a_text", "text"), ("a_number", "numeric"), ("an_id", "uuid")]
        with db.company_transaction(company_id=922):
            db.execute("DELETE FROM try_any")
            answer = db.insert_rows("try_any", columns, given_rows, returning="place")
            assert answer == [(n,) for n in range(count)]
            found = db.fetch_all("SELECT place, a_text, a_number, an_id FROM try_any ORDER BY place")
            assert found == given_rows
