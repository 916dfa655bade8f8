"""Turns the bytes of a scanner's line into codes: finds where each ends, and refuses what was damaged on the way.

A scanner's line carries no checksum. What shows that bytes were damaged is refused here (control bytes, a missing end,
characters that do not decode); a digit that became another digit is found by the check digit of the code itself, in
`app.catalogue.codes`.
"""

import unicodedata
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from app.catalogue.codes.scanned import GROUP_SEPARATOR, split_aim
from app.values.wording import Wording, wording
from hardware.scanners.readings import Damaged, GoodRead, Reading, RepeatFilter

LONGEST_FRAME_BYTES: Final = 4096
"""More than any code holds (QR version 40: 2,953 bytes); what goes on longer is no code."""

Suffix = Literal["any", "cr", "lf", "crlf", "tab", "etx"]

_LF: Final = 0x0A
_ENDS: Final[dict[Suffix, bytes]] = {
    "any": b"\r\n\t",
    "cr": b"\r",
    "lf": b"\n",
    "crlf": b"\n",
    "tab": b"\t",
    "etx": b"\x03",
}

# Never part of a code's data: control, surrogate, unassigned and private-use characters.
_DAMAGED_CATEGORIES: Final = frozenset({"Cc", "Cs", "Cn", "Co"})
_REPLACEMENT: Final = "\ufffd"

_NO_END: Final = wording(
    "The scanner sent a code without its end. Scan again; if it stays so, scan the scanner's own setup code for"
    " suffix Enter (CR)."
)
_CONTROL: Final = wording("The code came damaged from the scanner. Scan again.")
_ENCODING: Final = wording("The scanner sent characters that cannot be read. Scan again, or type the digits.")
_PREFIX: Final = wording("The code came without the scanner's prefix. Scan again, or check the scanner's setting.")
_AIM: Final = wording("The code came without its kind (AIM identifier). Scan again, or check the scanner's setting.")
_EMPTY: Final = wording("The scanner told the kind of a code but not the code. Scan again.")
_FLOOD: Final = wording("The scanner does not stop sending. Unplug it and plug it in again, then check its cable.")


class ReadingRules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a scanner was set up to send its codes."""

    suffix: Suffix = "any"
    """What a code ends with; `any` is CR, LF, both, or TAB."""

    prefix: Annotated[str, Meta(max_length=16)] = ""
    """What stands in front of every code and is taken off, such as `\\u0002` (STX); a code without it is refused."""

    aim: Literal["auto", "always", "never"] = "auto"
    """Whether AIM identifiers (`]C1…`) stand in front: taken off where there is one, insisted on, or left alone."""

    encoding: Literal["auto", "ascii", "utf-8", "gb18030", "latin-1"] = "auto"
    """Of the bytes; `auto` is UTF-8, or GB18030 where they are none."""

    idle_ms: Annotated[int, Meta(ge=20, le=5000)] = 300
    """A code that stops in its middle for so long is dropped and never joined with the next one."""

    repeat_ms: Annotated[int, Meta(ge=0, le=60_000)] = 0
    """The same code counts again only when it did not come for so long; 0: always."""


class LineReader:
    """Bytes in, in any pieces, with the time at which they came; readings out. Never raises on what comes.

    After something damaged nothing is believed until the line was quiet for `idle_ms`: what follows the damage may be
    the rest of a code that looks like a whole one. Only a look that found nothing proves that it was quiet: bytes that
    come long after others may have waited for a reader that was held up.
    """

    def __init__(self, rules: ReadingRules | None = None) -> None:
        """Begin with nothing heard."""
        self._rules = rules or ReadingRules()
        self._ends = _ENDS[self._rules.suffix]
        self._prefix = self._rules.prefix.encode("utf-8")
        self._idle_s = self._rules.idle_ms / 1000
        self._repeats = RepeatFilter(self._rules.repeat_ms / 1000)
        self._open = bytearray()
        self._deaf = False
        self._heard_s = 0.0

    def reset(self) -> None:
        """Forget what is unfinished, as when the scanner was away."""
        self._open.clear()
        self._deaf = False
        self._repeats.forget()

    def feed(self, data: bytes, now_s: float) -> tuple[Reading, ...]:
        """Take the bytes of one look at the line.

        Args:
            data: as they came; empty where nothing came, which must be told as well.
            now_s: seconds that never go back.
        """
        pause = now_s - self._heard_s >= self._idle_s
        if not data:
            return self._after_pause() if pause else ()
        self._heard_s = now_s
        readings: list[Reading] = []
        if pause and self._unfinished():
            readings.append(self._go_deaf(_NO_END))
        for byte in data:
            if self._deaf:
                break
            if byte in self._ends and not self._inside_pair(byte):
                readings.extend(self._finish(now_s))
            elif len(self._open) >= LONGEST_FRAME_BYTES:
                readings.append(self._go_deaf(_FLOOD))
            else:
                self._open.append(byte)
        return tuple(readings)

    def _inside_pair(self, byte: int) -> bool:
        """With CR LF for an end, LF alone is a damaged end."""
        return self._rules.suffix == "crlf" and byte == _LF and not self._open.endswith(b"\r")

    def _unfinished(self) -> bool:
        return bool(self._open.strip(b"\r\n"))

    def _after_pause(self) -> tuple[Reading, ...]:
        self._deaf = False
        broken_off = self._unfinished()
        self._open.clear()
        return (Damaged(_NO_END),) if broken_off else ()

    def _go_deaf(self, sentence: Wording) -> Damaged:
        self._deaf = True
        self._open.clear()
        return Damaged(sentence)

    def _finish(self, now_s: float) -> tuple[Reading, ...]:
        # Scanners that send CR LF where CR alone is expected leave the LF in front of the next code.
        frame = bytes(self._open).strip(b"\r\n")
        self._open.clear()
        if not frame:
            return ()
        found = self._read(frame)
        if isinstance(found, Wording):
            return (self._go_deaf(found),)
        return (found,) if self._repeats.is_new(found, now_s) else ()

    def _read(self, frame: bytes) -> GoodRead | Wording:
        """Return the code of a frame, or what is wrong with it."""
        if not frame.startswith(self._prefix):
            return _PREFIX
        try:
            text = self._decoded(frame[len(self._prefix) :])
        except UnicodeDecodeError:
            return _ENCODING
        if any(_is_damage(character) for character in text):
            return _CONTROL
        if self._rules.aim == "never":
            return GoodRead(text, None) if text else _EMPTY
        data, symbology = split_aim(text, None)
        if self._rules.aim == "always" and symbology is None:
            return _AIM
        return GoodRead(data, symbology) if data else _EMPTY

    def _decoded(self, data: bytes) -> str:
        if self._rules.encoding != "auto":
            return data.decode(self._rules.encoding)
        try:
            return data.decode("utf-8")
        except UnicodeDecodeError:
            return data.decode("gb18030")


def _is_damage(character: str) -> bool:
    if " " <= character <= "~" or character == GROUP_SEPARATOR:
        return False
    return character == _REPLACEMENT or unicodedata.category(character) in _DAMAGED_CATEGORIES
