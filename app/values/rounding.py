"""Integer division with a named rounding rule, and the fair split of an amount.

Money and quantities are integers everywhere (design decision 1). Wherever a division is needed it is
one of these functions, so that the rule that applies can be read at the call.
"""

from collections.abc import Sequence


def divide_half_up(dividend: int, divisor: int) -> int:
    """Divide and round to the nearest integer; a half goes away from zero.

    This is the commercial rounding (四舍五入) that Chinese shops and tax invoices use.

    >>> divide_half_up(5, 2), divide_half_up(-5, 2), divide_half_up(4, 3)
    (3, -3, 1)

    Raises:
        ZeroDivisionError: if the divisor is zero.
    """
    if divisor < 0:
        dividend, divisor = -dividend, -divisor
    if dividend >= 0:
        return (2 * dividend + divisor) // (2 * divisor)
    return -((-2 * dividend + divisor) // (2 * divisor))


def divide_towards_zero(dividend: int, divisor: int) -> int:
    """Divide and cut the rest off.

    >>> divide_towards_zero(7, 2), divide_towards_zero(-7, 2)
    (3, -3)
    """
    quotient = abs(dividend) // abs(divisor)
    return quotient if (dividend >= 0) == (divisor > 0) else -quotient


def split_by_largest_remainder(amount: int, weights: Sequence[int]) -> tuple[int, ...]:
    """Split an amount in proportion to weights so that the shares sum to it exactly.

    Every share is first cut towards zero; the minor units left over go one each to the largest
    remainders, and among equal remainders to the earlier share. Weights must not be negative;
    where all are zero the whole amount goes to the first share.

    >>> split_by_largest_remainder(100, [1, 1, 1])
    (34, 33, 33)
    >>> split_by_largest_remainder(-10, [3, 7])
    (-3, -7)

    Raises:
        ValueError: if there is an amount to split and nothing to split it over, or a weight is negative.
    """
    if any(weight < 0 for weight in weights):
        raise ValueError("a share cannot have a negative weight")
    if not weights:
        if amount:
            raise ValueError("there is nothing to split the amount over")
        return ()
    total = sum(weights)
    if total == 0:
        return (amount, *([0] * (len(weights) - 1)))
    sign = -1 if amount < 0 else 1
    size = abs(amount)
    shares = [size * weight // total for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda index: (-(size * weights[index] % total), index))
    for index in by_remainder[: size - sum(shares)]:
        shares[index] += 1
    return tuple(sign * share for share in shares)
