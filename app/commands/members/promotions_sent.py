"""Fetches the promotion rules that headquarters published, on the desk's thread, and writes them where the till looks.

The file is there whole or as it was, and outlives the till: while headquarters is away the last rules hold. The till
takes it before its next basket; whether it can be meant is the till's own judgement (`PromotionsOnFile`).
"""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Final

from app.commands.members.duties import NS
from app.commands.promotions_on_file import SENT_FILE
from app.members.ports import MemberKeeper
from app.members.published_rules import WITHDRAWN, PublishedRules, version_of

_log: Final = logging.getLogger(__name__)

ASKED_EVERY_S: Final = 180.0


class SentPromotions:
    """A `Duty`: the till's promotions are those that headquarters published."""

    def __init__(self, folder: Path, now_ns: Callable[[], int], every_s: float = ASKED_EVERY_S) -> None:
        """Prepare; the first look is due at once.

        Args:
            folder: the till's.
            now_ns: a clock that never goes back.
            every_s: the pause between two questions that were answered.
        """
        self._path = folder / SENT_FILE
        self._now_ns = now_ns
        self._every_s = every_s
        self._next_ns = 0

    def due_in_s(self) -> float | None:
        """See `Duty`."""
        return max(0.0, (self._next_ns - self._now_ns()) / NS)

    def step(self, keeper: MemberKeeper) -> bool | None:
        """See `Duty`."""
        published = keeper.promotions(self._known())
        if published is None:
            return False
        self._next_ns = self._now_ns() + int(self._every_s * NS)
        try:
            self._keep(published)
        except OSError as error:
            # The rules that the till has go on; asked for again at the next look.
            _log.warning("promotions_not_kept", extra={"reason": type(error).__name__})
        return True

    def _known(self) -> str:
        try:
            return version_of(self._path.read_bytes())
        except FileNotFoundError:
            return ""
        except OSError as error:
            # Asked for anew: a file that cannot be read is perhaps written over.
            _log.warning("promotions_not_known", extra={"reason": type(error).__name__})
            return ""

    def _keep(self, published: PublishedRules) -> None:
        from offline_store.durable_files import flush_folder, write_whole

        if published.content:
            write_whole(self._path, published.content)
            _log.info("promotions_received", extra={"version": published.version})
        elif published.version == WITHDRAWN and self._path.exists():
            self._path.unlink()
            flush_folder(self._path.parent)
            _log.info("promotions_withdrawn")
