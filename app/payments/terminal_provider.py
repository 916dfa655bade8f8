"""Payments by card as a payment provider: a card terminal that answers in its own time, for a desk that asks.

No call waits for the terminal. `pay` begins the payment there and says PENDING; what the terminal says later is written
down (`hear`), the desk is told that there is news, and `query` answers what is known. A purchase, a refund and a
reversal are each begun once, under a name that follows from the attempt's own number; when an answer is lost the
terminal is asked about that name, never sent the same again.

| what is known of the purchase   | query            | reverse                                             |
|---------------------------------|------------------|-----------------------------------------------------|
| under way at the terminal       | PENDING          | UNKNOWN, and the terminal is told to break off      |
| nothing, or nobody could say    | UNKNOWN, asked   | UNKNOWN, asked                                      |
| declined                        | DECLINED         | DECLINED                                            |
| approved                        | APPROVED         | UNKNOWN, and a reversal is begun                    |
| approved; its reversal approved | REVERSED         | REVERSED                                            |
| approved; its reversal declined, or the terminal knows no reversals | APPROVED | APPROVED: only a refund helps   |
| approved; nobody can say of its reversal | UNKNOWN, asked | UNKNOWN, asked                               |

After a restart nothing is remembered here. `PurchaseOrder.reversed_before` and `RefundOrder.sent_before` then say
whether a reversal or refund may be at the terminal already; where it may, it is asked about first.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Final, NoReturn

from app.payments.card_terminal import (
    PROGRESS_SENTENCES,
    CardTerminal,
    PurchaseRequest,
    RefundRequest,
    ReversalRequest,
    TerminalAnswered,
    TerminalOperation,
    TerminalOutcome,
    TerminalProgress,
    TerminalPrompt,
    TerminalResult,
    TransactionReference,
    holds_card_number,
)
from app.payments.provider import (
    BillRow,
    CodeOffer,
    ProviderAnswer,
    ProviderAway,
    ProviderCapabilities,
    ProviderTimes,
    PurchaseOrder,
    RefundOrder,
    Verdict,
)
from app.payments.terminal_reference import reference_in, reference_text
from app.payments.terminal_transactions import Phase, TerminalTransactions, Transaction
from app.values.wording import Wording, wording

TIMES: Final = ProviderTimes(
    ask_every_s=5, ask_until_s=120, reverse_not_before_s=0, reverse_every_s=5, call_timeout_s=10
)
"""Terminals give up waiting for a card after about two minutes by themselves; breaking off is allowed at once."""

NOT_TAKEN: Final = "TERMINAL-NOT-TAKEN"
"""The terminal took nothing, so nothing happened."""

_LONGEST_CODE: Final = 32
_LONGEST_SCHEME: Final = 20

_SENT: Final = wording("The payment is on its way to the card terminal.")
_NO_TERMINAL: Final = wording(
    "The card terminal cannot be used now. Nothing was charged. Check it, or take another way to pay."
)
_BUSY: Final = wording(
    "The card terminal is busy with another payment. Nothing was charged. Wait until it is done, and try again."
)
_NO_CODE: Final = wording("A card is paid at the terminal, not by a code. Choose another way to pay.")
_CANCELLING: Final = wording("The card terminal was told to break off. Wait until it says how the payment ended.")
_REVERSING: Final = wording("The card was charged. The card terminal is taking the charge back.")
_REVERSED: Final = wording("The charge was taken back. The customer pays nothing.")
_NO_REVERSAL: Final = wording("The card terminal cannot take the charge back. The money is given back by a refund.")
_REFUND_WAITS: Final = wording("The card terminal is busy or away. The refund is sent to it once it is free.")
_REFUND_SENT: Final = wording("The refund is on its way to the card terminal.")
_NO_REFUND: Final = wording("This card terminal gives no money back. Give the money back another way.")
_NO_REFERENCE: Final = wording(
    "The card terminal gave no reference of this payment, so it cannot give it back. Give the money back another way."
)


class TerminalProvider:
    """The card terminal of a till; the desk's thread calls its methods, the terminal's thread `hear`."""

    def __init__(
        self,
        terminal: Callable[[], CardTerminal | None],
        *,
        on_news: Callable[[str], None] = lambda _: None,
        times: ProviderTimes = TIMES,
    ) -> None:
        """Prepare; nothing is sent.

        Args:
            terminal: returns the till's terminal; None while it has none, as after its driver failed.
            on_news: told the provider number of a payment or refund about which there is news, so that the desk asks at
                once; called on the terminal's thread, must return at once.
            times: how often to be asked, and how long a customer has.
        """
        self._terminal = terminal
        self._times = times
        self._transactions = TerminalTransactions(terminal, on_news)

    @property
    def capabilities(self) -> ProviderCapabilities:
        """What it can do; whether it refunds is the terminal's own word.

        `reverse` holds for every terminal: all can break off, and what they cannot reverse is refunded.
        """
        terminal = self._terminal()
        return ProviderCapabilities(
            shopper_code=False,
            terminal=True,
            refund=terminal is None or terminal.capabilities.refund,
            times=self._times,
        )

    def hear(self, event: TerminalPrompt | TerminalAnswered) -> None:
        """Take what the terminal says; called on any thread, returns at once."""
        self._transactions.hear(event)

    def pay(self, order: PurchaseOrder) -> ProviderAnswer:
        """Begin a payment at the terminal; for each number once in its life.

        DECLINED with `NOT_TAKEN` where the terminal took nothing: there is nothing to find out then.
        """
        purchase = _purchase(order)
        known = self._transactions.get(purchase.attempt_id)
        if known is not None and not known.refused_here:
            return self.query(order)
        request = PurchaseRequest(order.provider_number, order.amount_minor, order.currency)
        begun = self._transactions.begin(purchase, lambda terminal: terminal.purchase(request))
        if begun.refused_here:
            return ProviderAnswer(Verdict.DECLINED, self._why_not_taken(), code=NOT_TAKEN)
        if begun.phase is Phase.RUNNING:
            return ProviderAnswer(Verdict.PENDING, begun.prompt or _SENT)
        return self.query(order)

    def offer_code(self, order: PurchaseOrder) -> CodeOffer:
        """Decline: a terminal has no code for the till to show."""
        del order
        return CodeOffer(ProviderAnswer(Verdict.DECLINED, _NO_CODE, code="NO-CODE"))

    def query(self, order: PurchaseOrder) -> ProviderAnswer:
        """Say how a payment stands; where nobody knows, the terminal is asked and the answer comes later."""
        known = self._known(_purchase(order))
        if known.phase is Phase.RUNNING:
            return ProviderAnswer(Verdict.PENDING, known.prompt or _SENT)
        charge = self._charge_of(known)
        if isinstance(charge, ProviderAnswer):
            return charge
        reversal = self._reversal_of(known, order, charge)
        return _approved(charge) if reversal is None else self._after_reversal(charge, reversal)

    def reverse(self, order: PurchaseOrder) -> ProviderAnswer:
        """Take a payment back: break it off while it is under way, reverse it once it was approved.

        Never waits: UNKNOWN until that is certain. APPROVED where the terminal does not take the charge back, or all of
        it; its amount is then what is still charged.
        """
        known = self._known(_purchase(order))
        if known.phase is Phase.RUNNING:
            if not self._transactions.cancel(known):
                # It ended, and its answer is on the way; should that have got lost, this finds it.
                self._transactions.ask(known)
            return ProviderAnswer(Verdict.UNKNOWN, _CANCELLING)
        charge = self._charge_of(known)
        if isinstance(charge, ProviderAnswer):
            return charge
        reversal = self._reversal_of(known, order, charge)
        return self._begin_reversal(order, charge) if reversal is None else self._after_reversal(charge, reversal)

    def refund(self, order: RefundOrder) -> ProviderAnswer:
        """Give money back on the card; repeated with the same number it happens once.

        A terminal that is busy or away is tried again with the next call, which is UNKNOWN until then.
        """
        refund = _refund(order)
        known = self._transactions.get(refund.attempt_id)
        may_begin = not order.sent_before if known is None else known.refused_here
        if not may_begin:
            return self._refund_stands(known or refund)
        terminal = self._terminal()
        if terminal is not None and not terminal.capabilities.refund:
            return ProviderAnswer(Verdict.DECLINED, _NO_REFUND, code="NO-REFUND")
        original = self._reference_of(order)
        if isinstance(original, ProviderAnswer):
            if original.verdict is Verdict.UNKNOWN:
                self._transactions.hold_back(refund)
            return original
        request = RefundRequest(order.refund_number, order.amount_minor, order.currency, original)
        begun = self._transactions.begin(refund, lambda one: one.refund(request))
        if begun.refused_here:
            return ProviderAnswer(Verdict.UNKNOWN, _REFUND_WAITS, code=NOT_TAKEN)
        return self._refund_stands(begun)

    def query_refund(self, order: RefundOrder) -> ProviderAnswer:
        """Say how a refund stands; NOT_FOUND where it was certainly not sent, and may be."""
        known = self._known(_refund(order))
        if known.refused_here:
            return ProviderAnswer(Verdict.NOT_FOUND, _REFUND_WAITS, code=NOT_TAKEN)
        return self._refund_stands(known)

    def bill(self, day: date) -> Iterator[BillRow]:
        """Have none: what the bank paid out stands in the acquirer's own statement.

        Raises:
            ProviderAway: always.
        """
        _no_bill(day)

    def close(self) -> None:
        """Tell no news any more; the terminal itself belongs to the till's hardware and goes on."""
        self._transactions.close()

    def _known(self, transaction: Transaction) -> Transaction:
        return self._transactions.get(transaction.attempt_id) or transaction

    def _charge_of(self, known: Transaction) -> TerminalOutcome | ProviderAnswer:
        """Return the approval of a purchase that is not under way, or the answer where there is none."""
        if known.refused_here:
            return ProviderAnswer(Verdict.DECLINED, self._why_not_taken(), code=NOT_TAKEN)
        ended = known.ended
        if ended is None:
            return self._asked(known)
        return _declined(ended) if ended.result is TerminalResult.DECLINED else ended

    def _why_not_taken(self) -> Wording:
        return _NO_TERMINAL if self._terminal() is None else _BUSY

    def _asked(self, known: Transaction) -> ProviderAnswer:
        """Have the terminal asked about a transaction, and say that nobody knows yet."""
        asked = self._transactions.ask(known)
        if known.outcome is not None:
            return ProviderAnswer(Verdict.UNKNOWN, known.outcome.reason)
        sentence = PROGRESS_SENTENCES[TerminalProgress.ASKING_AGAIN]
        return ProviderAnswer(Verdict.UNKNOWN, sentence, code="" if asked else NOT_TAKEN)

    def _reversal_of(self, known: Transaction, order: PurchaseOrder, ended: TerminalOutcome) -> Transaction | None:
        """Return the reversal of an approved purchase; None where certainly none was sent."""
        fresh = _reversal(order, ended)
        reversal = self._transactions.get(fresh.attempt_id)
        if reversal is not None:
            return None if reversal.refused_here else reversal
        return fresh if order.reversed_before and not known.from_start else None

    def _begin_reversal(self, order: PurchaseOrder, ended: TerminalOutcome) -> ProviderAnswer:
        terminal = self._terminal()
        if ended.original is None or (terminal is not None and not terminal.capabilities.reversal):
            return replace(_approved(ended), sentence=_NO_REVERSAL, code="NO-REVERSAL")
        reversal = _reversal(order, ended)
        request = ReversalRequest(reversal.attempt_id, ended.approved_minor, order.currency, ended.original)
        begun = self._transactions.begin(reversal, lambda one: one.reverse(request))
        if begun.refused_here:
            return ProviderAnswer(Verdict.UNKNOWN, _REVERSING, code=NOT_TAKEN)
        return self._after_reversal(ended, begun)

    def _after_reversal(self, ended: TerminalOutcome, reversal: Transaction) -> ProviderAnswer:
        """Return what a reversal left of a charge."""
        if reversal.phase is Phase.RUNNING:
            return ProviderAnswer(Verdict.UNKNOWN, _REVERSING)
        undone = reversal.ended
        if undone is None:
            return self._asked(reversal)
        taken_back = undone.approved_minor if undone.result is TerminalResult.APPROVED else 0
        left = ended.approved_minor - taken_back
        if left <= 0:
            return replace(_approved(ended), verdict=Verdict.REVERSED, sentence=_REVERSED, code="")
        return replace(_approved(ended), amount_minor=left, sentence=_NO_REVERSAL, code="NO-REVERSAL")

    def _reference_of(self, order: RefundOrder) -> TransactionReference | ProviderAnswer:
        """Return what the terminal calls the original payment, or the answer where that is not known."""
        found = reference_in(order.original_reference)
        if found is not None:
            return found
        number, operation = order.provider_number, TerminalOperation.PURCHASE
        paid = self._known(Transaction(number, order.refund_number, operation, order.original_minor, order.currency))
        ended = paid.ended
        if ended is None:
            return self._asked(paid)
        if ended.original is None:
            return ProviderAnswer(Verdict.DECLINED, _NO_REFERENCE, code="NO-REFERENCE")
        return ended.original

    def _refund_stands(self, known: Transaction) -> ProviderAnswer:
        if known.phase is Phase.RUNNING:
            return ProviderAnswer(Verdict.PENDING, known.prompt or _REFUND_SENT)
        ended = known.ended
        if ended is None:
            return self._asked(known)
        return _declined(ended) if ended.result is TerminalResult.DECLINED else _approved(ended)


def _purchase(order: PurchaseOrder) -> Transaction:
    number, operation = order.provider_number, TerminalOperation.PURCHASE
    return Transaction(
        number, number, operation, order.amount_minor, order.currency, from_start=not order.reversed_before
    )


def _reversal(order: PurchaseOrder, ended: TerminalOutcome) -> Transaction:
    """Return the reversal of what was charged; its name follows from the payment's, so a restart finds it again."""
    number = order.provider_number
    return Transaction(
        f"{number}R", number, TerminalOperation.REVERSAL, ended.approved_minor or order.amount_minor, order.currency
    )


def _refund(order: RefundOrder) -> Transaction:
    number = order.refund_number
    return Transaction(number, number, TerminalOperation.REFUND, order.amount_minor, order.currency)


def _approved(ended: TerminalOutcome) -> ProviderAnswer:
    payer = f"{ended.scheme[:_LONGEST_SCHEME]} {ended.masked_number}".strip()
    return ProviderAnswer(
        Verdict.APPROVED,
        ended.reason,
        amount_minor=ended.approved_minor,
        provider_reference=reference_text(ended.original),
        payer="" if holds_card_number(payer) else payer,
        at=_instant(ended.original),
        code=ended.approval_code[:_LONGEST_CODE],
    )


def _declined(ended: TerminalOutcome) -> ProviderAnswer:
    return ProviderAnswer(Verdict.DECLINED, ended.reason)


def _instant(reference: TransactionReference | None) -> datetime | None:
    """Return when a terminal says that it happened; None where its words are no instant."""
    try:
        at = datetime.fromisoformat(reference.at) if reference is not None else None
        return at.astimezone(UTC) if at is not None and at.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None


def _no_bill(day: date) -> NoReturn:
    raise ProviderAway(
        wording(
            "There is no bill of cards for {day} here. Compare with the statement of the bank that takes the cards.",
            day=day.isoformat(),
        )
    )
