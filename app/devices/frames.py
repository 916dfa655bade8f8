"""Pictures of a camera, one after another, before anybody looks for codes in them."""

from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture in shades of grey."""

    width: int
    """Pixels."""

    height: int
    """Pixels."""

    grey: bytes = field(repr=False)
    """One byte for each pixel, 0 black to 255 white, row after row from the top left, nothing between the rows."""

    def __post_init__(self) -> None:
        """Refuse a picture whose pixels do not fill it.

        Raises:
            ValueError: if a side is not positive or the number of pixels is wrong.
        """
        if self.width < 1 or self.height < 1 or len(self.grey) != self.width * self.height:
            raise ValueError(f"{len(self.grey)} pixels do not fill {self.width} x {self.height}")


class FrameSource(Protocol):
    """Something that gives pictures: a camera, or a folder that stands in for one.

    Used by one thread. It keeps one picture at most: who looks slowly sees the newest and never an old one.
    """

    def open(self) -> None:
        """Begin to give pictures; harmless where it does already. May return before the camera runs.

        Raises:
            Problem: if there is no camera, or it may not be used.
        """

    def next_frame(self, timeout_s: float) -> Frame | None:
        """Return the newest picture that was not returned before; None where none came within the time.

        Raises:
            Problem: if the camera is gone, or turned out not to be usable.
        """

    def close(self) -> None:
        """Give no more pictures; harmless where it gives none. Returns at once."""
