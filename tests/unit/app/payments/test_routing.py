"""A payment code scanned at any moment finds its tender by its form, or says why it cannot pay."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.catalogue.codes import CodeReader, CodeSettings, PaymentCode
from app.payments.routing import (
    UNIONPAY,
    BadRouting,
    DigitForm,
    NotAPaymentCode,
    RoutingSettings,
    WalletAway,
    WalletNotSetUp,
    WalletRoute,
    route_payment_code,
    wallets_of,
)
from app.values.wording import LocalizedText

WECHAT_CODE = "134567890123456789"
ALIPAY_CODE = "281234567890123456"
FACE_CODE = "fp" + "0123456789abcdef" * 2 + "0"
UNIONPAY_CODE = "6212345678901234567"
TILL = RoutingSettings(
    routes=(
        WalletRoute("wechat", ("wechat",)),
        WalletRoute("alipay", ("alipay",)),
        WalletRoute("acquirer", ("unionpay", "wechat")),
    ),
    forms=(UNIONPAY,),
)


def always(_tender_type_id: str) -> bool:
    return True


@pytest.mark.parametrize(
    ("code", "tenders"),
    [
        (WECHAT_CODE, ("wechat", "acquirer")),
        ("10" + "0" * 16, ("wechat", "acquirer")),
        ("15" + "9" * 16, ("wechat", "acquirer")),
        (ALIPAY_CODE, ("alipay",)),
        ("25" + "0" * 14, ("alipay",)),
        ("30" + "0" * 22, ("alipay",)),
        (FACE_CODE, ("alipay",)),
        (UNIONPAY_CODE, ("acquirer",)),
        ("1345 6789 0123 4567 89", ("wechat", "acquirer")),
    ],
)
def test_a_code_goes_to_the_tenders_of_its_wallet_in_the_shop_s_order(code: str, tenders: tuple[str, ...]) -> None:
    assert route_payment_code(TILL, code, always).tender_type_ids == tenders


@pytest.mark.parametrize(
    "code",
    ["", "6901234567892", "16" + "0" * 16, "13" + "0" * 15, "24" + "0" * 16, "31" + "0" * 16, "28" + "0" * 13, "fp123", "62" + "0" * 16, "x" * 9999],
)  # fmt: skip
def test_what_has_no_wallet_s_form_is_no_payment_code(code: str) -> None:
    with pytest.raises(NotAPaymentCode):
        route_payment_code(TILL, code, always)


def test_the_code_reader_s_meaning_is_routed_as_its_text_is() -> None:
    meaning = CodeReader(CodeSettings()).read(WECHAT_CODE)
    assert isinstance(meaning, PaymentCode)
    assert route_payment_code(TILL, meaning, always) == route_payment_code(TILL, WECHAT_CODE, always)


def test_a_code_typed_in_full_width_reaches_the_provider_in_plain_digits() -> None:
    routed = route_payment_code(TILL, "１３" + "4" * 16, always)
    assert routed.code == "13" + "4" * 16


def test_a_wallet_that_is_not_set_up_is_named() -> None:
    only_wechat = RoutingSettings(routes=(WalletRoute("wechat", ("wechat",)),))
    with pytest.raises(WalletNotSetUp, match="Alipay is not set up"):
        route_payment_code(only_wechat, ALIPAY_CODE, always)
    with pytest.raises(NotAPaymentCode):
        route_payment_code(only_wechat, UNIONPAY_CODE, always)


def test_offline_the_code_is_refused_and_the_cashier_knows_what_to_do() -> None:
    with pytest.raises(WalletAway, match=r"WeChat Pay cannot be asked now.*was not used\. Take cash"):
        route_payment_code(TILL, WECHAT_CODE, lambda _tender: False)


def test_where_one_provider_is_away_the_next_one_for_the_same_wallet_takes_it() -> None:
    routed = route_payment_code(TILL, WECHAT_CODE, lambda tender: tender != "wechat")
    assert routed.tender_type_ids == ("acquirer",)


def test_a_form_that_two_wallets_share_goes_by_the_order_of_the_settings() -> None:
    local = DigitForm("local", LocalizedText("Local Pay"), ("13", "9"), (18,))
    for order in (("wechat", "local"), ("local", "wechat")):
        till = RoutingSettings(tuple(WalletRoute(wallet, (wallet,)) for wallet in order), (local,))
        routed = route_payment_code(till, WECHAT_CODE, always)
        assert routed.tender_type_ids == order
        assert routed.wallets == order


def test_the_whole_code_is_never_shown() -> None:
    routed = route_payment_code(TILL, WECHAT_CODE, always)
    assert WECHAT_CODE not in repr(routed)
    assert routed.masked == "13******89"
    for refuse in (
        lambda: route_payment_code(TILL, WECHAT_CODE, lambda _tender: False),
        lambda: route_payment_code(RoutingSettings(), ALIPAY_CODE, always),
    ):
        with pytest.raises((WalletAway, WalletNotSetUp)) as refused:
            refuse()
        assert WECHAT_CODE[4:] not in str(refused.value)
        assert ALIPAY_CODE[4:] not in str(refused.value)


@pytest.mark.parametrize(
    "make",
    [
        lambda: RoutingSettings(routes=(WalletRoute("a", ("unionpay",)),)),
        lambda: RoutingSettings(routes=(WalletRoute("a", ()),)),
        lambda: RoutingSettings(routes=(WalletRoute("a", ("wechat",)), WalletRoute("a", ("alipay",)))),
        lambda: RoutingSettings(forms=(UNIONPAY, UNIONPAY)),
        lambda: DigitForm("x", LocalizedText("X"), ("1x",), (18,)),
        lambda: DigitForm("x", LocalizedText("X"), ("1",), (8,)),
        lambda: DigitForm("x", LocalizedText("X"), (), (18,)),
    ],
)
def test_settings_that_contradict_themselves_are_refused(make) -> None:
    with pytest.raises(BadRouting):
        make()


@given(st.one_of(st.text(), st.text(st.sampled_from("0123456789"), min_size=10, max_size=40)))
@settings(max_examples=200, deadline=None)
def test_any_text_is_routed_or_refused_and_only_by_its_form(text: str) -> None:
    wallets = wallets_of(text, TILL.forms)
    try:
        routed = route_payment_code(TILL, text, always)
    except NotAPaymentCode:
        assert wallets == ()
        return
    assert set(routed.wallets) == set(wallets)
