"""What the keeper tells the people of headquarters: exceptions, figures, what it could not take in, its members."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

from app.members.identity import Standing
from app.values.problems import Problem
from app.values.wording import Wording, wording


class KeeperRefused(Problem):
    """Raised when headquarters' own people ask for something that cannot be done."""

    code = "KEEPER-REFUSED"


class ExceptionKind(Enum):
    """What a person has to look at."""

    LOST_COUPON = "lost_coupon"
    """A sale took a coupon off that had no use left, or was not known."""

    LOST_QUOTA = "lost_quota"
    """A sale took a limited coupon off after its quota was gone."""

    EXCESS_RETURN = "excess_return"
    """Returns would take back more points than the sale had earned."""

    OVER_LIMIT = "over_limit"
    """A loading was paid that the account may not hold."""


@dataclass(frozen=True, slots=True)
class KeptException:
    """Something that went wrong by nobody's fault and waits for a person; no sale is ever changed for it."""

    exception_id: str
    kind: ExceptionKind
    subject_id: str
    """The coupon, the code, the return or the loading."""

    sale_id: str
    cost_minor: int
    """What it costs the shop, in minor units; of EXCESS_RETURN points."""

    reason: str
    """The code of why."""

    noticed_at: datetime

    @property
    def sentence(self) -> Wording:
        """What happened, and what to do."""
        match self.kind:
            case ExceptionKind.LOST_COUPON:
                return wording(
                    "Coupon {coupon} had no use left for sale {sale}. The sale stands. Book the cost, or ask the "
                    "store.",
                    coupon=self.subject_id,
                    sale=self.sale_id,
                )
            case ExceptionKind.LOST_QUOTA:
                return wording(
                    "Code {code} was used up before sale {sale}. The sale stands. Book the cost, or ask the store.",
                    code=self.subject_id,
                    sale=self.sale_id,
                )
            case ExceptionKind.EXCESS_RETURN:
                return wording(
                    "Return {number} takes back {points} points more than sale {sale} had earned. Nothing was taken "
                    "for them. Ask the store whether goods came back twice.",
                    number=self.subject_id,
                    points=self.cost_minor,
                    sale=self.sale_id,
                )
            case ExceptionKind.OVER_LIMIT:
                return wording(
                    "Loading {number} was paid, and its account holds more than it may. Refund the member.",
                    number=self.subject_id,
                )


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A message that came again with another content, or said what cannot be: kept whole, never applied."""

    number: int
    message_id: str
    reason: str
    document: str = field(repr=False)
    """As JSON."""

    noticed_at: datetime


@dataclass(frozen=True, slots=True)
class CampaignArm:
    """One form of a campaign's comparison."""

    arm: str
    weight: int
    """How many of the members get it, in relation to the other arms."""

    form_id: str


@dataclass(frozen=True, slots=True)
class CampaignFigures:
    """What came of one arm."""

    campaign_id: str
    arm: str
    issued: int
    """Coupons given out, and pieces of limited codes."""

    redeemed: int
    """Uses that sales took; those that came back with a return are not counted."""

    cost_minor: int
    """What they took off the sales."""


@dataclass(frozen=True, slots=True)
class MemberLine:
    """A member in a list, as it may be shown."""

    member_id: str
    masked_name: str
    masked_phone: str
    tier_id: str
    standing: Standing


@dataclass(frozen=True, slots=True)
class TillAccess:
    """A till that may ask."""

    till_id: str
    store_number: int
