"""Finds codes in a camera's pictures: quickly in each one made half as large, thoroughly in every third.

A code large enough to be held before a camera is read in a quarter of the pixels; a small one is read in the next
whole picture, a tenth of a second later.
"""

import time
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from app.devices.frames import Frame, FrameSource
from app.values.wording import wording
from hardware.scanners.pictures import (
    PictureReader,
    PictureReaderMissing,
    Point,
    ReadCode,
    ZbarReader,
    ZxingReader,
    best_available,
)
from hardware.scanners.readings import GoodRead, Reading, RepeatFilter, ScannerCapabilities
from hardware.transport import DeviceAway

if TYPE_CHECKING:
    from PIL.Image import Image

Symbology = Literal[
    "ean-13",
    "ean-8",
    "upc-a",
    "upc-e",
    "code-128",
    "qr",
    "databar",
    "databar-expanded",
    "data-matrix",
    "itf",
    "code-39",
]
"""What a camera may look for, each costing time in every picture."""

WANTED: Final[tuple[Symbology, ...]] = ("ean-13", "ean-8", "code-128", "qr")
"""What a shop meets: goods (a UPC-A is read as the EAN-13 that it is), GS1-128, receipts, payment codes on phones."""

_ZXING_NAMES: Final[dict[Symbology, tuple[str, ...]]] = {
    "ean-13": ("EAN13",),
    "ean-8": ("EAN8",),
    "upc-a": ("UPCA",),
    "upc-e": ("UPCE",),
    "code-128": ("Code128",),
    "qr": ("QRCode",),
    "databar": ("DataBarOmni", "DataBarStk", "DataBarLtd"),
    "databar-expanded": ("DataBarExp", "DataBarExpStk"),
    "data-matrix": ("DataMatrix",),
    "itf": ("ITF",),
    "code-39": ("Code39",),
}
_ZBAR_NAMES: Final[dict[Symbology, tuple[str, ...]]] = {
    "ean-13": ("EAN13",),
    "ean-8": ("EAN8",),
    "upc-a": ("UPCA",),
    "upc-e": ("UPCE",),
    "code-128": ("CODE128",),
    "qr": ("QRCODE",),
    "databar": ("DATABAR",),
    "databar-expanded": ("DATABAR_EXP",),
    "data-matrix": (),
    "itf": ("I25",),
    "code-39": ("CODE39",),
}

_LOOKS: Final = 3
_SPREAD: Final = 2
_WHOLE: Final = 0
"""Which of three pictures in a row is looked at how; the first as it comes, half as large."""

_REMEMBERED: Final = 2 * _LOOKS
"""Pictures within which a code of bars must be found again to be believed."""

_TURNED, _TURNED_AGAIN = 45, 40
"""Degrees by which a picture is turned, and by which for the second look at what was found so."""

_CLOSE_LOOK: Final = 2.25
"""How wide the bars of a close look are against those of the first; no whole number, so that its pixels are others."""

_HALVED_FROM_PIXELS: Final = 320
"""A picture whose shorter side has fewer is looked at whole: half of it shows no bars any more."""


def reader_for(wanted: Sequence[Symbology] = WANTED) -> PictureReader:
    """Return a reader for these symbologies and no others, by the best library that is here.

    Raises:
        PictureReaderMissing: if no library loads.
    """
    zxing = [name for symbology in wanted for name in _ZXING_NAMES[symbology]]
    zbar = [name for symbology in wanted for name in _ZBAR_NAMES[symbology]]
    return best_available((lambda: ZxingReader(zxing), lambda: _zbar_reader(zbar)))


def _zbar_reader(names: Sequence[str]) -> ZbarReader:
    if not names:
        raise PictureReaderMissing(wording("The library zbar reads none of the kinds of code that are set."))
    return ZbarReader(names)


@dataclass(frozen=True, slots=True)
class _Look:
    """One way in which a picture is looked at."""

    picture: "Image"
    enlarged: float | None
    """How many pixels of the whole picture one of its pixels stands for; None where it was turned."""


class FrameSearch:
    """Finds the codes of one picture after another, looking a little differently at each of three in a row.

    Measured on drawn scenes (`camera_bench`): spreading the shades of a picture over the whole range finds noisy,
    blurred and pale codes that it does not show as it came; turning it finds bars that lie across both directions in
    which the library looks.

    A code of bars has one check digit, and one misread in ten has it right. So it counts when two looks found the same:
    a second, close look at its place in the same picture, or a look at one of the next pictures.
    """

    def __init__(self, reader: PictureReader) -> None:
        """Search with a reader."""
        self._reader = reader
        self._count = 0
        self._sighted: dict[GoodRead, int] = {}

    def reads(self, frame: Frame) -> tuple[GoodRead, ...]:
        """Return the codes found in the next picture, each once."""
        from PIL import Image

        picture = Image.frombuffer("L", (frame.width, frame.height), frame.grey, "raw", "L", 0, 1)
        self._count += 1
        self._sighted = {read: at for read, at in self._sighted.items() if self._count - at <= _REMEMBERED}
        found: dict[GoodRead, None] = {}
        for look in self._looks(picture, found):
            for code in self._reader.read(look.picture):
                read = GoodRead(code.data, code.symbology)
                if read not in found and self._is_sure(read, code, look, picture):
                    found[read] = None
        return tuple(found)

    def _is_sure(self, read: GoodRead, code: ReadCode, look: _Look, whole: "Image") -> bool:
        from PIL.Image import Resampling

        sighted = read in self._sighted or _corrects_errors(read)
        self._sighted[read] = self._count
        if sighted:
            return True
        if look.enlarged is None:
            close = whole.reduce(2).rotate(_TURNED_AGAIN, Resampling.BILINEAR, expand=True)
        else:
            close = _around(code.corners, look.enlarged, whole)
        return any(GoodRead(again.data, again.symbology) == read for again in self._reader.read(close))

    def _looks(self, whole: "Image", found: Collection[GoodRead]) -> "Iterator[_Look]":
        """Yield the looks of this picture; what the looks before found is asked for when the next one is."""
        from PIL import ImageOps
        from PIL.Image import Resampling

        turn = self._count % _LOOKS
        small = min(whole.size) < _HALVED_FROM_PIXELS
        half, enlarged = (whole, 1.0) if small else (whole.reduce(2), 2.0)
        if turn == _SPREAD:
            spread = ImageOps.equalize(half)
            yield _Look(spread, enlarged)
            if not found:
                yield _Look(spread.rotate(_TURNED, Resampling.BILINEAR, expand=True), None)
        else:
            yield _Look(half, enlarged)
        if turn == _WHOLE and not small:
            yield _Look(whole if found else ImageOps.equalize(whole), 1.0)


def _corrects_errors(read: GoodRead) -> bool:
    """Return whether a code's own redundancy rules a misread out: QR and Data Matrix, not bars."""
    return read.symbology is not None and read.symbology[1] in "Qd"


def _around(corners: Sequence[Point], enlarged: float, whole: "Image") -> "Image":
    """Cut the place of a code out of the whole picture, with a margin, and smooth it to a size of its own."""
    from PIL import ImageOps
    from PIL.Image import Resampling

    across, down = [x * enlarged for x, _ in corners], [y * enlarged for _, y in corners]
    margin = max(32.0, 0.2 * max(max(across) - min(across), max(down) - min(down)))
    box = (
        max(0, round(min(across) - margin)),
        max(0, round(min(down) - margin)),
        min(whole.width, round(max(across) + margin)),
        min(whole.height, round(max(down) + margin)),
    )
    part = ImageOps.autocontrast(whole.crop(box), cutoff=1)
    scale = _CLOSE_LOOK / enlarged
    return part.resize((round(part.width * scale), round(part.height * scale)), Resampling.BICUBIC)


class CameraScanner:
    """A `ScannerDriver` over pictures."""

    capabilities: Final = ScannerCapabilities(tells_symbology=False, reads_pictures=True, notices_unplugging=True)

    def __init__(
        self,
        source: FrameSource,
        make_reader: Callable[[], PictureReader] = reader_for,
        *,
        repeat_after_s: float = 1.0,
        silent_s: float = 1.5,
        monotonic_s: Callable[[], float] = time.monotonic,
    ) -> None:
        """Join a camera and a reader; nothing is opened or loaded yet.

        Args:
            source: the camera.
            make_reader: loads the library, on the scanner's own thread.
            repeat_after_s: how long a code must be out of sight before it counts again.
            silent_s: how long a camera may give no picture before it counts as lost.
            monotonic_s: seconds that never go back.
        """
        self._source = source
        self._make_reader = make_reader
        self._search: FrameSearch | None = None
        self._repeats = RepeatFilter(repeat_after_s)
        self._silent_s = silent_s
        self._monotonic_s = monotonic_s
        self._seen_s = 0.0
        self.ready = False
        """Whether a picture came since it was opened."""

    def open(self) -> None:
        """Start the camera; see `ScannerDriver.open`.

        Raises:
            PictureReaderMissing: if no library loads that reads pictures.
        """
        self.ready = False
        self._search = FrameSearch(self._make_reader())
        self._repeats.forget()
        self._source.open()
        self._seen_s = self._monotonic_s()

    def listen(self, timeout_s: float) -> tuple[Reading, ...]:
        """Look at the newest picture; see `ScannerDriver.listen`.

        Raises:
            DeviceAway: if no picture comes any more.
        """
        frame = self._source.next_frame(timeout_s)
        now_s = self._monotonic_s()
        if frame is None or self._search is None:
            if now_s - self._seen_s >= self._silent_s:
                raise DeviceAway(
                    wording("The camera gives no pictures. Check its cable, and close other programs that use it.")
                )
            return ()
        self._seen_s = now_s
        self.ready = True
        return tuple(read for read in self._search.reads(frame) if self._repeats.is_new(read, now_s))

    def close(self) -> None:
        """Stop the camera; see `ScannerDriver.close`."""
        self._source.close()
