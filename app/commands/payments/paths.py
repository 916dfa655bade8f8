"""Says of a provider how its tender is asked for: by which methods, and by which rule while it cannot be reached."""

from app.checkout.payment_ports import TenderPath
from app.commands.payments.sections import CARD_TERMINAL, MEMBER_POINTS, MEMBER_VALUE, ProviderSection
from app.payments.attempt_record import Method
from app.payments.offline_rules import OfflineMeans
from app.payments.provider import ProviderCapabilities
from app.values.wording import Wording


def path_of(section: ProviderSection, can: ProviderCapabilities, away: Wording | None) -> TenderPath:
    """Return the path of a provider that is there; `away`: why it cannot be asked now."""
    return TenderPath(
        section.id,
        _methods(can),
        _means(can),
        away=away,
        confirmed_by_hand=can.confirmed_by_hand,
        captures=can.captures,
    )


def path_before(section: ProviderSection) -> TenderPath:
    """Return the path of a provider that is just being made; the desk takes nothing yet, and says so."""
    if section.driver == CARD_TERMINAL:
        return TenderPath(section.id, frozenset({Method.TERMINAL}), OfflineMeans.CARD)
    if section.driver in {MEMBER_VALUE, MEMBER_POINTS}:
        return TenderPath(section.id, frozenset({Method.SHOPPER_CODE}), OfflineMeans.HELD_VALUE, captures=True)
    return TenderPath(section.id, frozenset({Method.SHOPPER_CODE, Method.MERCHANT_CODE}), OfflineMeans.WALLET)


def _methods(can: ProviderCapabilities) -> frozenset[Method]:
    named = (
        (can.terminal, Method.TERMINAL),
        (can.merchant_code, Method.MERCHANT_CODE),
        (can.shopper_code, Method.SHOPPER_CODE),
    )
    return frozenset(method for able, method in named if able)


def _means(can: ProviderCapabilities) -> OfflineMeans:
    if can.terminal:
        return OfflineMeans.CARD
    return OfflineMeans.HELD_VALUE if can.captures else OfflineMeans.WALLET
