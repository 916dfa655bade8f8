"""Pictures of a folder, shown one after another as a camera would: for tests, demonstrations and the device bench."""

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from app.devices.frames import Frame
from app.values.problems import Problem
from app.values.wording import wording
from hardware.scanners.pictures import open_picture

_SUFFIXES: Final = frozenset({".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp"})


class NoPictures(Problem):
    """Raised when a folder that stands in for a camera is missing or holds no pictures."""

    code = "NO-PICTURES"


class FolderFrames:
    """A `FrameSource` over the pictures of a folder, by the order of their names."""

    def __init__(
        self,
        folder: Path,
        every_s: float = 0.1,
        loop: bool = True,
        *,
        monotonic_s: Callable[[], float] = time.monotonic,
    ) -> None:
        """Say which folder.

        Args:
            folder: holds pictures; other files are passed over.
            every_s: how long each is in sight; one that nobody looked at meanwhile is missed, as with a camera. At 0
                each is shown, however long that takes.
            loop: begin again after the last one; else nothing is shown then, not even when opened again.
            monotonic_s: seconds that never go back.
        """
        self._folder = folder
        self._every_s = every_s
        self._loop = loop
        self._monotonic_s = monotonic_s
        self._pictures: tuple[Path, ...] = ()
        self._began_s: float | None = None
        self._next = 0
        self._never = threading.Event()

    def open(self) -> None:
        """Look what pictures there are; see `FrameSource.open`.

        Raises:
            NoPictures: if there are none.
        """
        if self._began_s is not None:
            return
        try:
            found = sorted(path for path in self._folder.iterdir() if path.suffix.lower() in _SUFFIXES)
        except OSError as error:
            raise NoPictures(
                wording(
                    "The folder {folder} of the camera's pictures cannot be read ({reason}). Check its name.",
                    folder=str(self._folder),
                    reason=error.strerror or str(error),
                )
            ) from error
        if not found:
            raise NoPictures(
                wording("The folder {folder} holds no pictures. Put PNG or JPEG files there.", folder=str(self._folder))
            )
        self._pictures = tuple(found)
        # It goes on where it was, so that one damaged picture does not keep the later ones away.
        self._began_s = self._monotonic_s() - self._next * self._every_s

    def next_frame(self, timeout_s: float) -> Frame | None:
        """Return the picture in sight; see `FrameSource.next_frame`.

        Raises:
            NoPictures: if it was not opened.
            PictureUnreadable: if a picture is damaged; the next one follows.
        """
        if self._began_s is None:
            raise NoPictures(wording("The folder {folder} is not open.", folder=str(self._folder)))
        if self._every_s > 0:
            due_s = self._began_s + self._next * self._every_s - self._monotonic_s()
            if due_s > timeout_s:
                self._never.wait(timeout_s)
                return None
            self._never.wait(max(0.0, due_s))
            self._next = max(self._next, int((self._monotonic_s() - self._began_s) / self._every_s))
        if self._next >= len(self._pictures) and not self._loop:
            self._never.wait(timeout_s)
            return None
        path = self._pictures[self._next % len(self._pictures)]
        self._next += 1
        picture = open_picture(path)
        return Frame(picture.width, picture.height, picture.tobytes())

    def close(self) -> None:
        """Show nothing more; see `FrameSource.close`."""
        self._began_s = None
