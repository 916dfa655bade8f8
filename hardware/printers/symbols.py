"""Code 128 and QR symbols: as modules to draw, and as the data that printers draw them from."""

import re
from functools import lru_cache
from typing import Final

from app.catalogue.gtin import is_checked

REAL_TIME: Final = re.compile(rb"\x10([\x04\x05\x14])")
"""Bytes that a printer obeys at once wherever they stand, even within other data: `DLE EOT`, `DLE ENQ`, `DLE DC4`."""

CODE128_QUIET_MODULES: Final = 10
QR_QUIET_MODULES: Final = 4


@lru_cache(maxsize=64)
def code128_modules(data: str) -> str:
    """Return a Code 128 symbol (ISO/IEC 15417) as ones and zeros, one per module, quiet zones not included.

    Raises:
        ValueError: if the data is empty or not ASCII.
    """
    import barcode

    if not data or not data.isascii():
        raise ValueError(f"not for Code 128: {data!r}")
    (modules,) = barcode.get("code128", data).build()
    return str(modules)


RETAIL_QUIET_MODULES: Final = 11
"""White on the left of an EAN-13; no other side of an EAN symbol needs more (GS1 General Specifications, 5.2.3.4)."""


@lru_cache(maxsize=256)
def retail_modules(digits: str) -> str:
    """Return an EAN-8 or EAN-13 symbol (ISO/IEC 15420) as ones and zeros, one per module, quiet zones not included.

    Raises:
        ValueError: if these are not 8 or 13 digits with the right check digit.
    """
    import barcode

    if len(digits) not in {8, 13} or not (digits.isascii() and digits.isdecimal()) or not is_checked(digits):
        raise ValueError(f"no EAN-8 or EAN-13: {digits!r}")
    (modules,) = barcode.get("ean13" if len(digits) == 13 else "ean8", digits).build()
    return str(modules)


def code128_width(data: str, width_dots: int) -> int:
    """Return how many dots a module may be wide on a paper of so many dots: 3, 2, or 0 where it does not fit."""
    modules = len(code128_modules(data)) + 2 * CODE128_QUIET_MODULES
    return next((dots for dots in (3, 2) if modules * dots <= width_dots), 0)


def code128_commands_data(data: str) -> bytes | None:
    """Return what `GS k 73` takes: the data with its code sets, pairs of digits in set C to keep the symbol short.

    None where the bytes would hold a real-time command, or are too many; the symbol is then sent as a picture.
    """
    for letters in range(len(data) + 1):
        tail = data[letters:]
        digits = len(tail) - len(tail) % 2
        if tail and not (tail.isascii() and tail.isdigit()):
            continue
        # A brace stands for a change of code set and is doubled where it is meant (Epson, GS k).
        encoded = b"{B" + data[:letters].replace("{", "{{").encode("ascii") if letters else b""
        if digits:
            encoded += b"{C" + bytes(int(tail[place : place + 2]) for place in range(0, digits, 2))
        if digits < len(tail):
            encoded += b"{B" + tail[digits:].encode("ascii")
        if len(encoded) <= 255 and not REAL_TIME.search(encoded):
            return encoded
    return None


@lru_cache(maxsize=64)
def qr_matrix(payload: str) -> tuple[tuple[bool, ...], ...]:
    """Return a QR code (ISO/IEC 18004, level M) as rows of modules, true where dark, without its quiet zone.

    Raises:
        ValueError: if the payload is longer than a QR code holds.
    """
    import qrcode
    from qrcode.constants import ERROR_CORRECT_M
    from qrcode.exceptions import DataOverflowError

    code = qrcode.QRCode(error_correction=ERROR_CORRECT_M, border=0)
    code.add_data(payload.encode("utf-8"))
    try:
        code.make(fit=True)
    except DataOverflowError as error:
        raise ValueError("too long for a QR code") from error
    return tuple(tuple(map(bool, row)) for row in code.get_matrix())


def qr_module_dots(payload: str, width_dots: int) -> int:
    """Return how many dots a module is wide: at most 45 % of the paper, but at least 3 dots where there is room."""
    modules = len(qr_matrix(payload)) + 2 * QR_QUIET_MODULES
    return max(min(8, width_dots * 45 // 100 // modules), min(3, width_dots // modules))
