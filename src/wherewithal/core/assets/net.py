"""Raw facts into what they amount to: what was reversed is taken out, corrected terms are put in their place."""

from collections import Counter
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
    reversals = {fact.event_id: fact.of for fact in every if isinstance(fact, Reversal)}
    if not reversals:
        return every
    gone = taken_away(reversals)
    return [fact for fact in every if not isinstance(fact, Reversal) and fact.event_id not in gone]


def taken_away(reversals: Mapping[int, int]) -> set[int]:
    """What never happened, given what each reversal names: all that a reversal names which itself stands.

    Decided from the last reversals down, however long the chain. A ring of reversals takes nothing away.
    """
    undecided = Counter(
        reversals.values()
    )  # of each fact: its reversals of which is not known whether they stand
    decided = [reversal for reversal in reversals if not undecided[reversal]]
    gone: set[int] = set()
    while decided:
        reversal = decided.pop()
        of = reversals[reversal]
        if reversal not in gone:
            gone.add(of)
        undecided[of] -= 1
        if not undecided[of] and of in reversals:
            decided.append(of)
    return gone


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
