"""What a payment QR can be refused for, when it is read and when it is built."""

from app.values.problems import Problem
from app.values.wording import Wording, wording


class BadPaymentQr(Problem):
    """Raised when a payment QR, read or to be built, is against the rules; the sentence says which one."""

    code = "BAD-PAYMENT-QR"


class DamagedPaymentQr(BadPaymentQr):
    """Raised when a payment QR was not read whole: its checksum is wrong, or its parts do not fit together."""

    code = "DAMAGED-PAYMENT-QR"


class NotThisDialect(BadPaymentQr):
    """Raised when a payment QR is in order, but holds nothing of the scheme that is asked for."""

    code = "PAYMENT-QR-OF-ANOTHER-SCHEME"


NOT_WHOLE = wording("This payment QR was not read whole. Read it again.")


def bad(sentence: Wording) -> BadPaymentQr:
    """Return a refusal that names what is wrong with a payment QR."""
    return BadPaymentQr(wording("This payment QR cannot be used: {what}.", what=sentence))
