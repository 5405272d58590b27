"""Health, metrics, headers and logs."""

import json
import logging

import pytest
from django.db import connections
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from wherewithal import __version__
from wherewithal.site import health, logs
from wherewithal.site.security import security_headers


class TestHealth:
    def test_the_process_answers_without_a_database(self, client: Client) -> None:
        answer = client.get("/healthz")
        assert (answer.status_code, answer.json()) == (200, {"status": "ok", "version": __version__})

    @pytest.mark.django_db
    def test_ready(self, client: Client) -> None:
        answer = client.get("/readyz")
        assert (answer.status_code, answer.json()["status"]) == (200, "ok")

    @pytest.mark.django_db
    def test_not_ready_while_a_migration_is_missing(
        self, client: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(health, "_unapplied_migrations", lambda: 2)
        answer = client.get("/readyz")
        assert answer.status_code == 503
        assert "lacks 2 migrations" in answer.json()["problem"]

    @pytest.mark.django_db(transaction=True)
    def test_not_ready_without_a_database(self, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
        connections["default"].close()
        monkeypatch.setitem(connections["default"].settings_dict, "HOST", "/nowhere")
        answer = client.get("/readyz")
        assert (answer.status_code, answer.json()["problem"]) == (503, "The database does not answer.")

    def test_metrics_count_by_route(self, client: Client) -> None:
        client.get("/healthz")
        client.get("/no/such/page/nobody-was-here")
        text = client.get("/metrics").content.decode()
        assert 'wherewithal_http_requests_total{method="GET",route="healthz",status="200"}' in text
        assert "nobody-was-here" not in text


def _answer(request: HttpRequest) -> HttpResponse:
    return HttpResponse("hello")


class TestHeaders:
    def test_every_answer_forbids_what_is_not_ours(self, client: Client) -> None:
        headers = client.get("/healthz").headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'self'" in policy
        assert "script-src 'self' 'wasm-unsafe-eval'" in policy
        assert "unsafe-inline" not in policy
        assert "'unsafe-eval'" not in policy
        assert "http" not in policy
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin"

    def test_the_camera_is_for_scanning(self) -> None:
        response = security_headers(_answer)(RequestFactory().get("/"))
        assert "camera=(self)" in response.headers["Permissions-Policy"]


class TestLogs:
    def test_one_line_of_json_per_request(self, caplog: pytest.LogCaptureFixture) -> None:
        with caplog.at_level(logging.INFO, "wherewithal.request"):
            logs.request_log(_answer)(RequestFactory().get("/items?token=abc"))
        (record,) = [record for record in caplog.records if record.name == "wherewithal.request"]
        event = record.msg
        assert isinstance(event, dict)
        assert (event["event"], event["path"], event["status"]) == ("request", "/items", 200)
        assert len(event["request_id"]) == 32
        assert "abc" not in json.dumps(event, default=str)

    def test_health_checks_are_not_worth_a_line(self, caplog: pytest.LogCaptureFixture) -> None:
        with caplog.at_level(logging.INFO, "wherewithal.request"):
            logs.request_log(_answer)(RequestFactory().get("/healthz"))
        assert [record for record in caplog.records if record.name == "wherewithal.request"] == []

    def test_secrets_are_hidden_at_any_depth(self) -> None:
        event = {
            "event": "x",
            "Password": "p",
            "body": {"api_token": "t", "rows": [{"secret_key": "s", "sku": "A"}]},
        }
        assert logs.hide_secrets(None, "info", event) == {
            "event": "x",
            "Password": "***",
            "body": {"api_token": "***", "rows": [{"secret_key": "***", "sku": "A"}]},
        }
