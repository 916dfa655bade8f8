"""The bench's list of devices: arrows choose, a touch chooses, each row says how its device is."""

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QFontMetrics, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from app.devices.bench import BenchDevice
from app.values.wording import wording
from ui.presenters.bench import ANY_ICON, ICONS
from ui.theme.fonts import font
from ui.theme.look import Look
from ui.widgets.keys import TouchKey
from ui.widgets.status_light import CONDITION_ROLES, CONDITION_WORDS, paint_condition
from ui.widgets.text_painting import paint_wrapped, wrap

_ROW_PX = 80
_ICON_PX = 32
_SHAPE_PX = 16
_STEPS = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1, Qt.Key.Key_Home: -999, Qt.Key.Key_End: 999}


class DeviceRow(TouchKey):
    """One device: what it is, its name and driver, how it is as shape and word."""

    def __init__(self, look: Look, device: BenchDevice) -> None:
        """Take the device."""
        super().__init__(look, f"device_{device.name}")
        self.device = device
        self._chosen = False
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setFixedHeight(_ROW_PX)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        look.speech_changed.connect(self._render)
        self._render()

    def show_device(self, device: BenchDevice, *, chosen: bool) -> None:
        """Show how it is now; drawn again only where something in the row differs."""
        before, self.device = self.device, device
        same = (before.condition, before.title, before.driver) == (device.condition, device.title, device.driver)
        if not same or chosen != self._chosen:
            self._chosen = chosen
            self._render()

    def _render(self) -> None:
        device = self.device
        state = CONDITION_WORDS[device.condition]
        self.setAccessibleName(self.look.say(wording("{subject}: {state}", subject=device.title, state=state)))
        self.setAccessibleDescription(f"{device.name} · {device.driver}")
        self.setToolTip(f"{device.name} · {device.driver}")
        self.update()

    def sizeHint(self) -> QSize:
        """Return a comfortable width."""
        return QSize(240, _ROW_PX)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw icon, words and light."""
        del event
        look, device = self.look, self.device
        painter = QPainter(self)
        marked = self._chosen or self.isDown()
        fill = look.colour("selection" if marked else "surface_raised")
        self.paint_plate(painter, fill, look.colour("accent" if marked else "line"), 2 if marked else 1)
        icon = look.icons.pixmap(
            ICONS.get(device.kind, ANY_ICON), _ICON_PX, look.colour("ink"), self.devicePixelRatioF()
        )
        if icon is not None:
            painter.drawPixmap(12, (self.height() - _ICON_PX) // 2, icon)
        self._paint_words(painter, 12 + _ICON_PX + 12)
        painter.end()

    def _paint_words(self, painter: QPainter, left: int) -> None:
        look, tokens, device = self.look, self.look.tokens, self.device
        room = self.width() - left - 12
        title_font, small = font(tokens.body_px, bold=True), font(tokens.small_px)
        title = wrap(look.say(device.title), title_font, room, 1)
        line = QFontMetrics(small).height()
        top = (self.height() - title.height_px - 2 * line - 2) // 2
        painter.setFont(title_font)
        paint_wrapped(painter, QRect(left, top, room, title.height_px), title, look.colour("ink"))
        top += title.height_px
        painter.setFont(small)
        who = wrap(f"{device.name} · {device.driver}", small, room, 1)
        paint_wrapped(painter, QRect(left, top, room, line), who, look.colour("ink_soft"))
        top += line + 2
        paint_condition(
            painter, look, QRectF(left, top + (line - _SHAPE_PX) / 2, _SHAPE_PX, _SHAPE_PX), device.condition
        )
        painter.setPen(look.colour(CONDITION_ROLES[device.condition]))
        painter.setFont(small)
        words = QRect(left + _SHAPE_PX + 6, top, room - _SHAPE_PX - 6, line)
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, look.say(CONDITION_WORDS[device.condition]))


class _Rows(QWidget):
    """The rows' place, with the ring where it has the keyboard."""

    stepped = Signal(int)

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self.setObjectName("deviceList")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(look.say(wording("Devices")))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go up and down."""
        step = _STEPS.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
        else:
            self.stepped.emit(step)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Draw the ring."""
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Take the ring away."""
        super().focusOutEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the ring."""
        del event
        if not self.hasFocus():
            return
        tokens = self._look.tokens
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self._look.colour("focus"), tokens.focus_px))
        half = tokens.focus_px / 2
        area = self.rect().toRectF().adjusted(half, half, -half, -half)
        painter.drawRoundedRect(area, tokens.radius_px, tokens.radius_px)
        painter.end()


class DeviceList(QScrollArea):
    """All devices of the till."""

    chosen = Signal(str)
    """The name of a device that was touched."""

    stepped = Signal(int)
    """So many rows up (negative) or down."""

    def __init__(self, look: Look) -> None:
        """Begin empty."""
        super().__init__()
        self._look = look
        self._rows: dict[str, DeviceRow] = {}
        self.place = _Rows(look)
        self.place.stepped.connect(self.stepped)
        self._column = QVBoxLayout(self.place)
        self._column.setContentsMargins(8, 8, 8, 8)
        self._column.setSpacing(8)
        self._column.addStretch(1)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWidget(self.place)
        self.place.setAutoFillBackground(False)
        self.viewport().setAutoFillBackground(False)

    def show_devices(self, devices: tuple[BenchDevice, ...], chosen: str) -> None:
        """Show the devices; rows stay where they are, so that list and scroll bar do not jump."""
        names = [device.name for device in devices]
        if names != list(self._rows):
            self._rebuild(devices)
        for device in devices:
            self._rows[device.name].show_device(device, chosen=device.name == chosen)

    def _rebuild(self, devices: tuple[BenchDevice, ...]) -> None:
        for row in self._rows.values():
            self._column.removeWidget(row)
            row.hide()
            row.deleteLater()
        self._rows = {}
        for position, device in enumerate(devices):
            row = DeviceRow(self._look, device)
            row.clicked.connect(lambda _=False, name=device.name: self.chosen.emit(name))
            self._column.insertWidget(position, row)
            self._rows[device.name] = row

    def bring_into_sight(self, name: str) -> None:
        """Scroll to a device."""
        row = self._rows.get(name)
        if row is not None:
            self.ensureWidgetVisible(row, 0, 8)
