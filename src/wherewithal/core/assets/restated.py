"""A corrected error of years already reported: its depreciation goes to retained earnings (IAS 8.42)."""

from collections.abc import Mapping

from wherewithal.core.assets.facts import ErrorCorrection
from wherewithal.core.assets.run import RowKey
from wherewithal.core.posting import Role

_CHARGES = {Role.DEPRECIATION, Role.FIRST_YEAR_ALLOWANCE, Role.DEPRECIATION_CATCH_UP}

Rows = Mapping[RowKey, int]


def restate(
    moved: dict[int, dict[RowKey, int]],
    before: Mapping[int, Rows],
    after: Mapping[int, Rows],
    correction: ErrorCorrection,
) -> None:
    """Adds to `moved` what takes the effect of a correction on early charges out of expense, by asset.

    before, after: the rows without and with the correction.
    """
    assert correction.restated_before is not None
    for asset_id, rows in after.items():
        old = before[asset_id]
        mine = moved.setdefault(asset_id, {})
        for key in {**old, **rows}:
            if key.effective_on >= correction.restated_before or key.role not in _CHARGES:
                continue
            change = rows.get(key, 0) - old.get(key, 0)
            prior = key._replace(role=Role.PRIOR_PERIOD_DEPRECIATION, cause_id=correction.event_id)
            mine[key] = mine.get(key, 0) - change
            mine[prior] = mine.get(prior, 0) + change
