"""Structured logs: one JSON object a line, one event name per thing that happened, rotated, no personal data.

Code logs through the standard library: the message is the event's name, `extra` its facts. The library that writes
them loads with the first line that is written, since a till should not wait for it to open.
"""

import logging
from functools import cached_property
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any

_LARGEST_BYTES = 2_000_000
_KEPT_FILES = 5


class StructuredFormatter(logging.Formatter):
    """Writes a record as one JSON object."""

    @cached_property
    def _structured(self) -> logging.Formatter:
        import structlog

        before: list[Any] = [
            structlog.stdlib.add_log_level,
            structlog.stdlib.add_logger_name,
            structlog.stdlib.ExtraAdder(),
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
        ]
        after: list[Any] = [
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.JSONRenderer(ensure_ascii=False, sort_keys=True),
        ]
        return structlog.stdlib.ProcessorFormatter(processors=after, foreign_pre_chain=before)

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        return self._structured.format(record)


def start_logging(folder: Path) -> None:
    """Write logs into a folder from now on; the newest file is `guitai.log`."""
    folder.mkdir(parents=True, exist_ok=True)
    handler = RotatingFileHandler(
        folder / "guitai.log", maxBytes=_LARGEST_BYTES, backupCount=_KEPT_FILES, encoding="utf-8", delay=True
    )
    handler.setFormatter(StructuredFormatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
