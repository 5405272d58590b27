"""Pictures and papers of an asset."""

from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.utils.http import content_disposition_header
from ninja import Query
from pydantic import Field

from wherewithal.api.door import FILE, Upload
from wherewithal.api.finding import found
from wherewithal.api.rooms.assets.common import section
from wherewithal.api.tokens import Call
from wherewithal.api.types import Answer, Filters, Name, QueryBigId, Text
from wherewithal.assets import queries, services
from wherewithal.kit import db, files


class AssetFileOut(Answer):
    id: int
    file_name: str
    title: str
    media_type: str = Field(description="What the content is, whatever it is called.")
    size_bytes: int
    sha256: str
    is_image: bool
    pixels_wide: int | None
    pixels_high: int | None
    created_at: datetime


class AssetFiles(Answer):
    results: list[AssetFileOut]


class FileParameters(Filters):
    file_name: Name = Field(default="file", description="As its user knows it.")
    title: Text = Field(default="", max_length=200, description="The file name when left out.")


class FileRemoved(Answer):
    removed: bool


@section.read("/assets/{asset_id}/files", permission="assets.read", answer=AssetFiles)
def list_asset_files(request: Call, asset_id: QueryBigId) -> dict[str, Any]:
    """Pictures and papers of an asset, the oldest first."""
    queries.asset(request.auth.company_id, asset_id)
    return {"results": queries.attachments(request.auth.company_id, asset_id)}


@section.upload(
    "/assets/{asset_id}/files",
    permission="assets.write",
    answer=AssetFileOut,
    most_bytes=files.LARGEST_FILE_BYTES,
)
def attach_asset_file(
    request: Upload, asset_id: QueryBigId, filters: Query[FileParameters]
) -> dict[str, Any]:
    """Keep a file with an asset: the file is the body. The same content twice is one file."""
    company_id = request.auth.company_id
    made = services.attach_file(
        company_id=company_id,
        actor_id=request.auth.user_id,
        asset_id=asset_id,
        folder=Path(settings.MEDIA_ROOT),
        name=filters.file_name,
        content=request.upload.read_bytes(),
        title=filters.title,
    )
    return _file(company_id, asset_id, made)


@section.file("/assets/{asset_id}/files/{file_id}", permission="assets.read", media_types=(FILE,))
def get_asset_file(request: Call, asset_id: QueryBigId, file_id: QueryBigId) -> HttpResponse:
    """The content of a file, always as a download."""
    company_id = request.auth.company_id
    with db.company_transaction(company_id=company_id, actor_id=request.auth.user_id, read_only=True):
        row = _file(company_id, asset_id, file_id)
    path = files.file_path(Path(settings.MEDIA_ROOT), row["sha256"])
    content = found("file_id", file_id, path.read_bytes() if path.is_file() else None)
    headers = {"Content-Disposition": content_disposition_header(True, row["file_name"]) or "attachment"}
    return HttpResponse(content, content_type=FILE, headers=headers)


@section.write(
    "/assets/{asset_id}/files/{file_id}",
    method="DELETE",
    status=200,
    permission="assets.write",
    answer=FileRemoved,
)
def remove_asset_file(request: Call, asset_id: QueryBigId, file_id: QueryBigId) -> dict[str, Any]:
    """Take a file from an asset."""
    company_id = request.auth.company_id
    _file(company_id, asset_id, file_id)
    services.remove_attachment(company_id=company_id, actor_id=request.auth.user_id, attachment_id=file_id)
    return {"removed": True}


def _file(company_id: int, asset_id: int, file_id: int) -> dict[str, Any]:
    rows = queries.attachments(company_id, asset_id)
    return found("file_id", file_id, next((row for row in rows if row["id"] == file_id), None))
