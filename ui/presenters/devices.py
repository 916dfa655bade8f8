"""What the cashier's window says of devices: which lights stand there, and what is announced, once."""

from dataclasses import dataclass
from typing import Final

from app.checkout.views import DeviceStatusView, Notice, Severity
from app.devices.conditions import DeviceCondition
from app.values.wording import wording

ALWAYS_LIT: Final = ("headquarters", "payments", "printer", "scale", "scanner")
"""Have a light at every till, also where they are not set up."""

LIT_AT_NEED: Final = ("members", "drawer", "customer_display", "card_terminal", "rfid")
"""Have a light only while somebody should look, in this order."""

BACK_SHOWN_S: Final = 4.0
"""How long it is said that a device is back."""

_STANDS_OPEN: Final = frozenset({"drawer"})
"""Devices whose call for attention is told in words as well: nobody looks for a light they never saw."""

_LIT_WHEN_UNUSABLE: Final = frozenset({"members"})
"""That it is being made ready calls nobody."""

_NOT_ON_BENCH: Final = frozenset({"headquarters", "store", "payments", "members"})
_BACK: Final = {
    "headquarters": wording("Headquarters can be reached again."),
    "printer": wording("The printer is back."),
    "scale": wording("The scale is back."),
    "scanner": wording("The scanner is back."),
    "drawer": wording("The cash drawer is back."),
    "customer_display": wording("The customer display is back."),
    "card_terminal": wording("The card terminal is back."),
    "rfid": wording("The RFID reader is back."),
    "payments": wording("Every way to pay can be used again."),
    "members": wording("Members can be looked up again, and points and stored value can pay."),
}
_ANY_BACK: Final = wording("The device is back.")


@dataclass(frozen=True, slots=True)
class DeviceNews:
    """What is to be done about a device's new status."""

    show: Notice | None = None
    """To be shown now."""

    clear: Notice | None = None
    """To be taken away, where it is what stands there."""

    alarm: bool = False
    """Whether the attention sound is to be heard."""

    passing: bool = False
    """Whether `show` goes away by itself after `BACK_SHOWN_S`."""


@dataclass(slots=True)
class _Known:
    """What is known of one device."""

    status: DeviceStatusView
    told: Notice | None = None
    """Said of its present absence or attention; None where nothing was."""

    wants_telling: bool = False


class DevicePresenter:
    """Remembers how every device is and what of it was said.

    A device that is away is announced once, however often it says so while it is looked for; it is announced later
    where the strip holds something else. That it is back is said only where its absence was.
    """

    def __init__(self) -> None:
        """Begin with no device."""
        self._known: dict[str, _Known] = {}

    def take(self, status: DeviceStatusView, shown: Notice | None, *, busy: bool = False) -> DeviceNews:
        """Take a device's status.

        Args:
            status: how it is now.
            shown: what the notice strip holds now.
            busy: whether an answer of the till is on its way, which would cover at once what is said now.
        """
        known = self._known.get(status.device)
        before = None if known is None else known.status.condition
        if known is None:
            known = self._known[status.device] = _Known(status)
        known.status = status
        if status.condition is before:
            return self._same(known, shown)
        if status.condition.unusable:
            return self._begin(known, shown, busy=busy)
        if status.condition is DeviceCondition.ATTENTION and status.device in _STANDS_OPEN:
            return self._begin(known, shown, busy=busy)
        return self._end(known, shown, was_away=before is not None and before.unusable)

    def remind(self, device: str) -> None:
        """Say again that a device cannot be used, at the next occasion: somebody wants something of it just now."""
        known = self._known.get(device)
        if known is not None and known.status.condition.unusable:
            known.told, known.wants_telling = None, True

    def _same(self, known: _Known, shown: Notice | None) -> DeviceNews:
        """Keep what stands there true, without telling it again."""
        if known.told is None or known.told != shown or known.told.sentence == known.status.sentence:
            return DeviceNews()
        known.told = self._notice(known)
        return DeviceNews(show=known.told)

    def _begin(self, known: _Known, shown: Notice | None, *, busy: bool) -> DeviceNews:
        told, known.told = known.told, None
        known.wants_telling = True
        if busy or (shown is not None and shown != told and not self._gives_way(shown, known)):
            return DeviceNews(alarm=self._is_alarming(known))
        return DeviceNews(show=self._tell(known), alarm=self._is_alarming(known))

    def _gives_way(self, shown: Notice, known: _Known) -> bool:
        """Whether what stands in the strip makes room: good news always, a device that works for one that does not."""
        if shown.severity in {Severity.GOOD, Severity.INFO}:
            return True
        lesser = any(other.told == shown and not other.status.condition.unusable for other in self._known.values())
        return lesser and known.status.condition.unusable

    def _end(self, known: _Known, shown: Notice | None, *, was_away: bool) -> DeviceNews:
        told, known.told, known.wants_telling = known.told, None, False
        if told is None:
            return DeviceNews()
        there_again = known.status.condition in {DeviceCondition.READY, DeviceCondition.ATTENTION}
        if was_away and there_again and (shown is None or shown == told):
            back = Notice(Severity.GOOD, _BACK.get(known.status.device, _ANY_BACK))
            return DeviceNews(show=back, clear=told, passing=True)
        return DeviceNews(clear=told)

    @staticmethod
    def _is_alarming(known: _Known) -> bool:
        """Whether it is heard: an open drawer is seen by whoever stands in front of it."""
        return known.status.condition.unusable

    @staticmethod
    def _notice(known: _Known) -> Notice:
        return Notice(Severity.WARNING, known.status.sentence)

    def _tell(self, known: _Known) -> Notice:
        known.wants_telling = False
        known.told = self._notice(known)
        return known.told

    @property
    def has_untold(self) -> bool:
        """Whether something is still to be said."""
        return any(known.wants_telling for known in self._known.values())

    def untold(self) -> Notice | None:
        """Return what is still to be said now that the strip is free; it counts as said."""
        waiting = next((known for known in self._known.values() if known.wants_telling), None)
        return None if waiting is None else self._tell(waiting)

    def is_about_a_device(self, notice: Notice | None) -> bool:
        """Whether a notice is one of a device's: the way to the device bench stands beside it."""
        if notice is None:
            return False
        tried = (known for device, known in self._known.items() if device not in _NOT_ON_BENCH)
        return any(notice.sentence == known.status.sentence for known in tried)

    def lit(self) -> tuple[DeviceStatusView, ...]:
        """Return what has a light only at need and needs one now."""
        found = (self._known.get(device) for device in LIT_AT_NEED)
        return tuple(known.status for known in found if known is not None and _needs_light(known.status))


def _needs_light(status: DeviceStatusView) -> bool:
    if status.device in _LIT_WHEN_UNUSABLE:
        return status.condition.unusable
    return status.condition in {DeviceCondition.ATTENTION, DeviceCondition.STOPPED, DeviceCondition.AWAY}


def worst(statuses: tuple[DeviceStatusView, ...]) -> DeviceStatusView:
    """Return the one that a light for several stands for: what is away before what asks for attention."""
    return next((status for status in statuses if status.condition.unusable), statuses[0])
