"""Who is at the door, and whether the headers allow to read on: before a byte of the body is."""

import re

from django.http import HttpRequest
from ninja.security.base import AuthBase

from wherewithal.api.problems import ApiError
from wherewithal.core.words import say
from wherewithal.kit.errors import Problem
from wherewithal.people import permissions, services
from wherewithal.people.permissions import Actor

Needed = str | tuple[str, ...] | None  # one permission, any of several, or just a token
KEY_HEADER = "Idempotency-Key"
KEY_PATTERN = r"^[!-~]{1,255}$"
LONGEST_TOKEN = 200


class Call(HttpRequest):
    """A request that came through the door."""

    auth: Actor
    key: str


class BearerToken(AuthBase):
    """The token of the Authorization header. It fixes the user, the company and the scopes; cookies count for nothing.

    One indexed query per request, no cache: a revoked token is dead at once, in every process.
    """

    openapi_type = "http"
    openapi_scheme = "bearer"
    openapi_bearerFormat = "wh_<company>_<secret>"
    openapi_description = "Made with `wherewithal token create`."

    def __init__(self, permission: Needed, *, writes: bool, media_type: str | None, most_bytes: int) -> None:
        super().__init__()
        self.permission = permission
        self.writes = writes
        self.media_type = media_type
        self.most_bytes = most_bytes

    def __call__(self, request: HttpRequest) -> Actor | None:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token.isascii() or len(token) > LONGEST_TOKEN:
            return None
        actor = services.authenticate_token(token.strip())
        if actor is None:
            return None
        require_any(actor, self.permission)
        if self.media_type is not None:
            check_body(request, self.media_type, self.most_bytes)
        if self.writes:
            request.key = checked_key(request)  # type: ignore[attr-defined]  # see Call
        return actor


def require_any(actor: Actor, needed: Needed) -> None:
    """Refuse whoever has none of the permissions; the use case's own are looked at when the body is known."""
    wanted = (needed,) if isinstance(needed, str) else needed or ()
    if wanted and not any(permissions.allowed(actor, permission) for permission in wanted):
        permissions.require(actor, wanted[0])


def check_body(request: HttpRequest, media_type: str, most_bytes: int) -> None:
    """Refuse by the headers alone what would not be read anyway: packed, of another kind, too large."""
    packing = request.headers.get("Content-Encoding", "identity").strip().lower()
    if packing != "identity":
        raise ApiError("media_type", Problem("Content-Encoding", "identity", say("Send the body unpacked.")))
    if request.content_type != media_type:
        message = say("Send the body as {media_type}.", media_type=media_type)
        raise ApiError("media_type", Problem("Content-Type", "media_type", message))
    length = request.headers.get("Content-Length") or "0"
    if not length.isdigit() or int(length[:20]) > most_bytes:
        raise too_large(most_bytes)


def too_large(most_bytes: int) -> ApiError:
    message = say("A body has at most {most_bytes} MiB here; send several.", most_bytes=most_bytes // 2**20)
    return ApiError("too_large", Problem("Content-Length", "size", message))


def checked_key(request: HttpRequest) -> str:
    key = request.headers.get(KEY_HEADER, "")
    if not re.fullmatch(KEY_PATTERN, key):
        message = say(
            "A write needs a key of its own: 1 to 255 visible ASCII characters, the same again for a retry."
        )
        raise ApiError("malformed", Problem(KEY_HEADER, "form" if key else "required", message))
    return key
