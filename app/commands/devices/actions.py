"""What a person can have each class of device do on the bench, and what can go wrong with a simulated one."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from app.commands.devices.attached import Attached
from app.devices.bench import ActionKind, BenchAction
from app.values.problems import Problem
from app.values.wording import Wording, wording

if TYPE_CHECKING:
    from app.commands.devices.house import DeviceHouse

Do = Callable[[str], Wording | None]
"""Takes what was typed; gives what to tell the person."""


class CannotTry(Problem):
    """Raised when an action of the bench cannot be done now; says why."""

    code = "CANNOT-TRY"


@dataclass(frozen=True, slots=True)
class Offered:
    """An action and what it does."""

    action: BenchAction
    do: Do


def actions_of(device: Attached, house: "DeviceHouse") -> tuple[Offered, ...]:
    """Return what can be done with a device now."""
    offered = [*_TRIED[device.kind.kind_id](device, house)]
    if device.twin is not None:
        offered += _BROKEN.get(device.kind.kind_id, _nothing)(device, house)
        offered += _cable_and_power(device)
        offered += _troubles(device)
    return tuple(offered)


def _nothing(_device: Attached, _house: "DeviceHouse") -> Iterator[Offered]:
    return iter(())


def _try(action_id: str, name: Wording, do: Do, prompt: Wording | None = None, suggestion: str = "") -> Offered:
    return Offered(BenchAction(action_id, name, ActionKind.TRY, prompt, suggestion), do)


def _fault(action_id: str, name: Wording, do: Callable[[], object], *, active: bool = False) -> Offered:
    return Offered(BenchAction(action_id, name, ActionKind.FAULT, active=active), _quietly(do))


def _quietly(do: Callable[[], object]) -> Do:
    def run(_: str) -> None:
        do()

    return run


def _accepted(taken: object, refusal: Wording) -> None:
    if not taken:
        raise CannotTry(refusal)


_NOT_NOW: Final = wording("The device takes no more orders now. Wait a moment.")


@dataclass(frozen=True, slots=True)
class _Typed:
    """A whole number as it was typed on the bench."""

    text: str
    least: int = 0
    most: int = 100_000
    value: int = field(init=False)

    def __post_init__(self) -> None:
        text = self.text.strip()
        digits = text.isascii() and text.isdigit() and len(text) <= len(str(self.most))
        if not (digits and self.least <= int(text) <= self.most):
            raise CannotTry(
                wording("Type a whole number from {least} to {most}.", least=self.least, most=f"{self.most:,}")
            )
        object.__setattr__(self, "value", int(text))


# Whatever its kind.


def _cable_and_power(device: Attached) -> Iterator[Offered]:
    twin = device.twin
    plugged, powered = twin.plugged_in, twin.powered
    yield _fault("unplug", wording("Unplugged"), twin.unplug if plugged else twin.plug_in, active=not plugged)
    yield _fault("power", wording("Switched off"), twin.switch_off if powered else twin.switch_on, active=not powered)


_TROUBLES: Final = {
    "silent": wording("Hears, never answers"),
    "noise": wording("Noise on the line"),
    "truncated": wording("Answers break off"),
    "flipped_bit": wording("One bit wrong"),
    "doubled": wording("Answers twice"),
    "in_pieces": wording("Byte by byte"),
    "flood": wording("Never stops talking"),
    "foreign": wording("Speaks another protocol"),
}


def _troubles(device: Attached) -> Iterator[Offered]:
    from hardware.simulated.device import Trouble

    present: frozenset[Any] = device.twin.troubles
    for trouble in Trouble:
        others = present ^ {trouble}
        yield _fault(
            f"trouble_{trouble.value}",
            _TROUBLES[trouble.value],
            partial(device.twin.suffer, *others),
            active=trouble in present,
        )


# Printer and drawer.

_BENCH_REASON: Final = "device bench"
_LITTLE_PAPER_DOTS: Final = 1200
_IN_A_RECEIPT_BYTES: Final = 400


def _try_printer(device: Attached, house: "DeviceHouse") -> Iterator[Offered]:
    def print_page(_: str) -> Wording:
        _accepted(house.print_test_page(), _NOT_NOW)
        return wording("The test page is on its way.")

    def again(_: str) -> None:
        house.printer.nudge()

    yield _try("test_page", wording("Print a test page"), print_page)
    yield _try("retry", wording("Try again now"), again)
    yield _try("open_drawer", wording("Open the drawer"), _opening(house))
    if device.twin is not None:
        yield _try("close_drawer", wording("Push the drawer in"), _quietly(device.twin.close_drawer))


def _break_printer(device: Attached, _house: "DeviceHouse") -> Iterator[Offered]:
    twin = device.twin
    out, opened, paused, broken = twin.paper_out, twin.cover_open, twin.paused, twin.broken
    yield _fault("paper_out", wording("Paper out"), twin.load_paper if out else twin.take_paper_out, active=out)
    yield _fault("paper_low", wording("Paper nearly out"), lambda: twin.load_paper(_LITTLE_PAPER_DOTS))
    yield _fault("cover", wording("Cover open"), twin.close_cover if opened else twin.open_cover, active=opened)
    yield _fault("pause", wording("Set offline"), twin.resume if paused else twin.pause, active=paused)
    yield _fault("jam_knife", wording("Knife jammed"), twin.repair if broken else twin.jam_knife, active=broken)
    yield _fault("jam_paper", wording("Paper jammed"), twin.jam_paper)
    yield _fault("overheat", wording("Print head too hot"), twin.overheat)
    yield _fault("break_down", wording("Broken down"), twin.break_down)
    yield _fault("die", wording("Loses power in the next receipt"), lambda: twin.die_after(_IN_A_RECEIPT_BYTES))


def _opening(house: "DeviceHouse") -> Do:
    """Open a simulated drawer; have the till open a real one, so that it stands in the journal who did and why.

    Which drawer it is the house knows: the printer's key may kick one on another port.
    """

    def open_drawer(_: str) -> Wording | None:
        if house.drawer_is_simulated:
            _accepted(house.kick_simulated_drawer(), _NOT_NOW)
            return None
        if not house.at_a_till:
            raise CannotTry(wording("Open the drawer at the till with F10, so that it is written down."))
        house.open_drawer(_BENCH_REASON)
        return wording("The till was asked to open the drawer.")

    return open_drawer


def _try_drawer(device: Attached, house: "DeviceHouse") -> Iterator[Offered]:
    yield _try("open_drawer", wording("Open the drawer"), _opening(house))
    if device.twin is not None:
        yield _try("push_in", wording("Push the drawer in"), _quietly(device.twin.push_in))
        yield _try("pull_open", wording("Pull the drawer open"), _quietly(device.twin.pull_open))


def _break_drawer(device: Attached, _house: "DeviceHouse") -> Iterator[Offered]:
    twin = device.twin
    jammed = twin.jammed
    yield _fault("jam", wording("Jammed"), twin.free if jammed else twin.jam, active=jammed)


# Scale.


def _try_scale(device: Attached, house: "DeviceHouse") -> Iterator[Offered]:
    twin = device.twin
    if twin is not None:

        def put_on(text: str) -> None:
            twin.put_on(_Typed(text).value)

        yield _try("put_on", wording("Put on the scale"), put_on, wording("Grams"), "1270")
        yield _try("take_off", wording("Take everything off"), _quietly(twin.take_off))

    def zero(_: str) -> None:
        _accepted(house.zero_scale(), wording("This scale is set to zero by its own key only."))

    yield _try("zero", wording("Set to zero"), zero)


def _break_scale(device: Attached, _house: "DeviceHouse") -> Iterator[Offered]:
    twin = device.twin
    shaken, jammed = twin.shaken, twin.jammed
    yield _fault("moving", wording("Never comes to rest"), lambda: twin.moving(not shaken), active=shaken)
    yield _fault("overload", wording("Overloaded"), twin.overload)
    yield _fault("under_zero", wording("Below zero"), twin.press_below_zero)
    yield _fault("lose_zero", wording("Forgets its zero"), twin.lose_zero)
    yield _fault("jam", wording("Load cell broken"), twin.repair if jammed else twin.jam, active=jammed)


# Scanner.

_A_CODE: Final = "6915549000159"


def _try_scanner(device: Attached, _house: "DeviceHouse") -> Iterator[Offered]:
    twin = device.twin
    if twin is not None:

        def scan(text: str) -> None:
            try:
                twin.scan(text.strip() or _A_CODE)
            except UnicodeError:
                raise CannotTry(wording("This code has a letter that no scanner sends. Type another.")) from None

        yield _try("scan", wording("Scan a code"), scan, wording("Code"), _A_CODE)


def _break_scanner(device: Attached, _house: "DeviceHouse") -> Iterator[Offered]:
    yield _fault("damaged_scan", wording("Reads a damaged code"), device.twin.damaged_scan)


# Display, terminal, RFID.


def _try_display(_device: Attached, house: "DeviceHouse") -> Iterator[Offered]:
    def show(text: str) -> None:
        house.show_on_display(text.strip())

    yield _try("show", wording("Show a text"), show, wording("Text"), "Guitai 12.80")


def _try_terminal(device: Attached, house: "DeviceHouse") -> Iterator[Offered]:
    def pay(text: str) -> None:
        _accepted(house.try_card_payment(_Typed(text, least=1).value), _NOT_NOW)

    # A real terminal charges real cards: only the till's own payments, which are written down, may ask it to.
    if device.twin is not None:
        yield _try("card_payment", wording("Ask for a trial payment"), pay, wording("Amount in fen"), "1")
        yield _try("present_card", wording("Hold a card to it"), _quietly(device.twin.present_card))
        yield _try("enter_pin", wording("Key in the PIN"), _quietly(device.twin.enter_pin))
        yield _try("press_cancel", wording("Press its red key"), _quietly(device.twin.press_cancel))


_TERMINAL_FAULTS: Final = {
    "declines": wording("Bank declines"),
    "holds_answer": wording("Keeps the answer back"),
    "loses_answer": wording("Loses the answer"),
    "doubles_answer": wording("Answers twice over"),
    "other_amount": wording("Answers another amount"),
    "in_part": wording("Approves half"),
    "other_service_id": wording("Answers another request"),
    "other_terminal": wording("Answers as another terminal"),
    "dies_before_charging": wording("Dies before charging"),
    "dies_after_charging": wording("Dies after charging"),
    "forgets": wording("Forgets everything"),
    "sends_card_number": wording("Sends a card number"),
    "prints_card_number": wording("Prints a card number"),
    "is_maintained": wording("Out of service"),
    "refuses_till": wording("Refuses this till"),
}


def _break_terminal(device: Attached, _house: "DeviceHouse") -> Iterator[Offered]:
    from hardware.simulated.card_terminal import TerminalFault

    twin = device.twin
    present: frozenset[Any] = twin.faults
    for fault in TerminalFault:
        others = present ^ {fault}
        yield _fault(
            fault.value,
            _TERMINAL_FAULTS[fault.value],
            partial(twin.fail, *others),
            active=fault in present,
        )
    yield _fault("let_go", wording("Sends what it kept back"), twin.let_go)


def _try_rfid(device: Attached, _house: "DeviceHouse") -> Iterator[Offered]:
    twin = device.twin
    if twin is not None:

        def put(text: str) -> None:
            tags = text.upper().split()
            if not tags or not all(_TAG.fullmatch(tag) for tag in tags):
                raise CannotTry(wording("Type tags as hexadecimal numbers, with spaces between them."))
            twin.put_tags(*tags)

        yield _try("put_tags", wording("Lay tags on the reader"), put, wording("Tags"), _sample_tags())
        yield _try("take_tags", wording("Take all tags away"), _quietly(twin.take_tags))


def _break_rfid(device: Attached, _house: "DeviceHouse") -> Iterator[Offered]:
    twin = device.twin
    connected = all(twin.antennas.values())
    turn = twin.disconnect_antenna if connected else twin.connect_antenna
    yield _fault("antenna", wording("Antenna off"), turn, active=not connected)
    yield _fault("refuse", wording("Refuses connections"), twin.refuse_connections)
    yield _fault("admit", wording("Takes connections"), lambda: twin.refuse_connections(refuse=False))
    yield _fault("errors", wording("Answers errors"), twin.answer_errors)
    yield _fault("no_errors", wording("Answers rightly"), lambda: twin.answer_errors(0))
    yield _fault("flicker", wording("Tags hard to read"), lambda: twin.flicker(*twin.tags))


_TAG: Final = re.compile(r"(?:[0-9A-F]{4}){1,31}")
"""Whole words of 16 bits, at most the 496 bits that a tag's memory bank holds."""


def _sample_tags() -> str:
    from app.catalogue.codes.epc import Sgtin, compose_epc

    return " ".join(compose_epc(Sgtin(f"0{_A_CODE}", str(serial))) for serial in (1001, 1002))


_TRIED: Final[dict[str, Callable[[Attached, "DeviceHouse"], Iterator[Offered]]]] = {
    "receipt_printer": _try_printer,
    "cash_drawer": _try_drawer,
    "scale": _try_scale,
    "scanner": _try_scanner,
    "line_display": _try_display,
    "card_terminal": _try_terminal,
    "rfid_reader": _try_rfid,
}
_BROKEN: Final[dict[str, Callable[[Attached, "DeviceHouse"], Iterator[Offered]]]] = {
    "receipt_printer": _break_printer,
    "scale": _break_scale,
    "scanner": _break_scanner,
    "card_terminal": _break_terminal,
    "rfid_reader": _break_rfid,
    "cash_drawer": _break_drawer,
}
