"""A run that is killed in the middle leaves nothing behind, and running again is all there is to do."""

import os
import signal
import subprocess
import sys
import textwrap
from decimal import Decimal

import pytest
from django.conf import settings
from tests.assets.conftest import check_whole, day, make_firm

from wherewithal.assets.drafts import EventDraft
from wherewithal.assets.queries import proof
from wherewithal.assets.values import AssetDraft
from wherewithal.kit import db

KILLED = textwrap.dedent(
    """
    import datetime, os, signal, sys
    import django
    from django.conf import settings
    django.setup()
    settings.DATABASES["default"]["NAME"] = sys.argv[1]
    from django.db import connections
    connections["default"].settings_dict["NAME"] = sys.argv[1]
    from wherewithal.assets import services
    from wherewithal.assets.services.posting import write as writing
    def die(batch):
        os.kill(os.getpid(), signal.SIGKILL)
    writing._write_values = die
    services.depreciate(company_id=int(sys.argv[2]), actor_id=None, book_id=int(sys.argv[3]),
                        through_on=datetime.date(2026, 3, 31), idempotency_key="night")
    """
)


@pytest.mark.django_db(transaction=True)
def test_a_run_that_is_killed_posts_nothing_and_runs_again() -> None:
    firm = make_firm()
    events = []
    for number in range(50):
        events.append(
            EventDraft("acquisition", day("2026-01-01"), asset_no=number, values={"cost": Decimal(600)})
        )
        events.append(EventDraft("in_service", day("2026-01-01"), asset_no=number))
    firm.record(*events, assets=[AssetDraft(f"Chair {number}", "MACH") for number in range(50)])
    before = firm.counts()
    name = db.fetch_all("SELECT current_database()")[0][0]
    done = subprocess.run(
        [sys.executable, "-c", KILLED, name, str(firm.company_id), str(firm.book_id)],
        env=os.environ | {"DJANGO_SETTINGS_MODULE": settings.SETTINGS_MODULE},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert firm.counts() == before
    run = firm.run("2026-03-31", idempotency_key="night")
    assert (run.asset_count, run.row_count, run.total) == (50, 150, 150_000)
    with db.company_transaction(company_id=firm.company_id):
        assert proof.differences(firm.company_id) == []
    check_whole(firm)
