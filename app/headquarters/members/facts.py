"""What committed sales and returns did: taken in once, in any order, never refused; what cannot be applied is parked.

A fact that comes again with another content is kept in quarantine and changes nothing. So is one that cannot be read,
or that this program fails at, and a part of one that contradicts what is known, such as a redemption of another sale:
the other parts are taken in all the same.
"""

import hashlib
from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

import msgspec
from sqlalchemy import insert

from app.headquarters.members import coupon_steps, schema
from app.headquarters.members.exceptions import note_exception
from app.headquarters.members.ledgers import About, OpenBook, open_points, standing_of
from app.headquarters.members.records import ExceptionKind
from app.headquarters.members.spending import forfeit_everything
from app.headquarters.members.work import MessageSeen, Work, note_message, quarantine
from app.members.coupons import LetGo
from app.members.identity import Standing
from app.members.ledger_entries import Movement, ReusedMessage
from app.members.points import EarnMessage, PointsBook
from app.members.ports import Reach, ReturnFacts, SaleFacts
from app.values.clock import write_instant

_REUSED: Final = "REUSED"
_CANNOT_BE: Final = "CANNOT-BE"
_FAILED: Final = "FAILED"
_UNREADABLE: Final = "UNREADABLE"
_LONGEST_NAME: Final = 64


def take_in(work: Work, facts: SaleFacts) -> Reach:
    """Take a committed sale in, or an abandoned basket's releases."""
    message_id = message_of(facts)
    if not _is_new(work, message_id, facts):
        return Reach.ANSWERED
    parts: dict[str, Callable[[], None]] = {}
    for use in facts.coupons:
        parts[f"coupon/{use.redemption_id}"] = partial(coupon_steps.redeem, work, use, facts)
    for one in facts.released:
        parts[f"released/{one.redemption_id}"] = partial(_let_go, work, one)
    if facts.member_id:
        parts["bought"] = partial(_bought, work, facts)
        if facts.points:
            parts["points"] = partial(_earn, work, facts)
    _apply(work, message_id, facts, parts)
    return Reach.ANSWERED


def take_back(work: Work, facts: ReturnFacts) -> Reach:
    """Take a committed return in."""
    message_id = message_of(facts)
    if not _is_new(work, message_id, facts):
        return Reach.ANSWERED
    parts: dict[str, Callable[[], None]] = {}
    for redemption_id, coupon_id, outcome in facts.coupons:
        parts[f"coupon/{redemption_id}"] = partial(
            coupon_steps.come_back, work, redemption_id, coupon_id, outcome, facts.returned_at
        )
    if facts.member_id:
        parts["bought"] = partial(_brought_back, work, facts)
        if facts.points:
            parts["points"] = partial(_take_points_back, work, facts)
    _apply(work, message_id, facts, parts)
    return Reach.ANSWERED


def message_of(facts: SaleFacts | ReturnFacts) -> str:
    """Return the name of a fact's message."""
    return f"sale/{facts.sale_id}" if isinstance(facts, SaleFacts) else f"return/{facts.return_id}"


def put_aside(work: Work, facts: SaleFacts | ReturnFacts) -> Reach:
    """Keep a fact that this program failed at, for a person: none that comes after it waits for it."""
    quarantine(work, message_of(facts), _FAILED, facts)
    return Reach.ANSWERED


def put_unread_aside(work: Work, call: str, where: str, raw: bytes) -> Reach:
    """Keep a fact that cannot be read as it came, for a person; the same once.

    Args:
        work: the call of the till that sent it.
        call: what it was sent to.
        where: the place that cannot be read.
        raw: all of it.
    """
    till_id = work.asker.till_id if work.asker else ""
    name = f"unread/{till_id}/{_named_in(raw)}/{hashlib.sha256(raw).hexdigest()[:16]}"
    content = {"call": call, "where": where, "body": raw.decode("utf-8", "backslashreplace")}
    quarantine(work, name, _UNREADABLE, content)
    return Reach.ANSWERED


def _named_in(raw: bytes) -> str:
    """Return which sale or return an unreadable message may be about."""
    try:
        said = msgspec.json.decode(raw)
    except (msgspec.DecodeError, ValueError, RecursionError):
        return "?"
    facts = said.get("facts") if isinstance(said, dict) else None
    named = facts.get("return_id", facts.get("sale_id")) if isinstance(facts, dict) else None
    return named[:_LONGEST_NAME] if isinstance(named, str) and named.isprintable() else "?"


def _is_new(work: Work, message_id: str, facts: SaleFacts | ReturnFacts) -> bool:
    try:
        note_message(work, message_id, facts)
    except MessageSeen as seen:
        if not seen.same:
            quarantine(work, message_id, _REUSED, facts)
        return False
    return True


def _apply(
    work: Work, message_id: str, facts: SaleFacts | ReturnFacts, parts: Mapping[str, Callable[[], None]]
) -> None:
    """Apply each part by itself: one that contradicts what is known keeps none of the others back."""
    for name, part in parts.items():
        try:
            with work.connection.begin_nested():
                part()
        except ReusedMessage:
            quarantine(work, f"{message_id}/{name}", _REUSED, facts)
        except (ValueError, ArithmeticError):
            # The pure rules refuse figures that no sale can have, such as a cost below nothing.
            quarantine(work, f"{message_id}/{name}", _CANNOT_BE, facts)


def _let_go(work: Work, one: LetGo) -> None:
    coupon_steps.release(work, one.redemption_id, one.coupon_id)


def _bought(work: Work, facts: SaleFacts) -> None:
    if facts.bought_minor < 0:
        raise ValueError("a sale costs nothing or more")
    if facts.bought_minor or facts.points or facts.offers or facts.coupons:
        work.connection.execute(
            insert(schema.purchase).values(
                purchase_id=f"sale/{facts.sale_id}",
                sale_id=facts.sale_id,
                member_id=facts.member_id,
                counted_at=write_instant(work.as_told(facts.completed_at)),
                amount_minor=facts.bought_minor,
            )
        )
    times: dict[str, int] = {}
    for offer_id, count in facts.offers:
        times[offer_id] = times.get(offer_id, 0) + count
    for offer_id, count in times.items():
        work.connection.execute(
            insert(schema.offer_use).values(
                sale_id=facts.sale_id, offer_id=offer_id, member_id=facts.member_id, times=count
            )
        )


def _brought_back(work: Work, facts: ReturnFacts) -> None:
    if facts.returned_minor < 0:
        raise ValueError("a return brings back nothing or more")
    if facts.returned_minor:
        work.connection.execute(
            insert(schema.purchase).values(
                purchase_id=f"return/{facts.return_id}",
                sale_id=facts.sale_id,
                member_id=facts.member_id,
                counted_at=write_instant(work.as_told(facts.returned_at)),
                amount_minor=-facts.returned_minor,
            )
        )


def _earn(work: Work, facts: SaleFacts) -> None:
    member_id, sale_id = facts.member_id, facts.sale_id
    opened = open_points(work, About(member_id, (sale_id,), (f"earn/{sale_id}",)))
    opened.book.earn(EarnMessage(sale_id, member_id, facts.points, facts.points_end_on), work.when)
    opened.keep(work)
    _note_excess(work, opened, sale_id)
    if standing_of(work, member_id) is Standing.ERASED:
        forfeit_everything(work, f"late/{sale_id}", member_id)


def _take_points_back(work: Work, facts: ReturnFacts) -> None:
    about = About(facts.member_id, (facts.sale_id,), (f"take_back/{facts.return_id}",))
    opened = open_points(work, about)
    opened.book.take_back(facts.return_id, facts.member_id, facts.sale_id, facts.points, work.when)
    opened.keep(work)
    _note_excess(work, opened, facts.sale_id)


def _note_excess(work: Work, opened: OpenBook[PointsBook], sale_id: str) -> None:
    """List what returns of a sale would have taken back beyond what it had earned."""
    kinds = {Movement.PARKED, Movement.TAKEN_BACK, Movement.EXCUSED, Movement.OWED, Movement.REFUSED}
    prefix = "take_back/"
    returns = {
        entry.message_id.removeprefix(prefix)
        for entry in opened.book.entries
        if entry.movement in kinds and entry.subject_id == sale_id and entry.message_id.startswith(prefix)
    }
    for return_id in sorted(returns):
        excess = opened.book.taken_back(return_id).excess
        if excess > 0:
            note_exception(work, ExceptionKind.EXCESS_RETURN, return_id, excess, reason="EXCESS", sale_id=sale_id)
