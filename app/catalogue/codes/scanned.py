"""What a scanner hands over: the data as it came, before anybody asks what it means."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

GROUP_SEPARATOR: Final = "\x1d"
"""How a scanner transmits FNC1 between element strings (GS1 General Specifications 7.8.5)."""

_AIM_LENGTH: Final = 3


@dataclass(frozen=True, slots=True)
class Scanned:
    """One read of one code by one device."""

    device: str
    """The name of the scanner in the till's configuration, `keyboard` for what was typed."""

    data: str = field(repr=False)
    """What the scanner gave, the AIM identifier possibly still in front and GS as `\\x1d`.

    Not part of the repr: it may be a shopper's payment code, which must not reach a log.
    """

    symbology: str | None
    """The AIM identifier such as `]E0` where the driver knows it, else None."""

    at: datetime
    """When it was read, in UTC."""


def split_aim(data: str, symbology: str | None) -> tuple[str, str | None]:
    """Take an AIM identifier (`]`, a letter, a modifier; ISO/IEC 15424) off the front of the data.

    The identifier that a driver gave separately wins over the one in the data.

    >>> split_aim("]E06901234567892", None)
    ('6901234567892', ']E0')
    """
    if len(data) >= _AIM_LENGTH and data[0] == "]" and data[:_AIM_LENGTH].isascii():
        letter, modifier = data[1], data[2]
        if letter.isalpha() and modifier.isalnum():
            return data[_AIM_LENGTH:], symbology or data[:_AIM_LENGTH]
    return data, symbology or None
