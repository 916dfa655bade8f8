"""Turns what each class of device says into what the till and its screens are told."""

from collections.abc import Callable
from typing import Final

from app.checkout.requests import ReadTags
from app.checkout.views import DeviceStatusView, Notice, Severity, Sound
from app.commands.devices.attached import Attached, condition_of
from app.commands.devices.discreet import masked_codes
from app.commands.devices.listeners import Listeners
from app.devices.conditions import DeviceCondition
from app.devices.weighing import WeightState
from app.payments.card_terminal import TerminalAnswered, TerminalPrompt
from app.values.quantity import SellingUnit, format_thousandths
from app.values.wording import Wording, wording

Hear = Callable[[Attached, Listeners, object], None]

_MOST_SHOWN: Final = 60
_TOO_MANY_TAGS: Final = wording("More tags answer than can be counted. Take goods off the reader and scan the rest.")


def hear_status(device: Attached, event: object) -> bool:
    """Take note of how a device is; whether the event told that."""
    from hardware.worker import ErrorEvent, StatusUpdate

    if isinstance(event, StatusUpdate):
        device.condition, device.sentence = condition_of(event.state.value), event.sentence
        return True
    if isinstance(event, ErrorEvent):
        device.condition, device.sentence = DeviceCondition.AWAY, event.sentence
        return True
    return False


def refusal_in(event: object) -> Wording | None:
    """Return what a device said when it would not do what it was asked; None where the event is another."""
    from hardware.worker import OrderRefused

    return event.sentence if isinstance(event, OrderRefused) else None


class DrawerLight:
    """What is known of the till's drawer, from its own port or from the printer it hangs on, as one light."""

    def __init__(self) -> None:
        """Nothing is known yet."""
        self._port: DeviceStatusView | None = None
        self._is_open: bool | None = None
        self._remark: Wording | None = None
        """That it has stood open too long, or stayed shut; until it moves."""

    def hear(self, event: object, *, own_port: bool) -> bool:
        """Take note of an event; whether it said anything of the drawer.

        Args:
            event: a drawer's or printer's.
            own_port: whether it comes from the drawer's own port, whose state is the drawer's.
        """
        from hardware.drawers.worker import DrawerStatus
        from hardware.printers.queue import DrawerLeftOpen, DrawerStayedShut, PrinterStatusUpdate
        from hardware.worker import DeviceState, ErrorEvent, StatusUpdate

        if isinstance(event, DrawerStatus):
            self._moved(event.is_open)
        elif isinstance(event, PrinterStatusUpdate):
            if event.drawer_open is self._is_open:
                return False
            self._moved(event.drawer_open)
        elif isinstance(event, DrawerLeftOpen):
            self._remark = event.sentence if event.state is DeviceState.ATTENTION else None
        elif isinstance(event, DrawerStayedShut):
            self._remark = event.sentence
        elif own_port and isinstance(event, StatusUpdate):
            self._port = DeviceStatusView("drawer", condition_of(event.state.value), event.sentence)
        elif own_port and isinstance(event, ErrorEvent):
            self._port = DeviceStatusView("drawer", DeviceCondition.AWAY, event.sentence)
        else:
            return False
        return True

    def _moved(self, is_open: bool | None) -> None:
        if is_open is not self._is_open:
            self._is_open, self._remark = is_open, None

    @property
    def status(self) -> DeviceStatusView:
        """How it is, the worst first."""
        if self._port is not None and self._port.condition.unusable:
            return self._port
        if self._remark is not None:
            return DeviceStatusView("drawer", DeviceCondition.ATTENTION, self._remark)
        if self._port is not None and self._port.condition is DeviceCondition.ATTENTION:
            return self._port
        if self._is_open:
            return DeviceStatusView("drawer", DeviceCondition.ATTENTION, wording("The cash drawer stands open."))
        if self._is_open is None:
            return DeviceStatusView("drawer", DeviceCondition.READY, wording("The cash drawer is ready."))
        return DeviceStatusView("drawer", DeviceCondition.READY, wording("The cash drawer is closed."))


def hear_printer(device: Attached, _listeners: Listeners, event: object) -> None:
    """Take note of the drawer that hangs on a printer; its jobs and state go another way (`PrinterBehind`)."""
    from hardware.printers.queue import PrinterStatusUpdate

    if isinstance(event, PrinterStatusUpdate):
        device.know("drawer", wording("Drawer"), _drawer_words(event.drawer_open))


def hear_drawer(device: Attached, _listeners: Listeners, event: object) -> None:
    """Take note of a drawer on a port of its own."""
    from hardware.drawers.worker import DrawerStatus

    if isinstance(event, DrawerStatus):
        device.reading = _drawer_words(event.is_open)


def _drawer_words(is_open: bool | None) -> Wording:
    if is_open is None:
        return wording("not known")
    return wording("open") if is_open else wording("closed")


def hear_scale(device: Attached, listeners: Listeners, event: object) -> None:
    """Bring weights to the screens."""
    from hardware.scales.worker import WeightRead

    if isinstance(event, WeightRead):
        reading = event.reading
        device.reading = (
            wording("{weight} kg", weight=format_thousandths(reading.grams, SellingUnit.KILOGRAM))
            if reading.state in {WeightState.STABLE, WeightState.MOVING, WeightState.EMPTY}
            else reading.sentence
        )
        device.know("weight", wording("Weight"), reading.sentence)
        listeners.scale_read(reading)


def hear_scanner(device: Attached, listeners: Listeners, event: object) -> None:
    """Bring codes to the screens, and say when one could not be read."""
    from hardware.scanners.readings import BadRead, CodeRead

    if isinstance(event, CodeRead):
        device.reading = _shown_code(event.scanned.data)
        device.know("symbology", wording("Symbology"), event.scanned.symbology or wording("not told"))
        listeners.scanned(event.scanned)
    elif isinstance(event, BadRead):
        listeners.noticed(Notice(Severity.WARNING, event.sentence), Sound.BAD_READ)


def _shown_code(data: str) -> str:
    """Return a code as the bench may show it, a shopper's payment code not to be read."""
    discreet = masked_codes(data.encode("utf-8", errors="replace")).decode("utf-8", errors="replace")
    return "".join(letter if letter.isprintable() else "·" for letter in discreet[:_MOST_SHOWN])


def hear_rfid(device: Attached, listeners: Listeners, event: object) -> None:
    """Bring tags to the till."""
    from hardware.rfid.worker import TagsSeen

    if isinstance(event, TagsSeen):
        device.reading = wording("Tags: {count}", count=len(event.epcs))
        if event.complete:
            listeners.asked(ReadTags(event.device, event.epcs))
        else:
            listeners.noticed(Notice(Severity.WARNING, _TOO_MANY_TAGS), Sound.ATTENTION)


def hear_terminal(device: Attached, _listeners: Listeners, event: object) -> None:
    """Show on the bench what a card terminal says; paying by it belongs to the payments."""
    if isinstance(event, TerminalPrompt):
        device.reading = event.sentence
    elif isinstance(event, TerminalAnswered):
        device.reading = event.outcome.reason


def hear_nothing(_device: Attached, _listeners: Listeners, _event: object) -> None:
    """A device that has nothing to say beside its state."""
