"""What a tender comes to: vouchers once, rests of coins, and a sale that is stored before anything is shown."""

import pytest

from app.catalogue.codes.scanned import Scanned
from app.checkout import requests as ask
from app.checkout.views import Phase
from tests.unit.app.checkout.conftest import WECHAT_CODE


def voucher(shop, number, amount="5"):
    return shop.till.handle(ask.TakeTender("voucher", amount, number))


def test_a_voucher_pays_once_in_a_basket_however_its_number_is_keyed_in(paying_shop):
    paying_shop.rings_up("MILK")
    assert len(voucher(paying_shop, "v 77").basket.tenders) == 1
    for number in ("V77", "v77", " V 7 7 "):
        view = voucher(paying_shop, number)
        assert (view.notice.code, len(view.basket.tenders)) == ("TENDER-REFUSED", 1)
    assert voucher(paying_shop, "V78").payment.left_minor == 290


def test_a_voucher_that_paid_an_earlier_sale_is_refused(paying_shop):
    paying_shop.store.references.add(("voucher", "V77"))
    paying_shop.rings_up("MILK")
    assert "was used already" in str(voucher(paying_shop, "v77").notice.sentence)


def test_a_voucher_in_a_basket_that_was_put_aside_is_refused(paying_shop):
    paying_shop.rings_up("MILK")
    voucher(paying_shop, "V77")
    paying_shop.till.handle(ask.ScanCode(Scanned("wedge", WECHAT_CODE, None, paying_shop.clock.now())))
    paying_shop.till.handle(ask.SuspendBasket())
    paying_shop.rings_up("MILK")
    assert "was used already" in str(voucher(paying_shop, "V77").notice.sentence)


def test_a_voucher_that_was_handed_back_pays_again(paying_shop):
    paying_shop.rings_up("MILK")
    tender = voucher(paying_shop, "V77").basket.tenders[0]
    paying_shop.till.handle(ask.RemoveTender(tender.tender_id))
    assert len(voucher(paying_shop, "V77").basket.tenders) == 1


def test_a_rest_smaller_than_a_coin_is_settled_by_cash(paying_shop):
    """Gum at 3.33: 3.31 by voucher leaves 2 fen, which cash rounds to nothing."""
    paying_shop.rings_up("GUM")
    voucher(paying_shop, "V77", "3.31")
    view = paying_shop.till.handle(ask.TakeTender("cash"))
    assert (view.phase, view.completed.due_minor) == (Phase.PAID, 331)
    assert paying_shop.store.sales[0].sale.rounding_minor == -2


def test_a_wallet_pays_a_rest_smaller_than_a_coin_to_the_fen(paying_shop):
    paying_shop.rings_up("GUM")
    voucher(paying_shop, "V77", "3.31")
    paying_shop.till.handle(ask.ScanCode(Scanned("wedge", WECHAT_CODE, None, paying_shop.clock.now())))
    assert paying_shop.desk.last().amount_minor == 2
    paying_shop.desk.approves()
    assert paying_shop.store.sales[0].sale.rounding_minor == 0


def test_a_sale_that_is_not_stored_is_neither_shown_nor_printed_nor_captured(paying_shop):
    paying_shop.rings_up("MILK")
    paying_shop.till.handle(ask.TakeTender("gift", "2.90", "900001"))
    paying_shop.desk.approves()
    paying_shop.store.fails_at = frozenset({"commit_sale"})
    view = paying_shop.till.handle(ask.TakeTender("cash"))
    assert (view.phase, len(view.basket.tenders)) == (Phase.PAYING, 1)
    assert not paying_shop.printer.orders
    assert not paying_shop.payments.captured
    paying_shop.store.fails_at = frozenset()
    assert paying_shop.till.handle(ask.TakeTender("cash")).phase is Phase.PAID
    assert len(paying_shop.payments.captured) == 1


@pytest.mark.parametrize("tender", ["nonsense", "wechat"])
def test_a_tender_that_is_not_set_up_says_what_to_do(paying_shop, tender):
    paying_shop.payments.paths.clear()
    paying_shop.rings_up("MILK")
    view = paying_shop.till.handle(ask.TakeTender(tender))
    assert view.notice.code == "TENDER-REFUSED"


def test_a_basket_with_cash_in_it_is_finished_or_handed_back_before_it_is_put_aside(paying_shop):
    paying_shop.rings_up("MILK")
    paying_shop.till.handle(ask.TakeTender("cash", "5"))
    assert paying_shop.till.handle(ask.SuspendBasket()).notice.code == "NOT-NOW"
