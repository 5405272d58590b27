"""The text of an API token: `wh_<company>_<256 random bits>`. The company is in it so that row security can be set
before the token is looked up; the rest is so random that a plain SHA-256 keeps it secret."""

import hashlib
import re
import secrets

TOKEN = re.compile(r"wh_([1-9][0-9]{0,8})_[A-Za-z0-9_-]{43}")


def new_token(company_id: int) -> str:
    return f"wh_{company_id}_{secrets.token_urlsafe(32)}"


def company_of(text: str) -> int | None:
    """The company that the text names, None if it is no token at all."""
    match = TOKEN.fullmatch(text)
    return int(match[1]) if match else None


def token_hash(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()
