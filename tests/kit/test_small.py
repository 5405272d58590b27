"""Idempotency keys, document numbers, identifiers, refusals, database addresses."""

import threading
import uuid
from pathlib import Path

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from wherewithal.kit import cluster, db
from wherewithal.kit.errors import Conflict, NotFound, Problem, Refused, refuse
from wherewithal.kit.idempotency import once, request_hash
from wherewithal.kit.ids import content_key
from wherewithal.kit.sequences import next_numbers


@pytest.mark.django_db(transaction=True)
class TestOnce:
    def call(self, company_id: int, key: str, request: object, answer: object) -> object:
        with db.company_transaction(company_id=company_id):
            return once(company_id=company_id, key=key, request_hash=request_hash(request), fn=lambda: answer)

    def test_the_first_answer_is_given_again(self) -> None:
        key = uuid.uuid4().hex
        assert self.call(961, key, {"a": 1, "b": 2}, {"id": 1}) == {"id": 1}
        assert self.call(961, key, {"b": 2, "a": 1}, {"id": 2}) == {"id": 1}

    def test_the_key_of_another_company_is_another_key(self) -> None:
        key = uuid.uuid4().hex
        assert self.call(961, key, 1, "first") == "first"
        assert self.call(962, key, 1, "second") == "second"

    def test_the_same_key_for_another_request(self) -> None:
        key = uuid.uuid4().hex
        self.call(961, key, {"a": 1}, 1)
        with pytest.raises(Conflict) as caught:
            self.call(961, key, {"a": 2}, 2)
        assert caught.value.problems[0].rule == "same_request"

    def test_a_failed_call_leaves_the_key_free(self) -> None:
        key = uuid.uuid4().hex
        with pytest.raises(ZeroDivisionError), db.company_transaction(company_id=961):
            once(company_id=961, key=key, request_hash=b"x", fn=lambda: 1 / 0)
        assert self.call(961, key, 1, "now") == "now"

    @pytest.mark.parametrize("key", ["", "k" * 256])
    def test_keys_without_sense_are_refused(self, key: str) -> None:
        with pytest.raises(Refused):
            self.call(961, key, 1, 1)

    def test_two_at_once_are_one(self) -> None:
        key, made, answers = uuid.uuid4().hex, [], []
        started = threading.Event()

        def work() -> str:
            made.append(1)
            started.set()
            return f"answer {len(made)}"

        def call(wait: bool) -> None:
            if wait:
                started.wait(120)
            with db.company_transaction(company_id=961):
                answers.append(once(company_id=961, key=key, request_hash=b"x", fn=work))
            connection.close()

        threads = [threading.Thread(target=call, args=(wait,)) for wait in (False, True)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert (made, answers) == ([1], ["answer 1", "answer 1"])


@pytest.mark.django_db(transaction=True)
class TestNumbers:
    def test_they_begin_with_one_and_have_no_gaps(self) -> None:
        series = uuid.uuid4().hex
        with db.company_transaction(company_id=963):
            assert next_numbers(company_id=963, series=series) == range(1, 2)
            assert next_numbers(company_id=963, series=series, count=3) == range(2, 5)
            assert next_numbers(company_id=963, series=series, count=0) == range(5, 5)
        with pytest.raises(ZeroDivisionError), db.company_transaction(company_id=963):
            next_numbers(company_id=963, series=series)
            raise ZeroDivisionError
        with db.company_transaction(company_id=963):
            assert next_numbers(company_id=963, series=series) == range(5, 6)

    def test_each_company_has_its_own(self) -> None:
        series = uuid.uuid4().hex
        for company_id in (963, 964):
            with db.company_transaction(company_id=company_id):
                assert next_numbers(company_id=company_id, series=series) == range(1, 2)

    def test_four_at_once(self) -> None:
        series, drawn = uuid.uuid4().hex, []

        def draw() -> None:
            for _ in range(25):
                with db.company_transaction(company_id=963):
                    drawn.extend(next_numbers(company_id=963, series=series))
            connection.close()

        threads = [threading.Thread(target=draw) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(drawn) == list(range(1, 101))


class TestIds:
    def test_the_same_content_gives_the_same_key(self) -> None:
        # printf '2:po1:7' | sha256sum, the first 32 digits, with the version (8) and the variant (8 to b) put in
        assert content_key("po", "7").hex == "abf59534d67b8e2f8f4cd93018c52e65"
        assert (content_key("po", "7").version, content_key("po", "7").variant) == (8, uuid.RFC_4122)

    @given(st.lists(st.text(max_size=3), max_size=3), st.lists(st.text(max_size=3), max_size=3))
    def test_other_content_gives_another_key(self, one: list[str], other: list[str]) -> None:
        assert (content_key(*one) == content_key(*other)) == (one == other)


class TestRefusals:
    def test_a_message_that_quotes_a_long_text_is_cut(self) -> None:
        assert Problem("sku", "known", "x" * 2_000).message == "x" * 2_000
        assert Problem("sku", "known", "x" * 2_001).message == "x" * 2_000 + "\N{HORIZONTAL ELLIPSIS}"

    def test_all_problems_are_told(self) -> None:
        error = Refused(
            [Problem("qty", "positive", "Must be above zero.", 0), Problem("sku", "known", "Unknown.", 4)]
        )
        assert str(error) == "Row 1: Must be above zero. Row 5: Unknown."
        assert error.code == "refused"

    def test_one_problem_in_short(self) -> None:
        error = refuse("qty", "positive", "Must be above zero.", value=-1)
        assert error.problems == (Problem("qty", "positive", "Must be above zero.", None, "-1"),)

    def test_kinds_have_codes(self) -> None:
        problem = Problem("id", "exists", "There is none.")
        assert [NotFound(problem).code, Conflict(problem).code] == ["not_found", "conflict"]


class TestAddresses:
    def test_a_whole_url(self) -> None:
        login = cluster.parse_url("postgresql://us%40er:p%2Fw@db.example:6000/stock?sslmode=require")
        assert login == cluster.Login(
            "us@er", "p/w", "db.example", "6000", "stock", (("sslmode", "require"),)
        )

    def test_a_socket(self) -> None:
        login = cluster.parse_url("postgresql:///stock?host=/var/run/postgresql&user=me")
        assert (login.host, login.user, login.name) == ("/var/run/postgresql", "me", "stock")

    @pytest.mark.parametrize("url", ["mysql://a/b", "stock", "postgresql://host", "postgresql://host/"])
    def test_nonsense(self, url: str) -> None:
        with pytest.raises(SystemExit, match="postgresql://user:password@host:5432/name"):
            cluster.parse_url(url)

    def test_the_application_role_of_a_server(self) -> None:
        def describe(key: str, app_url: str = "") -> cluster.Database:
            return cluster.describe(
                url="postgresql://o:p@h/stock?sslmode=require",
                app_url=app_url,
                home=Path("/nowhere"),
                secret_key=key,
            )

        database = describe("k")
        assert (database.app.user, database.app.name, database.folder) == ("stock_app", "stock", None)
        assert database.app.options == (("sslmode", "require"),)
        assert database.app.password == describe("k").app.password != describe("other").app.password
        assert describe("k", "postgresql://mine:pw@h/stock").app.user == "mine"

    def test_the_embedded_one(self) -> None:
        database = cluster.describe(url="", app_url="", home=Path("/srv/ww"), secret_key="k")
        assert (database.owner.user, database.app.user) == ("wherewithal_owner", "wherewithal_app")
        assert database.app.host == "/srv/ww/postgres/run"
