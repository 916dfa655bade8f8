"""Which tender a scanned payment code pays by: told from its form alone, before any provider is asked.

WeChat's and Alipay's forms are those of the catalogue's code reader (`app.catalogue.codes`); forms of further wallets
are configured as digits. A code is single use and as good as money while it lives: it stays out of every repr, and
what is kept of it is `masked`, as attempts keep it: the first two characters, which tell the wallet, and the last two,
which tell two attempts apart.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from app.catalogue.codes import CodeReader, CodeSettings, PaymentCode
from app.payments.attempt_record import masked_code_of
from app.values.problems import Problem
from app.values.wording import LocalizedText, wording

WECHAT: Final = "wechat"
ALIPAY: Final = "alipay"

_LONGEST_CODE: Final = 64
_READER: Final = CodeReader(CodeSettings())
_NAMES: Final = {
    WECHAT: LocalizedText("WeChat Pay", (("zh_CN", "微信支付"),)),
    ALIPAY: LocalizedText("Alipay", (("zh_CN", "支付宝"),)),
}


class NotAPaymentCode(Problem):
    """Raised when what was scanned has the form of no wallet's payment code."""

    code = "NOT-A-PAYMENT-CODE"


class WalletNotSetUp(Problem):
    """Raised when a payment code belongs to a wallet that this till does not take."""

    code = "WALLET-NOT-SET-UP"


class WalletAway(Problem):
    """Raised when a payment code belongs to a wallet that cannot be asked now; the code was not used."""

    code = "WALLET-AWAY"


class BadRouting(Problem):
    """Raised when the till's settings for wallets contradict themselves."""

    code = "BAD-WALLET-ROUTING"


@dataclass(frozen=True, slots=True)
class DigitForm:
    """The form of a wallet's codes that are all digits."""

    wallet: str
    """Its name in the settings."""

    name: LocalizedText
    """As a cashier reads it."""

    starts: tuple[str, ...]
    """How its codes begin; digits."""

    lengths: tuple[int, ...]
    """How many digits they have."""

    def __post_init__(self) -> None:
        right = all(start.isascii() and start.isdigit() for start in self.starts) and all(
            12 <= length <= _LONGEST_CODE for length in self.lengths
        )
        if not (self.wallet and self.starts and self.lengths and right):
            raise BadRouting(
                wording('The form of "{wallet}" needs digits to begin with and lengths from 12 on.', wallet=self.wallet)
            )

    def matches(self, code: str) -> bool:
        """Tell whether a code has this form."""
        return code.isascii() and code.isdigit() and len(code) in self.lengths and code.startswith(self.starts)


UNIONPAY: Final = DigitForm("unionpay", LocalizedText("UnionPay QR", (("zh_CN", "云闪付"),)), ("62",), (19,))
"""UnionPay's shopper codes. Card numbers of UnionPay look the same, so a shop takes this form by putting it among its
own, and neither is ever kept unmasked."""


@dataclass(frozen=True, slots=True)
class WalletRoute:
    """A tender that takes the codes of one wallet or, through an acquirer, of several."""

    tender_type_id: str
    wallets: tuple[str, ...]
    """`wechat`, `alipay`, or names of the forms in the settings."""


@dataclass(frozen=True, slots=True)
class RoutingSettings:
    """How this till routes payment codes.

    Raises:
        BadRouting: when they are made with a tender or wallet twice, or a wallet whose form is not known.
    """

    routes: tuple[WalletRoute, ...] = ()
    """In the order of preference: it decides where a code has two forms or a wallet two tenders."""

    forms: tuple[DigitForm, ...] = ()
    """Forms besides WeChat's and Alipay's."""

    def __post_init__(self) -> None:
        wallets = [WECHAT, ALIPAY, *(form.wallet for form in self.forms)]
        _require_distinct(wallets)
        _require_distinct([route.tender_type_id for route in self.routes])
        for route in self.routes:
            _require_distinct(route.wallets)
            unknown = sorted(set(route.wallets) - set(wallets))
            if unknown or not route.wallets:
                raise BadRouting(
                    wording(
                        "The tender {tender} names wallets that are not known: {wallets}. Known are: {known}.",
                        tender=route.tender_type_id,
                        wallets=", ".join(unknown),
                        known=", ".join(wallets),
                    )
                )


@dataclass(frozen=True, slots=True)
class RoutedCode:
    """A payment code and what may be paid with it."""

    code: str = field(repr=False)
    """For the provider only; lives in memory only."""

    wallets: tuple[str, ...]
    """The wallets whose form it has, those that are set up first, in the settings' order."""

    tender_type_ids: tuple[str, ...]
    """Tenders that take it and can be asked now, the preferred one first; at least one."""

    @property
    def masked(self) -> str:
        """The code as it may be stored and shown."""
        return masked_code_of(self.code)


def wallets_of(code: str, forms: Sequence[DigitForm] = ()) -> tuple[str, ...]:
    """Return the wallets whose form a code has; several where forms overlap.

    >>> wallets_of("134567890123456789"), wallets_of("6212345678901234567", [UNIONPAY]), wallets_of("6901234567892")
    (('wechat',), ('unionpay',), ())
    """
    return _understood(code, forms)[1]


def route_payment_code(
    settings: RoutingSettings, scanned: PaymentCode | str, can_be_asked: Callable[[str], bool]
) -> RoutedCode:
    """Return what a scanned code may be paid with.

    Args:
        settings: the till's.
        scanned: what the code reader made of it, or the text itself.
        can_be_asked: says of a tender's id whether its provider can be reached now.

    Raises:
        NotAPaymentCode: it has no wallet's form.
        WalletNotSetUp: it is a wallet's that no tender takes.
        WalletAway: none of its tenders can be asked now.
    """
    code, wallets = _understood(scanned if isinstance(scanned, str) else scanned.code, settings.forms)
    if not isinstance(scanned, str) and scanned.kind not in wallets:
        wallets = (scanned.kind, *wallets)
    if not wallets:
        raise NotAPaymentCode(
            wording("This is no payment code that the till knows. Ask the customer to open the wallet's payment page.")
        )
    routes = [route for route in settings.routes if set(route.wallets) & set(wallets)]
    if not routes:
        raise WalletNotSetUp(
            wording(
                "{wallet} is not set up at this till. Ask for another wallet, a card or cash.",
                wallet=_name(wallets[0], settings),
            )
        )
    preferred = [wallet for route in routes for wallet in route.wallets if wallet in wallets]
    reachable = tuple(route.tender_type_id for route in routes if can_be_asked(route.tender_type_id))
    if not reachable:
        raise WalletAway(
            wording(
                "{wallet} cannot be asked now, and its codes work online only. The code was not used. Take cash, or"
                " press Esc and then F5 to put the basket aside.",
                wallet=_name(preferred[0], settings),
            )
        )
    return RoutedCode(code, tuple(dict.fromkeys([*preferred, *wallets])), reachable)


def _understood(code: str, forms: Sequence[DigitForm]) -> tuple[str, tuple[str, ...]]:
    """Return a code as its provider wants it, without the blanks that telephones show, and whose form it has."""
    plain = "".join(code[: 4 * _LONGEST_CODE].split())
    if len(plain) > _LONGEST_CODE:
        return plain, ()
    meaning = _READER.read(plain)
    known: tuple[str, ...] = ()
    if isinstance(meaning, PaymentCode):
        plain, known = meaning.code, (meaning.kind,)
    return plain, known + tuple(form.wallet for form in forms if form.matches(plain))


def _name(wallet: str, settings: RoutingSettings) -> LocalizedText:
    names = {**_NAMES, **{form.wallet: form.name for form in settings.forms}}
    return names[wallet]


def _require_distinct(names: Sequence[str]) -> None:
    """Make sure that no name comes twice.

    Raises:
        BadRouting: naming one that does.
    """
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise BadRouting(wording('"{name}" is set up twice for payment codes. Leave one out.', name=twice))
