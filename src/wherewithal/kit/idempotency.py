"""Writing twice is harmless: the first answer is kept and given again.

For use cases whose facts do not carry the key themselves (batches of the stock ledger do).
"""

import hashlib
import json
from collections.abc import Callable
from typing import Any

from psycopg.types.json import Jsonb

from wherewithal.core.words import say
from wherewithal.kit.db import execute, fetch_one, require_transaction
from wherewithal.kit.errors import Conflict, Problem, refuse

LONGEST_KEY = 255


def request_hash(request: object) -> bytes:
    """What was asked, in 32 bytes: the SHA-256 of the request's JSON with sorted keys."""
    text = json.dumps(request, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).digest()


def once(*, company_id: int, key: str, request_hash: bytes, fn: Callable[[], Any]) -> Any:
    """Call `fn` the first time the key is seen and keep its JSON answer; every later time give that answer.

    Runs in the caller's transaction, so that the answer and what it speaks of are kept or lost together. A call with
    the same key that is still under way elsewhere is waited for. The same key with another request is a Conflict.
    """
    require_transaction()
    if not 1 <= len(key) <= LONGEST_KEY:
        raise refuse(
            "Idempotency-Key",
            "length",
            say("The key must have 1 to {longest_key} characters.", longest_key=LONGEST_KEY),
        )
    claimed = execute(
        "INSERT INTO kit_idempotency (company_id, key, request_hash) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
        (company_id, key, request_hash),
    )
    if not claimed:
        return _first_answer(company_id, key, request_hash)
    answer = fn()
    execute(
        "UPDATE kit_idempotency SET response = %s WHERE company_id = %s AND key = %s",
        (Jsonb(answer), company_id, key),
    )
    return answer


def _first_answer(company_id: int, key: str, request_hash: bytes) -> Any:
    row = fetch_one(
        "SELECT request_hash, response FROM kit_idempotency WHERE company_id = %s AND key = %s",
        (company_id, key),
    )
    assert row is not None, "a key that was in the way has vanished"
    if bytes(row[0]) != request_hash:
        message = say("This key was used for another request: take a new key for a new request.")
        raise Conflict(Problem("Idempotency-Key", "same_request", message, value=key))
    return row[1]
