"""The OpenAPI document, built once for all who read it."""

from wherewithal.api.openapi import document
from wherewithal.api.v1 import TAGS, api

DOCUMENT = document(api, TAGS)
