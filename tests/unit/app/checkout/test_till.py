"""The cashier at the till: scanning, changing the basket, being asked, paying."""

from datetime import UTC, datetime

from app.checkout import requests as ask
from app.checkout.ports import PrintState
from app.checkout.views import Phase, QuestionKind, Severity, Sound
from app.sales.basket import DiscountKind
from app.sales.sale import PriceSource

MILK = "6901234567892"
BEER = "6903148042441"


def test_a_scanned_item_is_on_screen_and_in_the_store(shopfloor):
    view = shopfloor.scan(MILK)
    assert [line.product_id for line in view.basket.lines] == ["MILK"]
    assert view.basket.due_minor == 1290
    assert view.sound is Sound.GOOD_READ
    stored = shopfloor.store.open_basket()
    assert stored is not None
    assert stored.lines[0].product_id == "MILK"


def test_the_same_item_twice_in_a_row_makes_one_line_of_two(shopfloor):
    shopfloor.scan(MILK)
    view = shopfloor.scan(MILK)
    assert len(view.basket.lines) == 1
    assert view.basket.lines[0].quantity_thousandths == 2000
    assert view.basket.due_minor == 2580


def test_a_case_barcode_sells_twelve(shopfloor):
    view = shopfloor.scan("16901234567899")
    assert view.basket.lines[0].quantity_thousandths == 12_000
    assert view.basket.due_minor == 12 * 1290


def test_a_quantity_typed_before_the_scan_multiplies_it(shopfloor):
    armed = shopfloor.till.handle(ask.EnterText("3*"))
    assert armed.armed_quantity == "3"
    view = shopfloor.scan(MILK)
    assert view.basket.lines[0].quantity_thousandths == 3000
    assert not view.armed_quantity


def test_quantity_and_code_may_be_typed_in_one_go(shopfloor):
    view = shopfloor.till.handle(ask.EnterText(f"2×{MILK}"))
    assert view.basket.due_minor == 2580


def test_a_barcode_typed_as_a_quantity_is_refused(shopfloor):
    view = shopfloor.till.handle(ask.ArmQuantity("6901234567892"))
    assert view.notice is not None
    assert view.notice.severity is Severity.BAD
    assert not view.armed_quantity


def test_a_quantity_is_changed_after_the_scan(shopfloor):
    line = shopfloor.scan(MILK).basket.lines[0]
    view = shopfloor.till.handle(ask.ChangeQuantity(line.line_id, "5"))
    assert view.basket.due_minor == 5 * 1290
    refused = shopfloor.till.handle(ask.ChangeQuantity(line.line_id, "1.5"))
    assert refused.notice is not None
    assert refused.basket.due_minor == 5 * 1290


def test_an_unknown_barcode_says_so_and_changes_nothing(shopfloor):
    shopfloor.scan(MILK)
    view = shopfloor.scan("4006381333931")
    assert view.notice is not None
    assert view.notice.code == "CODE-NOT-KNOWN"
    assert view.sound is Sound.BAD_READ
    assert view.basket.due_minor == 1290


def test_words_that_are_no_code_are_searched_for(shopfloor):
    view = shopfloor.till.handle(ask.EnterText("牛奶"))
    assert view.search_text == "牛奶"
    assert [found.product_id for found in shopfloor.till.search("牛奶").found] == ["MILK"]


def test_a_weighed_item_asks_for_its_weight_and_is_priced_by_it(shopfloor):
    view = shopfloor.till.handle(ask.EnterText("4131"))
    assert view.question is not None
    assert view.question.kind is QuestionKind.WEIGHT
    assert not view.basket.lines
    view = shopfloor.till.handle(ask.AnswerQuestion("1.245"))
    # 9.90 × 1.245 = 12.3255, rounded half up to 12.33.
    assert view.basket.due_minor == 1233
    assert view.question is None


def test_a_wrong_weight_asks_again(shopfloor):
    shopfloor.till.handle(ask.AddProduct("APPLE"))
    for wrong in ("0", "-1", "abc", "99999", ""):
        view = shopfloor.till.handle(ask.AnswerQuestion(wrong))
        assert view.question is not None
        assert view.notice is not None
        assert not view.basket.lines


def test_a_question_waits_for_its_answer_before_anything_else(shopfloor):
    shopfloor.till.handle(ask.AddProduct("APPLE"))
    view = shopfloor.scan(MILK)
    assert view.question is not None
    assert not view.basket.lines
    view = shopfloor.till.handle(ask.DeclineQuestion())
    assert view.question is None
    assert shopfloor.scan(MILK).basket.due_minor == 1290


def test_age_is_asked_once_a_basket_and_shows_the_latest_birthday(shopfloor):
    view = shopfloor.scan(BEER)
    assert view.question is not None
    assert view.question.kind is QuestionKind.AGE
    assert str(view.question.born_on_or_before) == "2008-11-22"
    view = shopfloor.till.handle(ask.AnswerQuestion("yes"))
    # 6.00 and the bottle's deposit of 0.50.
    assert view.basket.due_minor == 650
    view = shopfloor.till.handle(ask.AddProduct("CIGARETTES"))
    assert view.question is None
    assert view.basket.due_minor == 650 + 2500


def test_an_age_that_is_not_confirmed_sells_nothing(shopfloor):
    shopfloor.scan(BEER)
    view = shopfloor.till.handle(ask.DeclineQuestion())
    assert not view.basket.lines
    assert shopfloor.store.open_basket() is None


def test_a_deposit_follows_its_item(shopfloor):
    shopfloor.scan(BEER)
    beer = shopfloor.till.handle(ask.AnswerQuestion("yes")).basket.lines[0]
    view = shopfloor.till.handle(ask.ChangeQuantity(beer.line_id, "6"))
    assert view.basket.due_minor == 6 * 650
    deposit = view.basket.lines[1]
    refused = shopfloor.till.handle(ask.VoidLine(deposit.line_id))
    assert refused.notice is not None
    assert refused.notice.code == "NOT-NOW"
    assert not shopfloor.till.handle(ask.VoidLine(beer.line_id)).basket.lines


def test_an_open_price_is_asked_for(shopfloor):
    view = shopfloor.till.handle(ask.AddProduct("WRAP"))
    assert view.question is not None
    assert view.question.kind is QuestionKind.PRICE
    view = shopfloor.till.handle(ask.AnswerQuestion("8.80"))
    assert view.basket.due_minor == 880
    assert view.basket.lines[0].price_source is PriceSource.OPEN


def test_what_may_not_be_sold_says_why(shopfloor):
    view = shopfloor.till.handle(ask.AddProduct("RECALLED"))
    assert view.notice is not None
    assert "批次召回" in str(view.notice.sentence)
    view = shopfloor.till.handle(ask.AddProduct("UNPRICED"))
    assert view.notice is not None
    assert "no price" in str(view.notice.sentence)
    assert not view.basket.lines


def test_a_price_label_charges_what_it_states(shopfloor):
    # Pattern 22IIIIIPPPPPC, item 21001, 12.34 yuan; check digit by the GS1 weights: 2·1+2·3+2·1+1·3+0+0+1·1+0+1·1+2·3+3·1+4·3
    # = 2+6+2+3+0+0+1+0+1+6+3+12 = 36, so 4.
    view = shopfloor.scan("2221001012344")
    assert view.basket.due_minor == 1234
    assert view.basket.lines[0].price_source is PriceSource.LABEL
    # The weight follows from the price: 1234 / 3280 per kg is 376 g.
    assert view.basket.lines[0].quantity_thousandths == 376


def test_a_weight_label_is_priced_by_the_book(shopfloor):
    # Pattern 21IIIIIWWWWWC, item 21001, 500 g: 2+3+2+3+0+0+1+0+0+5·3+0+0 = 26, so 4. 32.80 × 0.5 = 16.40.
    view = shopfloor.scan("2121001005004")
    assert view.basket.due_minor == 1640


def test_a_gs1_code_that_has_expired_is_refused(shopfloor):
    view = shopfloor.scan("]C10106901234567892" + "17261121", "]C1")
    assert view.notice is not None
    assert view.notice.code == "CANNOT-BE-SOLD"
    view = shopfloor.scan("]C10106901234567892" + "17261122" + "10LOT7", "]C1")
    assert view.basket.lines[0].batch == "LOT7"
    assert str(view.basket.lines[0].expiry) == "2026-11-22"


def test_a_payment_code_is_refused_with_what_to_do_instead(shopfloor):
    shopfloor.scan(MILK)
    view = shopfloor.scan("134567890123456789")
    assert view.notice is not None
    assert "cash" in str(view.notice.sentence)


def test_a_voided_line_is_gone_and_kept_for_the_auditor(shopfloor):
    shopfloor.scan(MILK)
    line = shopfloor.till.handle(ask.AddProduct("GUM")).basket.lines[0]
    assert shopfloor.till.handle(ask.VoidLine(line.line_id)).basket.due_minor == 333
    shopfloor.till.handle(ask.TakeTender("cash"))
    sale = shopfloor.store.sales[0].sale
    assert [line.product_id for line in sale.voided_lines] == ["MILK"]
    assert sale.gross_minor == 333


def test_a_price_override_needs_a_reason(shopfloor):
    line = shopfloor.scan(MILK).basket.lines[0]
    refused = shopfloor.till.handle(ask.OverridePrice(line.line_id, "9.90", "  "))
    assert refused.notice is not None
    assert refused.basket.due_minor == 1290
    view = shopfloor.till.handle(ask.OverridePrice(line.line_id, "9.90", "标价错误"))
    assert view.basket.due_minor == 990
    assert view.basket.lines[0].list_price_minor == 1290


def test_line_and_basket_discounts_add_up_to_the_minor_unit(shopfloor):
    milk = shopfloor.scan(MILK).basket.lines[0]
    shopfloor.till.handle(ask.AddProduct("GUM"))
    shopfloor.till.handle(ask.GiveDiscount(DiscountKind.PERCENT, "10", "临期", milk.line_id))
    view = shopfloor.till.handle(ask.GiveDiscount(DiscountKind.AMOUNT, "1.00", "会员日"))
    # 12.90 − 1.29 = 11.61; with gum 3.33 that is 14.94; less 1.00 is 13.94.
    assert view.basket.due_minor == 1394
    # 100 × 1161 / 1494 = 77.7 and 100 × 333 / 1494 = 22.3: shares 78 and 22.
    assert [sum(share.amount_minor for share in line.discounts) for line in view.basket.lines] == [129 + 78, 22]
    taken_back = shopfloor.till.handle(ask.RemoveDiscount(view.basket.discounts[0].discount_id))
    assert taken_back.basket.due_minor == 1494


def test_tobacco_takes_no_discount(shopfloor):
    shopfloor.till.handle(ask.AddProduct("CIGARETTES"))
    line = shopfloor.till.handle(ask.AnswerQuestion("yes")).basket.lines[0]
    view = shopfloor.till.handle(ask.GiveDiscount(DiscountKind.PERCENT, "10", "x", line.line_id))
    assert view.notice is not None
    view = shopfloor.till.handle(ask.GiveDiscount(DiscountKind.PERCENT, "10", "x"))
    assert view.basket.due_minor == 2500


def test_baskets_are_put_aside_and_called_back(shopfloor):
    shopfloor.scan(MILK)
    view = shopfloor.till.handle(ask.SuspendBasket("穿红衣的女士"))
    assert view.basket.basket_id is None
    assert [aside.name for aside in view.suspended] == ["穿红衣的女士"]
    shopfloor.till.handle(ask.AddProduct("GUM"))
    refused = shopfloor.till.handle(ask.RecallBasket(view.suspended[0].basket_id))
    assert refused.notice is not None
    shopfloor.till.handle(ask.SuspendBasket())
    view = shopfloor.till.handle(ask.RecallBasket(view.suspended[0].basket_id))
    assert view.basket.due_minor == 1290
    assert len(view.suspended) == 1


def test_cash_gives_change_and_the_sale_is_committed_before_it_is_printed(shopfloor):
    shopfloor.scan(MILK)
    view = shopfloor.till.handle(ask.BeginPayment())
    assert view.payment is not None
    assert view.payment.cash_suggestions == (1290, 1300, 1500, 2000, 5000, 10000)
    view = shopfloor.till.handle(ask.TakeTender("cash", "20"))
    assert view.phase is Phase.PAID
    assert view.completed is not None
    assert view.completed.change_minor == 710
    assert view.sound is Sound.PAID
    assert shopfloor.store.open_basket() is None
    order = shopfloor.printer.orders[0]
    assert order.opens_drawer
    assert order.receipt is not None
    assert order.receipt.completed is shopfloor.store.sales[0]


def test_cash_is_rounded_to_the_jiao_and_the_rounding_is_on_record(shopfloor):
    shopfloor.till.handle(ask.AddProduct("GUM"))
    view = shopfloor.till.handle(ask.BeginPayment())
    assert view.payment is not None
    assert (view.payment.left_minor, view.payment.cash_left_minor) == (333, 330)
    shopfloor.till.handle(ask.TakeTender("cash", "5"))
    sale = shopfloor.store.sales[0].sale
    assert (sale.gross_minor, sale.rounding_minor, sale.due_minor, sale.change_minor) == (333, -3, 330, 170)


def test_a_card_is_charged_to_the_fen(shopfloor):
    shopfloor.till.handle(ask.AddProduct("GUM"))
    refused = shopfloor.till.handle(ask.TakeTender("card", "", ""))
    assert refused.notice is not None
    shopfloor.till.handle(ask.TakeTender("card", "", "A12345"))
    sale = shopfloor.store.sales[0].sale
    assert (sale.due_minor, sale.rounding_minor, sale.tenders[0].reference) == (333, 0, "A12345")


def test_a_split_payment_takes_several_tenders_and_survives_a_restart(shopfloor):
    shopfloor.scan(MILK)
    shopfloor.till.handle(ask.BeginPayment())
    view = shopfloor.till.handle(ask.TakeTender("voucher", "5", "V-77"))
    assert view.payment is not None
    assert view.payment.left_minor == 790
    blocked = shopfloor.scan(MILK)
    assert blocked.notice is not None
    assert blocked.basket.due_minor == 1290
    view = shopfloor.restart().view()
    assert view.phase is Phase.PAYING
    assert view.payment is not None
    assert view.payment.left_minor == 790
    view = shopfloor.till.handle(ask.TakeTender("cash", "10"))
    assert view.completed is not None
    assert view.completed.change_minor == 210


def test_a_tender_taken_by_mistake_is_handed_back(shopfloor):
    shopfloor.scan(MILK)
    view = shopfloor.till.handle(ask.TakeTender("cash", "5"))
    view = shopfloor.till.handle(ask.RemoveTender(view.basket.tenders[0].tender_id))
    assert view.payment is not None
    assert view.payment.left_minor == 1290
    assert shopfloor.scan(MILK).basket.due_minor == 2580


def test_more_than_is_due_is_refused_where_no_change_is_given(shopfloor):
    shopfloor.scan(MILK)
    view = shopfloor.till.handle(ask.TakeTender("voucher", "20", "V-1"))
    assert view.notice is not None
    assert view.notice.code == "TENDER-REFUSED"
    assert not shopfloor.store.sales


def test_an_amount_nobody_hands_over_is_refused(shopfloor):
    shopfloor.scan(MILK)
    for absurd in ("6901234567892", "-5", "0", "1e9", "١٢x", "9" * 500):
        view = shopfloor.till.handle(ask.TakeTender("cash", absurd))
        assert view.notice is not None
        assert view.notice.severity is Severity.BAD
    assert not shopfloor.store.sales


def test_mobile_payment_without_a_provider_cannot_complete_a_sale(shopfloor):
    shopfloor.scan(MILK)
    view = shopfloor.till.handle(ask.TakeTender("wechat"))
    assert view.notice is not None
    assert not shopfloor.store.sales


def test_a_basket_that_costs_nothing_is_completed_with_nothing(shopfloor):
    shopfloor.scan(MILK)
    shopfloor.till.handle(ask.GiveDiscount(DiscountKind.PERCENT, "100", "赠品"))
    view = shopfloor.till.handle(ask.TakeTender("cash"))
    assert view.phase is Phase.PAID
    assert shopfloor.store.sales[0].sale.tenders == ()


def test_a_failing_disk_keeps_the_basket_as_it_was(shopfloor):
    shopfloor.scan(MILK)
    shopfloor.store.fails = True
    view = shopfloor.scan(MILK)
    assert view.notice is not None
    assert view.notice.code == "STORE-FAILS"
    assert view.basket.due_minor == 1290
    view = shopfloor.till.handle(ask.TakeTender("cash", "20"))
    assert view.phase is Phase.SELLING
    assert not shopfloor.printer.orders
    shopfloor.store.fails = False
    assert shopfloor.till.handle(ask.TakeTender("cash", "20")).phase is Phase.PAID


def test_no_new_basket_is_opened_while_the_disk_is_nearly_full(shopfloor):
    shopfloor.scan(MILK)
    shopfloor.store.low_on_space = True
    assert shopfloor.scan(MILK).basket.due_minor == 2580
    shopfloor.till.handle(ask.TakeTender("cash"))
    view = shopfloor.scan(MILK)
    assert view.notice is not None
    assert view.basket.basket_id is None


def test_the_same_basket_is_back_after_a_restart(shopfloor):
    shopfloor.scan(MILK)
    shopfloor.till.handle(ask.AddProduct("GUM"))
    shopfloor.till.handle(ask.WriteNote("  送货 上门 "))
    before = shopfloor.till.view().basket
    assert shopfloor.restart().view().basket == before
    assert before.note == "送货 上门"


def test_the_change_stays_until_the_next_scan(shopfloor):
    shopfloor.scan(MILK)
    shopfloor.till.handle(ask.TakeTender("cash", "20"))
    job = next(iter(shopfloor.store.jobs))
    view = shopfloor.till.handle(ask.ReportPrint(job, PrintState.PRINTED))
    assert view.phase is Phase.PAID
    assert view.completed is not None
    assert shopfloor.store.jobs[job].state is PrintState.PRINTED
    assert shopfloor.scan(MILK).completed is None


def test_a_receipt_that_was_being_printed_comes_as_a_copy_after_a_restart(shopfloor):
    shopfloor.scan(MILK)
    shopfloor.till.handle(ask.TakeTender("cash"))
    job = next(iter(shopfloor.store.jobs))
    shopfloor.till.handle(ask.ReportPrint(job, PrintState.PRINTING))
    shopfloor.restart()
    again = shopfloor.printer.orders[-1]
    assert again.receipt is not None
    assert again.receipt.copy_number == 1
    assert not again.opens_drawer


def test_reprints_count_their_copies(shopfloor):
    nothing = shopfloor.till.handle(ask.ReprintReceipt())
    assert nothing.notice is not None
    shopfloor.scan(MILK)
    shopfloor.till.handle(ask.TakeTender("cash"))
    shopfloor.till.handle(ask.ReprintReceipt())
    shopfloor.till.handle(ask.ReprintReceipt())
    copies = [order.receipt.copy_number for order in shopfloor.printer.orders if order.receipt]
    assert copies == [0, 1, 2]


def test_a_basket_is_given_up_only_with_a_reason(shopfloor):
    shopfloor.scan(MILK)
    assert shopfloor.till.handle(ask.AbandonBasket("")).basket.lines
    view = shopfloor.till.handle(ask.AbandonBasket("顾客离开"))
    assert view.basket.basket_id is None
    assert shopfloor.store.abandoned[0][1] == "顾客离开"


def test_a_scanned_receipt_number_shows_what_was_sold(shopfloor):
    shopfloor.scan(MILK)
    shopfloor.till.handle(ask.TakeTender("cash"))
    view = shopfloor.scan(shopfloor.store.sales[0].receipt_number.barcode_data())
    assert view.notice is not None
    assert "0001-02-1-000001" in str(view.notice.sentence)


def test_quick_keys_leave_out_what_left_the_catalogue(shopfloor):
    (page,) = shopfloor.till.quick_keys()
    assert [key.product_id for key in page.keys] == ["APPLE"]


def test_a_session_is_opened_once_a_trading_day(shopfloor):
    shopfloor.scan(MILK)
    shopfloor.till.handle(ask.TakeTender("cash"))
    assert len(shopfloor.store.sessions) == 1
    assert str(shopfloor.store.sales[0].sale.business_date) == "2026-11-22"


def test_a_receipt_that_found_the_queue_full_is_printed_when_there_is_room(shopfloor):
    shopfloor.printer.full = True
    shopfloor.scan(MILK)
    shopfloor.till.handle(ask.TakeTender("cash"))
    shopfloor.scan(MILK)
    shopfloor.till.handle(ask.TakeTender("cash"))
    assert not shopfloor.printer.orders
    shopfloor.printer.full = False
    shopfloor.till.handle(ask.ReportPrint("another", PrintState.PRINTED))
    printed = [order.receipt.completed.receipt_number.number for order in shopfloor.printer.orders]
    assert printed == [1, 2]


def test_voiding_the_last_line_ends_the_basket_so_that_nothing_meets_the_next_shopper(shopfloor):
    shopfloor.scan(BEER)
    beer = shopfloor.till.handle(ask.AnswerQuestion("yes")).basket.lines[0]
    shopfloor.till.handle(ask.GiveDiscount(DiscountKind.PERCENT, "10", "临期"))
    shopfloor.till.handle(ask.WriteNote("送货"))
    view = shopfloor.till.handle(ask.VoidLine(beer.line_id))
    assert view.basket.basket_id is None
    assert shopfloor.store.abandoned[0][1] == "all lines voided"
    view = shopfloor.scan(BEER)
    assert view.question is not None
    assert view.question.kind is QuestionKind.AGE


def test_a_quantity_before_an_amount_label_or_produce_is_refused_before_anything_is_asked(shopfloor):
    for text in ("2221001012344", "4131"):
        shopfloor.till.handle(ask.ArmQuantity("3"))
        view = shopfloor.till.handle(ask.EnterText(text))
        assert view.question is None
        assert view.notice is not None
        assert view.notice.code == "BAD-QUANTITY"
        assert not view.basket.lines


def test_only_yes_confirms_an_age(shopfloor):
    shopfloor.scan(BEER)
    view = shopfloor.till.handle(ask.AnswerQuestion("no"))
    assert view.question is not None
    assert not view.basket.lines


def test_a_clock_that_was_years_ahead_does_not_keep_its_trading_day(shopfloor):
    shopfloor.clock.jump(datetime(2036, 1, 1, 4, tzinfo=UTC))
    shopfloor.scan(MILK)
    shopfloor.till.handle(ask.TakeTender("cash"))
    shopfloor.clock.jump(datetime(2026, 11, 22, 5, tzinfo=UTC))
    shopfloor.scan(MILK)
    shopfloor.till.handle(ask.TakeTender("cash"))
    assert [str(sold.sale.business_date) for sold in shopfloor.store.sales] == ["2036-01-01", "2026-11-22"]
    assert str(shopfloor.till.status().business_date) == "2026-11-22"


def test_a_card_number_is_kept_nowhere(shopfloor):
    # 4111 1111 1111 1111 passes the Luhn check; it is the scheme's own example and nobody's card.
    line = shopfloor.scan(MILK).basket.lines[0]
    number = "4111-1111 11111111"
    for request in (
        ask.TakeTender("card", "", number),
        ask.WriteNote(f"card {number}"),
        ask.OverridePrice(line.line_id, "1", number),
        ask.GiveDiscount(DiscountKind.PERCENT, "1", number),
        ask.SuspendBasket(number),
        ask.OpenDrawer(number),
    ):
        view = shopfloor.till.handle(request)
        assert view.notice is not None
        assert view.notice.code == "CARD-NUMBER", request
    assert not shopfloor.store.sales


def test_hostile_text_becomes_one_readable_line(shopfloor):
    shopfloor.scan(MILK)
    view = shopfloor.till.handle(ask.WriteNote("送\x00\x1bp\ud800货\u202e\n" + "长" * 10_000))
    assert view.basket.note.startswith("送 p 货")
    assert len(view.basket.note) <= 200
    view.basket.note.encode()


def test_cash_that_no_coin_can_make_is_refused_with_the_exact_amount(shopfloor):
    shopfloor.till.handle(ask.AddProduct("GUM"))
    view = shopfloor.till.handle(ask.TakeTender("cash", "3.33"))
    assert view.notice is not None
    assert "3.30" in str(view.notice.sentence)
    assert shopfloor.till.handle(ask.TakeTender("cash", "3.30")).phase is Phase.PAID


def test_a_sale_tried_twice_has_one_receipt(shopfloor):
    shopfloor.scan(MILK)
    shopfloor.store.fails = True
    shopfloor.till.handle(ask.TakeTender("cash"))
    shopfloor.store.fails = False
    shopfloor.till.handle(ask.TakeTender("cash"))
    (job,) = shopfloor.store.jobs
    assert job.startswith(shopfloor.store.sales[0].sale.sale_id)


def test_an_isbn_ending_in_x_is_not_a_quantity(shopfloor):
    view = shopfloor.till.handle(ask.EnterText("730109039X"))
    assert not view.armed_quantity
