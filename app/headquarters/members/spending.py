"""Points and stored value as they are looked up, held, taken, given back, loaded and refunded."""

from app.headquarters.members.exceptions import note_exception
from app.headquarters.members.ledgers import About, open_kind, open_points, open_value, standing_of, unit_of
from app.headquarters.members.records import ExceptionKind
from app.headquarters.members.work import Work, quarantine
from app.members.holds import GiveBackAnswer, HoldAnswer
from app.members.identity import Standing
from app.members.ledger_entries import ReusedMessage
from app.members.ports import AccountFound, AccountKind, Reach
from app.members.stored_value import LoadMessage, Refund, RefundHindered

__all__ = [
    "capture",
    "forfeit_everything",
    "give_back",
    "given_back",
    "held",
    "hold",
    "let_go",
    "load",
    "look_up",
    "open_accounts",
    "refund",
    "refunded",
]


def open_accounts(work: Work, member_id: str) -> None:
    """Open a new member's two accounts."""
    for kind in AccountKind:
        opened = open_kind(work, kind, About(member_id))
        opened.book.open(f"account/{member_id}", member_id, work.when)
        opened.keep(work)


def look_up(work: Work, kind: AccountKind, member_id: str) -> AccountFound:
    """Say what can be held."""
    if standing_of(work, member_id) in {None, Standing.ERASED}:
        return AccountFound(Reach.NOT_FOUND)
    book = open_kind(work, kind, About(member_id)).book
    return AccountFound(Reach.ANSWERED, book.spendable(member_id, work.today), book.refusal(member_id))


def hold(work: Work, kind: AccountKind, hold_id: str, member_id: str, amount: int) -> HoldAnswer:
    """Set an amount aside."""
    opened = open_kind(work, kind, About(member_id, subjects=(hold_id,)))
    answer = opened.book.hold(hold_id, member_id, amount, unit_of(work, kind), work.when)
    opened.keep(work)
    return answer


def held(work: Work, kind: AccountKind, hold_id: str) -> HoldAnswer:
    """Say how a hold stands."""
    return open_kind(work, kind, About(subjects=(hold_id,))).book.held(hold_id)


def capture(work: Work, kind: AccountKind, hold_id: str) -> HoldAnswer:
    """Take what is held."""
    opened = open_kind(work, kind, About(subjects=(hold_id,)))
    answer = opened.book.capture(hold_id, work.when)
    opened.keep(work)
    return answer


def let_go(work: Work, kind: AccountKind, hold_id: str) -> HoldAnswer:
    """Let a hold go."""
    opened = open_kind(work, kind, About(subjects=(hold_id,)))
    answer = opened.book.release(hold_id, work.when)
    opened.keep(work)
    return answer


def give_back(work: Work, kind: AccountKind, hold_id: str, give_back_id: str, amount: int) -> GiveBackAnswer:
    """Give part of a hold back."""
    about = About(subjects=(hold_id,), messages=(f"give_back/{give_back_id}",))
    opened = open_kind(work, kind, about)
    answer = opened.book.give_back(hold_id, give_back_id, amount, work.when)
    opened.keep(work)
    return answer


def given_back(work: Work, kind: AccountKind, hold_id: str, give_back_id: str) -> GiveBackAnswer:
    """Say how a giving back stands."""
    return open_kind(work, kind, About(subjects=(hold_id,))).book.given_back(hold_id, give_back_id)


def load(work: Work, loading_id: str, member_id: str, paid_minor: int) -> Reach:
    """Put a paid loading on the account.

    Money was taken for it, so an account that holds too much after it is an exception, not a refusal. Who is not a
    member, or none any more, is: then the money goes back to the person who stands there.
    """
    standing = standing_of(work, member_id)
    if standing is None:
        return Reach.NOT_FOUND
    if standing is Standing.ERASED:
        return Reach.REFUSED
    rule = work.terms.loading
    opened = open_value(work, About(member_id, messages=(f"load/{loading_id}",)))
    known = opened.book.loaded(loading_id)
    ends_on = rule.bonus_ends_on(work.today)
    if known is not None:
        # A repeat on another day, or after the rule was changed, is the same loading.
        mine = opened.book.knows(member_id) and any(
            entry.account_id == member_id and entry.message_id == f"load/{loading_id}" for entry in opened.book.entries
        )
        if known == paid_minor and mine:
            return Reach.ANSWERED
        quarantine(work, f"load/{loading_id}", "REUSED", {"member_id": member_id, "paid_minor": paid_minor})
        return Reach.REFUSED
    opened.book.load(LoadMessage(loading_id, member_id, paid_minor, rule.bonus_of(paid_minor), ends_on), work.when)
    opened.keep(work)
    over = opened.book.spendable(member_id, work.today) - rule.most_balance_minor
    if over > 0:
        note_exception(work, ExceptionKind.OVER_LIMIT, loading_id, over, reason="OVER-LIMIT")
    return Reach.ANSWERED


def refund(work: Work, refund_id: str, member_id: str) -> Reach:
    """Take what is left of the paid part off the account."""
    if standing_of(work, member_id) is None:
        return Reach.NOT_FOUND
    opened = open_value(work, About(member_id, messages=(f"refund/{refund_id}",)))
    try:
        opened.book.refund(refund_id, member_id, work.when)
    except RefundHindered:
        return Reach.REFUSED
    except ReusedMessage:
        quarantine(work, f"refund/{refund_id}", "REUSED", {"member_id": member_id})
        return Reach.REFUSED
    opened.keep(work)
    return Reach.ANSWERED


def refunded(work: Work, refund_id: str, member_id: str) -> Refund | None:
    """Say what came of a refund; None where it is not known."""
    book = open_value(work, About(member_id)).book
    if not any(entry.message_id == f"refund/{refund_id}" for entry in book.entries):
        return None
    return book.refund(refund_id, member_id, work.when)


def forfeit_everything(work: Work, message_id: str, member_id: str) -> None:
    """End the points and the bonus of an account whose member is erased."""
    points = open_points(work, About(member_id))
    points.book.forfeit_all(message_id, member_id, work.when)
    points.keep(work)
    value = open_value(work, About(member_id))
    value.book.refund(message_id, member_id, work.when)
    value.keep(work)
