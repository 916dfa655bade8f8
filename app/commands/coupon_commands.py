"""The commands for coupons, with their options."""

from pathlib import Path
from typing import Annotated, Final

import typer

from app.commands.options import data_option, option, saying_problems
from app.values.speech import Speech
from app.values.wording import wording

_SAMPLE: Final = wording("Of the sample store.")
_JSON: Final = wording("Print JSON for a machine.")


def coupon_commands(speech: Speech) -> typer.Typer:
    """Make the group `coupons` in a language."""
    say, guarded = speech.say, saying_problems(speech)
    group = typer.Typer(
        help=say(wording("Coupons and campaigns of a shop that keeps them itself, and of headquarters.")),
        no_args_is_help=True,
        rich_markup_mode=None,
    )

    @group.command(help=say(wording("Name the forms of coupons.")))
    @guarded
    def forms(
        data: Annotated[Path | None, data_option(speech)] = None,
        *,
        as_json: Annotated[bool, option(speech, _JSON, "--json")] = False,
        sample: Annotated[bool, option(speech, _SAMPLE, "--sample")] = False,
    ) -> int:
        from app.commands.members.coupon_office import list_forms
        from app.commands.members.office import Asked

        return list_forms(Asked(data, sample, as_json, speech))

    @group.command(help=say(wording("Make a coupon of a form and print its number.")))
    @guarded
    def issue(
        form: Annotated[str, typer.Argument(help=say(wording("The form.")))],
        member: Annotated[str, option(speech, wording("Reference of the member whose it is."))] = "",
        data: Annotated[Path | None, data_option(speech)] = None,
        *,
        as_json: Annotated[bool, option(speech, _JSON, "--json")] = False,
        sample: Annotated[bool, option(speech, _SAMPLE, "--sample")] = False,
    ) -> int:
        from app.commands.members.coupon_office import issue_coupon
        from app.commands.members.office import Asked

        return issue_coupon(Asked(data, sample, as_json, speech), form, member)

    @group.command(help=say(wording("Give a coupon that belongs to nobody yet to a member.")))
    @guarded
    def claim(
        coupon: Annotated[str, typer.Argument(help=say(wording("The coupon's number.")))],
        member: Annotated[str, option(speech, wording("Reference, telephone number, card or GSRN."))],
        data: Annotated[Path | None, data_option(speech)] = None,
        *,
        as_json: Annotated[bool, option(speech, _JSON, "--json")] = False,
        sample: Annotated[bool, option(speech, _SAMPLE, "--sample")] = False,
    ) -> int:
        from app.commands.members.coupon_office import claim_coupon
        from app.commands.members.office import Asked

        return claim_coupon(Asked(data, sample, as_json, speech), coupon, member)

    @group.command(help=say(wording("Print a coupon as the code that tills take without asking headquarters.")))
    @guarded
    def sign(
        coupon: Annotated[str, typer.Argument(help=say(wording("The coupon's number.")))],
        data: Annotated[Path | None, data_option(speech)] = None,
        *,
        as_json: Annotated[bool, option(speech, _JSON, "--json")] = False,
        sample: Annotated[bool, option(speech, _SAMPLE, "--sample")] = False,
    ) -> int:
        from app.commands.members.coupon_office import sign_coupon
        from app.commands.members.office import Asked

        return sign_coupon(Asked(data, sample, as_json, speech), coupon)

    _add_campaigns(group, speech)
    return group


def _add_campaigns(group: typer.Typer, speech: Speech) -> None:
    """Add what is looked at over many coupons: campaigns, and what went wrong."""
    say, guarded = speech.say, saying_problems(speech)

    @group.command(help=say(wording("Compare the forms of a campaign: given out, used, taken off.")))
    @guarded
    def campaign(
        campaign: Annotated[str, typer.Argument(help=say(wording("The campaign.")))],
        give: Annotated[str, option(speech, wording("Reference of a member who is to get their coupon of it."))] = "",
        data: Annotated[Path | None, data_option(speech)] = None,
        *,
        as_json: Annotated[bool, option(speech, _JSON, "--json")] = False,
        sample: Annotated[bool, option(speech, _SAMPLE, "--sample")] = False,
    ) -> int:
        from app.commands.members.coupon_office import show_campaign
        from app.commands.members.office import Asked

        return show_campaign(Asked(data, sample, as_json, speech), campaign, give)

    @group.command(help=say(wording("Name what went wrong with coupons and waits for a person, with its cost.")))
    @guarded
    def exceptions(
        done: Annotated[str, option(speech, wording("Number of one that was dealt with."))] = "",
        by: Annotated[str, option(speech, wording("Who dealt with it."))] = "headquarters",
        data: Annotated[Path | None, data_option(speech)] = None,
        *,
        as_json: Annotated[bool, option(speech, _JSON, "--json")] = False,
        sample: Annotated[bool, option(speech, _SAMPLE, "--sample")] = False,
    ) -> int:
        from app.commands.members.coupon_office import list_exceptions
        from app.commands.members.office import Asked

        return list_exceptions(Asked(data, sample, as_json, speech), done, by)
