"""What a terminal's answer means for an attempt: approved, declined, or nobody can say."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final
from urllib.parse import parse_qs

from app.payments.card_terminal import (
    CardNumberExposed,
    TerminalOperation,
    TerminalOutcome,
    TerminalResult,
    TransactionReference,
    masked_number,
)
from app.values.money import currency_of
from app.values.wording import Wording, wording
from hardware.terminals.messages import (
    OutputContent,
    OutputText,
    PaymentReceipt,
    PaymentResponse,
    ReversalResponse,
)

_MOST_DIGITS: Final = 18
_MOST_LINES: Final = 200
_LONGEST_TEXT: Final = 200

APPROVED: Final = wording("Approved.")
UNREACHED: Final = wording(
    "The card terminal cannot be reached, and nothing was sent to it. Nothing was charged. Check it, or take another"
    " way to pay."
)
NO_ANSWER: Final = wording(
    "The card terminal did not say how it ended. Look at the terminal, and ask it again before you charge twice."
)
NOT_FOUND: Final = wording(
    "The card terminal knows nothing of this payment. Look at its own journal before you charge again."
)
NEVER_ARRIVED: Final = wording("The payment never reached the card terminal. Nothing was charged. Try again.")
CONTRADICTED: Final = wording(
    "The card terminal's answer does not belong to this payment. Look at the terminal, and ask help before you charge"
    " again."
)

_REFUSALS: Final[dict[str, Wording]] = {
    "Aborted": wording("The payment was cancelled. Nothing was charged."),
    "Busy": wording("The card terminal is busy with something else. Wait until it is done, and try again."),
    "Cancel": wording("The customer or the terminal cancelled. Nothing was charged."),
    "DeviceOut": wording("A part of the card terminal does not work. Nothing was charged."),
    "InsertedCard": wording("A card was left in the terminal. Take it out and try again."),
    "InvalidCard": wording("This card cannot be used here. Ask for another one."),
    "LoggedOut": wording("The card terminal was not ready for this till. Try again in a moment."),
    "MessageFormat": wording("The card terminal did not understand the till. Nothing was charged. Tell help."),
    "NotAllowed": wording("The card terminal does not allow this. Nothing was charged."),
    "NotFound": wording("The card terminal does not find the payment this belongs to. Nothing was given back."),
    "PaymentRestriction": wording("This card may not be used for these goods. Ask for another way to pay."),
    "Refusal": wording("The bank declined. Ask for another card or another way to pay."),
    "UnavailableDevice": wording("A part of the card terminal does not work. Nothing was charged."),
    "UnavailableService": wording("The card terminal does not offer this. Nothing was charged."),
    "UnreachableHost": wording("The card terminal does not reach the bank. Nothing was charged. Try again later."),
    "WrongPIN": wording("The PIN was wrong. Nothing was charged. Try again, or ask for another card."),
}
"""nexo's error conditions that end a transaction without a charge; any other one leaves it unknown."""


@dataclass(frozen=True, slots=True)
class Expected:
    """The attempt whose answer is awaited."""

    attempt_id: str
    operation: TerminalOperation
    amount_minor: int
    currency: str
    service_id: str
    category: str
    """`Payment` or `Reversal`: what carried it."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What an answer means, and what was strange about it."""

    outcome: TerminalOutcome
    strange: str = ""
    """Name of an event for the log; empty where nothing was."""


def judge(answer: PaymentResponse | ReversalResponse, expected: Expected, poi_id: str, *, in_part: bool) -> Judged:
    """Return what an answer means.

    Args:
        answer: of the right message pair.
        expected: what was asked for.
        poi_id: the terminal that was asked.
        in_part: whether less than was asked for may be approved.
    """
    named = answer.sale_data.sale_transaction_id.transaction_id
    if named and named != sale_reference(expected.attempt_id):
        return Judged(_unknown(CONTRADICTED), "terminal_answer_names_another_sale")
    match answer.response.result:
        case "Success" | "Partial":
            return _approval(answer, expected, poi_id, in_part=in_part)
        case "Failure":
            return _refusal(answer.response.error_condition)
        case _:
            return Judged(_unknown(NO_ANSWER), "terminal_result_unheard_of")


def _refusal(condition: str) -> Judged:
    reason = _REFUSALS.get(condition)
    if reason is None:
        return Judged(_unknown(NO_ANSWER), "terminal_failure_unexplained")
    return Judged(TerminalOutcome(TerminalResult.DECLINED, reason))


def _approval(answer: PaymentResponse | ReversalResponse, expected: Expected, poi_id: str, *, in_part: bool) -> Judged:
    charged = _charged_minor(answer, expected)
    if charged is None or not (charged == expected.amount_minor or (in_part and 0 < charged < expected.amount_minor)):
        return Judged(_unknown(CONTRADICTED), "terminal_amount_differs")
    try:
        return Judged(_approved(answer, expected, poi_id, charged))
    except CardNumberExposed as problem:
        return Judged(_unknown(problem.sentence), "terminal_sent_card_number")


def sale_reference(attempt_id: str) -> str:
    """Return what an attempt is called on the wire, where 35 characters are taken: a UUID gives up its dashes.

    >>> sale_reference("0192f7a0-5b1c-7c3e-9d2a-3f4b5c6d7e8f")
    '0192f7a05b1c7c3e9d2a3f4b5c6d7e8f'
    """
    return attempt_id if len(attempt_id) <= 35 else attempt_id.replace("-", "")[:35]


def _unknown(reason: Wording) -> TerminalOutcome:
    return TerminalOutcome(TerminalResult.UNKNOWN, reason)


def _charged_minor(answer: PaymentResponse | ReversalResponse, expected: Expected) -> int | None:
    """Return what was charged or given back; None where that is no amount of the right currency."""
    if isinstance(answer, ReversalResponse):
        # A reversal of all of it need not repeat how much that was.
        return (
            expected.amount_minor
            if answer.reversed_amount is None
            else exact_minor(answer.reversed_amount, expected.currency)
        )
    amounts = answer.payment_result.amounts_resp
    if amounts.authorized_amount is None or amounts.currency not in {"", expected.currency}:
        return None
    return exact_minor(amounts.authorized_amount, expected.currency)


def exact_minor(amount: Decimal, currency: str) -> int | None:
    """Return an amount of the wire in minor units; None where it is none, or has parts of a minor unit.

    >>> exact_minor(Decimal("15.25"), "EUR"), exact_minor(Decimal("15.251"), "EUR"), exact_minor(Decimal(15), "JPY")
    (1525, None, 15)
    """
    sign, digits, exponent = amount.as_tuple()
    if not isinstance(exponent, int) or sign or len(digits) > _MOST_DIGITS or abs(exponent) > _MOST_DIGITS:
        return None
    shift = exponent + currency_of(currency).exponent
    figure = int("".join(map(str, digits)))
    if shift >= 0:
        return int(figure * 10**shift)
    minor, rest = divmod(figure, 10**-shift)
    return None if rest else minor


def wire_amount(amount_minor: int, currency: str) -> Decimal:
    """Return an amount as it is written on the wire: a number of major units with all its decimals.

    >>> str(wire_amount(1500, "CNY")), str(wire_amount(1500, "JPY"))
    ('15.00', '1500')
    """
    return Decimal((0, tuple(map(int, str(amount_minor))), -currency_of(currency).exponent))


def _approved(
    answer: PaymentResponse | ReversalResponse, expected: Expected, poi_id: str, charged_minor: int
) -> TerminalOutcome:
    named = answer.poi_data.poi_transaction_id
    approval_code, masked, token, scheme = "", "", "", ""
    if isinstance(answer, PaymentResponse):
        card = answer.payment_result.payment_instrument_data.card_data
        approval_code = answer.payment_result.payment_acquirer_data.approval_code
        masked, token, scheme = masked_number(card.masked_pan), card.payment_token.token_value, card.payment_brand
    return TerminalOutcome(
        result=TerminalResult.APPROVED,
        reason=APPROVED,
        approved_minor=charged_minor,
        currency=expected.currency,
        approval_code=approval_code[:_LONGEST_TEXT],
        masked_number=masked,
        token=token[:_LONGEST_TEXT],
        scheme=scheme[:_LONGEST_TEXT],
        terminal_id=poi_id,
        original=TransactionReference(poi_id, named.transaction_id[:_LONGEST_TEXT], named.time_stamp[:_LONGEST_TEXT])
        if named.transaction_id
        else None,
        receipt_lines=_shopper_lines(answer.payment_receipt),
    )


def _shopper_lines(receipts: list[PaymentReceipt]) -> tuple[str, ...]:
    """Return the lines of the shopper's receipt."""
    for receipt in receipts:
        if receipt.document_qualifier in {"CustomerReceipt", "SaleReceipt"}:
            return lines_of(receipt.output_content)[:_MOST_LINES]
    return ()


def lines_of(content: OutputContent) -> tuple[str, ...]:
    """Return the lines of a text; pictures and web pages have none."""
    pieces = content.output_text if isinstance(content.output_text, list) else [content.output_text]
    lines, line = [], ""
    for piece in pieces:
        line += _plain(piece)
        if piece.end_of_line_flag:
            lines.append(line.rstrip()[:_LONGEST_TEXT])
            line = ""
    if line:
        lines.append(line.rstrip()[:_LONGEST_TEXT])
    return tuple(lines)


def _plain(piece: OutputText) -> str:
    """Return a piece as a person reads it: some terminals write `name=Card&value=…&key=pan`."""
    if "key=" not in piece.text:
        return piece.text
    said = parse_qs(piece.text, max_num_fields=10) if piece.text.count("&") < 10 else {}
    return "  ".join(said[part][0] for part in ("name", "value") if part in said)
