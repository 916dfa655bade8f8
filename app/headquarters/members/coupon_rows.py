"""Coupons and their uses as rows: one coupon's rows make its life (`app.members.coupon_life`), and are written back."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime

import msgspec
from sqlalchemy import func, insert, select, update
from sqlalchemy.engine import Row

from app.headquarters.members import schema
from app.headquarters.members.work import Work, document_of, instant_of
from app.members.coupon_life import CouponLife, Redemption, RedemptionState
from app.members.coupons import CouponForm, ReturnRule
from app.values.clock import write_instant

_FORM = msgspec.json.Decoder(CouponForm)
_FAR = datetime(9000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class KeptCoupon:
    """A coupon as the book has it."""

    life: CouponLife
    form: CouponForm | None
    """None of one that headquarters never issued: only its uses are known."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a use belongs: for figures, and where the coupon itself is not known."""

    form_id: str = ""
    campaign_id: str = ""
    arm: str = ""
    till_id: str = ""


def form_of(work: Work, form_id: str) -> CouponForm | None:
    """Return a form."""
    table = schema.form
    document = work.connection.execute(select(table.c.document).where(table.c.form_id == form_id)).scalar()
    return _FORM.decode(document) if document is not None else None


def write_form(work: Work, form: CouponForm) -> None:
    """Keep a form, in place of an earlier one of its name."""
    table = schema.form
    values = {"campaign_id": form.campaign_id, "arm": form.arm, "document": document_of(form)}
    if form_of(work, form.form_id) is None:
        work.connection.execute(insert(table).values(form_id=form.form_id, **values))
    else:
        work.connection.execute(update(table).where(table.c.form_id == form.form_id).values(**values))


def forms_of_campaign(work: Work, campaign_id: str) -> tuple[CouponForm, ...]:
    """Return the forms that name a campaign, by arm."""
    table = schema.form
    rows = work.connection.execute(
        select(table.c.document).where(table.c.campaign_id == campaign_id).order_by(table.c.arm, table.c.form_id)
    )
    return tuple(_FORM.decode(document) for document in rows.scalars())


def write_new(work: Work, coupon_id: str, form: CouponForm, member_id: str) -> None:
    """Keep a new coupon."""
    life = CouponLife.issued(coupon_id, form, member_id)
    work.connection.execute(
        insert(schema.coupon).values(
            coupon_id=coupon_id,
            form_id=form.form_id,
            claimed_by=member_id,
            voided=False,
            must_be_claimed=life.must_be_claimed,
            uses=life.uses,
            valid_from=write_instant(life.valid_from),
            valid_until=write_instant(life.valid_until),
        )
    )


def coupon_of(work: Work, coupon_id: str) -> KeptCoupon | None:
    """Return a coupon that headquarters issued; None where it issued none."""
    row = work.connection.execute(select(schema.coupon).where(schema.coupon.c.coupon_id == coupon_id)).first()
    return _kept(work, row) if row is not None else None


def coupon_or_unknown(work: Work, coupon_id: str) -> KeptCoupon:
    """Return a coupon; of one that headquarters never issued a life without a use."""
    known = coupon_of(work, coupon_id)
    if known is not None:
        return known
    life = CouponLife(coupon_id, 0, instant_of("2000-01-01T00:00:00.000000Z"), _FAR, must_be_claimed=False)
    return KeptCoupon(replace(life, redemptions=_redemptions(work, coupon_id)), None)


def coupons_of_member(work: Work, member_id: str) -> tuple[KeptCoupon, ...]:
    """Return a member's coupons that are not over or withdrawn, those that end soonest first."""
    table = schema.coupon
    rows = work.connection.execute(
        select(table)
        .where(
            table.c.claimed_by == member_id,
            table.c.voided.is_(False),
            table.c.valid_until > write_instant(work.now),
        )
        .order_by(table.c.valid_until, table.c.coupon_id)
    )
    return tuple(_kept(work, row) for row in rows.all())


def write_life(work: Work, before: CouponLife, after: CouponLife, origin: Origin) -> None:
    """Write what a message changed of a coupon."""
    if before == after:
        return
    table = schema.coupon
    work.connection.execute(
        update(table)
        .where(table.c.coupon_id == after.coupon_id)
        .values(claimed_by=after.claimed_by, voided=after.voided, valid_until=write_instant(after.valid_until))
    )
    for one in after.redemptions:
        if before.find(one.redemption_id) != one:
            write_redemption(work, after.coupon_id, one, origin)


def write_redemption(work: Work, coupon_id: str, one: Redemption, origin: Origin) -> None:
    """Write one use; where it belongs is written once, and filled in where it was not known before."""
    table = schema.redemption
    values = {
        "coupon_id": coupon_id,
        "member_id": one.member_id,
        "state": one.state.value,
        "sale_id": one.sale_id,
        "cost_minor": one.cost_minor,
        "come_back": one.come_back.value if one.come_back else None,
        "reason": one.reason,
    }
    if origin.form_id:
        values |= {"form_id": origin.form_id, "campaign_id": origin.campaign_id, "arm": origin.arm}
    if origin.till_id:
        values["till_id"] = origin.till_id
    if find_redemption(work, one.redemption_id) is None:
        empty = {"form_id": "", "campaign_id": "", "arm": "", "till_id": ""}
        work.connection.execute(insert(table).values(redemption_id=one.redemption_id, **(empty | values)))
    else:
        work.connection.execute(update(table).where(table.c.redemption_id == one.redemption_id).values(**values))


def find_redemption(work: Work, redemption_id: str) -> tuple[str, Redemption] | None:
    """Return the coupon or code of a use, and the use."""
    table = schema.redemption
    row = work.connection.execute(select(table).where(table.c.redemption_id == redemption_id)).first()
    return (row.coupon_id, _redemption(row)) if row is not None else None


def uses_of_form(work: Work, form_id: str, member_id: str) -> int:
    """Return how many uses of a form a member has taken or reserved, over all coupons and codes."""
    table = schema.redemption
    taken = [RedemptionState.RESERVED.value, RedemptionState.REDEEMED.value]
    return int(
        work.connection.execute(
            select(func.count()).where(
                table.c.form_id == form_id,
                table.c.member_id == member_id,
                table.c.state.in_(taken),
                (table.c.come_back.is_(None)) | (table.c.come_back != ReturnRule.GIVE_BACK.value),
            )
        ).scalar_one()
    )


def uses_at_till(work: Work, coupon_id: str, till_id: str) -> int:
    """Return how many uses of a coupon a till has made that did not come back."""
    table = schema.redemption
    made = [RedemptionState.REDEEMED.value, RedemptionState.LOST.value]
    return int(
        work.connection.execute(
            select(func.count()).where(
                table.c.coupon_id == coupon_id,
                table.c.till_id == till_id,
                table.c.state.in_(made),
                table.c.come_back.is_(None),
            )
        ).scalar_one()
    )


def reservations_of_till(work: Work, till_id: str) -> tuple[tuple[str, str], ...]:
    """Return the uses that a till has set aside: redemption and coupon."""
    table = schema.redemption
    rows = work.connection.execute(
        select(table.c.redemption_id, table.c.coupon_id)
        .where(table.c.till_id == till_id, table.c.state == RedemptionState.RESERVED.value)
        .order_by(table.c.number)
    )
    return tuple((row.redemption_id, row.coupon_id) for row in rows)


def has_reservation(work: Work, member_id: str) -> bool:
    """Tell whether a basket has a use of this member set aside."""
    table = schema.redemption
    rows = select(table.c.redemption_id).where(
        table.c.member_id == member_id, table.c.state == RedemptionState.RESERVED.value
    )
    return work.connection.execute(rows.limit(1)).first() is not None


def _kept(work: Work, row: "Row[tuple[object, ...]]") -> KeptCoupon:
    life = CouponLife(
        row.coupon_id,
        row.uses,
        instant_of(row.valid_from),
        instant_of(row.valid_until),
        row.must_be_claimed,
        row.claimed_by,
        row.voided,
        _redemptions(work, row.coupon_id),
    )
    return KeptCoupon(life, form_of(work, row.form_id))


def _redemptions(work: Work, coupon_id: str) -> tuple[Redemption, ...]:
    table = schema.redemption
    rows = work.connection.execute(select(table).where(table.c.coupon_id == coupon_id).order_by(table.c.number))
    return tuple(_redemption(row) for row in rows)


def _redemption(row: "Row[tuple[object, ...]]") -> Redemption:
    return Redemption(
        row.redemption_id,
        RedemptionState(row.state),
        row.member_id,
        row.sale_id,
        row.cost_minor,
        ReturnRule(row.come_back) if row.come_back else None,
        row.reason,
    )
