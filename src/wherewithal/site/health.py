"""For whoever watches: is the process alive, can it do its work, and how is it doing.

None of the three says anything about a company, so none asks who is calling.
"""

import os
import time
from collections.abc import Callable

import psycopg
from django.db import DatabaseError, connections
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.urls import path
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Counter,
    Histogram,
    generate_latest,
    multiprocess,
)

from wherewithal import __version__
from wherewithal.kit.db import fetch_one

REQUESTS = Counter("wherewithal_http_requests_total", "Requests answered", ["method", "route", "status"])
SECONDS = Histogram(
    "wherewithal_http_request_seconds",
    "Time to answer",
    ["method", "route"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10),
)

Respond = Callable[[HttpRequest], HttpResponseBase]


def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return JsonResponse({"status": "ok", "version": __version__})


def readyz(request: HttpRequest) -> HttpResponse:
    """The database answers, and its tables are those of this version."""
    try:
        fetch_one("SELECT 1")
        missing = _unapplied_migrations()
    except (DatabaseError, psycopg.Error):
        return JsonResponse({"status": "unavailable", "problem": "The database does not answer."}, status=503)
    if missing:
        problem = f"The database lacks {missing} migrations: restart `wherewithal serve`."
        return JsonResponse({"status": "unavailable", "problem": problem}, status=503)
    return JsonResponse({"status": "ok", "version": __version__})


def _unapplied_migrations() -> int:
    executor = MigrationExecutor(connections["default"])
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def metrics(request: HttpRequest) -> HttpResponse:
    """Counters in the format of Prometheus, summed over the web processes."""
    registry = REGISTRY
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        registry = CollectorRegistry()
        multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # the library leaves it untyped
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def measure(get_response: Respond) -> Respond:
    """Middleware that counts and times requests by route (never by address: those are without end)."""

    def respond(request: HttpRequest) -> HttpResponseBase:
        started = time.perf_counter()
        response = get_response(request)
        match = request.resolver_match
        route = (match.route or "/") if match else "(none)"
        method = request.method if request.method in METHODS else "(other)"
        REQUESTS.labels(method, route, str(response.status_code)).inc()
        SECONDS.labels(method, route).observe(time.perf_counter() - started)
        return response

    return respond


METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

urlpatterns = [path("healthz", healthz), path("readyz", readyz), path("metrics", metrics)]
