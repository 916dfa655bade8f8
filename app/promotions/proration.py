"""What comes back for returned goods: in any parts and any order of visits, together exactly what was paid.

Pieces. Each offer's share of a line is spread over the line's pieces by largest remainder: the pieces that come back
first carry the minor unit more. The shares are added up one after another before they are spread, so that no piece ever
carries more than it cost.

Weighed goods. What was paid, and what was taken off, are each rounded half up at the weight that has come back so far;
what was taken off is given back by the line's offers in their order.
"""

from dataclasses import dataclass

from app.values.rounding import divide_half_up


@dataclass(frozen=True, slots=True)
class SharedLine:
    """A line as it was charged."""

    extended_minor: int
    shares_minor: tuple[int, ...]
    """What each offer took off, in the order of the line's shares."""

    quantity_thousandths: int
    pieces: int
    """0 for what is weighed or priced by its label."""

    @property
    def paid_minor(self) -> int:
        """What was charged."""
        return self.extended_minor - sum(self.shares_minor)


@dataclass(frozen=True, slots=True)
class Given:
    """What a return gives back, and which part of each offer it takes back."""

    extended_minor: int
    shares_minor: tuple[int, ...]

    @property
    def refund_minor(self) -> int:
        """What the shopper gets."""
        return self.extended_minor - sum(self.shares_minor)


def give_back(line: SharedLine, before_thousandths: int, now_thousandths: int) -> Given:
    """Return what comes back for a quantity, after so much came back before.

    Raises:
        ValueError: more than was bought would come back, or parts of a piece.
    """
    after = before_thousandths + now_thousandths
    if before_thousandths < 0 or now_thousandths < 0 or after > line.quantity_thousandths:
        raise ValueError("more would come back than was bought")
    if not line.pieces:
        return _difference(_weighed_up_to(line, after), _weighed_up_to(line, before_thousandths))
    each = line.quantity_thousandths // line.pieces
    if before_thousandths % each or now_thousandths % each:
        raise ValueError("a piece comes back whole")
    return _difference(_pieces_up_to(line, after // each), _pieces_up_to(line, before_thousandths // each))


def piece_shares(line: SharedLine) -> tuple[tuple[int, ...], ...]:
    """Return for each piece what each offer takes off it; they sum to the line's shares exactly."""
    each = line.quantity_thousandths // line.pieces if line.pieces else line.quantity_thousandths
    return tuple(give_back(line, place * each, each).shares_minor for place in range(line.pieces or 1))


def _difference(after: Given, before: Given) -> Given:
    return Given(
        after.extended_minor - before.extended_minor,
        tuple(one - other for one, other in zip(after.shares_minor, before.shares_minor, strict=True)),
    )


def _pieces_up_to(line: SharedLine, count: int) -> Given:
    shares, added, before = [], 0, 0
    for share in line.shares_minor:
        added += share
        whole, rest = divmod(added, line.pieces)
        so_far = whole * count + min(count, rest)
        shares.append(so_far - before)
        before = so_far
    return Given(line.extended_minor * count // line.pieces, tuple(shares))


def _weighed_up_to(line: SharedLine, quantity_thousandths: int) -> Given:
    discount = sum(line.shares_minor)
    paid = divide_half_up(line.paid_minor * quantity_thousandths, line.quantity_thousandths)
    taken_off = divide_half_up(discount * quantity_thousandths, line.quantity_thousandths)
    shares, still = [], taken_off
    for share in line.shares_minor:
        part = min(share, still)
        shares.append(part)
        still -= part
    return Given(paid + taken_off, tuple(shares))
