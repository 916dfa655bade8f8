"""Lets one process at a time make catalogues in a folder; the system frees the lock of a killed one."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.values.wording import wording
from offline_store.catalogue.problems import CatalogueBusy


@contextmanager
def held_lock(path: Path) -> Iterator[None]:
    """Hold a lock file, not waiting for it.

    Raises:
        CatalogueBusy: if another process or thread holds it.
    """
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        try:
            _take(handle)
        except OSError as error:
            raise CatalogueBusy(
                wording("Another import is running on this till. Wait until it has finished, then try again.")
            ) from error
        yield
    finally:
        os.close(handle)


if sys.platform == "win32":
    import msvcrt

    def _take(handle: int) -> None:
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _take(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
