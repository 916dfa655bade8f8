"""A receipt printed again after money was given back says so: how much, when, and whether it has arrived."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.payments.attempt_record import AttemptState
from app.payments.tenders import Tendered
from app.sales.receipt import ReceiptRefund, RefundProgress
from app.sales.receipt_columns import PrintedLine, cells_of, compose
from app.sales.receipt_elements import Element, Row, TextLine
from app.sales.receipt_layout import built_in_layout, lay_out
from app.sales.receipt_refunds import refunds_on
from app.sales.sale import Sale
from app.values.wording import LocalizedText
from tests.unit.app.payments.attempt_cases import NOON, purchase, refund

NEXT_DAY = datetime(2026, 11, 23, 2, 30, tzinfo=UTC)
"""10:30 in the shop."""

WECHAT = LocalizedText("微信支付", (("en", "WeChat Pay"),))


def paid_by_wechat(samples: SimpleNamespace) -> Sale:
    tender = Tendered(1, "wechat", WECHAT, "wechat", 8370, 8370, "42000", "attempt-1")
    sale: Sale = samples.SALE
    return replace(sale, tenders=(tender,), change_minor=0)


def words(elements: tuple[Element, ...]) -> list[str]:
    """Every text and row beneath the tender, as one list."""
    said = []
    for element in elements:
        if isinstance(element, TextLine):
            said.append(element.text)
        elif isinstance(element, Row):
            said.append(f"{element.left} | {element.right}")
    return said


def printed(samples: SimpleNamespace, *refunds: ReceiptRefund) -> list[str]:
    receipt = replace(samples.receipt(paid_by_wechat(samples), copy_number=1), refunds=refunds)
    return words(lay_out(receipt, samples.ENGLISH_SPEECH, built_in_layout(58)))


def test_a_receipt_without_refunds_says_nothing_of_them(samples: SimpleNamespace) -> None:
    assert not any("Refund" in text for text in printed(samples))


def test_it_says_what_was_given_back_when_and_on_which_receipt(samples: SimpleNamespace) -> None:
    said = printed(samples, ReceiptRefund(WECHAT, 1200, NEXT_DAY, RefundProgress.GIVEN_BACK))
    place = said.index("Refunds on receipt 0001-02-1-000123")
    assert said[place - 2 : place] == ["WeChat Pay | 83.70", "42000"]
    assert said[place + 1 : place + 4] == ["WeChat Pay | -12.00", "2026-11-23 10:30", "Given back"]


def test_money_on_its_way_is_not_said_to_have_arrived(samples: SimpleNamespace) -> None:
    said = printed(samples, ReceiptRefund(WECHAT, 1200, NEXT_DAY, RefundProgress.ON_ITS_WAY))
    assert "WeChat Pay | -12.00" in said
    assert "On its way: the shop's till sends it until the provider confirms it. Keep this receipt." in said
    assert "Given back" not in said


def test_what_was_refused_takes_nothing_off(samples: SimpleNamespace) -> None:
    said = printed(samples, ReceiptRefund(WECHAT, 1200, NEXT_DAY, RefundProgress.NOT_GIVEN_BACK))
    assert "WeChat Pay | 0.00" in said
    assert "12.00 was not given back. Please ask at the till." in said


def test_a_tender_that_was_taken_offline_says_so(samples: SimpleNamespace) -> None:
    sale = paid_by_wechat(samples)
    offline = replace(sale, tenders=(replace(sale.tenders[0], approved_offline=True),))
    sentence = "Taken offline, without asking the bank"
    said = words(lay_out(samples.receipt(offline), samples.ENGLISH_SPEECH, built_in_layout(58)))
    assert said[said.index("WeChat Pay | 83.70") + 2] == sentence
    assert sentence not in printed(samples)


@pytest.mark.parametrize(
    ("state", "progress", "amount_minor"),
    [
        (AttemptState.CREATED, RefundProgress.ON_ITS_WAY, 1000),
        (AttemptState.SUBMITTING, RefundProgress.ON_ITS_WAY, 1000),
        (AttemptState.PENDING, RefundProgress.ON_ITS_WAY, 1000),
        (AttemptState.UNKNOWN, RefundProgress.ON_ITS_WAY, 1000),
        (AttemptState.APPROVED, RefundProgress.GIVEN_BACK, 990),  # the provider gave 9.90 of the 10.00
        (AttemptState.DECLINED, RefundProgress.NOT_GIVEN_BACK, 1000),
    ],
)
def test_every_state_of_a_refund_is_one_of_three_to_the_shopper(
    samples: SimpleNamespace, state: AttemptState, progress: RefundProgress, amount_minor: int
) -> None:
    back = refund(state, approved_minor=990 if state is AttemptState.APPROVED else 0)
    assert refunds_on(paid_by_wechat(samples), [back]) == (ReceiptRefund(WECHAT, amount_minor, NOON, progress),)


def test_refunds_of_others_and_payments_are_passed_over_and_the_oldest_comes_first(samples: SimpleNamespace) -> None:
    later = refund(attempt_id="refund-0", created_at=NOON + timedelta(hours=1), amount_minor=300)
    other = refund(attempt_id="refund-2", refund_of="attempt-9")
    found = refunds_on(paid_by_wechat(samples), [later, purchase(), other, refund()])
    assert [one.amount_minor for one in found] == [1000, 300]
    assert refunds_on(samples.SALE, [refund()]) == ()  # paid in cash


NAMES = st.text(st.sampled_from("微信支付宝卡 Pay-Card㊗é"), min_size=1, max_size=60)


@given(
    NAMES,
    st.lists(st.tuples(NAMES, st.integers(1, 10**11), st.sampled_from(RefundProgress)), max_size=4),
    st.sampled_from([58, 80]),
    st.booleans(),
)
def test_no_line_is_wider_than_the_paper_and_no_amount_is_lost(
    samples: SimpleNamespace, name: str, given_back: list[tuple[str, int, RefundProgress]], paper_mm: int, chinese: bool
) -> None:
    sale = paid_by_wechat(samples)
    tender = replace(sale.tenders[0], name=LocalizedText(name), approved_offline=True, reference="6" * 40)
    refunds = tuple(
        ReceiptRefund(LocalizedText(text), amount, NEXT_DAY, progress) for text, amount, progress in given_back
    )
    receipt = replace(samples.receipt(replace(sale, tenders=(tender,))), refunds=refunds)
    speech = samples.CHINESE_SPEECH if chinese else samples.ENGLISH_SPEECH
    layout = built_in_layout(paper_mm)
    lines = [
        line for line in compose(lay_out(receipt, speech, layout), layout.columns) if isinstance(line, PrintedLine)
    ]
    assert max(cells_of(line.text) * line.size.wide for line in lines) <= layout.columns
    paper = " ".join(line.text for line in lines)
    for _, amount, progress in given_back:
        figure = f"{amount // 100}.{amount % 100:02d}"
        assert (figure if progress is RefundProgress.NOT_GIVEN_BACK else f"-{figure}") in paper
