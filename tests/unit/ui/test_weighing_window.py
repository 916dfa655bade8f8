"""Weighing in the real window: live figures, keys, touches, a scale that comes and goes."""

import dataclasses
from typing import Any

import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, QRect
from PySide6.QtWidgets import QLineEdit

from app.checkout import requests as ask
from app.checkout.views import DeviceStatusView
from app.devices.conditions import DeviceCondition
from app.devices.weighing import ScaleReading, WeightState
from app.values.wording import wording
from ui.bridge import ZERO_SCALE
from ui.scripted import ScriptedCheckout
from ui.widgets.keys import TouchKey, WordKey

APPLES, MILK = "4131", "6901234567892"
THIN = "\u2009"
SIZES = [(1024, 768), (1366, 768), (1920, 1080)]


def text_of(checkout: ScriptedCheckout, name: str) -> str:
    return str(checkout.find(name).text())  # type: ignore[attr-defined]


def scale_is(checkout: ScriptedCheckout, condition: DeviceCondition) -> None:
    sentence = wording("The scale does not answer. Check its cable.")
    checkout.screens.bridge.post_device_status(DeviceStatusView("scale", condition, sentence))
    checkout.settle()


def weigh(checkout: ScriptedCheckout, grams: int, state: WeightState = WeightState.STABLE) -> None:
    checkout.screens.bridge.post_scale(ScaleReading("scale", state, grams))
    checkout.settle()


@pytest.fixture
def weighing(checkout: ScriptedCheckout) -> ScriptedCheckout:
    scale_is(checkout, DeviceCondition.READY)
    checkout.scan(APPLES)
    return checkout


def test_what_lies_on_the_scale_is_shown_live_and_sold_by_enter(weighing: ScriptedCheckout, till: Any) -> None:
    weigh(weighing, 1118, WeightState.MOVING)
    assert text_of(weighing, "weighingNet") == "1.118"
    assert text_of(weighing, "weighingState") == "Moving"
    weighing.press("Return")
    assert not any(isinstance(request, ask.AcceptWeight) for request in till.asked)
    weigh(weighing, 1245)
    # 1.245 kg at 9.90 is 12.3255, rounded half up
    assert text_of(weighing, "weighingPrice") == f"¥{THIN}12.33"
    weighing.press("Return")
    assert till.asked[-1] == ask.AcceptWeight(ScaleReading("scale", WeightState.STABLE, 1245))
    assert weighing.view.question is None
    assert weighing.find("quickKey1").isVisible()


def test_a_whole_weighing_by_touch(weighing: ScriptedCheckout, till: Any) -> None:
    weigh(weighing, 1245)
    weighing.touch("container1")
    assert till.asked[-1] == ask.ChooseTare(container_id="bowl")
    # 1.245 less the bowl's 0.250
    assert text_of(weighing, "weighingNet") == "0.995"
    assert weighing.find("container1").is_chosen()  # type: ignore[attr-defined]
    weighing.touch("acceptWeight")
    assert weighing.view.basket.lines[-1].quantity_thousandths == 995


def test_containers_are_chosen_by_the_keyboard_and_left_again(weighing: ScriptedCheckout, till: Any) -> None:
    weighing.press("Ctrl+2")
    assert till.asked[-1] == ask.ChooseTare(container_id="box")
    weighing.press("Ctrl+0")
    assert till.asked[-1] == ask.ChooseTare()
    assert weighing.find("containerNone").is_chosen()  # type: ignore[attr-defined]


def test_a_digit_opens_the_typed_weight_and_esc_leads_back_to_the_scale(weighing: ScriptedCheckout, till: Any) -> None:
    weigh(weighing, 1245)
    weighing.type("0.5")
    assert text_of(weighing, "questionField") == "0.5"
    # 0.5 kg at 9.90
    assert text_of(weighing, "questionWorth") == f"¥{THIN}4.95"
    weigh(weighing, 1246)
    assert text_of(weighing, "questionField") == "0.5"
    weighing.press("Esc")
    assert text_of(weighing, "weighingNet") == "1.246"
    weighing.press("F2")
    assert text_of(weighing, "questionField") == ""
    weighing.type("0.5")
    weighing.press("Return")
    assert till.asked[-1] == ask.AnswerQuestion("0.5")


def test_a_digit_typed_on_another_key_of_the_pane_is_not_lost(weighing: ScriptedCheckout) -> None:
    weighing.find("containerNone").setFocus()
    weighing.type("7")
    assert text_of(weighing, "questionField") == "7"


def test_a_tare_is_typed_in_grams(weighing: ScriptedCheckout, till: Any) -> None:
    weigh(weighing, 1245)
    weighing.press("F3")
    weighing.type("45")
    weighing.press("Return")
    assert till.asked[-1] == ask.ChooseTare(grams_text="45")
    assert text_of(weighing, "weighingNet") == "1.200"
    weighing.press("F3")
    weighing.type("a")
    weighing.press("Return")
    assert text_of(weighing, "tarePaneField") == "a"
    assert "grams" in text_of(weighing, "noticeSentence")


def test_the_scale_is_asked_to_zero_by_key_and_by_touch(weighing: ScriptedCheckout) -> None:
    asked: list[str] = []
    weighing.screens.bridge.device_asked.connect(asked.append)
    weighing.press("F4")
    weighing.touch("zeroScale")
    assert asked == [ZERO_SCALE, ZERO_SCALE]


def test_a_scan_during_weighing_types_no_weight(weighing: ScriptedCheckout, till: Any) -> None:
    weigh(weighing, 1245)
    weighing.scan(MILK)
    assert not any(isinstance(request, ask.AcceptWeight | ask.AnswerQuestion) for request in till.asked)


def test_a_scale_that_goes_away_gives_the_number_pad_and_takes_over_when_it_is_back(
    weighing: ScriptedCheckout, till: Any
) -> None:
    weigh(weighing, 1245)
    scale_is(weighing, DeviceCondition.AWAY)
    weighing.wait_until(lambda: weighing.screens.desk.stack.shown == "question", "the number pad did not come")
    assert text_of(weighing, "scaleReading").startswith("Scale: — kg.")
    scale_is(weighing, DeviceCondition.READY)
    assert text_of(weighing, "weighingNet") == "—"
    assert not weighing.find("acceptWeight").isEnabled()


def test_what_is_being_typed_survives_the_scale_coming_back(checkout: ScriptedCheckout) -> None:
    scale_is(checkout, DeviceCondition.AWAY)
    checkout.scan(APPLES)
    checkout.touch("pad3")
    scale_is(checkout, DeviceCondition.READY)
    weigh(checkout, 500)
    assert text_of(checkout, "questionField") == "3"
    checkout.touch("questionPaneBack")
    assert text_of(checkout, "weighingNet") == "0.500"


class PaintWatch(QObject):
    """Counts the times something is painted."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt names it
        self.count += event.type() is QEvent.Type.Paint
        return False


def test_a_changing_weight_moves_nothing_and_draws_nothing_else(weighing: ScriptedCheckout) -> None:
    names = ("weighingNet", "weighingPrice", "weighingUnitPrice", "weighingState", "acceptWeight", "container1")

    def places() -> list[QRect]:
        found = [weighing.find(name) for name in names]
        return [QRect(widget.mapTo(weighing.window, QPoint(0, 0)), widget.size()) for widget in found]

    weigh(weighing, 5)
    before = places()
    watch = PaintWatch()
    desk = weighing.screens.desk
    watched = (desk.basket_pane.list.viewport(), desk.key_bar, desk.due_pane, desk.status_bar)
    for widget in watched:
        widget.installEventFilter(watch)
    for grams, state in (
        (1245, WeightState.MOVING),
        (14_995, WeightState.STABLE),
        (-30, WeightState.UNDER_ZERO),
        (0, WeightState.OVERLOAD),
        (12, WeightState.BELOW_MINIMUM),
    ):
        weigh(weighing, grams, state)
        assert places() == before, state
    for widget in watched:
        widget.removeEventFilter(watch)
    assert watch.count == 0


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("long", [False, True])
def test_every_key_and_word_has_its_room(
    till: Any, settings: Any, long_speech: Any, qapp: Any, size: tuple[int, int], long: bool
) -> None:
    speeches = (long_speech,) if long else settings.speeches
    sized = dataclasses.replace(settings, speeches=speeches, language=speeches[0].language, size=size)
    till.containers = tuple(dataclasses.replace(till.containers[0], container_id=str(number)) for number in range(14))
    checkout = ScriptedCheckout(lambda: till, sized)
    try:
        scale_is(checkout, DeviceCondition.READY)
        checkout.scan(APPLES)
        weigh(checkout, 14_995)
        pane = checkout.find("weighingPane")
        keys = [key for key in pane.findChildren(TouchKey) if key.isVisible()]
        areas = [QRect(key.mapTo(pane, QPoint(0, 0)), key.size()) for key in keys]
        for key, area in zip(keys, areas, strict=True):
            assert min(area.width(), area.height()) >= 56, (key.objectName(), area)
            assert key.accessibleName()
            assert not isinstance(key, WordKey) or key.words_fit(), (key.words(), area)
            assert pane.rect().contains(area), (key.objectName(), area)
        for position, area in enumerate(areas):
            assert not any(area.intersects(other) for other in areas[position + 1 :]), keys[position].objectName()
        assert checkout.find("weighingNet").shown_size_px() == 64  # type: ignore[attr-defined]
        for field in pane.findChildren(QLineEdit):
            assert not field.isVisible()
    finally:
        checkout.close()


def test_more_containers_than_keys_turn_like_pages(till: Any, checkout: ScriptedCheckout) -> None:
    till.containers = tuple(dataclasses.replace(till.containers[0], container_id=str(number)) for number in range(14))
    checkout.use(size=(1024, 768))
    scale_is(checkout, DeviceCondition.READY)
    checkout.scan(APPLES)
    checkout.touch("container1")
    assert till.asked[-1] == ask.ChooseTare(container_id="0")
    checkout.touch("containersMore")
    checkout.touch("container1")
    assert till.asked[-1].container_id not in {"", "0"}


def test_the_shopper_sees_weight_unit_price_and_price_come_about(till: Any, settings: Any, qapp: Any) -> None:
    checkout = ScriptedCheckout(lambda: till, dataclasses.replace(settings, customer_window=True))
    try:
        scale_is(checkout, DeviceCondition.READY)
        checkout.scan(APPLES)
        weigh(checkout, 1245)
        name = checkout.find("customerLastName")
        assert name.accessibleName() == "Fuji apples"
        assert name.accessibleDescription() == f"1.245 kg × ¥{THIN}9.90 /kg"
        assert text_of(checkout, "customerLastAmount") == f"¥{THIN}12.33"
        checkout.press("Esc")
        assert checkout.find("customerIdle").isVisible()
    finally:
        checkout.close()


def test_the_live_weight_is_named_for_those_who_hear_it(weighing: ScriptedCheckout) -> None:
    weigh(weighing, 1245)
    plate = weighing.find("weightPlate")
    assert plate.accessibleName() == "Weight 1.245 kg: Steady"
    assert weighing.window.focusWidget() is plate
