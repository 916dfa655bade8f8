"""`coupons …`: what a person at headquarters sees and does about coupons, campaigns and what went wrong with them."""

from app.commands.members.office import Asked, NotDone, opened, print_json, print_row, print_sentence
from app.commands.members.people import found_member
from app.values.money import format_minor
from app.values.wording import wording


def list_forms(asked: Asked) -> int:
    """Print the forms of coupons that `members.toml` describes."""
    with opened(asked) as office:
        keeping = office.settings.keeping
        forms = keeping.forms if keeping is not None else ()
        limited = {one.form_id: one for one in keeping.limited} if keeping is not None else {}
    if asked.as_json:
        print_json(
            [
                {
                    "form": form.form_id,
                    "name": asked.speech.say(form.name),
                    "kind": form.benefit.kind.value,
                    "valid_until": form.valid_until.isoformat(),
                    "campaign": form.campaign_id,
                    "arm": form.arm,
                    "code": limited[form.form_id].code if form.form_id in limited else "",
                    "pieces": limited[form.form_id].pieces if form.form_id in limited else None,
                }
                for form in forms
            ]
        )
        return 0
    for form in forms:
        print_row(asked, form.form_id, form.benefit.kind.value, form.name, form.valid_until.date().isoformat())
        if form.form_id in limited:
            one = limited[form.form_id]
            print_sentence(asked, wording("  code {code}, {count} of them", code=one.code, count=one.pieces))
    return 0


def issue_coupon(asked: Asked, form_id: str, member_id: str) -> int:
    """Make a coupon and print its number; with a member it is theirs.

    Raises:
        KeeperRefused: there is no such form or member.
    """
    with opened(asked) as office:
        coupon_id = office.book.issue_coupon(form_id, member_id)
    if asked.as_json:
        print_json({"coupon": coupon_id, "form": form_id, "member_id": member_id})
    else:
        print_sentence(asked, wording("Coupon {coupon} is made.", coupon=coupon_id))
    return 0


def claim_coupon(asked: Asked, coupon_id: str, who: str) -> int:
    """Make a coupon that belongs to nobody yet a member's; claimed again by the same member it is the same.

    Raises:
        MemberNotKnown: nobody is a member by this.
        NotDone: it is the name of a form.
        KeeperRefused: there is no such coupon.
        CouponRefused: it is another member's, withdrawn or over.
    """
    with opened(asked) as office:
        member_id = found_member(office, who).member.member_id
        keeping = office.settings.keeping
        if keeping is not None and any(form.form_id == coupon_id for form in keeping.forms):
            raise NotDone(
                wording(
                    "{form} is a form, not a coupon's number. To make a coupon of it: coupons issue {form} --member"
                    " {member}",
                    form=coupon_id,
                    member=member_id,
                )
            )
        office.book.claim_coupon(coupon_id, member_id)
    if asked.as_json:
        print_json({"coupon": coupon_id, "member_id": member_id})
    else:
        print_sentence(asked, wording("{member} has coupon {coupon}.", member=member_id, coupon=coupon_id))
    return 0


def sign_coupon(asked: Asked, coupon_id: str) -> int:
    """Print a coupon as the code that tills take without asking.

    Raises:
        KeeperRefused: it is not known, belongs to nobody yet, or does not fit a code.
    """
    with opened(asked) as office:
        text = office.book.sign_coupon(coupon_id)
    if asked.as_json:
        print_json({"coupon": coupon_id, "code": text})
    else:
        print_row(asked, text)
    return 0


def show_campaign(asked: Asked, campaign_id: str, member_id: str) -> int:
    """Compare the arms of a campaign; with a member, give them the coupon of their arm first.

    Raises:
        KeeperRefused: the campaign has no form, or nobody is a member by this reference.
    """
    with opened(asked) as office:
        given = office.book.claim_campaign(campaign_id, member_id) if member_id else ""
        figures = office.book.campaign_figures(campaign_id)
        currency = office.till.currency
    if asked.as_json:
        print_json({"campaign": campaign_id, "given": given, "arms": figures})
        return 0
    if given:
        print_sentence(asked, wording("{member} has coupon {coupon}.", member=member_id, coupon=given))
    for arm in figures:
        print_sentence(
            asked,
            wording(
                "{arm}: {issued} given out, {redeemed} used, {cost} taken off.",
                arm=arm.arm,
                issued=arm.issued,
                redeemed=arm.redeemed,
                cost=f"{currency.symbol}{format_minor(arm.cost_minor, currency)}",
            ),
        )
    if not figures:
        print_sentence(asked, wording("There is no campaign {campaign}.", campaign=campaign_id[:40]))
        return 1
    return 0


def list_exceptions(asked: Asked, done: str, by: str) -> int:
    """Print what went wrong with coupons, returns and loadings and waits for a person; 1 where something waits.

    Args:
        asked: what every command is told.
        done: an exception that was dealt with, or empty.
        by: who dealt with it.

    Raises:
        KeeperRefused: it is not open.
    """
    with opened(asked) as office:
        if done:
            office.book.work_off(done, by)
        waiting = office.book.exceptions()
        kept = office.book.quarantined()
        currency = office.till.currency
    if asked.as_json:
        print_json({"exceptions": waiting, "not_applied": [(one.message_id, one.reason) for one in kept]})
        return 1 if waiting or kept else 0
    for one in waiting:
        noticed = f"{one.noticed_at.astimezone():%Y-%m-%d %H:%M}"
        print_row(asked, one.exception_id, noticed, format_minor(one.cost_minor, currency), one.sentence)
    for message in kept:
        print_sentence(
            asked,
            wording("Not applied: {message} ({reason}).", message=message.message_id, reason=message.reason),
        )
    if not waiting and not kept:
        print_sentence(asked, wording("Nothing waits for anybody."))
    return 1 if waiting or kept else 0
