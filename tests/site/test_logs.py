"""Logs reach whoever listens to standard error, also when it is another one than at the start."""

import io
import logging
import sys

import pytest

from wherewithal.site import logs


def test_logs_go_to_what_standard_error_is_by_then(monkeypatch: pytest.MonkeyPatch) -> None:
    handler = logs.StandardError()
    for word in ("first", "second"):
        heard = io.StringIO()
        monkeypatch.setattr(sys, "stderr", heard)
        handler.handle(logging.makeLogRecord({"msg": word}))
        assert heard.getvalue() == f"{word}\n"


def test_no_library_writes_to_what_it_was_at_the_start() -> None:
    loggers = [logging.getLogger(), *map(logging.getLogger, logging.Logger.manager.loggerDict)]
    bound = {
        logger.name
        for logger in loggers
        for handler in logger.handlers
        if type(handler) is logging.StreamHandler and handler.filters == []
    }
    assert bound == set()
