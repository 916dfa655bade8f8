"""Without a connection: wallets stop at once with a word, cash goes on, and cards as far as the store allowed."""

from datetime import timedelta

import pytest

from app.catalogue.codes.scanned import Scanned
from app.checkout import requests as ask
from app.checkout.views import Phase
from app.payments.offline_rules import OfflineCardRule
from app.values.wording import wording
from tests.unit.app.checkout.conftest import WECHAT_CODE

AWAY = wording("No connection. Take cash.")
RULE = OfflineCardRule(
    allowed=True,
    floor_limit_minor=2000,
    most_payments=2,
    most_total_minor=3000,
    oldest_contact=timedelta(minutes=30),
)


@pytest.fixture
def cut_off(paying_shop):
    """Nobody can be reached; the bank answered ten minutes ago; the store takes cards up to 20.00, two, 30.00 a day."""
    for tender in ("wechat", "card"):
        paying_shop.payments.go_away(tender, AWAY)
    paying_shop.payments.offline_cards = RULE
    paying_shop.store.answered_at = paying_shop.clock.now() - timedelta(minutes=10)
    return paying_shop


def card(shop, slip="S-1", amount=""):
    return shop.till.handle(ask.TakeTender("card", amount, slip))


def test_a_wallets_code_is_refused_at_once_and_cash_goes_on(cut_off):
    cut_off.rings_up("MILK")
    view = cut_off.till.handle(ask.ScanCode(Scanned("wedge", WECHAT_CODE, None, cut_off.clock.now())))
    assert view.notice.code == "WALLET-AWAY"
    assert "The code was not used. Take cash" in str(view.notice.sentence)
    assert "online only" in str(cut_off.till.handle(ask.TakeTender("wechat")).notice.sentence)
    assert not cut_off.payments.orders
    assert cut_off.till.handle(ask.TakeTender("cash")).phase is Phase.PAID


def test_a_card_is_taken_with_its_slips_number_and_the_sale_says_that_the_bank_was_not_asked(cut_off):
    cut_off.rings_up("MILK")
    view = cut_off.till.handle(ask.BeginPayment())
    choices = {choice.tender_type_id: choice for choice in view.payment.choices}
    assert (choices["card"].reference_required, choices["card"].asks_provider) == (True, False)
    assert (choices["wechat"].unavailable, choices["wechat"].offline) == (AWAY, True)
    assert "needs its number" in str(card(cut_off, " ").notice.sentence)
    assert card(cut_off).phase is Phase.PAID
    (tender,) = cut_off.store.sales[0].sale.tenders
    assert (tender.approved_offline, tender.reference, tender.payment_attempt_id) == (True, "S-1", None)
    assert not cut_off.payments.orders


def test_a_card_number_is_no_slips_number(cut_off):
    cut_off.rings_up("MILK")
    assert card(cut_off, "4111 1111 1111 1111").notice.code == "CARD-NUMBER"
    assert not cut_off.store.sales


def test_cards_are_refused_where_the_store_did_not_allow_them(cut_off):
    cut_off.payments.offline_cards = OfflineCardRule()
    cut_off.rings_up("MILK")
    assert "takes no cards offline" in str(card(cut_off).notice.sentence)
    view = cut_off.till.handle(ask.BeginPayment())
    assert {one.tender_type_id: one.unavailable for one in view.payment.choices}["card"] == AWAY


def test_a_card_pays_the_floor_limit_and_not_a_fen_more(cut_off):
    cut_off.rings_up("MILK", "MILK")  # 25.80
    assert "at most" in str(card(cut_off, amount="20.01").notice.sentence)
    assert card(cut_off, amount="20.00").payment.left_minor == 580


@pytest.mark.parametrize("amount", ["0", "-5", "12.91"])
def test_nothing_and_more_than_is_due_are_refused_with_a_word(cut_off, amount):
    cut_off.rings_up("MILK")
    assert card(cut_off, amount=amount).notice is not None
    assert not cut_off.store.sales


def test_the_number_a_day_counts_sales_and_baskets_that_are_not_paid_yet(cut_off):
    cut_off.store.offline_cards = (1, 500)
    cut_off.rings_up("MILK")
    card(cut_off, amount="5.00")
    assert "2 cards offline today" in str(card(cut_off, "S-2", "1.00").notice.sentence)


def test_the_total_a_day_counts_sales_and_baskets_that_are_not_paid_yet(cut_off):
    """20.00 in sales and 5.00 in this basket leave 5.00 of 30.00."""
    cut_off.payments.offline_cards = OfflineCardRule(
        allowed=True, floor_limit_minor=2000, most_payments=9, most_total_minor=3000, oldest_contact=RULE.oldest_contact
    )
    cut_off.store.offline_cards = (1, 2000)
    cut_off.rings_up("MILK")
    card(cut_off, amount="5.00")
    assert card(cut_off, "S-2", "5.01").notice is not None
    assert card(cut_off, "S-2", "5.00").payment.left_minor == 290


def test_the_bank_must_have_answered_lately(cut_off):
    cut_off.rings_up("MILK")
    cut_off.store.answered_at = cut_off.clock.now() - timedelta(minutes=31)
    assert "31 minutes" in str(card(cut_off).notice.sentence)
    cut_off.store.answered_at = None
    assert "never answered" in str(card(cut_off).notice.sentence)


def test_a_card_taken_offline_is_handed_back_at_once(cut_off):
    cut_off.rings_up("MILK")
    tender = card(cut_off, amount="5.00").basket.tenders[0]
    view = cut_off.till.handle(ask.RemoveTender(tender.tender_id))
    assert (view.basket.tenders, cut_off.payments.refunds) == ((), [])


def test_held_value_goes_on_without_a_connection(cut_off):
    cut_off.payments.go_away("gift", AWAY)
    cut_off.rings_up("MILK")
    view = cut_off.till.handle(ask.BeginPayment())
    gift = {one.tender_type_id: one for one in view.payment.choices}["gift"]
    assert (gift.unavailable, gift.asks_provider, gift.reference_required) == (None, True, True)
    cut_off.till.handle(ask.TakeTender("gift", "", "900001"))
    assert cut_off.desk.last().provider_id == "head"
