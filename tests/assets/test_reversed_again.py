"""Reversals of reversals, to any depth; keys of runs and of users."""

import pytest
from tests.assets.conftest import Firm, day

from wherewithal.assets import queries
from wherewithal.assets.drafts import EventDraft
from wherewithal.assets.services.posting.history import Event, reversed_ids
from wherewithal.core.assets.facts import Acquisition, Fact, Reversal
from wherewithal.core.assets.net import standing
from wherewithal.kit import db
from wherewithal.kit.errors import Conflict, Refused
from wherewithal.parties import services as parties_services
from wherewithal.parties.values import PartyDraft
from wherewithal.reporting.checks.assets import as_placed


def test_every_second_reversal_brings_an_event_back(firm: Firm) -> None:
    """Checked out, taken back, restored, taken back: the register, its past and the timeline agree at each step."""
    draft = PartyDraft(code="P1", name="Somebody", is_customer=True)
    (party,) = parties_services.create_parties(company_id=firm.company_id, actor_id=None, parties=[draft])
    laptop = firm.buy("900.00", "2026-01-01")
    out = firm.event("check_out", laptop, "2026-03-01", custodian_party_id=party)
    chain = [out]
    for holder in (None, party, None, party, None):
        reversal = EventDraft("reversal", day("2026-03-01"), asset_id=laptop, of_event_id=chain[-1])
        chain += firm.record(reversal).event_ids
        with db.company_transaction(company_id=firm.company_id):
            (now,) = queries.register(firm.company_id)
            (then,) = queries.register(firm.company_id, as_of=day("2026-03-10"))
            by = {row.event_id: row.reversed_by for row in queries.timeline(firm.company_id, laptop)}
            assert as_placed(firm.company_id).total == 0
        assert (now.custodian_party_id, then.custodian_party_id) == (holder, holder)
        stands = chain[::-1]
        assert [by[event] for event in stands[:4:2]] == [None] * len(stands[:4:2])
        assert by[stands[1]] == stands[0]


def test_a_long_chain_of_reversals_is_read() -> None:
    """Event 0 and 5,001 reversals, each of the one before: an odd number, so 0 is gone, and every second after it."""
    chain = [
        Event(
            no,
            1,
            "reversal" if no else "idle",
            day("2026-01-01"),
            0,
            b"",
            None,
            no - 1 if no else None,
            None,
            {},
            None,
            {},
        )
        for no in range(5_002)
    ]
    assert reversed_ids(chain) == set(range(0, 5_002, 2))


def test_the_fold_reads_a_long_chain_too() -> None:
    """An acquisition and 3,001 reversals, each of the one before: an odd number, so nothing is left; one more, and it is."""
    bought = Acquisition(event_id=0, key=b"", effective_on=day("2026-01-01"), cost=5)
    chain: list[Fact] = [bought]
    for no in range(1, 3_002):
        chain.append(Reversal(event_id=no, key=b"", effective_on=day("2026-01-01"), of=no - 1))
    assert standing(chain) == []
    chain.append(Reversal(event_id=3_002, key=b"", effective_on=day("2026-01-01"), of=3_001))
    assert standing(chain) == [bought]


def test_a_run_has_a_key_that_no_user_can_give(firm: Firm) -> None:
    firm.buy("600.00", "2026-01-01", service="2026-01-01")
    run = firm.run("2026-02-28")
    ((key,),) = firm.query("SELECT idempotency_key FROM assets_batch WHERE batch_id = %s", run.run_id)
    with pytest.raises(Refused, match="control characters"):
        firm.record(EventDraft("idle", day("2026-03-01"), asset_id=1), key=key)


def test_a_run_does_not_take_the_key_of_another_batch(firm: Firm) -> None:
    firm.buy("600.00", "2026-01-01", service="2026-01-01")
    machine = firm.buy("600.00", "2026-01-01")
    firm.record(EventDraft("in_service", day("2026-01-01"), asset_id=machine), key="mine")
    before = firm.counts()
    with pytest.raises(Conflict):
        firm.run("2026-02-28", idempotency_key="mine")
    assert firm.counts() == before
