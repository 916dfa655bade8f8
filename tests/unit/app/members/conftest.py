"""A day at the shop, a signing headquarters, and books of points and of stored value."""

from datetime import UTC, date, datetime

import pytest

from app.ledger.chain import Ed25519Signer
from app.members.coupons import Benefit, BenefitKind, CouponForm
from app.members.lot_book import When
from app.members.points import PointsBook
from app.members.signed_codes import IssuerKey, IssuerKeys
from app.members.stored_value import ValueBook
from app.values.wording import LocalizedText


@pytest.fixture
def on():
    """Makes the time of a message out of a day of 2026."""

    def make(month: int = 5, day: int = 1, year: int = 2026) -> When:
        return When(datetime(year, month, day, 4, tzinfo=UTC), date(year, month, day))

    return make


@pytest.fixture
def points() -> PointsBook:
    return PointsBook()


@pytest.fixture
def value() -> ValueBook:
    return ValueBook()


@pytest.fixture
def signer() -> Ed25519Signer:
    return Ed25519Signer(bytes(range(32)))


@pytest.fixture
def keys(signer) -> IssuerKeys:
    return IssuerKeys([IssuerKey("hq1", "GT", signer.public_key())])


@pytest.fixture
def form() -> CouponForm:
    """Ten yuan off fifty, once, in May 2026."""
    return CouponForm(
        "TEN-OFF",
        LocalizedText("满50减10"),
        Benefit(BenefitKind.AMOUNT, minor=1000, least_minor=5000),
        datetime(2026, 5, 1, tzinfo=UTC),
        datetime(2026, 6, 1, tzinfo=UTC),
        merchant_id="GT",
        stores=(1, 2),
        campaign_id="wake26",
        arm="B",
    )
