"""A till whose views are put up by hand, and payments, receipts and worklists as it would show them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from app.checkout.payment_views import (
    CaseView,
    OpenPaymentView,
    PaymentStage,
    ReceiptTenderView,
    ReceiptView,
    RefundView,
    WorklistView,
)
from app.checkout.views import (
    BasketView,
    LineView,
    PaymentView,
    Phase,
    SuspendedView,
    TenderChoice,
    TenderView,
    TillView,
)
from app.payments.attempt_record import ExceptionKind, Method
from app.payments.emv_qr import DataObject, LanguageTexts, MerchantAccount, MerchantPayload, build
from app.sales.sale import PriceSource
from app.values.money import CNY
from app.values.quantity import SellingUnit
from app.values.wording import LocalizedText, wording

NOON = datetime(2026, 11, 22, 4, 41, tzinfo=UTC)


def text(chinese: str, english: str) -> LocalizedText:
    return LocalizedText(chinese, (("en", english), ("zh_CN", chinese)))


CASH, CARD = text("现金", "Cash"), text("银行卡", "Bank card")
WECHAT, ALIPAY = text("微信支付", "WeChat Pay"), text("支付宝", "Alipay")
VOUCHER = text("代金券", "Voucher")

CHOICES = (
    TenderChoice("cash", CASH, True, False),
    TenderChoice("card", CARD, False, False, asks_provider=True, method=Method.TERMINAL),
    TenderChoice("wechat", WECHAT, False, False, asks_provider=True, method=Method.MERCHANT_CODE),
    TenderChoice(
        "alipay",
        ALIPAY,
        False,
        False,
        wording("Alipay cannot be reached. Take cash, or try again in a minute."),
        asks_provider=True,
        method=Method.MERCHANT_CODE,
    ),
    TenderChoice("voucher", VOUCHER, False, True),
)


def line(number: int, name: LocalizedText, price: int, quantity: int = 1) -> LineView:
    amount = price * quantity
    return LineView(
        number,
        number,
        f"p{number}",
        name,
        "",
        "",
        SellingUnit.EACH,
        quantity * 1000,
        price,
        price,
        PriceSource.BOOK,
        amount,
        amount,
    )


# 2 × 12.90 + 45.00 + 15.80 = 86.60
LINES = (
    line(1, text("鲜牛奶 1 L", "Whole milk 1 L"), 1290, 2),
    line(2, text("绍兴花雕酒", "Shaoxing rice wine"), 4500),
    line(3, text("全麦吐司", "Wholemeal toast"), 1580),
)
DUE = 8660
SELLING = TillView(Phase.SELLING, BasketView("b1", "CNY", LINES, 4, DUE, due_minor=DUE), 3)


def paying(*tenders: TenderView, choices: tuple[TenderChoice, ...] = CHOICES) -> TillView:
    """The tender pane, with tenders already taken."""
    paid = sum(tender.amount_minor for tender in tenders)
    left = DUE - paid
    payment = PaymentView(DUE, paid, left, left, 0, (left, 9000, 10000), choices)
    return replace(SELLING, phase=Phase.PAYING, basket=replace(SELLING.basket, tenders=tenders), payment=payment)


SENTENCES = {
    PaymentStage.SENDING: "The payment is being sent. Wait a moment.",
    PaymentStage.SHOPPER: "Waiting for the shopper. Ask them to look at their phone or the terminal.",
    PaymentStage.UNANSWERED: "No answer yet. It is being asked again; do not charge twice.",
    PaymentStage.TAKING_BACK: "The payment is being taken back. Wait until that is certain.",
    PaymentStage.GIVING_BACK: "The refund is being sent.",
    PaymentStage.HELP: "The provider gives no certain answer. Call a supervisor; the till goes on asking.",
}


def waiting(*tenders: TenderView, **changes: Any) -> TillView:
    """A payment that is waited for; by WeChat Pay, with the shopper's code, of all that is left."""
    view = paying(*tenders)
    assert view.payment is not None
    stage = changes.get("stage", PaymentStage.SHOPPER)
    begun = OpenPaymentView(
        attempt_id="a1",
        tender_type_id="wechat",
        tender_name=WECHAT,
        method=Method.SHOPPER_CODE,
        amount_minor=view.payment.left_minor,
        stage=stage,
        sentence=wording(SENTENCES[stage]),
        can_cancel=stage in {PaymentStage.SHOPPER, PaymentStage.UNANSWERED, PaymentStage.HELP},
    )
    return replace(view, payment=replace(view.payment, open=replace(begun, **changes)))


MERCHANT = MerchantPayload(
    accounts=(MerchantAccount("26", fields=(DataObject("00", "com.example.shop"), DataObject("01", "0512345678"))),),
    currency=CNY,
    country="CN",
    merchant_name="Guitai Market",
    merchant_city="Suzhou",
    merchant_category="5411",
    dynamic=True,
    amount_minor=DUE,
    language=LanguageTexts("ZH", "柜台超市平江路店", "苏州"),
)
EMV_PAYLOAD = build(MERCHANT)
WECHAT_PAYLOAD = "weixin://wxpay/bizpayurl?pr=Zk3vB7q"

RECEIPT = ReceiptView(
    sale_id="s-204",
    receipt_number="0001-02-1-000204",
    completed_at=NOON - timedelta(hours=2, minutes=7),
    operator_number="1007",
    due_minor=12860,
    item_count=9,
    currency="CNY",
    tenders=(
        ReceiptTenderView(
            1,
            WECHAT,
            7860,
            "4200002817202611227391027465",
            5280,
            (
                RefundView(1290, wording("The money was given back."), NOON - timedelta(minutes=52), done=True),
                RefundView(
                    1290,
                    wording("The refund was taken on. The money is on its way."),
                    NOON - timedelta(minutes=3),
                    done=False,
                ),
            ),
        ),
        ReceiptTenderView(2, CARD, 4000, "883201", 4000),
        ReceiptTenderView(3, CASH, 1000, "", 0, why_not=wording("Cash is given back with a return, from the drawer.")),
    ),
    may_refund=True,
)

WORKLIST = WorklistView(
    (
        CaseView(
            "a7:late_approval",
            ExceptionKind.LATE_APPROVAL,
            wording(
                "A payment was charged after it was taken for over. The till gives the money back; check that it"
                " arrives."
            ),
            WECHAT,
            4580,
            "CNY",
            NOON - timedelta(days=1, hours=3),
            "0001021F7Q20261121000017",
            "13********************31",
            attempt_open=True,
        ),
        CaseView(
            "a9:unresolved",
            ExceptionKind.UNRESOLVED,
            wording(
                "The provider gives no certain answer about a payment. Look at the shopper's phone and at the"
                " provider's records, then decide."
            ),
            ALIPAY,
            12860,
            "CNY",
            NOON - timedelta(minutes=31),
            "0001021F7Q20261122000004",
        ),
    ),
    may_close=True,
)

PUT_ASIDE = (
    SuspendedView(
        "b7",
        "red jacket",
        NOON - timedelta(minutes=12),
        3,
        4580,
        LINES[0].name,
        wording("Its payment by WeChat Pay has no answer yet. Recall it when it has."),
    ),
    SuspendedView("b8", "", NOON - timedelta(minutes=4), 1, 1290, LINES[0].name),
)


@pytest.fixture(scope="session")
def views() -> Any:
    """The views of this file, for tests, which cannot import it."""
    import types

    return types.SimpleNamespace(
        selling=SELLING,
        paying=paying,
        waiting=waiting,
        receipt=RECEIPT,
        worklist=WORKLIST,
        put_aside=PUT_ASIDE,
        emv_payload=EMV_PAYLOAD,
        wechat_payload=WECHAT_PAYLOAD,
        noon=NOON,
        cash=CASH,
        voucher=VOUCHER,
        folder=Path(__file__).parent,
    )
