"""What happens to assets, in words."""

from collections.abc import Mapping

from wherewithal.core.words import Said, say

EVENTS: Mapping[str, Said] = {
    "acquisition": say("Acquisition"),
    "opening": say("Opening"),
    "construction_cost": say("Construction cost"),
    "intercompany_in": say("Intercompany in"),
    "part_in": say("Part in"),
    "lease": say("Lease"),
    "cost_addition": say("Cost addition"),
    "grant": say("Grant"),
    "decommissioning": say("Decommissioning"),
    "in_service": say("In service"),
    "estimate_change": say("Estimate change"),
    "error_correction": say("Error correction"),
    "terms_catch_up": say("Terms catch up"),
    "idle": say("Idle"),
    "resume": say("Resume"),
    "meter_reading": say("Meter reading"),
    "class_transfer": say("Class transfer"),
    "lease_change": say("Lease change"),
    "revaluation": say("Revaluation"),
    "impairment": say("Impairment"),
    "impairment_reversal": say("Impairment reversal"),
    "held_for_sale": say("Held for sale"),
    "held_measurement": say("Held measurement"),
    "back_to_use": say("Back to use"),
    "decommissioning_change": say("Decommissioning change"),
    "decommissioning_settlement": say("Decommissioning settlement"),
    "grant_repayment": say("Grant repayment"),
    "part_out": say("Part out"),
    "partial_disposal": say("Partial disposal"),
    "intercompany_out": say("Intercompany out"),
    "disposal": say("Disposal"),
    "pool_end": say("Pool end"),
    "reinstatement": say("Reinstatement"),
    "reversal": say("Reversal"),
    "registered": say("Registered"),
    "transfer": say("Transfer"),
    "check_out": say("Check out"),
    "accept": say("Accept"),
    "check_in": say("Check in"),
}
OTHERS = say("Event of another asset")
