"""The dark and light modules of a QR code (ISO/IEC 18004), to be drawn by whoever shows it."""

import logging
from functools import lru_cache
from typing import Final

from qrcode.constants import ERROR_CORRECT_M
from qrcode.exceptions import DataOverflowError
from qrcode.main import QRCode

QUIET_MODULES: Final = 4
"""Light modules all around, without which readers do not find the code (ISO/IEC 18004, quiet zone)."""

_logger: Final = logging.getLogger(__name__)


@lru_cache(maxsize=8)
def modules_of(payload: str) -> tuple[tuple[bool, ...], ...]:
    """Return the rows of a code from the top, True for a dark module, without quiet zone.

    Error correction M, which mends a seventh of the code: enough for a screen with a finger's mark on it. Empty where
    nothing is to be shown, or more than a code can hold.
    """
    if not payload:
        return ()
    code = QRCode(error_correction=ERROR_CORRECT_M, border=0)
    code.add_data(payload.encode())
    try:
        code.make(fit=True)
    except (DataOverflowError, ValueError):
        # The library says it in both ways. What the provider sent is never shown cut: no reader would take it.
        _logger.warning("qr_payload_too_long: %s bytes", len(payload.encode()))
        return ()
    return tuple(tuple(bool(dark) for dark in row) for row in code.modules)
