"""NCI, Weigh-Tronix's general protocol: `W CR` asks, `LF weight unit CR LF status CR ETX` answers.

Source: Weigh-Tronix SCP-01, as printed in the NCI 6702 and 7800 and the Salter Brecknell 3700LP manuals. What the
display shows is sent as it stands: carets are over capacity, underscores under capacity, dashes a zero error.
"""

from typing import Final

from hardware.scales.frames import CR, DIGITS, ETX, LF, Shape, shape, times
from hardware.scales.nci_status import STATUSES, UNIT_LETTERS, NciLanguage, shown_grams, trouble
from hardware.scales.protocol import Finding, Weighed

_SHOWN: Final = DIGITS | frozenset(b" .-")
_BARS: Final = (b"^", b"_", b"-")


def _shapes() -> tuple[Shape, ...]:
    answers = []
    for status in STATUSES:
        answers.append(shape(LF, status, CR, ETX))
        for length in (5, 6, 7, 8):
            ending = shape(CR, LF, status, CR, ETX)
            answers.append(shape(LF, times(_SHOWN, length), UNIT_LETTERS, UNIT_LETTERS, ending))
            answers += [shape(LF, bar * length, ending) for bar in _BARS]
            answers += [shape(LF, bar * length, UNIT_LETTERS, UNIT_LETTERS, ending) for bar in _BARS[:2]]
    return tuple(answers)


class Nci(NciLanguage):
    """NCI's language; see `ScaleProtocol`."""

    def __init__(self) -> None:
        """Begin in step."""
        super().__init__(_shapes())

    def _read(self, frame: bytes) -> Finding | None:
        weight, _, rest = frame[1:-2].partition(b"\r\n")
        if not rest:
            return self._status_alone(weight)
        if weight[:1] in _BARS and weight[:2].strip(b"-^_") == b"":
            against = trouble(rest)
            return None if against is None else Weighed(against)
        grams = shown_grams(weight[:-2], weight[-2:])
        return None if grams is None else self._weight(grams, rest)
