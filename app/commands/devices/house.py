"""All devices of a till: started behind it, heard, told what the till shows, and let go at its end.

A device that cannot be used never keeps the till shut: its light says why.
"""

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final, cast

from app.checkout.pole_display import display_language, display_of
from app.checkout.ports import PrintState, ReceiptOrder
from app.checkout.requests import OpenDrawer
from app.checkout.views import DeviceStatusView, Notice, QuestionKind, Severity, Sound, TillView
from app.commands.configuration import Configuration
from app.commands.devices import attached as kinds
from app.commands.devices import hearing
from app.commands.devices.attached import Attached, Kind, Worker
from app.commands.devices.listeners import Listeners
from app.commands.printing import PrinterBehind
from app.devices.conditions import DeviceCondition
from app.devices.frames import FrameSource
from app.devices.line_display import DisplayContent, DisplayPurpose
from app.payments.card_terminal import CardTerminal, PurchaseRequest
from app.values.clock import Clock
from app.values.identifiers import Identities
from app.values.problems import Problem
from app.values.wording import Wording, wording

if TYPE_CHECKING:
    from hardware.conversation import Watcher
    from hardware.displays.worker import LineDisplayWorker
    from hardware.drawers.worker import DrawerWorker
    from hardware.printers.driver import PrinterDriver

_logger = logging.getLogger(__name__)

_SETTLING_S: Final = 0.8
"""How long the till has the processor to itself before the libraries of devices load."""

_THROUGH_PRINTER: Final = "printer"
"""The driver of a drawer that hangs on the receipt printer."""

_WORST_FIRST: Final = (
    DeviceCondition.AWAY,
    DeviceCondition.STOPPED,
    DeviceCondition.ATTENTION,
    DeviceCondition.READY,
    DeviceCondition.ABSENT,
)
_ABSENT: Final = wording("Not set up at this till.")
_KEYBOARD: Final = wording("Ready for scanners that type as a keyboard does.")


@dataclass(frozen=True, slots=True)
class HouseParts:
    """What a house of devices is made with where it is not the real thing."""

    printer_driver: "PrinterDriver | None" = None
    """A driver at hand, used instead of the configured one."""

    frames: Callable[[str], FrameSource] | None = None
    """Opens the camera of a name; None where there is no window that could."""

    watchers: "Mapping[str, Watcher]" = field(default_factory=dict)
    """Who else is told the bytes of a device, by its name."""

    at_a_till: bool = True
    """Whether a till stands behind the listeners, which opens drawers and writes that down."""


class DeviceHouse:
    """The devices of one till; a `ReceiptPrinter` for it, and what its screens and the bench look at."""

    def __init__(
        self,
        configuration: Configuration,
        listeners: Listeners,
        clock: Clock,
        identities: Identities,
        parts: HouseParts | None = None,
    ) -> None:
        """Begin with the printer; the other devices come a moment later."""
        self._configuration = configuration
        self._listeners = listeners
        self._clock = clock
        self._identities = identities
        self._parts = parts or HouseParts()
        self._lock = threading.RLock()
        self._lights = threading.Lock()
        self._drawer = hearing.DrawerLight()
        self._weighing: tuple[int | None, str] | None = None
        self._view: TillView | None = None
        self._early_kick = ""
        self._begun = False
        self._terminal_heard: Callable[[object], None] = lambda _event: None
        self._ending = threading.Event()
        printer = self._attach("printer", kinds.RECEIPT_PRINTER, configuration.printer)
        others = self._described()
        self.attached: tuple[Attached, ...] = (printer, *(device for device, _ in others))
        """Every configured device, the printer first."""

        self.printer = PrinterBehind(
            configuration.printer,
            listeners,
            self._parts.printer_driver,
            wrap=printer.wrap,
            heard=lambda event: self._heard(printer, hearing.hear_printer, event, light=False),
        )
        printer.worker = self.printer
        self._show_absent()
        self._thread = threading.Thread(target=self._begin, args=(others,), name="device-starter", daemon=True)
        self._thread.start()

    def _attach(self, name: str, kind: Kind, section: Any) -> Attached:  # noqa: ANN401 - each kind has its own section
        return Attached(
            name,
            kind,
            section.driver,
            section.settings,
            also_watched=self._parts.watchers.get(name),
        )

    # Starting, on a thread of its own.

    def _described(self) -> tuple[tuple[Attached, Callable[[Attached], Worker]], ...]:
        """Return what the configuration names beside the printer, and how each is built."""
        found = self._configuration
        named: list[tuple[str, Kind, Any, Callable[[Attached], Worker]]] = []
        if found.scale is not None:
            named.append(("scale", kinds.SCALE, found.scale, self._build_scale))
        named.extend((section.name, kinds.SCANNER, section, self._build_scanner) for section in found.scanner)
        if found.customer_display is not None:
            named.append(("customer_display", kinds.LINE_DISPLAY, found.customer_display, self._build_display))
        if found.drawer is not None and found.drawer.driver != _THROUGH_PRINTER:
            named.append(("drawer", kinds.CASH_DRAWER, found.drawer, self._build_drawer))
        if found.card_terminal is not None:
            named.append(("card_terminal", kinds.CARD_TERMINAL, found.card_terminal, self._build_terminal))
        if found.rfid is not None:
            named.append(("rfid", kinds.RFID_READER, found.rfid, self._build_rfid))
        return tuple((self._attach(name, kind, section), build) for name, kind, section, build in named)

    def _show_absent(self) -> None:
        lights = {device.kind.light for device in self.attached}
        for light in ("scale", "headquarters"):
            if light not in lights:
                self._listeners.device_status(DeviceStatusView(light, DeviceCondition.ABSENT, _ABSENT))
        if "scanner" not in lights:
            self._listeners.device_status(DeviceStatusView("scanner", DeviceCondition.READY, _KEYBOARD))

    def _begin(self, others: tuple[tuple[Attached, Callable[[Attached], Worker]], ...]) -> None:
        self._ending.wait(_SETTLING_S)
        for device, build in others:
            if self._ending.is_set():
                return
            try:
                self._begin_device(device, build(device))
            except Problem as problem:
                self._cannot(device, problem.sentence)
            except Exception:
                _logger.exception("device_not_started", extra={"device": device.name})
                self._cannot(device, wording("{device} could not be started. The log says why.", device=device.name))
        with self._lock:
            self._begun = True

    def _begin_device(self, device: Attached, worker: Worker) -> None:
        with self._lock:
            if self._ending.is_set():
                return
            device.worker = worker
            worker.start()
        self._tell_again(device)

    def _cannot(self, device: Attached, sentence: Wording) -> None:
        device.condition, device.sentence = DeviceCondition.AWAY, sentence
        self._show_light(device)

    def _tell_again(self, device: Attached) -> None:
        """Tell a device that has just come what the till shows already."""
        with self._lock:
            weighing, view = self._weighing, self._view
            kick, self._early_kick = (
                (self._early_kick, "") if device.kind is kinds.CASH_DRAWER else ("", self._early_kick)
            )
            worker: Any = device.worker
            if device.kind is kinds.SCALE and weighing is not None:
                worker.expect(*weighing)
            if device.kind is kinds.LINE_DISPLAY and view is not None:
                worker.show(self._content(view, worker))
            if kick:
                worker.open_drawer(kick)

    def _hears(self, device: Attached, hear: hearing.Hear) -> Callable[[object], None]:
        return lambda event: self._heard(device, hear, event)

    def _build_scale(self, device: Attached) -> Worker:
        from hardware.scales.configuration import build_scale

        hears = self._hears(device, hearing.hear_scale)
        return build_scale(device.driver, device.settings, hears, device=device.name, wrap=device.wrap)

    def _build_scanner(self, device: Attached) -> Worker:
        from hardware.scanners.configuration import build_scanner

        wants_camera = device.driver == "camera" and not device.settings.get("folder")
        return build_scanner(
            device.driver,
            device.settings,
            self._hears(device, hearing.hear_scanner),
            device=device.name,
            clock=self._clock,
            wrap=device.wrap,
            frames=self._camera(device) if wants_camera else None,
        )

    def _camera(self, device: Attached) -> FrameSource | None:
        return self._parts.frames(str(device.settings.get("camera", ""))) if self._parts.frames is not None else None

    def _build_display(self, device: Attached) -> Worker:
        from hardware.displays.configuration import build_line_display

        hears = self._hears(device, hearing.hear_nothing)
        return build_line_display(device.driver, device.settings, hears, device=device.name, wrap=device.wrap)

    def _build_drawer(self, device: Attached) -> Worker:
        from hardware.drawers.configuration import build_drawer

        hears = self._hears(device, hearing.hear_drawer)
        return build_drawer(device.driver, device.settings, hears, device=device.name, wrap=device.wrap)

    def _build_terminal(self, device: Attached) -> Worker:
        from hardware.terminals.configuration import build_card_terminal

        hears = self._hears(device, hearing.hear_terminal)
        return build_card_terminal(device.driver, device.settings, hears, device=device.name, wrap=device.wrap)

    def _build_rfid(self, device: Attached) -> Worker:
        from hardware.rfid.configuration import build_rfid_reader

        hears = self._hears(device, hearing.hear_rfid)
        return build_rfid_reader(device.driver, device.settings, hears, device=device.name, wrap=device.wrap)

    # Hearing, on the devices' threads.

    def _heard(self, device: Attached, hear: hearing.Hear, event: object, *, light: bool = True) -> None:
        told = hearing.hear_status(device, event)
        if (sentence := hearing.refusal_in(event)) is not None:
            self._listeners.noticed(Notice(Severity.WARNING, sentence), Sound.ATTENTION)
        own_drawer = device.kind is kinds.CASH_DRAWER
        if own_drawer or (device.kind is kinds.RECEIPT_PRINTER and not self._has_own_drawer):
            with self._lights:
                if self._drawer.hear(event, own_port=own_drawer):
                    self._listeners.device_status(self._drawer.status)
        if told and light and not own_drawer:
            self._show_light(device)
        if device.kind is kinds.CARD_TERMINAL:
            self._terminal_heard(event)
        hear(device, self._listeners, event)

    def _show_light(self, device: Attached) -> None:
        """Show a device's light; of several behind one light the one that is worst."""
        with self._lights:
            self._show_worst(device)

    def _show_worst(self, device: Attached) -> None:
        alike = [other for other in self.attached if other.kind.light == device.kind.light]
        worst = min(alike, key=lambda other: _WORST_FIRST.index(other.condition))
        if worst.condition is not DeviceCondition.ABSENT:
            self._listeners.device_status(DeviceStatusView(device.kind.light, worst.condition, worst.sentence))

    # What the till's thread asks; returns at once.

    def submit(self, order: ReceiptOrder) -> bool:
        """Take a print order; the drawer is kicked on its own port where it has one."""
        if not (order.opens_drawer and self._has_own_drawer):
            return self.printer.submit(order)
        kicked = self._kick_own_drawer(order.job_id)
        return kicked if order.receipt is None else self.printer.submit(replace(order, opens_drawer=False))

    def stored(self, job_id: str, state: PrintState) -> None:
        """Pass on that a report is in the store."""
        self.printer.stored(job_id, state)

    @property
    def _has_own_drawer(self) -> bool:
        return any(device.kind is kinds.CASH_DRAWER for device in self.attached)

    def _kick_own_drawer(self, job_id: str) -> bool:
        """Kick the drawer on its own port; one that is not there yet is kicked when it comes."""
        with self._lock:
            drawer = next((device.worker for device in self.attached if device.kind is kinds.CASH_DRAWER), None)
            if drawer is None:
                self._early_kick = job_id
                return not self._begun
        return cast("DrawerWorker", drawer).open_drawer(job_id)

    def follow(self, view: TillView) -> None:
        """Let scale and customer's display follow what the till shows.

        No fault of theirs keeps a view from the screens.
        """
        try:
            self._follow(view)
        except Exception:
            _logger.exception("devices_do_not_follow")

    def _follow(self, view: TillView) -> None:
        question = view.question
        weighing = (
            (question.unit_price_minor, str(question.product_name))
            if question is not None and question.kind is QuestionKind.WEIGHT and question.on_scale
            else None
        )
        with self._lock:
            scale_changed = weighing != self._weighing
            self._weighing, self._view = weighing, view
            if scale_changed and (scale := self._worker_of(kinds.SCALE)) is not None:
                if weighing is None:
                    scale.rest()
                else:
                    scale.expect(*weighing)
        if (display := self._worker_of(kinds.LINE_DISPLAY)) is not None:
            display.show(self._content(view, display))

    def _content(self, view: TillView, display: "LineDisplayWorker") -> DisplayContent:
        language = display_language(self._configuration.printer.language, chinese=display.capabilities.chinese)
        return display_of(view, language)

    def zero_scale(self) -> bool:
        """Have the scale set to zero; false where there is none or it cannot."""
        scale = self._worker_of(kinds.SCALE)
        return scale is not None and bool(scale.zero())

    def pay_at_terminal(self, heard: Callable[[object], None]) -> None:
        """Let the payments hear what the card terminal says, on its thread; `heard` returns at once."""
        self._terminal_heard = heard

    @property
    def card_terminal(self) -> CardTerminal | None:
        """The card terminal; None where there is none, or it could not be started."""
        return cast("CardTerminal | None", self._worker_of(kinds.CARD_TERMINAL))

    @property
    def card_terminal_condition(self) -> DeviceCondition:
        """How the card terminal is."""
        conditions = [device.condition for device in self.attached if device.kind is kinds.CARD_TERMINAL]
        return conditions[0] if conditions else DeviceCondition.ABSENT

    # What the bench asks.

    @property
    def at_a_till(self) -> bool:
        """Whether there is a till that opens a real drawer and writes it down."""
        return self._parts.at_a_till

    def print_test_page(self) -> bool:
        """Print the page a printer is tried with; false where the printer takes no orders."""
        place = self.attached[0].place
        return self.printer.submit_page(self._identities.new(), place)

    @property
    def drawer_is_simulated(self) -> bool:
        """Whether the drawer that a kick opens is one that is not there: on its own port, or on the printer."""
        wanted = kinds.CASH_DRAWER if self._has_own_drawer else kinds.RECEIPT_PRINTER
        return any(device.kind is wanted and device.twin is not None for device in self.attached)

    def kick_simulated_drawer(self) -> bool:
        """Open a drawer that is not there. A real one is opened by the till, which writes it into the journal."""
        return self.submit(ReceiptOrder(self._identities.new(), None, opens_drawer=True))

    def open_drawer(self, reason: str) -> None:
        """Ask the till to open the drawer: it knows who may, and writes it down before."""
        self._listeners.asked(OpenDrawer(reason))

    def show_on_display(self, text: str) -> None:
        """Show a text until the till shows something else."""
        if (display := self._worker_of(kinds.LINE_DISPLAY)) is not None:
            display.show(DisplayContent(DisplayPurpose.IDLE, upper=text))

    def try_card_payment(self, amount_minor: int) -> bool:
        """Have the terminal ask for a small payment; false where it is busy."""
        terminal = self._worker_of(kinds.CARD_TERMINAL)
        request = PurchaseRequest(self._identities.new(), amount_minor, self._configuration.store.currency)
        return terminal is not None and bool(terminal.purchase(request))

    def _worker_of(self, kind: Kind) -> Any:  # noqa: ANN401 - each kind has its own worker
        with self._lock:
            return next((device.worker for device in self.attached if device.kind is kind), None)

    def close(self, timeout_s: float) -> None:
        """End every device's thread."""
        self._ending.set()
        self._thread.join(timeout_s)
        enders = [
            threading.Thread(target=device.worker.close, args=(timeout_s,), daemon=True)
            for device in self.attached
            if device.worker is not None
        ]
        for ender in enders:
            ender.start()
        for ender in enders:
            ender.join(timeout_s + 1.0)
        for device in self.attached:
            end = getattr(device.transport, "end", None)
            if end is not None:
                end()
