"""Room on the disk: how much is left, and a ballast that is thrown overboard when there is none."""

import contextlib
import os
import shutil
from pathlib import Path
from typing import Final

from offline_store.settings import StoreFiles, StoreSettings

CHUNK: Final = b"\0" * (1 << 20)


class Space:
    """The room that a till's store has on its disk."""

    def __init__(self, folder: Path, settings: StoreSettings) -> None:
        """Name the folder; nothing is written yet."""
        self._folder = folder
        self._ballast = folder / StoreFiles.BALLAST
        self._ballast_bytes = settings.ballast_bytes
        self._low_bytes = settings.low_space_bytes

    def free_bytes(self) -> int:
        """Return what is free on the disk, the ballast not counted.

        Raises:
            OSError: the disk does not answer.
        """
        return shutil.disk_usage(self._folder).free

    def is_low(self, free_bytes: int) -> bool:
        """Return whether no new basket should be opened: little is free, or the ballast is gone already."""
        return free_bytes < self._low_bytes

    def take_ballast(self) -> bool:
        """Lay the ballast where there is room for it; return whether it is there."""
        if self._ballast_bytes <= 0:
            return False
        with contextlib.suppress(FileNotFoundError):
            if self._ballast.stat().st_size == self._ballast_bytes:
                return True
        if self.free_bytes() < self._ballast_bytes + self._low_bytes:
            return False
        try:
            self._fill()
        except OSError:
            # Someone else took the room meanwhile: half a ballast would only be in the way.
            self._ballast.unlink(missing_ok=True)
            return False
        return True

    def _fill(self) -> None:
        descriptor = os.open(self._ballast, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            if hasattr(os, "posix_fallocate"):
                os.posix_fallocate(descriptor, 0, self._ballast_bytes)
                return
            left = self._ballast_bytes
            while left > 0:
                left -= os.write(descriptor, CHUNK[:left])
        finally:
            os.close(descriptor)

    def give_up_ballast(self) -> bool:
        """Throw the ballast overboard; return whether that made room."""
        try:
            self._ballast.unlink()
        except FileNotFoundError:
            return False
        return True
