"""Scales of other makes: a regular expression says how a line of theirs reads."""

import re
from dataclasses import dataclass
from typing import Final

from app.devices.weighing import MassUnit, WeightState, whole_grams
from app.values.wording import wording
from hardware.scales.frames import figures, unit_named
from hardware.scales.protocol import Finding, Heard, ScaleCapabilities, Weighed, Weighing
from hardware.scales.safe_pattern import LINE_BYTES, UnsafePattern, compile_safely

ACS_P215: Final = r" (?P<weight>\d{4})"
"""爱华 ACS-P215 set to send without end (RS232-1): `CR SP dddd`, grams."""

_LINES_AT_ONCE: Final = 16
"""Of many lines that come together only the last ones are looked at; a flood stays cheap."""


@dataclass(frozen=True, slots=True)
class LineFormat:
    """How a scale's lines read."""

    pattern: str = ACS_P215
    r"""Fits a whole line. Groups: `weight` (needed), `sign` (a minus means less than zero), `unit`; and marks that
    mean something where they are there at all: `stable`, `over`, `net`, as in `(?:(?P<stable>ST)|US)`."""

    separators: bytes = b"\r\n"
    """Any of these bytes ends a line, and so the next one begins."""

    unit: MassUnit = MassUnit.GRAM
    """For lines that name none."""

    decimals: int = 0
    """For weights without a point."""

    ask: bytes = b""
    """What asks for a line; empty where the scale sends without end."""

    zero: bytes = b""
    tare: bytes = b""


class PatternLanguage:
    """The language of a scale with a pattern; see `ScaleProtocol`."""

    def __init__(self, form: LineFormat) -> None:
        """Take a format.

        Raises:
            UnsafePattern: if it is wrong, or could take for ever.
        """
        self._form = form
        self._pattern = compile_safely(form.pattern)
        if not form.separators:
            raise UnsafePattern(wording("The scale's lines have no end. Set separators, such as \\r\\n."))
        self._cut = re.compile(b"[" + b"".join(re.escape(bytes((byte,))) for byte in form.separators) + b"]")
        self._groups = frozenset(self._pattern.groupindex)
        self.capabilities = ScaleCapabilities(
            pushes=not form.ask,
            can_zero=bool(form.zero),
            can_tare=bool(form.tare),
            says_motion="stable" in self._groups,
        )
        self.reset()

    @property
    def kept_bytes(self) -> int:
        """How much is kept of a line that is not whole yet."""
        return len(self._kept)

    def reset(self) -> None:
        """Forget what was heard; what comes first may be the end of a line only."""
        self._kept = b""
        self._in_step = False

    def expect(self, weighing: Weighing | None) -> None:
        """Take no note: it only weighs."""

    def ask(self) -> bytes:
        """Return what asks for a line; half a line that came before is no beginning of the answer."""
        if self._form.ask:
            self._kept = b""
        return self._form.ask

    def zero(self) -> bytes:
        """Return what sets it to zero."""
        return self._form.zero

    def tare(self, grams: int | None) -> bytes:
        """Return what takes the goods as tare."""
        del grams
        return self._form.tare

    def take(self, data: bytes) -> Heard:
        """Take bytes in any pieces; of many lines that come at once the last counts."""
        *lines, rest = self._cut.split(self._kept + data)
        if lines and not self._in_step and not self._form.ask:
            self._in_step = True
            lines = lines[1:]
        # One byte more than a line may have marks one that is too long, and stays too long whatever follows.
        self._kept = rest[: LINE_BYTES + 1]
        found = [finding for line in lines[-_LINES_AT_ONCE:] if (finding := self._read(line)) is not None]
        return Heard(tuple(found[-1:]))

    def _read(self, line: bytes) -> Finding | None:
        fitting = self._pattern.fullmatch(line) if 0 < len(line) <= LINE_BYTES else None
        if fitting is None:
            return None
        marks = {name: value for name, value in fitting.groupdict().items() if value is not None}
        net = bool(marks.get("net"))
        if marks.get("over"):
            return Weighed(WeightState.OVERLOAD, net=net)
        shown = figures(marks["weight"]) if "weight" in marks else None
        unit = unit_named(marks["unit"]) if marks.get("unit", b"").strip() else self._form.unit
        if shown is None or unit is None:
            return None
        digits, decimals = shown
        grams = whole_grams(digits, decimals if b"." in marks["weight"] else self._form.decimals, unit)
        if b"-" in marks.get("sign", b""):
            grams = -abs(grams)
        if "stable" in self._groups and not marks.get("stable"):
            return Weighed(WeightState.MOVING, grams, net)
        if grams < 0:
            return Weighed(WeightState.UNDER_ZERO, grams, net)
        return Weighed(WeightState.STABLE if grams else WeightState.EMPTY, grams, net)
