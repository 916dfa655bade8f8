"""Devices in the cashier's window: lights, announcements, the way to the bench; selling is never held up."""

from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from app.checkout import requests as ask
from app.checkout.views import DeviceStatusView, Sound
from app.devices.conditions import DeviceCondition
from app.values.wording import wording
from ui.bridge import DEVICE_BENCH
from ui.presenters.devices import LIT_AT_NEED
from ui.scripted import ScriptedCheckout

MILK = "6901234567892"
AWAY, ATTENTION, READY = DeviceCondition.AWAY, DeviceCondition.ATTENTION, DeviceCondition.READY


def text_of(checkout: ScriptedCheckout, name: str) -> str:
    return str(checkout.find(name).text())  # type: ignore[attr-defined]


def tell(checkout: ScriptedCheckout, device: str, condition: DeviceCondition, sentence: str = "It is gone.") -> None:
    checkout.screens.bridge.post_device_status(DeviceStatusView(device, condition, wording(sentence)))
    checkout.settle()


def is_lit(checkout: ScriptedCheckout, device: str) -> bool:
    try:
        checkout.find(f"light_{device}")
    except LookupError:
        return False
    return True


def test_a_device_that_goes_away_is_said_and_heard_once(checkout: ScriptedCheckout) -> None:
    tell(checkout, "scale", READY)
    for _ in range(3):
        tell(checkout, "scale", AWAY)
    assert text_of(checkout, "noticeSentence") == "It is gone."
    assert checkout.screens.sounds.played.count(Sound.ATTENTION) == 1
    checkout.press("Esc")
    tell(checkout, "scale", AWAY)
    assert text_of(checkout, "noticeSentence") == "Ready to scan"


def test_a_device_that_is_back_says_so_and_that_passes(checkout: ScriptedCheckout) -> None:
    tell(checkout, "scale", AWAY)
    tell(checkout, "scale", READY)
    assert text_of(checkout, "noticeWord") == "Done"
    assert text_of(checkout, "noticeSentence") == "The scale is back."
    checkout.screens.desk.devices._pass.setInterval(1)
    checkout.screens.desk.devices._pass.start()
    checkout.wait_until(lambda: text_of(checkout, "noticeSentence") == "Ready to scan")


def test_a_refused_code_stays_in_sight_and_the_device_is_told_afterwards(checkout: ScriptedCheckout) -> None:
    checkout.scan("9999999999994")
    tell(checkout, "printer", AWAY)
    assert text_of(checkout, "noticeCode") == "CODE-UNKNOWN"
    checkout.press("Esc")
    assert text_of(checkout, "noticeSentence") == "It is gone."


def test_selling_goes_on_with_the_drawer_open(checkout: ScriptedCheckout, till: Any) -> None:
    assert not is_lit(checkout, "drawer")
    tell(checkout, "drawer", READY)
    assert not is_lit(checkout, "drawer")
    tell(checkout, "drawer", ATTENTION, "The drawer stands open.")
    assert is_lit(checkout, "drawer")
    assert text_of(checkout, "noticeSentence") == "The drawer stands open."
    assert Sound.ATTENTION not in checkout.screens.sounds.played
    checkout.scan(MILK)
    assert isinstance(till.asked[-1], ask.ScanCode)
    assert checkout.view.basket.item_count == 1
    tell(checkout, "drawer", READY)
    assert not is_lit(checkout, "drawer")


def test_the_drawers_sentence_goes_when_it_is_shut(checkout: ScriptedCheckout) -> None:
    tell(checkout, "drawer", ATTENTION, "The drawer stands open.")
    tell(checkout, "drawer", READY)
    assert text_of(checkout, "noticeSentence") == "Ready to scan"


@pytest.mark.parametrize("width", [1024, 1366, 1920])
def test_the_bar_holds_when_everything_is_away(
    checkout: ScriptedCheckout, long_speech: Any, width: int, tmp_path: Path
) -> None:
    checkout.use(size=(width, 768))
    checkout.screens.look.use_speech(long_speech)
    for device in ("headquarters", "printer", "scale", "scanner", *LIT_AT_NEED):
        tell(checkout, device, AWAY)
    checkout.grab(tmp_path / "bar.png")
    assert checkout.window.width() == width
    assert checkout.find("clock").geometry().right() <= width - 8
    assert checkout.find("entryLine").width() >= 200
    bar = checkout.screens.desk.status_bar
    lights = [light for light in (*bar.lights.values(), *bar._at_need.values(), bar._others) if light.isVisible()]
    edges = sorted((light.geometry().left(), light.geometry().right()) for light in lights)
    assert all(one[1] < other[0] for one, other in pairwise(edges))
    assert is_lit(checkout, "others") is (width == 1024)


@pytest.mark.parametrize("width", [1024, 1366, 1920])
@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_the_members_light_stands_in_the_row_with_its_word_whole(
    checkout: ScriptedCheckout, width: int, language: str
) -> None:
    checkout.use(language=language, size=(width, 768))
    bar = checkout.screens.desk.status_bar
    bar.show_cases(3)
    for device in ("headquarters", "payments", "printer", "scale", "scanner", "members"):
        tell(checkout, device, AWAY)
    checkout.settle()
    assert is_lit(checkout, "members")
    assert not is_lit(checkout, "others")
    lights = [light for light in (*bar.lights.values(), *bar._at_need.values(), bar._cases) if light.isVisible()]
    assert len(lights) >= 7
    assert all(light.word_is_whole() for light in lights)
    assert len({light.geometry().top() for light in lights}) == 1
    assert checkout.find("clock").geometry().right() <= width - 8


def test_the_bench_is_asked_for_by_key_and_beside_a_devices_notice(checkout: ScriptedCheckout) -> None:
    asked: list[str] = []
    checkout.screens.bridge.device_asked.connect(asked.append)
    checkout.press("Ctrl+D")
    with pytest.raises(LookupError):
        checkout.find("noticeDevices")
    tell(checkout, "printer", AWAY)
    checkout.touch("noticeDevices")
    checkout.press("Esc")
    checkout.touch("light_printer")
    checkout.touch("noticeDevices")
    assert asked == [DEVICE_BENCH] * 3


def test_the_scanner_speaks_with_one_light(checkout: ScriptedCheckout) -> None:
    tell(checkout, "scanner", ATTENTION)
    assert "needs attention" in checkout.find("light_scanner").accessibleName()


def test_a_receipt_that_waits_for_its_printer_is_said_again_when_the_sale_is_paid(checkout: ScriptedCheckout) -> None:
    tell(checkout, "printer", DeviceCondition.STOPPED, "No paper.")
    checkout.press("Esc")
    checkout.scan(MILK)
    assert text_of(checkout, "noticeSentence") != "No paper."
    checkout.press("F12", "F4")
    assert text_of(checkout, "noticeSentence") == "No paper."


def test_a_device_that_does_not_work_is_said_over_one_that_only_wants_attention(checkout: ScriptedCheckout) -> None:
    tell(checkout, "drawer", ATTENTION, "The drawer is open.")
    tell(checkout, "printer", DeviceCondition.STOPPED, "No paper.")
    assert text_of(checkout, "noticeSentence") == "No paper."
