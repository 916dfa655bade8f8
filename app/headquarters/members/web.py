"""The book on the wire: takes questions of tills, answers them, and gives nothing away to anybody else.

What is asked and answered is `app.sync.members.contract`. Whoever has no token learns nothing, a till is held to its
own name, a message that is not exactly one of the contract is 400 with a code and a path, and a fault of ours is 500
with a code and nothing more; what it was stands in the log. What a sale or a return did is never refused: a message of
these that cannot be read is kept as it came, for a person, and answered.
"""

from collections.abc import Callable
from typing import Any, Final, Protocol

import msgspec
import structlog
from litestar import Litestar, Request, Response, post
from litestar.concurrency import sync_to_thread
from litestar.exceptions import HTTPException

from app.headquarters.members.book import MemberBook
from app.headquarters.members.records import TillAccess
from app.members.ports import Reach
from app.sync.members import contract
from app.sync.members.contract import CALLS, PREFIX, TILL_HEADER, Said, Trouble, sentence_of
from app.sync.members.published import said_of
from app.sync.members.strict import LARGEST_MESSAGE_BYTES, BadMessage, read

_LOG: Final = structlog.get_logger("headquarters.members")
_SCHEME: Final = "Bearer "
_FACTS: Final = frozenset({"take-in", "take-back"})

Asked = Any
"""A question of the contract; which one, its call says."""


class TillTokens(Protocol):
    """Who knows whose token it is."""

    def till_of_token(self, token: str) -> TillAccess | None:
        """Return the till of a token; None where it is nobody's."""


class Refused(Exception):
    """A question that is not answered."""

    def __init__(self, status: int, code: str, where: str = "") -> None:
        """Keep what the till is told."""
        super().__init__(code)
        self.status = status
        self.trouble = Trouble(code, where)


def web_application(book: MemberBook, tokens: TillTokens) -> Litestar:
    """Return the application that serves a book."""

    @post(PREFIX + "{call:str}", status_code=200)
    async def answer_till(request: Request[Any, Any, Any]) -> Response[bytes]:
        call = request.path_params["call"]
        token = _token_of(request.headers.get("authorization", ""))
        asker = await sync_to_thread(tokens.till_of_token, token) if token else None
        if asker is None:
            raise Refused(401, "NO-TOKEN")
        _require_own_token(asker, request.headers.get(TILL_HEADER, ""))
        if call not in CALLS:
            raise Refused(404, "NO-SUCH-CALL")
        raw = await request.body()
        return _plain(await sync_to_thread(answer, book, asker, call, raw), 200)

    return Litestar(
        [answer_till],
        request_max_body_size=LARGEST_MESSAGE_BYTES,
        openapi_config=None,
        debug=False,
        logging_config=None,
        exception_handlers={Refused: _told, HTTPException: _refused, Exception: _fault},
    )


def answer(book: MemberBook, asker: TillAccess, call: str, raw: bytes) -> Said:
    """Answer one question of one till.

    Raises:
        Refused: it is none of the contract's, names another till, or the book is in trouble.
    """
    view = book.at(asker.till_id, asker.store_number)
    try:
        asked: Asked = read(CALLS[call][0], raw)
    except BadMessage as bad:
        if call not in _FACTS:
            raise Refused(400, "BAD-MESSAGE", str(bad)) from None
        _LOG.error("fact_unreadable", till=asker.till_id, call=call, where=str(bad))
        said: Said = contract.ReachSays(view.put_unread_aside(call, str(bad), raw))
    else:
        _require_own_name(asker, asked)
        said = _ANSWERS[call](view, asked)
    if view.last_trouble is not None:
        raise Refused(503, "KEEPER-TROUBLED")
    return said


def _require_own_token(asker: TillAccess, calls_itself: str) -> None:
    """See that a till has no other till's token: it would be given what is the other's."""
    if calls_itself not in {"", asker.till_id}:
        raise Refused(403, "OTHER-TILL", asker.till_id)


def _require_own_name(asker: TillAccess, asked: Asked) -> None:
    named = getattr(getattr(asked, "facts", asked), "till_id", asker.till_id)
    if named != asker.till_id:
        raise Refused(403, "OTHER-TILL", asker.till_id)


def _reach(call: Callable[[MemberBook, Asked], Reach]) -> Callable[[MemberBook, Asked], Said]:
    return lambda book, asked: contract.ReachSays(call(book, asked))


def _erased_since(book: MemberBook, asked: Asked) -> Said:
    erased = book.erased_since(asked.mark)
    if erased is None:
        raise Refused(503, "KEEPER-TROUBLED")
    return contract.ErasedSays(erased)


def _of_code(book: MemberBook, asked: Asked) -> Said:
    found = book.of_code(asked.text, asked.member_id)
    return contract.CouponsSays(found.reach, found.offers, sentence_of(found.refusal))


def _reserve(book: MemberBook, asked: Asked) -> Said:
    done = book.reserve(asked.redemption_id, asked.coupon_id, asked.member_id)
    return contract.CouponSays(done.reach, sentence_of(done.refusal))


def _release(book: MemberBook, asked: Asked) -> Said:
    done = book.release(asked.redemption_id, asked.coupon_id)
    return contract.CouponSays(done.reach, sentence_of(done.refusal))


def _look_up(book: MemberBook, asked: Asked) -> Said:
    found = book.look_up(asked.kind, asked.member_id)
    return contract.AccountSays(found.reach, found.free, sentence_of(found.refusal))


def _hold(call: Callable[[MemberBook, Asked], Any]) -> Callable[[MemberBook, Asked], Said]:
    def say(book: MemberBook, asked: Asked) -> Said:
        held = call(book, asked)
        if held is None:
            raise Refused(503, "KEEPER-TROUBLED")
        return contract.HoldSays(held.state, held.amount, held.reference, sentence_of(held.refusal))

    return say


def _give_back(call: Callable[[MemberBook, Asked], Any]) -> Callable[[MemberBook, Asked], Said]:
    def say(book: MemberBook, asked: Asked) -> Said:
        given = call(book, asked)
        if given is None:
            raise Refused(503, "KEEPER-TROUBLED")
        return contract.GiveBackSays(given.state, given.amount, sentence_of(given.refusal))

    return say


def _promotions(book: MemberBook, asked: Asked) -> Said:
    rules = book.promotions(asked.known)
    if rules is None:
        raise Refused(503, "KEEPER-TROUBLED")
    return said_of(rules)


_ANSWERS: Final[dict[str, Callable[[MemberBook, Asked], Said]]] = {
    "find": lambda book, asked: contract.MemberSays(book.find(asked.key)),
    "enrol": lambda book, asked: contract.MemberSays(book.enrol(asked.message_id, asked.member, asked.consents)),
    "record-consent": _reach(lambda book, asked: book.record_consent(asked.message_id, asked.consent)),
    "erase": _reach(lambda book, asked: book.erase(asked.message_id, asked.erasure)),
    "erased-since": _erased_since,
    "of-code": _of_code,
    "reserve": _reserve,
    "release": _release,
    "codes-to-lease": lambda book, asked: contract.CodesSays(book.codes_to_lease(asked.till_id, asked.epoch) or ()),
    "lease": lambda book, asked: contract.LeaseSays(
        book.lease(asked.lease_id, asked.code, asked.till_id, asked.wanted)
    ),
    "bring-back": _reach(lambda book, asked: book.bring_back(asked.lease_id, asked.used)),
    "take-in": _reach(lambda book, asked: book.take_in(asked.facts)),
    "take-back": _reach(lambda book, asked: book.take_back(asked.facts)),
    "load": _reach(lambda book, asked: book.load(asked.loading_id, asked.member_id, asked.paid_minor)),
    "refund": _reach(lambda book, asked: book.refund(asked.refund_id, asked.member_id)),
    "look-up": _look_up,
    "hold": _hold(lambda book, asked: book.hold(asked.kind, asked.hold_id, asked.member_id, asked.amount)),
    "held": _hold(lambda book, asked: book.held(asked.kind, asked.hold_id)),
    "capture": _hold(lambda book, asked: book.capture(asked.kind, asked.hold_id)),
    "let-go": _hold(lambda book, asked: book.let_go(asked.kind, asked.hold_id)),
    "give-back": _give_back(
        lambda book, asked: book.give_back(asked.kind, asked.hold_id, asked.give_back_id, asked.amount)
    ),
    "given-back": _give_back(lambda book, asked: book.given_back(asked.kind, asked.hold_id, asked.give_back_id)),
    "promotions": _promotions,
    "issuer-keys": lambda book, _asked: contract.KeysSays(book.issuer_keys() or ()),
}


def _token_of(header: str) -> str:
    return header.removeprefix(_SCHEME).strip() if header.startswith(_SCHEME) else ""


def _plain(said: Said, status: int) -> Response[bytes]:
    return Response(msgspec.json.encode(said), status_code=status, media_type="application/json")


def _told(_request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    if not isinstance(error, Refused):
        raise error
    return _plain(error.trouble, error.status)


def _refused(_request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """Say what the framework refused: a body too large, another method, another path."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    codes = {404: "NO-SUCH-CALL", 405: "NO-SUCH-CALL", 413: "TOO-LARGE"}
    return _plain(Trouble(codes.get(status, "BAD-MESSAGE" if status < 500 else "FAULT")), status)


def _fault(_request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    # The exception may quote what was asked; its type and place are enough to find it.
    _LOG.error("answer_failed", kind=type(error).__name__)
    return _plain(Trouble("FAULT"), 500)
