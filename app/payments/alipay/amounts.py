"""Yuan as Alipay writes them, to fen and back, exactly."""

import re
from decimal import Decimal
from typing import Final

from app.values.money import CNY, format_minor

LARGEST_ORDER_MINOR: Final = 100_000_000_00
"""What one order may be at most: 100,000,000 yuan (`total_amount` of alipay.trade.pay)."""

_YUAN: Final = re.compile(r"(-?)([0-9]{1,11})(?:\.([0-9]{1,2}))?")


def yuan_of(amount_minor: int) -> str:
    """Write fen as yuan with two decimals.

    >>> yuan_of(1), yuan_of(123456)
    ('0.01', '1234.56')
    """
    return format_minor(amount_minor, CNY)


def fen_of(value: object) -> int | None:
    """Read yuan, as text or as a JSON number that was kept exact; None where it is no amount of whole fen.

    >>> fen_of("12.3"), fen_of(Decimal("0.10")), fen_of(7), fen_of("-0.05"), fen_of("0.001"), fen_of(True)
    (1230, 10, 700, -5, None, None)
    """
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        return None
    found = _YUAN.fullmatch(str(value))
    if found is None:
        return None
    sign, whole, rest = found.groups()
    fen = int(whole) * 100 + int((rest or "").ljust(2, "0"))
    return -fen if sign else fen
