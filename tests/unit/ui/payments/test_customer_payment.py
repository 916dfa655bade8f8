"""The shopper's window while paying: the code on its picture is read by a reader that knows nothing of this program."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import zxingcpp
from PySide6.QtGui import QImage

from app.checkout.payment_views import PaymentStage
from app.checkout.views import CompletedView, Phase, TenderView, TillView
from app.payments.attempt_record import Method
from app.payments.emv_qr import read
from ui.presenters.qr_modules import QUIET_MODULES, modules_of
from ui.widgets.qr_picture import QrPicture

THIN = "\u2009"
SIZES = [(1024, 768), (1920, 1080), (768, 1024)]
BLACK, WHITE = "#000000", "#ffffff"


@pytest.fixture
def shopper(make_stage: Callable[..., Any]) -> Any:
    return make_stage(customer_window=True)


def grab(stage: Any, size: tuple[int, int] | None = None) -> QImage:
    window = stage.checkout.screens.customer
    if size is not None:
        window.resize(*size)
    stage.checkout.settle()
    return window.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)  # type: ignore[no-any-return]


def codes_in(picture: QImage) -> list[str]:
    return [found.text for found in zxingcpp.read_barcodes(picture, try_invert=False)]


def qr_of(stage: Any) -> QrPicture:
    found = stage.checkout.find("customerQr")
    assert isinstance(found, QrPicture)
    return found


def code(views: Any, payload: str, **changes: Any) -> TillView:
    view: TillView = views.waiting(method=Method.MERCHANT_CODE, payload=payload, **changes)
    return view


@pytest.mark.parametrize("theme", ["light", "dark", "high_contrast"])
@pytest.mark.parametrize("size", SIZES)
def test_the_code_is_read_from_the_windows_own_picture(
    shopper: Any, views: Any, theme: str, size: tuple[int, int]
) -> None:
    shopper.checkout.use(theme=theme)
    for payload in (views.wechat_payload, views.emv_payload):
        shopper.show(code(views, payload))
        assert codes_in(grab(shopper, size)) == [payload]
        assert qr_of(shopper).symbol_side_px() >= 0.4 * min(size)


def test_an_emvco_code_with_a_chinese_name_comes_back_whole(shopper: Any, views: Any) -> None:
    shopper.show(code(views, views.emv_payload))
    (found,) = codes_in(grab(shopper, (1024, 768)))
    payload = read(found).payload
    assert payload.language is not None
    assert payload.language.merchant_name == "柜台超市平江路店"
    assert payload.amount_minor == 8660


@pytest.mark.parametrize("theme", ["light", "dark", "high_contrast"])
def test_every_module_is_whole_pixels_black_on_white_with_its_quiet_zone(shopper: Any, views: Any, theme: str) -> None:
    shopper.checkout.use(theme=theme)
    shopper.show(code(views, views.emv_payload))
    grab(shopper, (1024, 768))
    qr = qr_of(shopper)
    picture = qr.grab().toImage()
    modules, module = modules_of(views.emv_payload), qr.module_px()
    side = (len(modules) + 2 * QUIET_MODULES) * module
    left, top = (qr.width() - side) // 2, (qr.height() - side) // 2
    for down in range(-QUIET_MODULES, len(modules) + QUIET_MODULES):
        for across in range(-QUIET_MODULES, len(modules) + QUIET_MODULES):
            if {down, across} <= {-QUIET_MODULES, len(modules) + QUIET_MODULES - 1}:
                continue  # the plate's corners are round
            inside = 0 <= down < len(modules) and 0 <= across < len(modules)
            wanted = BLACK if inside and modules[down][across] else WHITE
            x = left + (QUIET_MODULES + across) * module
            y = top + (QUIET_MODULES + down) * module
            seen = {picture.pixelColor(x + dx, y + dy).name() for dx in (1, module - 2) for dy in (1, module - 2)}
            assert seen == {wanted}, (down, across)


def test_error_correction_m_mends_what_a_finger_hides(shopper: Any, views: Any) -> None:
    shopper.show(code(views, views.wechat_payload))
    picture = grab(shopper, (1024, 768))
    qr = qr_of(shopper)
    side, module = qr.symbol_side_px(), qr.module_px()
    middle = qr.mapTo(shopper.checkout.screens.customer, qr.rect().center())
    # 4 × 4 of 29 × 29 modules, 2 % of the code, away from its corners
    for x in range(int(middle.x() + side / 8), int(middle.x() + side / 8) + 4 * module):
        for y in range(middle.y(), middle.y() + 4 * module):
            picture.setPixelColor(x, y, picture.pixelColor(2, 2))
    assert codes_in(picture) == [views.wechat_payload]


def test_under_the_code_stand_tender_and_amount(shopper: Any, views: Any) -> None:
    shopper.show(code(views, views.wechat_payload))
    assert shopper.text("customerScanWith") == "Scan with WeChat Pay"
    assert shopper.text("customerPayAmount") == f"¥{THIN}86.60"
    assert not shopper.sees("customerPartOf")


def test_of_a_split_sale_the_shopper_sees_the_part_to_pay_now(shopper: Any, views: Any) -> None:
    shopper.show(views.waiting(TenderView(1, views.cash, 5000)))
    assert shopper.text("customerPayAmount") == f"¥{THIN}36.60"
    assert shopper.text("customerPartOf") == f"Part of ¥{THIN}86.60"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "Look at your phone, and enter your password if it asks for it."),
        ({"method": Method.TERMINAL}, "Follow the card terminal."),
        ({"stage": PaymentStage.SENDING}, "One moment, please."),
        (
            {"stage": PaymentStage.UNANSWERED},
            "One moment: it is being checked whether you have paid. Do not pay again.",
        ),
        ({"stage": PaymentStage.TAKING_BACK}, "The payment is being taken back. One moment, please."),
        ({"stage": PaymentStage.GIVING_BACK}, "The money is being given back to you."),
        ({"stage": PaymentStage.HELP}, "One moment, please: your payment is being checked. Do not pay again."),
    ],
)
def test_without_a_code_the_shopper_reads_what_to_do(
    shopper: Any, views: Any, changes: dict[str, Any], words: str
) -> None:
    shopper.show(views.waiting(**changes))
    assert shopper.text("customerSentence") == words
    assert not shopper.sees("customerQr")


def test_a_code_that_is_being_taken_back_cannot_be_scanned_any_more(shopper: Any, views: Any) -> None:
    shopper.show(code(views, views.wechat_payload))
    shopper.show(code(views, views.wechat_payload, stage=PaymentStage.TAKING_BACK))
    assert codes_in(grab(shopper)) == []
    assert codes_in(shopper.checkout.window.grab().toImage()) == []


def test_after_the_payment_come_thanks(shopper: Any, views: Any) -> None:
    shopper.show(code(views, views.wechat_payload))
    done = CompletedView("s1", "0001-02-1-000205", 8660, 8660, 0, 0, ())
    shopper.show(
        replace(views.selling, phase=Phase.PAID, completed=done, basket=replace(views.selling.basket, lines=()))
    )
    assert shopper.text("customerPaid") == f"¥{THIN}86.60"
    assert not shopper.sees("customerQr")


def test_the_cashier_sees_the_same_code_small(shopper: Any, views: Any) -> None:
    shopper.show(code(views, views.emv_payload))
    picture = shopper.checkout.window.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    assert codes_in(picture) == [views.emv_payload]


def test_a_payload_longer_than_any_code_is_not_shown_cut(
    shopper: Any, views: Any, caplog: pytest.LogCaptureFixture
) -> None:
    shopper.show(code(views, "9" * 8000))
    assert codes_in(grab(shopper)) == []
    assert "qr_payload_too_long: 8000 bytes" in caplog.text


def test_the_shoppers_language_is_the_windows_own(make_stage: Callable[..., Any], views: Any) -> None:
    stage = make_stage(customer_window=True, customer_language="zh_CN")
    stage.show(views.waiting())
    assert stage.text("customerPayCaption") == "微信支付"
    assert stage.text("waitingTender") == "WeChat Pay"
