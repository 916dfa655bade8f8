"""The tender pane and shoppers' codes: what a scan takes along, what a typed code is, what a tile says."""

from dataclasses import replace
from typing import Any

from app.checkout import requests as ask
from ui.widgets.detail_keys import DetailKey

CODE = "134567890123456789"


def test_a_scan_takes_the_amount_along_that_stands_in_the_field(stage: Any, views: Any) -> None:
    stage.show(views.paying())
    stage.checkout.type("50")
    stage.checkout.scan(CODE)
    request = stage.asked[-1]
    assert (request.scanned.data, request.amount_text) == (CODE, "50")


def test_a_scan_while_selling_takes_no_amount_along(stage: Any, views: Any) -> None:
    stage.show(views.selling)
    stage.checkout.scan(CODE)
    assert stage.asked[-1].amount_text == ""


def test_a_vouchers_number_is_no_amount_of_a_scan(stage: Any, views: Any) -> None:
    stage.show(views.paying())
    stage.checkout.press("Ctrl+5")
    stage.checkout.type("47")
    stage.checkout.scan(CODE)
    assert stage.asked[-1].amount_text == ""


def test_a_code_typed_into_the_amount_is_a_code_for_enter_and_for_a_wallets_key(stage: Any, views: Any) -> None:
    stage.show(views.paying())
    stage.checkout.type(CODE)
    stage.checkout.press("Return")
    assert stage.asked == [ask.EnterText(CODE)]
    stage.checkout.press("Ctrl+3")
    assert stage.asked[-1] == ask.EnterText(CODE)
    assert not any(isinstance(request, ask.TakeTender) for request in stage.asked)


def test_a_long_number_of_a_voucher_is_its_number(stage: Any, views: Any) -> None:
    stage.show(views.paying())
    stage.checkout.press("Ctrl+5")
    stage.checkout.type(CODE)
    stage.checkout.press("Return")
    assert stage.asked == [ask.TakeTender("voucher", "", CODE)]


def test_a_wallets_key_takes_the_amount_typed(stage: Any, views: Any) -> None:
    stage.show(views.paying())
    stage.checkout.type("50")
    stage.checkout.press("Ctrl+3")
    assert stage.asked == [ask.TakeTender("wechat", "50")]


def tile(stage: Any, number: int) -> DetailKey:
    key = stage.checkout.find(f"tender{number}")
    assert isinstance(key, DetailKey)
    return key


def test_a_tile_says_what_it_begins_or_why_it_cannot_be_touched(stage: Any, views: Any) -> None:
    stage.show(views.paying())
    assert [tile(stage, number).detail() for number in (1, 2, 3, 5)] == ["", "at the terminal", "QR code", ""]
    assert tile(stage, 4).detail() == "Alipay cannot be reached. Take cash, or try again in a minute."
    assert not tile(stage, 4).is_usable()
    assert "cannot be reached" in tile(stage, 4).accessibleName()


def test_a_tile_can_be_touched_again_when_its_provider_answers(stage: Any, views: Any) -> None:
    view = views.paying()
    stage.show(view)
    choices = tuple(replace(choice, unavailable=None) for choice in view.payment.choices)
    stage.show(views.paying(choices=choices))
    assert tile(stage, 4).detail() == "QR code"
    stage.checkout.touch("tender4")
    assert stage.asked == [ask.TakeTender("alipay", "")]
