"""What a card terminal calls a payment, as one text that an attempt keeps and a refund brings back.

The parts stand one behind the other with `|` between them; what is not plain in a part is percent-encoded, so that no
part can end another.

>>> text = reference_text(TransactionReference("P400-1", "oLkO001529.88", "2026-11-22T07:51:32.000Z"))
>>> text, reference_in(text).reference
('P400-1|oLkO001529.88|2026-11-22T07:51:32.000Z', 'oLkO001529.88')
"""

from typing import Final
from urllib.parse import quote, unquote

from app.payments.card_terminal import TransactionReference, holds_card_number

LONGEST: Final = 128
"""Characters that an attempt keeps of a provider's reference."""

_PLAIN: Final = " :+/=,;"


def reference_text(reference: TransactionReference | None) -> str:
    """Return a reference as a text of at most 128 characters; nothing where it is none, too long or a card number."""
    if reference is None or not reference.reference:
        return ""
    parts = (reference.terminal_id, reference.reference, reference.at)
    text = "|".join(quote(part, safe=_PLAIN) for part in parts)
    return "" if len(text) > LONGEST or holds_card_number(text) else text


def reference_in(text: str) -> TransactionReference | None:
    """Return the reference that a text holds; None where it holds none."""
    parts = text.split("|")
    if len(parts) != 3 or not parts[1]:
        return None
    terminal_id, reference, at = (unquote(part) for part in parts)
    return TransactionReference(terminal_id, reference, at)
