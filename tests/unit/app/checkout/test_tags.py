"""Tagged goods: a tray of them becomes lines, and no piece is sold twice."""

from dataclasses import replace

from app.catalogue.codes.epc import Sgtin, compose_epc
from app.checkout import requests as ask
from app.checkout.till import Till
from app.checkout.views import Phase, QuestionKind, Severity, Sound

SHIRT = "06935117800011"
RECALLED = "06935117800028"
BEER = "06903148042441"
MILK = "06901234567892"
NOWHERE = "04006381333931"
GS = "\x1d"


def tag(gtin14: str, serial: str) -> str:
    return compose_epc(Sgtin(gtin14, serial), 8)


SHIRT_1, SHIRT_2, SHIRT_3 = (tag(SHIRT, number) for number in ("1", "2", "3"))
CRATE = "331000000000000000000001"
"""A returnable crate (GRAI-96), which is no goods."""


def field(shopfloor, *epcs: str, device: str = "tray"):
    return shopfloor.till.handle(ask.ReadTags(device, epcs))


def products(view) -> list[str | None]:
    return [line.product_id for line in view.basket.lines]


def stored_serials(shopfloor) -> list[str | None]:
    basket = shopfloor.store.open_basket()
    return [line.serial for line in basket.live_lines] if basket else []


def test_a_tray_of_tags_becomes_a_line_for_each_piece(shopfloor):
    view = field(shopfloor, SHIRT_1, SHIRT_2, CRATE, "no tag at all", "")
    assert products(view) == ["SHIRT", "SHIRT"]
    assert stored_serials(shopfloor) == ["1", "2"]
    # 2 × 129.00
    assert view.basket.due_minor == 25800
    assert view.sound is Sound.GOOD_READ
    assert view.notice is None


def test_the_same_tray_reported_again_adds_nothing_and_is_heard_no_more(shopfloor):
    field(shopfloor, SHIRT_1, SHIRT_2)
    view = field(shopfloor, SHIRT_2, SHIRT_1)
    assert len(view.basket.lines) == 2
    assert view.sound is None
    assert len(field(shopfloor, SHIRT_1, SHIRT_2, device="gate").basket.lines) == 2


def test_a_report_without_news_leaves_the_cashiers_message_alone(shopfloor):
    field(shopfloor, SHIRT_1)
    shopfloor.scan("4006381333931")
    assert field(shopfloor, SHIRT_1).notice.code == "CODE-NOT-KNOWN"
    assert field(shopfloor, SHIRT_1, CRATE).notice.code == "CODE-NOT-KNOWN"
    assert field(shopfloor, SHIRT_1, device="gate").notice.code == "CODE-NOT-KNOWN"


def test_a_voided_piece_comes_back_only_when_it_was_taken_off_and_put_on_again(shopfloor):
    view = field(shopfloor, SHIRT_1, SHIRT_2)
    shopfloor.till.handle(ask.VoidLine(view.basket.lines[0].line_id))
    assert stored_serials(shopfloor) == ["2"]
    field(shopfloor, SHIRT_1, SHIRT_2)
    assert stored_serials(shopfloor) == ["2"]
    field(shopfloor, SHIRT_2)
    field(shopfloor, SHIRT_1, SHIRT_2)
    assert stored_serials(shopfloor) == ["2", "1"]


def test_a_till_started_again_over_a_tray_finds_it_as_it_was(shopfloor):
    view = field(shopfloor, SHIRT_1, SHIRT_2)
    shopfloor.till.handle(ask.VoidLine(view.basket.lines[0].line_id))
    shopfloor.restart()
    # Readers find the tags of a tray one after the other.
    field(shopfloor, SHIRT_2)
    field(shopfloor, SHIRT_1, SHIRT_2, SHIRT_3)
    assert stored_serials(shopfloor) == ["2", "3"]
    field(shopfloor, SHIRT_2, SHIRT_3)
    field(shopfloor, SHIRT_1, SHIRT_2, SHIRT_3)
    assert stored_serials(shopfloor) == ["2", "3", "1"]


def test_goods_just_paid_for_are_passed_over_in_silence_while_they_are_packed(shopfloor):
    field(shopfloor, SHIRT_1)
    assert shopfloor.till.handle(ask.TakeTender("cash")).phase is Phase.PAID
    view = field(shopfloor, SHIRT_1)
    assert view.phase is Phase.PAID
    field(shopfloor)
    flicker = field(shopfloor, SHIRT_1)
    assert flicker.phase is Phase.PAID
    assert flicker.notice is None
    assert not flicker.basket.lines


def test_a_piece_sold_earlier_is_spoken_of_once(shopfloor):
    field(shopfloor, SHIRT_1)
    shopfloor.till.handle(ask.TakeTender("cash"))
    field(shopfloor)
    shopfloor.scan(MILK[1:])
    shopfloor.till.handle(ask.TakeTender("cash"))
    view = field(shopfloor, SHIRT_1)
    assert view.notice.severity is Severity.WARNING
    assert str(view.notice.sentence) == "Tagged goods that were paid for already are not added again (1)."
    assert not view.basket.lines
    shopfloor.till.handle(ask.DismissNotice())
    assert field(shopfloor, SHIRT_1).notice is None


def test_products_that_are_not_in_the_catalogue_are_named_together(shopfloor):
    view = field(shopfloor, tag(NOWHERE, "1"), SHIRT_1, tag(NOWHERE, "2"), tag(RECALLED, "1"))
    assert products(view) == ["SHIRT"]
    said = str(view.notice.sentence)
    assert "批次召回" in said
    assert f"Tagged goods that are not in the catalogue (2): {NOWHERE}." in said
    assert view.sound is Sound.ATTENTION


def test_an_age_question_waits_and_the_rest_follow_its_answer(shopfloor):
    view = field(shopfloor, SHIRT_1, tag(BEER, "1"), SHIRT_2, tag(BEER, "2"))
    assert view.question.kind is QuestionKind.AGE
    assert products(view) == ["SHIRT"]
    view = shopfloor.till.handle(ask.AnswerQuestion("yes"))
    assert view.question is None
    # The shirts, and each beer with the deposit on its bottle; the age was asked once.
    assert products(view) == ["SHIRT", "BEER", "BOTTLE", "SHIRT", "BEER", "BOTTLE"]


def test_a_declined_age_is_declined_for_all_of_them(shopfloor):
    field(shopfloor, tag(BEER, "1"), SHIRT_1, tag(BEER, "2"), tag(NOWHERE, "1"))
    view = shopfloor.till.handle(ask.DeclineQuestion())
    assert view.question is None
    assert products(view) == ["SHIRT"]
    assert str(view.notice.sentence).startswith("啤酒 (en) was not added. Tagged goods that are not")


def test_tags_that_come_or_go_while_a_question_is_open_are_added_or_not_after_it(shopfloor):
    shopfloor.till.handle(ask.AddProduct("APPLE"))
    assert field(shopfloor, SHIRT_1, SHIRT_2).question.kind is QuestionKind.WEIGHT
    field(shopfloor, SHIRT_2)
    field(shopfloor, SHIRT_2, SHIRT_3)
    view = shopfloor.till.handle(ask.AnswerQuestion("1"))
    assert products(view) == ["APPLE", "SHIRT", "SHIRT"]
    assert stored_serials(shopfloor) == [None, "2", "3"]


def test_an_armed_quantity_is_kept_for_the_next_scan(shopfloor):
    shopfloor.till.handle(ask.EnterText("3*"))
    view = field(shopfloor, SHIRT_1)
    assert view.basket.lines[0].quantity_thousandths == 1000
    assert view.armed_quantity == "3"


def test_tags_that_come_after_a_tender_are_not_in_the_sale_and_not_in_the_next_by_themselves(shopfloor):
    field(shopfloor, SHIRT_1)
    shopfloor.till.handle(ask.TakeTender("cash", "100"))
    view = field(shopfloor, SHIRT_1, SHIRT_2)
    assert view.phase is Phase.PAYING
    assert str(view.notice.sentence).startswith(
        "Tagged goods that came after a tender was taken are not in this sale (1)"
    )
    assert view.basket.due_minor == 12900
    assert shopfloor.till.handle(ask.TakeTender("cash")).phase is Phase.PAID
    assert field(shopfloor, SHIRT_1, SHIRT_2).phase is Phase.PAID
    field(shopfloor, SHIRT_1)
    assert products(field(shopfloor, SHIRT_1, SHIRT_2)) == ["SHIRT"]


def test_tags_that_come_before_the_first_tender_go_back_to_the_basket(shopfloor):
    field(shopfloor, SHIRT_1)
    shopfloor.till.handle(ask.BeginPayment())
    view = field(shopfloor, SHIRT_1, SHIRT_2)
    assert view.phase is Phase.SELLING
    assert len(view.basket.lines) == 2


def test_the_goods_of_a_basket_put_aside_are_left_to_it(shopfloor):
    field(shopfloor, SHIRT_1)
    shopfloor.till.handle(ask.SuspendBasket("红伞"))
    field(shopfloor)
    assert not field(shopfloor, SHIRT_1).basket.lines
    assert len(field(shopfloor, SHIRT_1, SHIRT_2).basket.lines) == 1


def test_a_store_that_fails_loses_no_tag(shopfloor):
    shopfloor.store.fails = True
    assert field(shopfloor, SHIRT_1).notice.code == "STORE-FAILS"
    shopfloor.store.fails = False
    assert products(field(shopfloor, SHIRT_1)) == ["SHIRT"]


def test_a_flood_of_tags_fills_a_basket_and_no_more(shopfloor):
    view = field(shopfloor, *(tag(SHIRT, str(number)) for number in range(700)))
    assert len(view.basket.lines) == 500


def gs1_code(gtin14: str, serial: str) -> str:
    return f"01{gtin14}21{serial}{GS}"


def test_a_code_with_a_serial_number_and_a_tag_name_the_same_piece(shopfloor):
    shopfloor.scan(gs1_code(SHIRT, "1"), "]d2")
    assert stored_serials(shopfloor) == ["1"]
    field(shopfloor, SHIRT_1, SHIRT_2)
    assert stored_serials(shopfloor) == ["1", "2"]
    refused = shopfloor.scan(gs1_code(SHIRT, "2"), "]d2")
    assert "in the basket already" in str(refused.notice.sentence)
    shopfloor.till.handle(ask.SuspendBasket(""))
    assert "put aside" in str(shopfloor.scan(gs1_code(SHIRT, "1"), "]d2").notice.sentence)


def test_a_piece_sold_once_is_not_scanned_into_another_sale(shopfloor):
    shopfloor.scan(gs1_code(SHIRT, "1"), "]d2")
    shopfloor.till.handle(ask.TakeTender("cash"))
    refused = shopfloor.scan(gs1_code(SHIRT, "1"), "]d2")
    assert refused.notice.code == "CANNOT-BE-SOLD"
    assert "serial no. 1 was paid for already" in str(refused.notice.sentence)
    assert not refused.basket.lines
    # It came back: its plain barcode sells it.
    assert products(shopfloor.scan(SHIRT[1:])) == ["SHIRT"]


def test_a_piece_overtaken_by_another_sale_stops_the_payment_before_any_money_is_taken(shopfloor):
    field(shopfloor, SHIRT_1, SHIRT_2)
    basket = shopfloor.store.open_basket()
    Overtaking(shopfloor, basket).sell()
    for request in (ask.BeginPayment(), ask.TakeTender("cash")):
        view = shopfloor.till.handle(request)
        assert view.notice.code == "CANNOT-BE-SOLD"
        assert "衬衫 (en) with serial no. 1 was paid for already. Void its line." in str(view.notice.sentence)
        assert not view.basket.tenders
    shopfloor.till.handle(ask.VoidLine(view.basket.lines[0].line_id))
    assert "serial no. 2" in str(shopfloor.till.handle(ask.BeginPayment()).notice.sentence)


def test_after_a_tender_nobody_is_turned_away(shopfloor):
    field(shopfloor, SHIRT_1)
    shopfloor.till.handle(ask.TakeTender("cash", "100"))
    Overtaking(shopfloor, shopfloor.store.open_basket()).sell()
    assert shopfloor.till.handle(ask.TakeTender("cash")).phase is Phase.PAID
    assert len(shopfloor.store.sales) == 2


class Overtaking:
    """Another till program that sells the same pieces from the same store, which a single till cannot."""

    def __init__(self, shopfloor, basket):
        self._shopfloor = shopfloor
        self._basket = basket

    def sell(self):
        store = self._shopfloor.store
        mine = dict(store.baskets)
        store.baskets.clear()
        store.baskets["other"] = replace(self._basket, basket_id="other", tenders=(), next_tender_id=1)
        assert Till(self._shopfloor.counter).handle(ask.TakeTender("cash")).phase is Phase.PAID
        store.baskets.clear()
        store.baskets.update(mine)
