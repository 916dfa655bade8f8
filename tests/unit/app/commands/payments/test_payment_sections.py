"""What the configuration says of payments: what it becomes, and what of it is refused with the key that is wrong."""

from datetime import timedelta

import pytest

from app.commands.configuration import BadConfiguration, read_configuration
from app.payments.offline_rules import OfflineCardRule
from app.payments.routing import UNIONPAY, DigitForm, WalletRoute
from app.values.wording import LocalizedText
from tests.unit.app.commands.payments.conftest import SHOP, TERMINAL, WALLETS


def provider(identity="wechat", driver="wechat", tender="wechat", more="") -> str:
    return f'[[provider]]\nid = "{identity}"\ndriver = "{driver}"\ntender = "{tender}"\n{more}\n'


def test_a_shop_that_says_nothing_of_payments_routes_no_codes_and_takes_no_cards_offline(configured):
    found = configured("")
    assert found.routing_settings().routes == ()
    assert found.offline_card_rule() == OfflineCardRule()
    settings = found.till_settings()
    assert settings.roles_that_refund == settings.roles_that_decide == ("supervisor", "admin")


def test_each_wallet_goes_to_the_tender_of_its_provider_in_the_files_order(configured):
    found = configured(
        provider("alipay", "alipay", "alipay")
        + provider("acquirer", "wechat", "card", 'wallets = ["unionpay", "campus"]')
        + provider()
        + '[[wallet_form]]\nwallet = "campus"\nname = "校园卡"\nname_en = "Campus card"\nstarts = ["77"]\nlengths = [20]\n'
        + "[payments]\nunionpay_codes = true\n"
    )
    routing = found.routing_settings()
    assert routing.routes == (
        WalletRoute("alipay", ("alipay",)),
        WalletRoute("card", ("unionpay", "campus")),
        WalletRoute("wechat", ("wechat",)),
    )
    campus = DigitForm("campus", LocalizedText("校园卡", (("en", "Campus card"),)), ("77",), (20,))
    assert routing.forms == (campus, UNIONPAY)


def test_a_provider_that_takes_no_codes_is_no_route(configured):
    assert configured(provider(more="wallets = []")).routing_settings().routes == ()


def test_cards_are_taken_offline_within_the_shops_limits_and_its_roles_are_kept(configured):
    found = configured(
        "[offline_card]\nallowed = true\nfloor_limit_minor = 10000\nmost_payments = 5\nmost_total_minor = 30000\n"
        'oldest_contact_minutes = 60\n[permissions]\nrefund = ["cashier", "admin"]\ndecide = ["admin"]\n'
    )
    rule = found.offline_card_rule()
    assert (rule.allowed, rule.floor_limit_minor, rule.most_payments, rule.most_total_minor) == (True, 10000, 5, 30000)
    assert rule.oldest_contact == timedelta(hours=1)
    settings = found.till_settings()
    assert settings.roles_that_refund == ("cashier", "admin")
    assert settings.roles_that_decide == ("admin",)


def test_a_vouchers_number_pays_once_where_the_shop_says_so(tmp_path):
    path = tmp_path / "store.toml"
    path.write_text(
        SHOP.replace("reference_required = true", "reference_required = true\nreference_once = true"), encoding="utf-8"
    )
    voucher = read_configuration(path).till_settings().tender_type("voucher")
    assert voucher is not None
    assert voucher.reference_once
    path.write_text(SHOP.replace("reference_required = true", "reference_once = true"), encoding="utf-8")
    with pytest.raises(BadConfiguration, match=r"tender\.reference_once: voucher"):
        read_configuration(path)


WRONG = {
    "an unknown driver": (provider(driver="paypall"), r"provider\.driver: there is no paypall.*alipay"),
    "no such tender": (provider(tender="pigeons"), r"provider\.tender: there is no \[\[tender\]\] pigeons"),
    "a tender that needs none": (provider(tender="cash"), r"provider\.tender: cash .*needs_provider"),
    "two on one tender": (provider() + provider("other", "alipay"), r"provider\.tender: wechat stands there twice"),
    "one id twice": (provider() + provider("wechat", "alipay", "alipay"), r"provider\.id: wechat stands there twice"),
    "a wallet in two": (
        provider() + provider("other", "alipay", "alipay", 'wallets = ["wechat"]'),
        r"provider\.wallets: wechat stands there twice",
    ),
    "a wallet nobody knows": (provider(more='wallets = ["moon"]'), r"wallets.*moon"),
    "unionpay without its switch": (provider(more='wallets = ["unionpay"]'), "unionpay"),
    "a wallet's form without digits": (
        '[[wallet_form]]\nwallet = "campus"\nname = "x"\nstarts = ["ab"]\nlengths = [20]\n',
        r"wallet_form.*campus",
    ),
    "a terminal that is not there": (provider(driver="card_terminal", tender="card"), r"no \[card_terminal\]"),
    "a terminal twice": (
        TERMINAL.replace("[card_terminal]", provider("two", "card_terminal", "wechat") + "[card_terminal]"),
        r"provider\.driver: card_terminal stands there twice",
    ),
    "a terminal with wallets": (
        TERMINAL.replace('tender = "card"', 'tender = "card"\nwallets = ["wechat"]'),
        r"provider\.wallets: card is a card terminal",
    ),
    "a simulated terminal": (
        TERMINAL.replace('tender = "card"', 'tender = "card"\nsimulated = true'),
        r"provider\.simulated: card_terminal cannot be simulated.*wechat",
    ),
    "offline cards without limits": ("[offline_card]\nallowed = true\nmost_payments = 3\n", "offline_card"),
    "a misspelt key": (provider(more="simulatd = true"), "simulatd"),
    "a role that is none": ('[permissions]\nrefund = ["king"]\n', r"permissions\.refund"),
    "a bad id": (provider(identity="We Chat"), "provider"),
}


@pytest.mark.parametrize("case", WRONG.values(), ids=WRONG)
def test_what_cannot_be_meant_is_named_by_its_key(configured, case):
    text, named = case
    with pytest.raises(BadConfiguration, match=named):
        configured(text)


def test_a_key_written_into_the_configuration_is_refused_and_not_repeated(configured):
    written = "-----BEGIN PRIVATE KEY-----\\nMIIEvQ\\n-----END PRIVATE KEY-----"
    with pytest.raises(BadConfiguration) as refused:
        configured(provider(more=f'[provider.settings]\nprivate_key = "{written}"'))
    assert "provider.settings: wechat" in str(refused.value.sentence)
    assert "MIIEvQ" not in repr(refused.value) + str(refused.value.sentence)


def test_wallets_and_terminal_together_are_what_a_shop_has(configured):
    assert [section.id for section in configured(WALLETS + TERMINAL).provider] == ["wechat", "alipay", "card"]
