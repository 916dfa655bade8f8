"""Tells a keyboard-wedge scanner's burst of keys from a person's typing.

A wedge scanner types its code a few milliseconds a key and ends with Enter or Tab (devices.md, Scanners). Keys are
held back for as long as they could be the beginning of a burst, a few hundredths of a second, and then either come
out as one scan or are given back in order. Nothing typed is lost or doubled, and the Enter of a scan goes nowhere.

The time of a key is the time its event carries, so a screen that was busy for a moment does not change what it was.
"""

from dataclasses import dataclass, field
from enum import Enum
from typing import Final

GROUP_SEPARATOR: Final = "\x1d"
_MILLISECOND_NS: Final = 1_000_000
_ALT_CODE_DIGITS: Final = 4


@dataclass(frozen=True, slots=True)
class WedgeSettings:
    """How the scanner at this till types."""

    gap_ms: int = 35
    """Keys further apart than this were typed by a person."""

    pause_ms: int = 150
    """How long a burst that is certainly a scanner's may pause before its next key."""

    minimum_length: int = 4
    """Shorter bursts are typing: nobody types four keys and Enter at a scanner's speed."""

    maximum_length: int = 4096
    """A burst is cut off here, as a scan of its own; the longest QR code has 4,296 characters."""

    prefix: str = ""
    """What the scanner sends before a code, where it was set to."""

    suffix: str = ""
    """What it sends between the code and Enter, where it was set to."""

    terminators: str = "\r\n\t"
    """Keys that end a code."""


class KeyKind(Enum):
    """What a key is to the filter."""

    CHARACTER = "character"
    ALT_DIGIT = "alt_digit"
    """A digit on the number pad with Alt held: a scanner that sends control characters as Alt codes."""

    MODIFIER = "modifier"
    """Shift, Alt, Ctrl by themselves."""

    OTHER = "other"
    """Arrows, function keys, auto-repeats: never part of a code."""


@dataclass(frozen=True, slots=True)
class KeyStroke:
    """One key that went down."""

    kind: KeyKind
    text: str
    """The character it gives; `\\r` for Enter, `\\t` for Tab, `\\x1d` for GS."""

    at_ns: int
    """When, in nanoseconds of a clock that never goes back."""

    token: int = 0
    """The caller's name for its key event, handed back when the key is to be replayed."""


@dataclass(frozen=True, slots=True)
class BurstOutcome:
    """What to do after a key or a pause, in this order: scans and replays as they happened, then the key itself."""

    scans: tuple[str, ...] = ()
    """Codes that were read, without prefix, suffix and terminator."""

    replay: tuple[int, ...] = ()
    """Tokens of held keys that were typing, in their order."""

    pass_through: bool = False
    """Whether the key just pressed goes on its way; otherwise it is held or swallowed."""


_NOTHING: Final = BurstOutcome()


@dataclass(slots=True)
class _Held:
    tokens: list[int] = field(default_factory=list)
    text: list[str] = field(default_factory=list)
    alt_code: str = ""
    last_ns: int = 0

    def characters(self) -> str:
        self.end_alt_code()
        return "".join(self.text)

    def end_alt_code(self) -> None:
        if self.alt_code:
            code = int(self.alt_code)
            if 0 < code < 256:
                self.text.append(chr(code))
            self.alt_code = ""


class BurstFilter:
    """The state of one keyboard: what is held back now.

    The caller presses every key into it, asks `deadline_ns` when to call `expire`, and does what the outcomes say.
    """

    def __init__(self, settings: WedgeSettings | None = None) -> None:
        """Begin with nothing held."""
        self.settings = settings or WedgeSettings()
        self._held = _Held()
        self._scan_ended_ns: int | None = None

    @property
    def holding(self) -> bool:
        """Whether keys are held back at the moment."""
        return bool(self._held.tokens)

    @property
    def deadline_ns(self) -> int | None:
        """When held keys stop being a possible scan; None where none are held."""
        if not self._held.tokens:
            return None
        return self._held.last_ns + self._patience_ns()

    def press(self, key: KeyStroke) -> BurstOutcome:
        """Take a key that went down."""
        if key.kind is KeyKind.MODIFIER:
            return BurstOutcome(pass_through=True)
        late = self.expire(key.at_ns)
        if key.kind is KeyKind.OTHER:
            return BurstOutcome(replay=late.replay + self._give_back(), pass_through=True)
        if key.text in self.settings.terminators and key.kind is KeyKind.CHARACTER:
            return self._end(key, late)
        return self._hold(key, late)

    def expire(self, now_ns: int) -> BurstOutcome:
        """Give held keys back if they have waited too long for the rest of a code."""
        deadline = self.deadline_ns
        if deadline is None or now_ns <= deadline:
            return _NOTHING
        return BurstOutcome(replay=self._give_back())

    def _patience_ns(self) -> int:
        certain = len(self._held.text) >= self.settings.minimum_length
        milliseconds = self.settings.pause_ms if certain else self.settings.gap_ms
        return milliseconds * _MILLISECOND_NS

    def _hold(self, key: KeyStroke, late: BurstOutcome) -> BurstOutcome:
        self._scan_ended_ns = None
        held = self._held
        if key.kind is KeyKind.ALT_DIGIT:
            held.alt_code += key.text
            if len(held.alt_code) >= _ALT_CODE_DIGITS:
                held.end_alt_code()
        else:
            held.end_alt_code()
            held.text.append(key.text)
        held.tokens.append(key.token)
        held.last_ns = key.at_ns
        prefix = self.settings.prefix
        if prefix and not _could_begin(prefix, "".join(held.text)):
            # Where the scanner announces itself, typing need not wait to be told from it.
            return BurstOutcome(scans=late.scans, replay=late.replay + self._give_back())
        if len(held.text) >= self.settings.maximum_length:
            return BurstOutcome(scans=(self._take_code(),), replay=late.replay)
        return late

    def _end(self, key: KeyStroke, late: BurstOutcome) -> BurstOutcome:
        if not self._held.tokens:
            swallowed = (
                self._scan_ended_ns is not None
                and key.at_ns - self._scan_ended_ns <= self.settings.gap_ms * _MILLISECOND_NS
            )
            # A scanner set to CR LF sends a second Enter at once; it must not press a button either.
            return BurstOutcome(replay=late.replay, pass_through=not swallowed)
        if not self._is_code():
            return BurstOutcome(replay=late.replay + self._give_back(), pass_through=True)
        self._scan_ended_ns = key.at_ns
        return BurstOutcome(scans=(self._take_code(),), replay=late.replay)

    def _is_code(self) -> bool:
        text = self._held.characters()
        settings = self.settings
        if not (text.startswith(settings.prefix) and text.endswith(settings.suffix)):
            return False
        return len(text) - len(settings.prefix) - len(settings.suffix) >= settings.minimum_length

    def _take_code(self) -> str:
        text = self._held.characters().removeprefix(self.settings.prefix)
        self._held = _Held()
        return text.removesuffix(self.settings.suffix)

    def _give_back(self) -> tuple[int, ...]:
        tokens = tuple(self._held.tokens)
        self._held = _Held()
        return tokens


def _could_begin(prefix: str, text: str) -> bool:
    return text.startswith(prefix) or prefix.startswith(text)
