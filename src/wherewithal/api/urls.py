"""Addresses of the API. Everything under /api/v1/ answers in JSON, also what is not there."""

import functools
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import URLPattern, URLResolver, path, re_path
from django.views.decorators.csrf import csrf_exempt

from wherewithal.api import openapi, problems
from wherewithal.api.v1 import TAGS, api
from wherewithal.core.words import say
from wherewithal.kit.errors import Problem

ROOT = "api/v1/"
PREFIX = "/api/"


def in_problem_json(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Ninja answers an unknown method in plain text; say it as everything else is said."""

    @functools.wraps(view)
    def run(request: HttpRequest, *args: object, **values: object) -> HttpResponseBase:
        answer = view(request, *args, **values)
        if answer.status_code != 405:
            return answer
        allowed = answer["Allow"]
        said = problems.response(
            problems.KINDS["method_not_allowed"],
            [Problem("", "method", say("This address knows the methods {allowed}.", allowed=allowed))],
        )
        said["Allow"] = allowed
        return said

    return csrf_exempt(run)


@csrf_exempt
def nothing_here(request: HttpRequest) -> HttpResponse:
    message = say("There is no such address; /{root}openapi.json lists those that are.", root=ROOT)
    return problems.response(problems.KINDS["not_found"], [Problem("", "address", message)])


def _patterns() -> list[URLPattern | URLResolver]:
    found: list[URLPattern | URLResolver] = [
        path(f"{ROOT}openapi.json", openapi.view(api, TAGS), name="openapi")
    ]
    routes = api.urls[0]
    for route in routes:
        if isinstance(route, URLPattern) and route.name != "api-root":
            address = f"{ROOT}{route.pattern}"
            found.append(path(address, in_problem_json(route.callback), name=route.name))
    return [*found, re_path(r"^api(?:/.*)?$", nothing_here, name="api-nothing")]


urlpatterns = _patterns()
