"""What the cashier's window does about devices: lights, announcements, the live weight, the way to the device bench."""

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal

from app.checkout.views import DeviceStatusView, Notice, Sound
from app.devices.weighing import ScaleReading
from app.values.money import currency_of
from ui.bridge import DEVICE_BENCH, ZERO_SCALE, TillBridge
from ui.cashier.status_bar import StatusBar
from ui.presenters.cashier import CashierPresenter
from ui.presenters.devices import BACK_SHOWN_S, DeviceNews, DevicePresenter
from ui.presenters.panes import Pane
from ui.presenters.weighing import WeighingPicture

SCALE: Final = "scale"
PRINTER: Final = "printer"


class DeviceDesk(QObject):
    """Listens to what devices say of themselves; nothing of it ever waits for a device or blocks selling."""

    weighed = Signal(object)
    """What lies on the scale while it is being sold, a `WeighingPicture`, for the shopper; None when it is over."""

    def __init__(
        self,
        bridge: TillBridge,
        presenter: CashierPresenter,
        status_bar: StatusBar,
        refresh: Callable[[], None],
        show_scale: Callable[[], None],
    ) -> None:
        """Take who is told.

        Args:
            bridge: brings statuses and readings.
            presenter: holds notice and weighing.
            status_bar: holds the lights.
            refresh: draws the window's differences.
            show_scale: draws the live weight alone.
        """
        super().__init__(status_bar)
        self.devices = DevicePresenter()
        self._bridge = bridge
        self._presenter = presenter
        self._status_bar = status_bar
        self._refresh = refresh
        self._show_scale = show_scale
        self._passed_on: WeighingPicture | None = None
        self._passing: Notice | None = None
        self._pass = QTimer(self)
        self._pass.setSingleShot(True)
        self._pass.setInterval(round(BACK_SHOWN_S * 1000))
        self._pass.timeout.connect(self._let_pass)
        bridge.device_status_changed.connect(self._status_changed)
        bridge.scale_read.connect(self._scale_read)
        bridge.settled.connect(self._till_settled)

    def _scale_read(self, reading: ScaleReading) -> None:
        self._presenter.weighing.take_reading(reading)
        self._weight_changed()

    def _weight_changed(self) -> None:
        if self._presenter.settle_question():
            self._refresh()
        else:
            self._show_scale()
            self.pass_weight_on()

    def pass_weight_on(self) -> None:
        """Tell the shopper's window what the cashier's shows of the scale."""
        picture = None
        if self._presenter.pane is Pane.WEIGHING:
            picture = self._presenter.weighing.picture(currency_of(self._presenter.view.basket.currency))
        if picture != self._passed_on:
            self._passed_on = picture
            self.weighed.emit(picture)

    def _status_changed(self, status: DeviceStatusView) -> None:
        self._status_bar.show_device(status)
        news = self.devices.take(status, self._standing_notice(), busy=not self._bridge.idle)
        self._status_bar.show_at_need(self.devices.lit())
        if status.device == SCALE:
            self._presenter.weighing.take_condition(status.condition)
            self._weight_changed()
        self._announce(news)

    def _standing_notice(self) -> Notice | None:
        """Return what stands in the strip; what passes by itself makes room for what does not."""
        notice = self._presenter.notice
        return None if notice is not None and notice == self._passing else notice

    def _announce(self, news: DeviceNews) -> None:
        if news.alarm:
            self._bridge.sounded.emit(Sound.ATTENTION)
        if news.show is not None:
            self._presenter.announce(news.show)
            if news.passing:
                self._passing = news.show
                self._pass.start()
        elif news.clear is not None and self._presenter.notice == news.clear:
            self._presenter.announce(None)
        else:
            return
        self._refresh()

    def _let_pass(self) -> None:
        if self._passing is not None and self._presenter.notice == self._passing:
            self._presenter.announce(None)
            self._refresh()
        self._passing = None

    def _till_settled(self) -> None:
        if self._presenter.notice is None and self.devices.has_untold:
            self._refresh()

    def tell_the_rest(self) -> bool:
        """Bring what could not be announced into a strip that is free; return whether the notice is a device's."""
        free = self._presenter.notice is None and self._bridge.idle
        if free and (untold := self.devices.untold()) is not None:
            self._presenter.announce(untold)
        return self.devices.is_about_a_device(self._presenter.notice)

    def sale_was_paid(self) -> None:
        """Say once more where the receipt waits for a printer that cannot print it."""
        self.devices.remind(PRINTER)

    def ask_to_zero(self) -> None:
        """Have the scale set to zero."""
        self._bridge.device_asked.emit(ZERO_SCALE)

    def ask_for_bench(self) -> None:
        """Have the device bench opened beside the till."""
        self._bridge.device_asked.emit(DEVICE_BENCH)
