"""The thread that owns a scale: weighs while something is weighed, and tells how the scale is all day."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from app.devices.weighing import STATE_SENTENCES, ScaleReading, WeightState
from app.values.problems import Problem
from app.values.wording import Wording, wording
from hardware.listening import ListeningWorker
from hardware.scales.driver import ScaleDriver
from hardware.scales.protocol import Finding, ScaleCapabilities, Weighed, Weighing
from hardware.worker import DeviceEvent, DeviceState, Order, OrderRefused, Patience

_LISTEN_S: Final = 0.05
_LASTING_S: Final = 0.5
"""A state that a lifted bag or a hand on the plate makes for a moment is no trouble yet."""

_STALE_S: Final = 1.0
"""A weight that was not said again for so long is no longer sold."""

_TROUBLES: Final = frozenset((WeightState.NOT_ZEROED, WeightState.UNDER_ZERO, WeightState.OVERLOAD))


@dataclass(frozen=True, slots=True)
class WeightRead:
    """A scale's reading changed, or is the first of a weighing."""

    device: str
    """The scale's name in the till's configuration."""

    reading: ScaleReading


ScaleEvent = DeviceEvent | WeightRead


class ScaleOrder(Order):
    """Something a scale is told to do: zero, or take a tare."""

    def __init__(self, output_id: str, carry_out: Callable[[ScaleDriver], bool], refused: Wording) -> None:
        """Say what to do and what to tell a person where the scale refuses."""
        super().__init__(output_id)
        self.carry_out = carry_out
        self.refused = refused


@dataclass(frozen=True, slots=True)
class _Wish:
    """What the till wants of the scale now; a new one each time it is said."""

    weighing: Weighing | None
    number: int


class ScaleWorker(ListeningWorker[ScaleOrder]):
    """Owns a scale. Any thread may call what is public; events come on the worker's own."""

    def __init__(
        self,
        device: str,
        driver: ScaleDriver,
        on_event: Callable[[ScaleEvent], None],
        *,
        patience: Patience | None = None,
        **settings: Callable[[], float],
    ) -> None:
        """Prepare; `start` begins.

        Args:
            device: its name in the till's configuration.
            driver: the scale; from now on it is used by this thread alone.
            on_event: takes the events on the worker's thread; must return at once.
            patience: how long to wait between tries.
            settings: `monotonic_s` for tests.
        """
        super().__init__(device, on_event, capacity=16, patience=patience, **settings)
        self._driver = driver
        self._on_scale_event = on_event
        self._wish = self._followed = _Wish(None, 0)
        self._reading: ScaleReading | None = None
        self._read_s = self._monotonic_s()
        self._first_due = False
        self._trouble: tuple[WeightState, float] | None = None
        self._orders_given = 0

    # What any thread may call.

    @property
    def capabilities(self) -> ScaleCapabilities:
        """What the scale can do by its protocol."""
        return self._driver.capabilities

    def expect(self, unit_price_minor: int | None, name: str = "") -> None:
        """Begin a weighing: read ten times a second, and show the price to the shopper where the scale does that.

        The first `WeightRead` after this is of what lies on the scale now. Said again, it changes price and name.

        Args:
            unit_price_minor: price of a kilogram in minor units; None where it is not known.
            name: the product's, for scales that show it.
        """
        self._wish_for(Weighing(unit_price_minor, name))

    def rest(self) -> None:
        """End the weighing: look at the scale about once a second, so that its status stays true."""
        self._wish_for(None)

    def zero(self) -> bool:
        """Have the scale set to zero; false where it cannot be, is away, or has too much to do.

        `OutputComplete` says that it was done, `OrderRefused` that the scale refused.
        """
        return self.capabilities.can_zero and self._order(
            "zero",
            lambda driver: driver.zero(),
            wording("The scale could not be set to zero. Empty it, let it come to rest, and try again."),
        )

    def tare(self, grams: int | None) -> bool:
        """Have the scale take what lies on it (None) or so many grams as tare, 0 to clear it; false as for `zero`.

        Events as for `zero`. Most tares belong to the till instead, which subtracts them by itself.
        """
        able = self.capabilities.can_tare if grams is None else self.capabilities.can_preset_tare
        return able and self._order(
            "tare",
            lambda driver: driver.tare(grams),
            wording("The scale took no tare. Put the container on it alone, let it come to rest, and try again."),
        )

    def _order(self, what: str, carry_out: Callable[[ScaleDriver], bool], refused: Wording) -> bool:
        # An order for a scale that is away would be carried out much later, on whatever lies on it then.
        if not self._enabled:
            return False
        self._orders_given += 1
        return self.post(ScaleOrder(f"{what}-{self._orders_given}", carry_out, refused))

    def _wish_for(self, weighing: Weighing | None) -> None:
        with self._changed:
            self._wish = _Wish(weighing, self._wish.number + 1)
            # One that is away is tried at once: somebody waits.
            self._wake()

    # On the worker's thread.

    def _enable(self) -> None:
        self._driver.open()
        self._follow(self._wish)

    def _release(self) -> None:
        self._driver.close()
        self._invalidate(WeightState.FAULT)

    def _lost(self, problem: Problem) -> None:
        super()._lost(problem)
        # Told even where nothing was ever read: a weighing may wait for it.
        self._note(self._wish)
        if self._reading is None or self._first_due:
            self._show(ScaleReading(self.device, WeightState.FAULT))
        while (order := self._first_order()) is not None:
            self._refuse(order)

    def _serve(self, order: ScaleOrder) -> bool:
        if not order.carry_out(self._driver):
            self._refuse(order)
        return True

    def _refuse(self, order: ScaleOrder) -> None:
        self._take_out(order)
        self._publish(OrderRefused(self.device, order.output_id, order.refused))

    def _listen(self) -> None:
        wish = self._wish
        if wish is not self._followed:
            self._follow(wish)
        for finding in self._driver.listen(_LISTEN_S):
            self._take(finding)
        if wish.weighing is not None and self._monotonic_s() - self._read_s >= _STALE_S:
            self._invalidate(WeightState.MOVING)
        if self._driver.flooded:
            # What it says too much is lost on the line, and the till's processor stays free.
            self._pause(_LISTEN_S)

    def _follow(self, wish: _Wish) -> None:
        self._note(wish)
        self._driver.expect(wish.weighing)

    def _note(self, wish: _Wish) -> None:
        if wish is not self._followed:
            self._followed = wish
            self._first_due = wish.weighing is not None

    def _take(self, finding: Finding) -> None:
        self._read_s = self._monotonic_s()
        if isinstance(finding, Weighed):
            self._show(ScaleReading(self.device, finding.state, finding.grams, finding.tare_grams, finding.net))
            self._tell_of(finding.state)
        elif finding.accepted:
            self._tell_of(WeightState.EMPTY)

    def _show(self, reading: ScaleReading) -> None:
        if reading != self._reading or self._first_due:
            self._first_due = False
            self._reading = reading
            self._on_scale_event(WeightRead(self.device, reading))

    def _invalidate(self, state: WeightState) -> None:
        """Take back a weight that was published and is no longer known to lie on the scale."""
        old = self._reading
        if old is not None and old.state is not WeightState.FAULT and (old.sellable or state is WeightState.FAULT):
            self._show(ScaleReading(self.device, state, old.grams, old.scale_tare_grams, old.net))

    def _tell_of(self, state: WeightState) -> None:
        if state is WeightState.FAULT:
            self._trouble = None
            self._tell(DeviceState.STOPPED, STATE_SENTENCES[state])
        elif state not in _TROUBLES:
            self._trouble = None
            self._tell(DeviceState.READY, wording("The scale is ready."))
        elif self._trouble is None or self._trouble[0] is not state:
            self._trouble = (state, self._monotonic_s())
        elif self._monotonic_s() - self._trouble[1] >= _LASTING_S:
            self._tell(DeviceState.ATTENTION, STATE_SENTENCES[state])
