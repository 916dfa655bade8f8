"""Turns what each class of device says into what the till and its screens are told."""

from collections.abc import Callable
from typing import Final

from app.checkout.requests import ReadTags
from app.checkout.views import DeviceStatusView, Notice, Severity, Sound
from app.commands.devices.attached import Attached, condition_of
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


def hear_printer(device: Attached, listeners: Listeners, event: object) -> None:
    """Take note of the drawer that hangs on a printer; its jobs and state go another way (`PrinterBehind`)."""
    from hardware.printers.queue import DrawerLeftOpen, PrinterStatusUpdate

    if isinstance(event, DrawerLeftOpen):
        listeners.device_status(DeviceStatusView("drawer", condition_of(event.state.value), event.sentence))
    elif isinstance(event, PrinterStatusUpdate):
        device.know("drawer", wording("Drawer"), _drawer_words(event.drawer_open))
        if event.drawer_open is not None:
            listeners.device_status(_drawer_light(event.drawer_open))


def hear_drawer(device: Attached, listeners: Listeners, event: object) -> None:
    """Show a drawer on a port of its own."""
    from hardware.drawers.worker import DrawerStatus
    from hardware.printers.queue import DrawerStayedShut

    if isinstance(event, DrawerStatus):
        device.reading = _drawer_words(event.is_open)
        if event.is_open is not None:
            listeners.device_status(_drawer_light(event.is_open))
    elif isinstance(event, DrawerStayedShut):
        listeners.device_status(DeviceStatusView("drawer", DeviceCondition.ATTENTION, event.sentence))


def _drawer_light(is_open: bool) -> DeviceStatusView:
    if is_open:
        return DeviceStatusView("drawer", DeviceCondition.ATTENTION, wording("The cash drawer stands open."))
    return DeviceStatusView("drawer", DeviceCondition.READY, wording("The cash drawer is closed."))


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
    """Return a code as the bench may show it: its middle hidden where it may be a shopper's payment code."""
    plain = "".join(letter if letter.isprintable() else "·" for letter in data[:_MOST_SHOWN])
    may_pay = 16 <= len(data) <= 24 and data.isdigit()
    return f"{plain[:6]}{'•' * (len(plain) - 8)}{plain[-2:]}" if may_pay else plain


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
