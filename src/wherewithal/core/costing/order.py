"""The one total order of facts: (instant, phase, supply rank, content key). See docs/concepts for why."""

from wherewithal.core.costing.facts import COSTED, PlaceType

POLICY_PHASE = 0
RECEIPT_PHASE = 10
FOUND_PHASE = 20
INTERNAL_PHASE = 30
SUPPLIER_RETURN_PHASE = 40
ISSUE_PHASE = 50
VALUE_PHASE = 60
RETURN_PHASE = 70


def phase_of(
    source_type: int, target_type: int, *, of_phase: int | None = None, value_only: bool = False
) -> int:
    """The phase of a fact by its places; `of_phase` is the phase of the move it returns (not: amends, reverses).

    Amendments and reversals take the phase of the move they name. A return comes after what it returns even at
    the same instant, so a return of a return of a return gets ever later phases.
    """
    natural = VALUE_PHASE if value_only else _natural_phase(source_type, target_type, of_phase is not None)
    if of_phase is None or of_phase < natural:
        return natural
    return of_phase + 10


def _natural_phase(source_type: int, target_type: int, is_return: bool) -> int:
    from_stock, to_stock = source_type <= COSTED, target_type <= COSTED
    if to_stock and not from_stock:
        if is_return:
            return RETURN_PHASE
        if source_type == PlaceType.PRODUCTION:
            return INTERNAL_PHASE
        return FOUND_PHASE if source_type == PlaceType.ADJUSTMENT else RECEIPT_PHASE
    if to_stock or target_type == PlaceType.PRODUCTION:
        return INTERNAL_PHASE
    return SUPPLIER_RETURN_PHASE if target_type == PlaceType.SUPPLIER else ISSUE_PHASE
