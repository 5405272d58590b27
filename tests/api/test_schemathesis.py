"""Schemathesis reads the OpenAPI document and tries what fits it and what does not, over the WSGI application itself.

No answer may be a 500, none may be undocumented (status, media type, form), and what does not fit the description must
be refused. A bounded number of examples with a fixed seed; half of the addresses name things that are there.
"""

import copy
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from schemathesis.specs.openapi.formats import rfc3339_values
from tests.api.api_client import new_firm, new_key
from tests.api.description import DOCUMENT
from tests.api.world import World, furnish

from wherewithal.site.wsgi import application

SEED = 20260331
EXAMPLES = 6
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]

# Days and instants of the years that are taken; of Schemathesis's own, which are of any year, one in thirty is.
days = st.dates(date(1900, 1, 1), date(2199, 12, 31)).map(str)
schemathesis.openapi.format("date", days)
schemathesis.openapi.format(
    "date-time", st.builds("{}{}{}".format, days, st.sampled_from("Tt"), rfc3339_values("full-time"))
)

schema = schemathesis.openapi.from_dict(copy.deepcopy(DOCUMENT))
schema.app = application
OPERATIONS = [result.ok() for result in schema.get_all_operations()]
_worlds: list[World] = []


@pytest.fixture
def world(transactional_db: None) -> Iterator[World]:
    """One furnished company for all: what is asked may change it, that is the point. One connection, too."""
    if not _worlds:
        _worlds.append(furnish(new_firm()))
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield _worlds[0]
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.mark.slow
@pytest.mark.parametrize(
    "mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["fits", "does-not-fit"]
)
@pytest.mark.parametrize(
    "operation", OPERATIONS, ids=lambda operation: operation.definition.raw["operationId"]
)
def test_no_500_and_no_undocumented_answer(operation: Any, mode: GenerationMode, world: World) -> None:
    checks = [*CHECKS, negative_data_rejection] if mode is GenerationMode.NEGATIVE else CHECKS
    headers = {"Authorization": f"Bearer {world.firm.api().token}"}

    @seed(SEED)
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode), real=st.booleans())
    def ask(case: Any, real: bool) -> None:
        if mode is GenerationMode.POSITIVE:
            case.headers["Idempotency-Key"] = new_key()
        if real and mode is GenerationMode.POSITIVE:
            for name in case.path_parameters or {}:
                case.path_parameters[name] = world.ids.get(name, case.path_parameters[name])
        case.call_and_validate(headers=headers, checks=checks)

    ask()
