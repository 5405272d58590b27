"""Pools are proven: what is posted of a pool and its assets is what its computation makes due."""

from tests.assets.conftest import make_firm
from tests.reporting.conftest import Damage, findings


def test_a_cent_too_little_of_a_pool_is_found(transactional_db: None, damage: Damage) -> None:
    firm = make_firm()
    firm.book("tax")
    plant = {"pack": "uk", "pack_class": "plant"}
    asset = firm.buy("10000.00", "2023-02-01", service="2023-02-01", terms={"tax": plant})
    firm.run("2023-12-31", "tax")
    assert findings(firm.company_id, deep=True) == {}
    change = "UPDATE assets_value SET amount = amount {} 1 WHERE asset_id = {} AND role = 124"
    damage(change.format("-", asset), triggers_of=("assets_value",))
    (finding,) = findings(firm.company_id)["pools"]
    assert finding.expected == "1 more"
    assert f"asset {asset}," in finding.where


def test_a_wrong_day_of_service_is_found(transactional_db: None, damage: Damage) -> None:
    firm = make_firm()
    asset = firm.buy("900.00", "2026-01-01", service="2026-02-01")
    damage(f"UPDATE assets_asset SET in_service_on = '2026-02-02' WHERE id = {asset}")
    (finding,) = findings(firm.company_id)["assets as placed"]
    assert finding.expected.endswith(", 2026-02-01")
    assert finding.found.endswith(", 2026-02-02")
