"""Weighing at the till without the window: what the scale says, whether it may be sold, and how it is shown."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum
from typing import Final

from app.checkout.requests import AcceptWeight, ChooseTare
from app.checkout.state import WeightRefused
from app.checkout.tare import net_and_tare_grams, taken_off
from app.checkout.views import ContainerView, Question, QuestionKind
from app.devices.conditions import DeviceCondition
from app.devices.weighing import ScaleReading, WeightState
from app.values.money import Currency
from app.values.quantity import SellingUnit, extend
from app.values.wording import Wording, wording
from ui.presenters.formatting import MINUS, write_money, write_unit_price

STALE_AFTER_S: Final = 1.5
"""A reading this old counts no more while the scale does not answer."""

NO_FIGURE: Final = "\u2014"
"""Stands where there is no weight to show."""

_GRAMS_PER_KILOGRAM: Final = 1000
_TARED: Final = wording("Tare on the scale")
_WITHOUT_WEIGHT: Final = frozenset({WeightState.OVERLOAD, WeightState.NOT_ZEROED, WeightState.FAULT})
_WITH_PRICE: Final = frozenset({WeightState.STABLE, WeightState.MOVING})

_WAITING: Final = (wording("Waiting"), wording("The scale has not said anything yet. Put the goods on it."))
_SILENT: Final = (wording("No answer"), wording("The scale does not answer. Check its cable, or key in the weight."))
_CONTAINER_HEAVIER: Final = (
    wording("Check the tare"),
    wording("The container is heavier than what is on the scale. Choose the right one."),
)
_STATE_WORDS: Final = {
    WeightState.STABLE: wording("Steady"),
    WeightState.EMPTY: wording("Empty"),
    WeightState.MOVING: wording("Moving"),
    WeightState.BELOW_MINIMUM: wording("Too light"),
    WeightState.UNDER_ZERO: wording("Below zero"),
    WeightState.OVERLOAD: wording("Too heavy"),
    WeightState.NOT_ZEROED: wording("No zero"),
    WeightState.FAULT: wording("Fault"),
}
_STATE_SIGNS: Final = {
    WeightState.STABLE: ("check-circle", "good"),
    WeightState.EMPTY: ("tray-arrow-down", "ink_soft"),
    WeightState.MOVING: ("pulse", "warn"),
    WeightState.BELOW_MINIMUM: ("feather", "warn"),
    WeightState.UNDER_ZERO: ("arrow-collapse-down", "bad"),
    WeightState.OVERLOAD: ("weight-kilogram", "bad"),
    WeightState.NOT_ZEROED: ("scale-unbalanced", "bad"),
    WeightState.FAULT: ("alert-octagon", "bad"),
}


class Form(Enum):
    """How the weight that the till asks for is given."""

    SCALE = "scale"
    """By the scale, live."""

    WEIGHT = "weight"
    """Typed, because there is no scale, it is away, or somebody wants it so."""

    TARE = "tare"
    """The container's weight is being typed; the scale answers afterwards."""


@dataclass(frozen=True, slots=True)
class WeighingPicture:
    """What the weighing pane shows at one moment, as texts; equal pictures need not be drawn again."""

    net: str = NO_FIGURE
    """Kilograms with three decimals, without the unit."""

    gross: str = NO_FIGURE
    tare: str = ""
    unit_price: str = ""
    price: str = NO_FIGURE
    word: Wording = _WAITING[0]
    """The state in a word or two."""

    sentence: Wording = _WAITING[1]
    """What it means and what to do."""

    icon: str = "timer-sand"
    role: str = "ink_soft"
    """Token of the state's colour; the icon and the word say the same."""

    acceptable: bool = False
    scale_answers: bool = True


def write_kilograms(grams: int) -> str:
    """Write grams as kilograms with three decimals.

    >>> write_kilograms(1245), write_kilograms(-50)
    ('1.245', '−0.050')
    """
    whole, rest = divmod(abs(grams), _GRAMS_PER_KILOGRAM)
    return f"{MINUS if grams < 0 else ''}{whole}.{rest:03d}"


class WeighingPresenter:
    """Follows the scale and the till's question about a weight."""

    def __init__(self, monotonic_s: Callable[[], float] = time.monotonic) -> None:
        """Take the clock that readings grow old by."""
        self._monotonic_s = monotonic_s
        self._reading: ScaleReading | None = None
        self._read_at_s = 0.0
        self._condition = DeviceCondition.ABSENT
        self._away_at_s = 0.0
        self._question: Question | None = None
        self._keyed: Form | None = None
        self._tare_sent = False
        self.first_typed = ""
        """What was typed on the live weight and opened the keyed form."""

    # what the scale says

    def take_reading(self, reading: ScaleReading) -> None:
        """Take what the scale reads now."""
        self._reading, self._read_at_s = reading, self._monotonic_s()

    def take_condition(self, condition: DeviceCondition) -> None:
        """Take how the scale is; what it read before it went away is not what lies on it when it is back."""
        if condition is self._condition:
            return
        if condition.unusable:
            self._away_at_s = self._monotonic_s()
        elif self._condition.unusable and self._read_at_s <= self._away_at_s:
            self._reading = None
        if condition is DeviceCondition.ABSENT:
            self._reading = None
        self._condition = condition

    @property
    def reading(self) -> ScaleReading | None:
        """What the scale reads; None where nothing came, or what came counts no more."""
        return None if self._is_stale() else self._reading

    def _is_stale(self) -> bool:
        old = self._monotonic_s() - self._read_at_s > STALE_AFTER_S
        return self._condition.unusable and old

    @property
    def scale_answers(self) -> bool:
        """Whether a scale is set up and there."""
        return self.is_set_up and (not self._condition.unusable or self.reading is not None)

    @property
    def is_set_up(self) -> bool:
        """Whether this till has a scale at all."""
        return self._condition is not DeviceCondition.ABSENT or self._reading is not None

    @property
    def going_stale(self) -> bool:
        """Whether the reading shown may grow too old by and by, without any news."""
        return self._condition.unusable

    # what the till asks

    def take_question(self, question: Question | None, *, refused: bool = False) -> None:
        """Take the till's question; another one begins with the scale again, a new tare under it goes on.

        Args:
            question: of the present view.
            refused: whether the till said that what was asked last cannot be.
        """
        if not _is_same(question, self._question):
            self._keyed, self.first_typed = None, ""
            # What was weighed for the item before is not what will be put on for this one: the scale says it anew.
            self._reading = None
        elif self._tare_sent and not refused and self._keyed is Form.TARE:
            self._keyed = None
        self._tare_sent = False
        self._question = question

    @property
    def form(self) -> Form | None:
        """How the weight is to be given now; None where none is asked for that a scale could answer."""
        question = self._question
        if question is None or question.kind is not QuestionKind.WEIGHT or not question.on_scale:
            return None
        if self._keyed is not None:
            return self._keyed
        return Form.SCALE if self.scale_answers else Form.WEIGHT

    @property
    def can_go_back_to_scale(self) -> bool:
        """Whether Esc leads from what is being typed to the live weight."""
        return self._keyed is not None and self.form is not None and self.scale_answers

    # what a person does

    def key_weight(self, first_typed: str = "") -> None:
        """Type the weight instead; `first_typed` is what opened the form."""
        self._keyed, self.first_typed = Form.WEIGHT, first_typed

    def key_tare(self) -> None:
        """Type the container's weight."""
        self._keyed, self.first_typed = Form.TARE, ""

    def back_to_scale(self) -> None:
        """Let the scale answer again."""
        self._keyed = None

    def submit_tare(self, text: str) -> ChooseTare:
        """Take off what was typed, in grams."""
        self._tare_sent = True
        return ChooseTare(grams_text=text.strip())

    @staticmethod
    def choose_container(container: ContainerView | None) -> ChooseTare:
        """Take a container's weight off; None: no container."""
        return ChooseTare() if container is None else ChooseTare(container_id=container.container_id)

    def accept(self) -> AcceptWeight | None:
        """Sell what lies on the scale; None where it cannot be sold, which `picture` explains."""
        reading = self.reading
        return AcceptWeight(reading) if reading is not None and self._is_acceptable(reading) else None

    def _is_acceptable(self, reading: ScaleReading) -> bool:
        question = self._question
        return question is not None and _refusal(reading, question) is None

    # what is shown

    def picture(self, currency: Currency) -> WeighingPicture:
        """Return what to show now."""
        question, reading = self._question, self.reading
        if question is None:
            return WeighingPicture()
        unit_price = question.unit_price_minor
        blank = WeighingPicture(
            tare=write_kilograms(question.tare_grams),
            unit_price="" if unit_price is None else write_unit_price(unit_price, SellingUnit.KILOGRAM, currency),
            scale_answers=not self._condition.unusable,
        )
        if reading is None:
            if not self._is_stale() and not self._condition.unusable:
                return blank
            return replace(blank, word=_SILENT[0], sentence=_SILENT[1], icon="scale-off", role="bad")
        return self._shown(blank, question, reading, currency)

    def _shown(
        self, blank: WeighingPicture, question: Question, reading: ScaleReading, currency: Currency
    ) -> WeighingPicture:
        icon, role = _STATE_SIGNS[reading.state]
        picture = replace(
            blank,
            word=_STATE_WORDS[reading.state],
            sentence=reading.sentence,
            icon=icon,
            role=role,
            acceptable=self._is_acceptable(reading),
        )
        if reading.state in _WITHOUT_WEIGHT or (reading.state is WeightState.UNDER_ZERO and reading.grams >= 0):
            return picture
        net, tare = taken_off(reading, question.tare_grams)
        picture = replace(
            picture,
            net=write_kilograms(net),
            gross=write_kilograms(net + tare),
            tare=write_kilograms(tare),
        )
        if net > 0 and question.unit_price_minor is not None and reading.state in _WITH_PRICE:
            picture = replace(picture, price=write_money(extend(question.unit_price_minor, net), currency))
        return _judged(picture, question, reading, net)


def _judged(picture: WeighingPicture, question: Question, reading: ScaleReading, net: int) -> WeighingPicture:
    """Say why a steady weight cannot be sold."""
    if picture.acceptable or not reading.sellable:
        return picture
    if net <= 0:
        word, sentence = _CONTAINER_HEAVIER
        return replace(picture, word=word, sentence=sentence, icon="bowl-outline", role="warn")
    if reading.hides_tare and (refusal := _refusal(reading, question)) is not None:
        return replace(picture, word=_TARED, sentence=refusal, icon="scale-off", role="warn")
    least = write_kilograms(question.minimum_grams)
    sentence = wording("Less than {weight} kg is not sold by weight. Put more on the scale.", weight=least)
    return replace(
        picture, word=_STATE_WORDS[WeightState.BELOW_MINIMUM], sentence=sentence, icon="feather", role="warn"
    )


def _refusal(reading: ScaleReading, question: Question) -> Wording | None:
    """Return why the till would not sell this reading, by the till's own rule; None where it would."""
    try:
        net_and_tare_grams(reading, question.tare_grams, question.minimum_grams)
    except WeightRefused as refused:
        return refused.sentence
    return None


def _is_same(one: Question | None, other: Question | None) -> bool:
    """Whether two questions are one, whatever tare was chosen in between."""
    if one is None or other is None:
        return one is other
    return replace(one, tare_grams=0, container_id="") == replace(other, tare_grams=0, container_id="")


def container_page(containers: tuple[ContainerView, ...], slots: int, page: int) -> tuple[int, int, bool]:
    """Return the slice of containers that so many keys show, and whether one key must turn the page.

    >>> from app.values.wording import LocalizedText
    >>> three = tuple(ContainerView(str(number), LocalizedText(""), 0) for number in range(3))
    >>> container_page(three, 3, 0), container_page(three, 2, 0), container_page(three, 2, 1)
    ((0, 3, False), (0, 1, True), (1, 2, True))

    Args:
        containers: all of them.
        slots: how many keys there is room for.
        page: counted from 0; goes round.
    """
    if len(containers) <= slots:
        return 0, len(containers), False
    size = max(1, slots - 1)
    pages = -(-len(containers) // size)
    start = page % pages * size
    return start, min(len(containers), start + size), True
