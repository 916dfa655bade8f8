"""A receipt to give money back on, the payments to check, and baskets put aside with a payment, in the real window."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from app.checkout import requests as ask
from app.checkout.payment_requests import (
    CloseCase,
    HideReceipt,
    HideWorklist,
    RefundTender,
    ShowReceipt,
    ShowWorklist,
)
from app.checkout.payment_views import ReceiptTenderView, RefundView, WorklistView
from app.checkout.views import DeviceStatusView
from app.devices.conditions import DeviceCondition
from app.values.wording import wording

THIN = "\u2009"


def show_receipt(stage: Any, views: Any, **changes: Any) -> None:
    stage.show(replace(views.selling, receipt=replace(views.receipt, **changes)))


def test_a_receipt_tells_number_time_due_and_every_tender(stage: Any, views: Any) -> None:
    show_receipt(stage, views)
    # sold at 02:34 UTC, 10:34 in the shop
    assert stage.text("receiptAbout") == f"10:34 · ¥{THIN}128.60 · 9 items · operator 1007"
    first = stage.words("receiptTender1")
    assert first.startswith(f"WeChat Pay · ¥{THIN}78.60 · Number 4200002817202611227391027465")
    assert f"−¥{THIN}12.90 · 11:49 · The money was given back." in first
    assert "The refund was taken on." in first
    assert f"Can be given back: ¥{THIN}52.80" in first
    assert "from the drawer" in stage.words("receiptTender3")
    assert not stage.checkout.find("receiptTender3").isEnabled()


def test_a_part_is_given_back_with_tender_amount_and_reason(stage: Any, views: Any) -> None:
    show_receipt(stage, views)
    stage.checkout.press("Ctrl+2")
    stage.checkout.type("12.9")
    stage.checkout.press("F2")
    assert stage.words("padAccept") == f"Give back ¥{THIN}12.90"
    stage.checkout.press("Return")
    assert stage.asked == [RefundTender(2, "12.9", "Goods brought back", seen_minor=4000)]


def test_an_empty_amount_gives_everything_back_by_touch(stage: Any, views: Any) -> None:
    show_receipt(stage, views)
    stage.checkout.touch("receiptTender1")
    stage.checkout.touch("refundReason4")
    assert stage.words("padAccept") == f"Give back ¥{THIN}52.80"
    stage.checkout.touch("padAccept")
    assert stage.asked == [RefundTender(1, "", "Goodwill", seen_minor=5280)]


def test_nothing_is_given_back_without_tender_or_reason(stage: Any, views: Any) -> None:
    show_receipt(stage, views)
    stage.checkout.press("Return")
    assert stage.text("noticeSentence") == "Choose what it was paid with first."
    stage.checkout.press("Ctrl+1", "Return")
    assert stage.text("noticeSentence") == "Choose a reason."
    stage.checkout.press("Ctrl+3", "Return")
    assert stage.asked == []


def test_a_second_enter_before_the_answer_gives_nothing_back(stage: Any, views: Any) -> None:
    show_receipt(stage, views)
    pane = stage.checkout.screens.desk.stack.made("receipt")
    pane.take_key("Ctrl+1")
    pane.take_key("F2")
    pane.field.setText("10")
    pane.field.returnPressed.emit()
    pane.field.returnPressed.emit()
    stage.checkout.settle()
    assert stage.asked == [RefundTender(1, "10", "Goods brought back", seen_minor=5280)]


def test_after_a_refund_amount_and_reason_are_chosen_anew(stage: Any, views: Any) -> None:
    show_receipt(stage, views)
    stage.checkout.press("Ctrl+2", "F2")
    stage.checkout.type("10")
    card = views.receipt.tenders[1]
    given = RefundView(1000, wording("The money was given back."), views.noon, done=True)
    after = replace(
        views.receipt, tenders=(views.receipt.tenders[0], replace(card, refundable_minor=3000, refunds=(given,)))
    )
    stage.till.answers[RefundTender] = replace(views.selling, receipt=after)
    stage.checkout.press("Return")
    assert f"−¥{THIN}10.00" in stage.words("receiptTender2")
    assert stage.text("receiptAmount") == ""
    stage.checkout.press("Return")
    assert len(stage.asked) == 1


def test_the_only_tender_that_can_be_given_back_is_chosen_already(stage: Any, views: Any) -> None:
    tender = ReceiptTenderView(4, views.voucher, 5000, "V-9", 5000)
    show_receipt(stage, views, tenders=(views.receipt.tenders[2], tender))
    assert stage.checkout.find("receiptTender2").is_chosen()
    stage.checkout.press("F3", "Return")
    assert stage.asked == [RefundTender(4, "", "Charged too much", seen_minor=5000)]


def test_without_permission_the_receipt_says_why_and_has_no_way_to_refund(stage: Any, views: Any) -> None:
    show_receipt(stage, views, may_refund=False)
    assert stage.text("receiptClosed").startswith("You may look at this receipt")
    assert not stage.sees("padAccept")
    stage.checkout.press("Ctrl+1", "F2", "Return")
    assert [request for request in stage.asked if isinstance(request, RefundTender)] == []


def test_a_receipt_with_nothing_left_to_give_back_says_so(stage: Any, views: Any) -> None:
    show_receipt(stage, views, tenders=(views.receipt.tenders[2],))
    assert stage.text("receiptClosed") == "Nothing can be given back on this receipt here."


def test_the_receipt_in_sight_is_printed_again_and_put_away(stage: Any, views: Any) -> None:
    show_receipt(stage, views)
    stage.checkout.touch("receiptCopy")
    stage.checkout.press("Shift+F10")
    stage.checkout.press("Esc")
    assert stage.asked == [ask.ReprintReceipt("s-204"), ask.ReprintReceipt("s-204"), HideReceipt()]


def test_a_receipt_is_found_by_its_number_or_the_last_one_without(stage: Any, views: Any) -> None:
    stage.show(views.selling)
    stage.checkout.press("Shift+F6")
    stage.checkout.type("0001-02-1-000204")
    stage.till.answers[ShowReceipt] = replace(views.selling, receipt=views.receipt)
    stage.checkout.press("Return")
    assert stage.asked == [ShowReceipt("0001-02-1-000204")]
    assert stage.sees("receiptTender1")
    stage.show(views.selling)
    stage.checkout.press("F9")
    stage.checkout.touch("more5")
    stage.checkout.press("Return")
    assert stage.asked[-1] == ShowReceipt("")


def test_a_scan_while_a_receipt_is_open_goes_to_the_till(stage: Any, views: Any) -> None:
    show_receipt(stage, views)
    stage.checkout.scan("6901234567892")
    assert isinstance(stage.asked[-1], ask.ScanCode)


# the payments to check


def test_the_light_counts_the_cases_and_opens_the_list(stage: Any, views: Any) -> None:
    stage.show(views.selling)
    assert not stage.sees("light_cases")
    stage.show(replace(views.selling, case_count=2))
    light = stage.checkout.find("light_cases")
    assert light.accessibleDescription() == "2 payments must be looked at. Touch here to see them."
    stage.till.answers[ShowWorklist] = replace(views.selling, worklist=views.worklist, case_count=2)
    stage.checkout.touch("light_cases")
    assert stage.asked == [ShowWorklist()]
    assert stage.sees("case1")


def test_a_case_tells_what_when_and_by_which_number_it_is_found(stage: Any, views: Any) -> None:
    stage.show(replace(views.selling, worklist=views.worklist))
    words = stage.words("case1")
    # raised on the 21st at 01:41 UTC, 09:41 in the shop
    for part in ("WeChat Pay", f"¥{THIN}45.80", "11-21 09:41", "0001021F7Q20261121000017", "still asking"):
        assert part in words
    assert "still asking" not in stage.words("case2")


def test_a_case_is_closed_with_what_was_found(stage: Any, views: Any) -> None:
    stage.show(replace(views.selling, worklist=views.worklist))
    assert not stage.sees("caseReason1")
    stage.checkout.press("F2")
    assert stage.text("noticeSentence") == "Choose the payment first."
    stage.checkout.touch("case2")
    stage.checkout.touch("caseReason1")
    assert stage.asked == [CloseCase("a9:unresolved", "It is on the provider's bill")]
    stage.checkout.press("Ctrl+1", "F4")
    assert stage.asked[-1] == CloseCase("a7:late_approval", "Money given back another way")
    stage.checkout.press("Esc")
    assert stage.asked[-1] == HideWorklist()


def test_a_closed_case_is_not_closed_again_in_place_of_the_next(stage: Any, views: Any) -> None:
    stage.show(replace(views.selling, worklist=views.worklist))
    stage.checkout.press("Ctrl+1")
    third = replace(views.worklist.cases[1], case_id="a10:given_up")
    left = replace(views.worklist, cases=(views.worklist.cases[1], third))
    stage.till.answers[CloseCase] = replace(views.selling, worklist=left)
    stage.checkout.press("F2", "F2")
    assert [type(request) for request in stage.asked] == [CloseCase]


def test_without_permission_or_cases_the_list_says_so(stage: Any, views: Any) -> None:
    stage.show(replace(views.selling, worklist=replace(views.worklist, may_close=False)))
    assert stage.text("worklistClosed").startswith("You may look at this list")
    stage.checkout.press("Ctrl+1", "F2")
    assert stage.asked == []
    stage.show(replace(views.selling, worklist=WorklistView((), may_close=True)))
    assert stage.text("worklistClosed") == "Every payment is clear. There is nothing to look at."


def test_the_worklist_is_opened_and_put_away_by_its_key(stage: Any, views: Any) -> None:
    stage.show(views.selling)
    stage.till.answers[ShowWorklist] = replace(views.selling, worklist=views.worklist)
    stage.checkout.press("Shift+F7", "Shift+F7")
    assert stage.asked == [ShowWorklist(), HideWorklist()]


def test_cases_leave_lights_at_need_their_room_in_a_narrow_window(stage: Any, views: Any) -> None:
    stage.checkout.use(size=(1024, 768))
    for device in ("drawer", "card_terminal", "rfid"):
        status = DeviceStatusView(device, DeviceCondition.AWAY, wording("Away."))
        stage.checkout.screens.bridge.post_device_status(status)
    stage.show(replace(views.selling, case_count=12))
    assert stage.checkout.find("entryLine").width() >= 200
    assert stage.checkout.window.width() == 1024


# put aside


def test_a_basket_put_aside_says_how_its_payment_stands(stage: Any, views: Any) -> None:
    stage.show(replace(views.selling, suspended=views.put_aside))
    stage.checkout.press("F6")
    assert stage.checkout.find("recall1").detail().startswith("Its payment by WeChat Pay has no answer yet.")
    assert stage.checkout.find("recall2").detail() == ""
    stage.checkout.press("Ctrl+1")
    assert stage.asked == [ask.RecallBasket("b7")]


def test_cases_older_than_today_carry_their_day(stage: Any, views: Any) -> None:
    older = replace(views.worklist.cases[0], raised_at=views.noon - timedelta(days=3))
    stage.show(replace(views.selling, worklist=WorklistView((older,), may_close=True)))
    assert "11-19 12:41" in stage.words("case1")


def test_a_receipt_and_a_basket_put_aside_with_one_item_say_so(stage: Any, views: Any) -> None:
    stage.show(replace(views.selling, receipt=replace(views.receipt, item_count=1)))
    assert " · 1 item · " in stage.text("receiptAbout")
    stage.show(replace(views.selling, suspended=views.put_aside))
    stage.checkout.press("F6")
    assert " · 3 items · " in stage.checkout.find("recall1").words()
    assert " · 1 item · " in stage.checkout.find("recall2").words()
