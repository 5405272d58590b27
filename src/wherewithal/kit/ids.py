"""Identifiers made by us: time-ordered UUIDs, and keys computed from content."""

import hashlib
import secrets
import uuid


def uuid7(*, at_ms: int) -> uuid.UUID:
    """A version 7 UUID (RFC 9562) for an instant in milliseconds since 1970. Identity, never order."""
    random = secrets.randbits(74)
    value = (
        (at_ms & (1 << 48) - 1) << 80 | 0x7 << 76 | (random >> 62) << 64 | 0b10 << 62 | random & (1 << 62) - 1
    )
    return uuid.UUID(int=value)


def content_key(*parts: str) -> uuid.UUID:
    """The same parts give the same key, on any machine, in any order of entry; different parts another one.

    The first 128 bits of the SHA-256 of the parts, each preceded by its length so that no two lists of parts can
    read alike. Marked as a version 8 UUID (RFC 9562: contents defined by the application).
    """
    digest = hashlib.sha256()
    for part in parts:
        data = part.encode()
        digest.update(b"%d:" % len(data))
        digest.update(data)
    value = int.from_bytes(digest.digest()[:16])
    value = value & ~(0xF << 76) | 0x8 << 76
    value = value & ~(0b11 << 62) | 0b10 << 62
    return uuid.UUID(int=value)
