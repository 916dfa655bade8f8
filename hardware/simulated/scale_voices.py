"""How scales speak: each voice answers as the make's manual says, written apart from the drivers that listen to it."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from enum import Enum
from typing import ClassVar, Final, Protocol


class Condition(Enum):
    """How a scale is."""

    FAULT = "fault"
    NOT_ZEROED = "not_zeroed"
    OVER = "over"
    MOVING = "moving"
    UNDER = "under"
    EMPTY = "empty"
    MINIMUM = "minimum"
    STABLE = "stable"


@dataclass(frozen=True, slots=True)
class View:
    """What a scale's display shows."""

    condition: Condition
    net_grams: int
    tare_grams: int


def kilograms(grams: int) -> str:
    """Return what a display shows.

    >>> kilograms(1245), kilograms(-50)
    ('1.245', '-0.050')
    """
    whole, rest = divmod(abs(grams), 1000)
    return f"{'-' if grams < 0 else ''}{whole}.{rest:03d}"


class Keys(Protocol):
    """A scale as its voice sees it."""

    @property
    def view(self) -> View:
        """What its display shows now."""

    def press_zero(self) -> bool:
        """Press its zero key; whether it took zero."""

    def press_tare(self) -> bool:
        """Press its tare key; whether it took the tare."""

    def set_tare(self, grams: int) -> bool:
        """Key in a tare; whether it took it."""


class Voice(ABC):
    """One make's way to speak."""

    speaks_every_s: float | None = None
    """How often it speaks unasked; None where it only answers."""

    longest_command: ClassVar[int] = 64

    def __init__(self) -> None:
        """Begin with nothing heard."""
        self._buffer = b""

    def hear(self, data: bytes, scale: Keys) -> list[bytes]:
        """Take bytes, any part of a command or several, and return what to answer, one after another."""
        self._buffer += data
        answers = []
        while self._buffer:
            taken, answer = self._command(self._buffer, scale)
            if not taken:
                break
            self._buffer = self._buffer[taken:]
            if answer:
                answers.append(answer)
        self._buffer = self._buffer[-self.longest_command :]
        return answers

    def forget(self) -> None:
        """Lose what is lost when the power goes."""
        self._buffer = b""

    @abstractmethod
    def _command(self, heard: bytes, scale: Keys) -> tuple[int, bytes]:
        """Obey the first command; return its length, 0 where it is not whole yet, and the answer."""

    def spoken(self, scale: Keys) -> bytes:
        """Return what it says unasked."""
        del scale
        return b""


class EightTwoOneSevenVoice(Voice):
    """Mettler-Toledo 8217, in kilograms."""

    def __init__(self) -> None:
        """Begin with nothing heard."""
        super().__init__()
        self._echoes = False

    def _command(self, heard: bytes, scale: Keys) -> tuple[int, bytes]:
        first = heard[:1]
        if self._echoes:
            self._echoes = first != b"F"
            return 1, first if self._echoes else b""
        if first == b"E":
            self._echoes = True
            return 1, b"\x02E\r"
        end = heard.find(b"\r") if first == b"T" else 0
        if end < 0:
            return 0, b""
        # "If a confidence test results in an error, the scale will not respond to the W or Z commands."
        silent = scale.view.condition is Condition.FAULT or first not in {b"W", b"Z", b"C", b"T"}
        return end + 1, b"" if silent else self._obeyed(first, heard[1:end], scale)

    def _obeyed(self, command: bytes, value: bytes, scale: Keys) -> bytes:
        if command == b"W":
            return self._weight(scale.view)
        if command == b"Z":
            scale.press_zero()
        elif command == b"C" or value.isdigit():
            scale.set_tare(int(value or b"0"))
        else:
            scale.press_tare()
        return self._status(scale.view)

    def _weight(self, view: View) -> bytes:
        if view.condition in {Condition.STABLE, Condition.EMPTY, Condition.MINIMUM} and view.net_grams >= 0:
            whole, rest = divmod(view.net_grams, 1000)
            return b"\x02%02d.%03d%s\r" % (whole, rest, b"N" if view.tare_grams else b"")
        return self._status(view)

    @staticmethod
    def _status(view: View) -> bytes:
        bits = 0x40 | (0x20 if view.tare_grams else 0)
        bits |= {Condition.MOVING: 1, Condition.OVER: 2, Condition.UNDER: 4, Condition.NOT_ZEROED: 8}.get(
            view.condition, 0
        )
        if view.condition is Condition.EMPTY and not view.tare_grams:
            bits |= 0x10
        if view.net_grams < 0 and view.tare_grams:
            bits |= 4
        if abs(view.net_grams + view.tare_grams) > 300:
            bits |= 8
        return b"\x02?" + bytes((bits,)) + b"\r"


class NciVoice(Voice):
    """NCI general, in kilograms: it sends what its display shows."""

    def _command(self, heard: bytes, scale: Keys) -> tuple[int, bytes]:
        end = heard.find(b"\r")
        if end < 0:
            return (1, b"") if len(heard) > self.longest_command else (0, b"")
        match heard[:end].strip():
            case b"W":
                return end + 1, self._weight(scale.view)
            case b"S":
                return end + 1, self._status(scale.view)
            case b"Z":
                scale.press_zero()
                return end + 1, self._status(scale.view)
            case _:
                return end + 1, b"\n?\r\x03"

    def _weight(self, view: View) -> bytes:
        bars = {Condition.OVER: b"^^^^^^", Condition.UNDER: b"______", Condition.NOT_ZEROED: b"------"}
        shown = bars.get(view.condition) or kilograms(view.net_grams).rjust(7).encode("ascii") + b"kg"
        return b"\n" + shown + b"\r\n" + self._bits(view) + b"\r\x03"

    def _status(self, view: View) -> bytes:
        return b"\n" + self._bits(view) + b"\r\x03"

    @staticmethod
    def _bits(view: View) -> bytes:
        first = 0x30 | (1 if view.condition is Condition.MOVING else 0)
        if view.condition is Condition.EMPTY:
            first |= 2
        if view.condition is Condition.FAULT:
            first |= 8
        second = 0x30 | {Condition.UNDER: 1, Condition.OVER: 2}.get(view.condition, 0)
        third = 0x30 | (4 if view.tare_grams else 0) | (8 if view.condition is Condition.NOT_ZEROED else 0)
        return bytes((first, second)) if third == 0x30 else bytes((first, second | 0x40, third))


class NciEcrVoice(NciVoice):
    """NCI-ECR, in kilograms."""

    def _weight(self, view: View) -> bytes:
        if view.condition in {Condition.STABLE, Condition.EMPTY, Condition.MINIMUM}:
            whole, rest = divmod(view.net_grams, 1000)
            return b"\n%02d.%03dKG\r" % (whole, rest) + self._status(view)
        return self._status(view)

    def _status(self, view: View) -> bytes:
        return b"\nS" + self._bits(view) + b"\r\x03"


_LETTERS: Final = {Condition.MOVING: b"U"}


def sealed(body: bytes, seal: int) -> bytes:
    """Return a CAS frame around the twelve bytes up to the unit."""
    for byte in body[2:]:
        seal ^= byte
    return body + bytes((seal, 3, 4))


class CasVoice(Voice):
    """CAS, in kilograms."""

    refuses_without_zero = True
    seal = 0
    """What the checksum begins with: what stands before the status where that is counted."""

    def _command(self, heard: bytes, scale: Keys) -> tuple[int, bytes]:
        view = scale.view
        match heard[0]:
            case 0x05:
                refuses = self.refuses_without_zero and view.condition is Condition.NOT_ZEROED
                return 1, b"" if view.condition is Condition.FAULT else b"\x15" if refuses else b"\x06"
            case 0x11:
                return 1, b"" if view.condition is Condition.FAULT else self._frame(view)
            case _:
                return 1, b""

    def _frame(self, view: View) -> bytes:
        if view.condition is Condition.OVER:
            return sealed(b"\x01\x02SFFFFFFFkg", self.seal)
        sign = b"-" if view.net_grams < 0 else b" "
        shown = kilograms(abs(view.net_grams)).rjust(6, "0").encode("ascii")
        return sealed(b"\x01\x02" + _LETTERS.get(view.condition, b"S") + sign + shown + b"kg", self.seal)


class Os2Voice(CasVoice):
    """顶尖 OS2, in kilograms, with the manual's checksum."""

    refuses_without_zero = False
    seal = 1 ^ 2

    def __init__(self, *, pushes: bool = True) -> None:
        """Say whether it speaks by itself."""
        super().__init__()
        self.speaks_every_s = 0.1 if pushes else None

    def _command(self, heard: bytes, scale: Keys) -> tuple[int, bytes]:
        if heard[:1] == b"<":
            if len(heard) < 5:
                return (0, b"") if b"<TK>\t".startswith(heard) or b"<ZK>\t".startswith(heard) else (1, b"")
            if heard[:5] == b"<TK>\t":
                scale.press_tare()
            elif heard[:5] == b"<ZK>\t":
                scale.press_zero()
            return 5, b""
        return super()._command(heard, scale) if self.speaks_every_s is None else (1, b"")

    def spoken(self, scale: Keys) -> bytes:
        """Return the weight and the second flag."""
        view = scale.view
        if view.condition is Condition.FAULT:
            return b""
        abnormal = view.condition in {Condition.OVER, Condition.NOT_ZEROED}
        flag = (0x10 if view.net_grams == 0 else 0) | (0x20 if view.tare_grams else 0) | (0x40 if abnormal else 0)
        return self._frame(view) + bytes((flag,))

    def _frame(self, view: View) -> bytes:
        sign = b"-" if view.net_grams < 0 else b" "
        letter = {Condition.MOVING: b"U", Condition.OVER: b"F", Condition.NOT_ZEROED: b"F"}.get(view.condition, b"S")
        grams = 0 if view.condition is Condition.NOT_ZEROED else abs(view.net_grams)
        shown = kilograms(grams).rjust(6, "0").encode("ascii")
        return sealed(b"\x01\x02" + letter + sign + shown + b"kg", self.seal)


class Prix3Voice(Voice):
    """Toledo Prix III."""

    def _command(self, heard: bytes, scale: Keys) -> tuple[int, bytes]:
        view = scale.view
        if heard[0] != 0x05 or view.condition is Condition.FAULT:
            return 1, b""
        letters = {
            Condition.MOVING: b"IIIII",
            Condition.NOT_ZEROED: b"IIIII",
            Condition.UNDER: b"NNNNN",
            Condition.OVER: b"SSSSS",
        }.get(view.condition)
        return 1, b"\x02" + (letters or b"%05d" % max(0, view.net_grams)) + b"\x03"


class PatternVoice(Voice):
    """爱华 ACS-P215, sending without end."""

    speaks_every_s = 0.1

    def _command(self, heard: bytes, scale: Keys) -> tuple[int, bytes]:
        del heard, scale
        return 1, b""

    def spoken(self, scale: Keys) -> bytes:
        """Return the weight in grams; it has no words for anything else, and stops where it shows no weight."""
        view = scale.view
        if view.condition in {Condition.FAULT, Condition.OVER, Condition.UNDER, Condition.NOT_ZEROED}:
            return b"\r  ----"
        return b"\r %04d" % min(9999, max(0, view.net_grams))
