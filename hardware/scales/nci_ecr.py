"""NCI-ECR, Weigh-Tronix's protocol for cash registers: as NCI, with fixed figures and `S` before the status.

Source: Mettler-Toledo, DIVA Service Manual 72191202, section 6.1.1: the weight has five figures and its point, leading
zeroes are sent, units are in capitals; while the weight is moving, negative or out of capacity only the status is sent.
"""

from typing import Final

from hardware.scales.frames import CR, DIGITS, ETX, LF, Shape, shape, times
from hardware.scales.nci_status import POUNDS_AND_OUNCES, STATUSES, NciLanguage, pounds_and_ounces, shown_grams
from hardware.scales.protocol import Finding

_FIGURES: Final = DIGITS | frozenset(b".")
_UNITS: Final = (b"KG", b"LB", b"OZ")


def _shapes() -> tuple[Shape, ...]:
    answers = []
    for status in STATUSES:
        ending = shape(LF, b"S", status, CR, ETX)
        answers += [ending, shape(LF, POUNDS_AND_OUNCES, CR, ending)]
        answers += [shape(LF, times(_FIGURES, 6), unit, CR, ending) for unit in _UNITS]
        answers.append(shape(LF, times(_FIGURES, 6), b"G", CR, ending))
    return tuple(answers)


class NciEcr(NciLanguage):
    """NCI-ECR's language; see `ScaleProtocol`."""

    def __init__(self) -> None:
        """Begin in step."""
        super().__init__(_shapes())

    def _read(self, frame: bytes) -> Finding | None:
        weight, _, rest = frame[1:-2].partition(b"\r\nS")
        if not rest:
            return self._status_alone(weight[1:])
        mixed = weight[1:4] == b"LB "
        grams = pounds_and_ounces(weight) if mixed else shown_grams(weight[:6], weight[6:])
        return None if grams is None else self._weight(grams, rest)
