"""The top of the window: till and operator, the entry line, the lights, the clock."""

from datetime import timedelta
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.checkout.views import DeviceStatusView, StatusView
from app.devices.conditions import DeviceCondition
from app.values.wording import Wording, wording
from ui.cashier.first_paint import MARGIN_PX, STATUS_HEIGHT_PX
from ui.presenters.devices import worst
from ui.presenters.formatting import write_age, write_clock
from ui.settings import ScreenSettings
from ui.theme.look import Look
from ui.widgets.fields import Field
from ui.widgets.labels import TextLabel
from ui.widgets.status_light import StatusLight

_DEVICES: Final = (
    ("headquarters", wording("HQ")),
    ("payments", wording("Payments")),
    ("printer", wording("Printer")),
    ("scale", wording("Scale")),
    ("scanner", wording("Scanner")),
)


_AT_NEED: Final = (
    ("members", wording("Members")),
    ("drawer", wording("Drawer")),
    ("customer_display", wording("Display")),
    ("card_terminal", wording("Card")),
    ("rfid", wording("RFID")),
)
"""Lights that stand there only while somebody should look."""

_ROOMY_FROM_PX: Final = 1280
_FEW_LIGHTS: Final = 2
"""As many lights at need stand side by side where there is little room; more of them share one."""


class StatusBar(QWidget):
    """Everything that is looked at in passing."""

    light_touched = Signal(object, object)
    """Condition and sentence of a light that was touched."""

    cases_touched = Signal()
    """The payments that a person must look at are to be shown."""

    def __init__(self, look: Look, settings: ScreenSettings) -> None:
        """Build the bar."""
        super().__init__()
        self._settings = settings
        self._status: StatusView | None = None
        self.setObjectName("statusBar")
        tokens = look.tokens
        self._till = TextLabel(look, "", size_px=tokens.body_px, bold=True)
        self._till.setObjectName("tillName")
        self._operator = TextLabel(look, "", size_px=tokens.small_px, role="ink_soft")
        self._operator.setObjectName("operatorName")
        self.entry = Field(look, "entryLine", wording("Scan or type: code, name, pinyin"))
        self.entry.setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled, False)
        self.entry.setMinimumWidth(240)
        self._armed = TextLabel(look, "", size_px=tokens.title_px, bold=True, role="accent")
        self._armed.setObjectName("armedQuantity")
        self._armed.hide()
        self.lights = {device: StatusLight(look, f"light_{device}", label) for device, label in _DEVICES}
        self._at_need = {device: StatusLight(look, f"light_{device}", label) for device, label in _AT_NEED}
        self._others = StatusLight(look, "light_others", wording("Devices"))
        self._needing: tuple[DeviceStatusView, ...] = ()
        self._unsynced = StatusLight(look, "light_unsynced", wording("To send"))
        self._prices = StatusLight(look, "light_prices", wording("Prices"))
        self._cases = self._make_cases_light(look)
        self._clock = TextLabel(look, "", size_px=tokens.title_px, bold=True)
        self._clock.setObjectName("clock")
        self._clock.setMinimumWidth(72)
        self._clock.align(Qt.AlignmentFlag.AlignRight)
        row = QHBoxLayout(self)
        row.setContentsMargins(MARGIN_PX * 2, MARGIN_PX, MARGIN_PX * 2, MARGIN_PX)
        row.setSpacing(8)
        row.addLayout(self._who())
        row.addSpacing(8)
        row.addWidget(self._armed)
        row.addWidget(self.entry, 1)
        row.addSpacing(8)
        lights = QHBoxLayout()
        lights.setSpacing(0)
        for light in (*self._at_need.values(), self._others):
            light.hide()
        standing = (self._unsynced, self._prices)
        for light in (*self.lights.values(), *self._at_need.values(), self._others, *standing):
            lights.addWidget(light)
            light.clicked.connect(lambda _=False, touched=light: self._touched(touched))
        lights.insertWidget(0, self._cases)
        row.addLayout(lights)
        row.addWidget(self._clock)
        self.setFixedHeight(STATUS_HEIGHT_PX)
        self.tick()

    def _who(self) -> QVBoxLayout:
        who = QVBoxLayout()
        who.setSpacing(0)
        who.addStretch(1)
        who.addWidget(self._till)
        who.addWidget(self._operator)
        who.addStretch(1)
        return who

    def _make_cases_light(self, look: Look) -> StatusLight:
        light = StatusLight(look, "light_cases", wording("Check"))
        light.show_icon("clipboard-alert-outline")
        light.hide()
        light.clicked.connect(lambda _=False: self.cases_touched.emit())
        return light

    def _touched(self, light: StatusLight) -> None:
        self.light_touched.emit(light.condition, light.sentence)

    def tick(self) -> None:
        """Show the time, and how old the prices have become."""
        self._clock.say(write_clock(self._settings.clock.now(), self._settings.zone))
        self._show_prices()

    def show_status(self, status: StatusView) -> None:
        """Show who is at the till and how far behind headquarters it is."""
        self._status = status
        self._till.say(status.till_name)
        self._operator.say(wording("{name} · {number}", name=status.operator_name, number=status.operator_number))
        count = status.unsynced_count
        if status.low_on_space:
            self._unsynced.show_condition(
                DeviceCondition.AWAY,
                wording("The disk is nearly full. Finish this basket and call for help; no new basket is opened."),
                wording("Disk"),
            )
        elif count:
            sentence = wording("{count} entries wait to be sent to headquarters. Selling goes on.", count=count)
            self._unsynced.show_condition(DeviceCondition.ATTENTION, sentence, f"{count:,}")
        else:
            self._unsynced.show_condition(DeviceCondition.READY, wording("Headquarters has everything."))
        self._show_prices()

    def _show_prices(self) -> None:
        if self._status is None:
            return
        now = self._settings.clock.now()
        published = self._status.price_book_published_at
        age: Wording = write_age(published, now)
        old = now - published > timedelta(hours=self._settings.price_book_old_after_h)
        sentence = (
            wording("The price book is old ({age}). Prices may have changed; tell the office.", age=age)
            if old
            else wording("Price book in use, age: {age}.", age=age)
        )
        self._prices.show_condition(DeviceCondition.ATTENTION if old else DeviceCondition.READY, sentence, age)

    def show_device(self, status: DeviceStatusView) -> None:
        """Show how a device with a standing light is."""
        light = self.lights.get(status.device)
        if light is not None:
            light.show_condition(status.condition, status.sentence)

    def show_at_need(self, statuses: tuple[DeviceStatusView, ...]) -> None:
        """Show lights for these, besides the standing ones, and for no others."""
        if statuses != self._needing:
            self._needing = statuses
            self._arrange_at_need()

    def _arrange_at_need(self) -> None:
        single = self._needing
        room = _FEW_LIGHTS - (0 if self._cases.isHidden() else 1)
        if self.width() < _ROOMY_FROM_PX and len(single) > room:
            single = single[: room - 1]
        shared = self._needing[len(single) :]
        for status in single:
            self._at_need[status.device].show_condition(status.condition, status.sentence)
        if shared:
            told = worst(shared)
            self._others.show_condition(told.condition, told.sentence, str(len(shared)))
        shown = {status.device for status in single}
        for device, light in self._at_need.items():
            light.setVisible(device in shown)
        self._others.setVisible(bool(shared))

    def show_cases(self, count: int) -> None:
        """Show how many payments a person must look at; none: no light."""
        sentence = wording("{count} payments must be looked at. Touch here to see them.", count=count)
        self._cases.show_condition(DeviceCondition.ATTENTION, sentence, str(count))
        if self._cases.isHidden() is not (count == 0):
            self._cases.setVisible(count > 0)
            self._arrange_at_need()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Let lights share a place where there is little room."""
        super().resizeEvent(event)
        self._arrange_at_need()

    def show_armed(self, quantity: str) -> None:
        """Show how often the next product is sold."""
        self._armed.say(f"{quantity} \u00d7" if quantity else "")
        self._armed.setVisible(bool(quantity))
