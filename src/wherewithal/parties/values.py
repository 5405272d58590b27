"""What doors hand to this room: plain immutable values."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PartyDraft:
    code: str
    name: str
    is_supplier: bool = False
    is_customer: bool = False
    country: str = ""
    tax_id: str = ""
    email: str = ""
    phone: str = ""
    address: str = ""
    active: bool = True
