"""Finds and reads codes in pictures, by whichever of two libraries this machine has.

zxing-cpp is asked first: it reads every symbology, tells which one it was (AIM identifier) and keeps GS.
zbar stands in where it is missing. Both are imported on first use, a camera is not part of every till.
"""

import struct
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from app.values.problems import Problem
from app.values.wording import wording

if TYPE_CHECKING:
    from PIL.Image import Image

Point = tuple[int, int]
"""Pixels from the left and from the top."""

MAXIMUM_PIXELS: Final = 64_000_000
"""Above what cameras and scanners give; a small file can claim far more and fill the memory."""

MAXIMUM_BYTES: Final = 64 * 1024 * 1024

_PICTURE_FORMATS: Final = ("PNG", "JPEG", "BMP", "GIF", "WEBP")
"""What is opened: what cameras and screens make. Pillow knows forms that start other programs (EPS): never those."""

_ON_DAMAGED_PICTURE: Final = (
    ArithmeticError,
    EOFError,
    LookupError,
    OSError,
    struct.error,
    SyntaxError,
    UserWarning,
    ValueError,
)
"""What Pillow's decoders raise on damaged files; a warning only where warnings are errors."""


class PictureUnreadable(Problem):
    """Raised when a file is no picture that can be searched: missing, damaged, huge, of another kind."""

    code = "PICTURE-UNREADABLE"


class PictureReaderMissing(Problem):
    """Raised when no library that reads codes in pictures can be loaded."""

    code = "PICTURE-READER-MISSING"


@dataclass(frozen=True, slots=True)
class ReadCode:
    """One code found in a picture."""

    data: str = field(repr=False)
    """What it holds, with GS as `\\x1d`. Not part of the repr: it may be a payment code."""

    symbology: str | None
    """AIM identifier, None where the library cannot tell a symbology from its GS1 form."""

    symbology_name: str
    """The library's own name for it, such as `EAN-13`."""

    corners: tuple[Point, ...]
    """Where it is, at least the corners of a box around it."""


class PictureReader(Protocol):
    """Something that finds codes in a picture."""

    @property
    def name(self) -> str:
        """The library's name, for the log and `doctor`."""

    def read(self, image: "Image") -> tuple[ReadCode, ...]:
        """Return every code that could be read, in the library's order; none is an empty tuple."""


_WITH_ADD_ON: Final = "]E3"


class ZxingReader:
    """Reads by zxing-cpp."""

    name = "zxing-cpp"

    def __init__(self, symbologies: Sequence[str] = ()) -> None:
        """Load the library.

        Args:
            symbologies: which to look for, by zxing's names such as `EAN13`, `QRCode`; empty: all. Fewer are faster.

        Raises:
            PictureReaderMissing: if the library cannot be loaded.
            ValueError: if a symbology's name is not known.
        """
        try:
            import zxingcpp
        except ImportError as error:
            raise PictureReaderMissing(
                wording("The library zxing-cpp cannot be loaded ({detail}). Install it again.", detail=str(error)[:200])
            ) from error
        self._library = zxingcpp
        self._formats = zxingcpp.barcode_formats_from_str(",".join(symbologies)) if symbologies else None

    def read(self, image: "Image") -> tuple[ReadCode, ...]:
        """Return every code found, GS kept and the AIM identifier told."""
        zxing = self._library
        wanted = {} if self._formats is None else {"formats": self._formats}
        found = zxing.read_barcodes(
            _grey(image), text_mode=zxing.TextMode.Plain, ean_add_on_symbol=zxing.EanAddOnSymbol.Read, **wanted
        )
        codes = tuple(
            ReadCode(
                code.text.replace(" ", "") if code.symbology_identifier == _WITH_ADD_ON else code.text,
                code.symbology_identifier or None,
                str(code.format),
                tuple(
                    (corner.x, corner.y)
                    for corner in (
                        code.position.top_left,
                        code.position.top_right,
                        code.position.bottom_right,
                        code.position.bottom_left,
                    )
                ),
            )
            for code in found
            if code.valid
        )
        # A barcode with an add-on is found with it and, further down the picture, without it.
        whole = tuple(code.data for code in codes if code.symbology == _WITH_ADD_ON)
        return tuple(code for code in codes if code.data in whole or not _begins_one_of(code.data, whole))


def _begins_one_of(data: str, longer: Iterable[str]) -> bool:
    return any(text.startswith(data) for text in longer)


# Where zbar's type leaves no doubt. It hides whether a Code 128 or a QR Code began with FNC1, so those have none.
_ZBAR_SYMBOLOGIES: Final = {
    "EAN13": "]E0",
    "ISBN13": "]E0",
    "UPCA": "]E0",
    "UPCE": "]E0",
    "EAN8": "]E4",
    "EAN2": "]E1",
    "EAN5": "]E2",
    "I25": "]I0",
    "DATABAR": "]e0",
    "DATABAR_EXP": "]e0",
    "CODABAR": "]F0",
    "CODE39": "]A0",
    "CODE93": "]G0",
}
_ZBAR_DATABAR_EXPANDED: Final = "DATABAR_EXP"


class ZbarReader:
    """Reads by zbar: no DataMatrix, PDF417 or Aztec, and the AIM identifier only where the type leaves no doubt."""

    name = "zbar"

    def __init__(self, symbologies: Sequence[str] = ()) -> None:
        """Load the library.

        Args:
            symbologies: which to look for, by zbar's names such as `EAN13`, `QRCODE`; empty: all. Fewer are faster.

        Raises:
            PictureReaderMissing: if the Python package or the library behind it cannot be loaded.
            ValueError: if a symbology's name is not known.
        """
        try:
            from pyzbar import pyzbar
        except (ImportError, OSError) as error:  # OSError: the shared library is there and does not load
            raise PictureReaderMissing(
                wording(
                    "The library zbar cannot be loaded ({detail}). On Debian install libzbar0.", detail=str(error)[:200]
                )
            ) from error
        self._library = pyzbar
        unknown = [name for name in symbologies if name not in pyzbar.ZBarSymbol.__members__]
        if unknown:
            raise ValueError(f"zbar knows no {', '.join(unknown)}")
        self._symbols = [pyzbar.ZBarSymbol[name] for name in symbologies] or None

    def read(self, image: "Image") -> tuple[ReadCode, ...]:
        """Return every code found.

        A DataBar Expanded with letters is left out: zbar reads wrong what follows a separator in it (0.23.93 gives
        `1E7KK` for `17251231`), and a wrong expiry date is worse than none.
        """
        found = []
        for code in self._library.decode(_grey(image), symbols=self._symbols):
            data = code.data.decode("utf-8", errors="replace")
            if code.type == _ZBAR_DATABAR_EXPANDED and not data.isdigit():
                continue
            corners = tuple((point.x, point.y) for point in code.polygon)
            found.append(ReadCode(data, _ZBAR_SYMBOLOGIES.get(code.type), code.type, corners))
        return tuple(found)


def best_available(makers: Iterable[Callable[[], PictureReader]] = (ZxingReader, ZbarReader)) -> PictureReader:
    """Return the first reader whose library loads.

    Raises:
        PictureReaderMissing: if none does, with what each of them said.
    """
    reasons = []
    for make in makers:
        try:
            return make()
        except PictureReaderMissing as missing:
            reasons.append(str(missing))
    raise PictureReaderMissing(
        wording("Pictures cannot be searched for codes here. {reasons}", reasons=" ".join(reasons))
    )


def read_file(path: Path, reader: PictureReader | None = None) -> tuple[ReadCode, ...]:
    """Return every code in a picture file.

    Raises:
        PictureUnreadable: if the file is missing, damaged, too large or no picture.
        PictureReaderMissing: if no reader is given and no library loads.
    """
    return (reader or best_available()).read(open_picture(path))


def open_picture(path: Path) -> "Image":
    """Open a picture file in shades of grey, its pixels loaded and counted.

    Raises:
        PictureUnreadable: if the file is missing, damaged, too large or no picture.
    """
    from PIL import Image, UnidentifiedImageError

    try:
        if path.stat().st_size > MAXIMUM_BYTES:
            raise _too_large(path)
        with Image.open(path, formats=_PICTURE_FORMATS) as picture:
            if picture.width * picture.height > MAXIMUM_PIXELS:
                raise _too_large(path)
            return _grey(picture)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_large(path) from error
    except FileNotFoundError as error:
        raise PictureUnreadable(wording("There is no file {path}. Check its name.", path=str(path))) from error
    except UnidentifiedImageError as error:
        raise PictureUnreadable(
            wording("{path} is not a picture. Give a PNG, JPEG, BMP, GIF or WebP file.", path=str(path))
        ) from error
    except _ON_DAMAGED_PICTURE as error:
        raise PictureUnreadable(
            wording("The picture {path} cannot be read; it may be damaged. Take it again.", path=str(path))
        ) from error


def _too_large(path: Path) -> PictureUnreadable:
    return PictureUnreadable(
        wording(
            "The picture {path} is too large. Make it smaller than {millions} million pixels.",
            path=str(path),
            millions=MAXIMUM_PIXELS // 1_000_000,
        )
    )


def _grey(image: "Image") -> "Image":
    """Return a picture in 8-bit shades of grey, what is transparent on white as on paper."""
    if image.mode == "L":
        image.load()
        return image
    if image.has_transparency_data:
        from PIL import Image

        paper = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(paper, image.convert("RGBA"))
    elif image.mode.startswith("I;16"):
        return image.point(lambda level: level / 256).convert("L")
    return image.convert("L")
