"""Raw facts into what they amount to: what was reversed is taken out, corrected terms are put in their place."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from wherewithal.core.assets.facts import (
    ClassTransfer,
    ErrorCorrection,
    EstimateChange,
    Fact,
    InService,
    IntercompanyIn,
    Opening,
    Reversal,
)
from wherewithal.core.assets.order import order_key


def standing(facts: Iterable[Fact]) -> list[Fact]:
    """The facts without reversals and what they take away. A reversal that is itself reversed takes nothing away."""
    every = list(facts)
    reversals: dict[int, list[int]] = {}
    for fact in every:
        if isinstance(fact, Reversal):
            reversals.setdefault(fact.of, []).append(fact.event_id)
    if not reversals:
        return every
    gone: dict[int, bool] = {}

    def is_gone(event_id: int) -> bool:
        if event_id not in gone:
            gone[event_id] = False  # a ring of reversals takes nothing away
            gone[event_id] = not all(is_gone(reversal) for reversal in reversals.get(event_id, ()))
        return gone[event_id]

    return [fact for fact in every if not isinstance(fact, Reversal) and not is_gone(fact.event_id)]


def corrected(facts: Sequence[Fact], without: Collection[int] = ()) -> list[Fact]:
    """The facts with their terms as corrected. `without`: corrections not to be looked at, nor those that name them.

    Of two corrections of the same version the later in order counts (the doors refuse the second claim).
    """
    claims: dict[int, ErrorCorrection] = {}
    for fact in facts:
        if isinstance(fact, ErrorCorrection) and fact.event_id not in without:
            rival = claims.get(fact.of)
            if rival is None or order_key(rival) < order_key(fact):
                claims[fact.of] = fact
    return [
        _with_terms(fact, _last_version(fact.event_id, claims))
        for fact in facts
        if not isinstance(fact, ErrorCorrection)
    ]


def _last_version(event_id: int, claims: Mapping[int, ErrorCorrection]) -> ErrorCorrection | None:
    version = None
    for _ in claims:
        following = claims.get(event_id)
        if following is None:
            break
        version, event_id = following, following.event_id
    return version


def _with_terms(fact: Fact, correction: ErrorCorrection | None) -> Fact:
    """The fact as it should have been entered. A kind that has no terms stays as it is."""
    if correction is None:
        return fact
    terms, in_service_on = correction.terms, correction.in_service_on
    if isinstance(fact, InService):
        return replace(
            fact, terms=terms, pool=correction.pool, effective_on=in_service_on or fact.effective_on
        )
    if isinstance(fact, Opening | IntercompanyIn):
        return replace(
            fact, terms=terms, pool=correction.pool, in_service_on=in_service_on or fact.in_service_on
        )
    if isinstance(fact, EstimateChange) and terms is not None:
        return replace(fact, terms=terms)
    if isinstance(fact, ClassTransfer):
        return replace(fact, terms=terms)
    return fact
