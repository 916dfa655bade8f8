"""Offline: what a tender is good for while its provider cannot be asked, by the store's rule and the till's record."""

from app.checkout.counter import Counter
from app.checkout.payment_ports import Payments, TenderPath
from app.checkout.state import TillState
from app.payments.offline_rules import OfflineMeans, OfflineSoFar, OfflineTender, may_take_offline
from app.payments.tendering import TenderRefused
from app.payments.tenders import TenderType
from app.values.wording import Wording


def require_offline(
    counter: Counter, state: TillState, kind: TenderType, path: TenderPath, amount_minor: int
) -> Wording:
    """Let pass what may be taken although its provider cannot be asked; returns what the cashier must know of it.

    Raises:
        TenderRefused: it may not; the sentence says what to do instead.
    """
    count, total_minor = counter.store.offline_cards_taken(counter.session().business_date)
    baskets = [basket for basket in (state.basket, *state.suspended) if basket is not None]
    here = [tender.amount_minor for basket in baskets for tender in basket.tenders if tender.approved_offline]
    so_far = OfflineSoFar(count + len(here), total_minor + sum(here), counter.store.last_answer(path.provider_id))
    tender = OfflineTender(path.means, kind.name, amount_minor)
    answer = may_take_offline(tender, counter.payments.offline_cards, so_far, counter.now())
    if not answer.allowed:
        raise TenderRefused(answer.sentence)
    return answer.sentence


def asks_for_number(payments: Payments, path: TenderPath) -> bool:
    """Return whether a tender's key asks for a number first: that of an account, or of an offline card's slip."""
    return path.means is OfflineMeans.HELD_VALUE or (path.away is not None and _may_be_offline(payments, path))


def refusal_while_away(payments: Payments, path: TenderPath) -> Wording | None:
    """Return why a tender's key is of no use now; None where it is."""
    if path.away is None or path.means is OfflineMeans.HELD_VALUE or _may_be_offline(payments, path):
        return None
    return path.away


def _may_be_offline(payments: Payments, path: TenderPath) -> bool:
    return path.means is OfflineMeans.CARD and payments.offline_cards.allowed
