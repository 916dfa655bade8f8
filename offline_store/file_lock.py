"""Keeps a second process off a till's store, by a lock that the system drops when its holder dies."""

import os
import sys
from pathlib import Path
from types import TracebackType
from typing import Self

from app.values.wording import wording
from offline_store.problems import StoreInUse


class FileLock:
    """An exclusive lock on a file; held from `take` until `release` or the process's end."""

    def __init__(self, path: Path) -> None:
        """Name the file; it is made when the lock is taken."""
        self._path = path
        self._descriptor: int | None = None

    def take(self) -> None:
        """Take the lock, or refuse at once.

        Raises:
            StoreInUse: another process holds it.
        """
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            _lock(descriptor)
        except OSError as error:
            os.close(descriptor)
            raise StoreInUse(
                wording(
                    "This till is already running (process {process}). Use its window, or end it before you start "
                    "another. Folder: {folder}",
                    process=self._holder(),
                    folder=str(self._path.parent),
                )
            ) from error
        self._descriptor = descriptor
        os.ftruncate(descriptor, 0)
        os.lseek(descriptor, _HOLDER_OFFSET, os.SEEK_SET)
        os.write(descriptor, str(os.getpid()).encode())

    def _holder(self) -> str:
        try:
            return self._path.read_bytes().strip(b"\x00 ").decode("ascii", "replace")[:12] or "?"
        except OSError:
            return "?"

    def release(self) -> None:
        """Give the lock up; harmless where it is not held."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def __enter__(self) -> Self:
        self.take()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


if sys.platform == "win32":
    import msvcrt

    _HOLDER_OFFSET = 1

    def _lock(descriptor: int) -> None:
        # Byte 0 only: Windows locks bytes against reading too, and the holder's number is read by who is refused.
        os.lseek(descriptor, 0, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    _HOLDER_OFFSET = 0

    def _lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
