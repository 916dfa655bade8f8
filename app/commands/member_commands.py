"""The commands for members, coupons and headquarters, with their options."""

from pathlib import Path
from typing import Annotated, Any, Final

import typer

from app.commands.coupon_commands import coupon_commands
from app.commands.headquarters_promotions import headquarters_promotion_commands
from app.commands.member_standing import add_standing_commands
from app.commands.options import data_option, option, saying_problems
from app.values.speech import Speech
from app.values.wording import wording

HEADQUARTERS_PORT: Final = 8093
_SAMPLE: Final = wording("Of the sample store.")
_JSON: Final = wording("Print JSON for a machine.")
_WHO: Final = wording("Reference, telephone number, card or GSRN.")


def add_member_commands(cli: typer.Typer, speech: Speech) -> None:
    """Add the groups `members`, `coupons` and `headquarters` in a language."""
    cli.add_typer(member_commands(speech), name="members")
    cli.add_typer(coupon_commands(speech), name="coupons")
    cli.add_typer(headquarters_commands(speech), name="headquarters")


def _who(speech: Speech) -> Any:  # noqa: ANN401 - typer's own option object
    return typer.Argument(help=speech.say(_WHO))


def member_commands(speech: Speech) -> typer.Typer:
    """Make the group `members` in a language."""
    say, guarded = speech.say, saying_problems(speech)
    group = typer.Typer(
        help=say(wording("The members of a shop that keeps them itself, and of headquarters.")),
        no_args_is_help=True,
        rich_markup_mode=None,
    )

    @group.command("list", help=say(wording("Name every member, masked.")))
    @guarded
    def list_all(
        data: Annotated[Path | None, data_option(speech)] = None,
        *,
        as_json: Annotated[bool, option(speech, _JSON, "--json")] = False,
        sample: Annotated[bool, option(speech, _SAMPLE, "--sample")] = False,
    ) -> int:
        from app.commands.members.office import Asked
        from app.commands.members.people import list_members

        return list_members(Asked(data, sample, as_json, speech))

    @group.command(help=say(wording("Show tier, points, stored value and coupons of a member, masked.")))
    @guarded
    def find(
        who: Annotated[str, _who(speech)],
        data: Annotated[Path | None, data_option(speech)] = None,
        *,
        as_json: Annotated[bool, option(speech, _JSON, "--json")] = False,
        sample: Annotated[bool, option(speech, _SAMPLE, "--sample")] = False,
    ) -> int:
        from app.commands.members.office import Asked
        from app.commands.members.people import find_member

        return find_member(Asked(data, sample, as_json, speech), who)

    @group.command(help=say(wording("Say what a member agreed to and took back, oldest first.")))
    @guarded
    def consents(
        who: Annotated[str, _who(speech)],
        data: Annotated[Path | None, data_option(speech)] = None,
        *,
        as_json: Annotated[bool, option(speech, _JSON, "--json")] = False,
        sample: Annotated[bool, option(speech, _SAMPLE, "--sample")] = False,
    ) -> int:
        from app.commands.members.office import Asked
        from app.commands.members.people import list_consents

        return list_consents(Asked(data, sample, as_json, speech), who)

    _add_pass(group, speech)
    _add_changes(group, speech)
    add_standing_commands(group, speech)
    return group


def _add_pass(group: typer.Typer, speech: Speech) -> None:
    @group.command(
        "pass", help=speech.say(wording("Print the code that a member's telephone would show, good for a minute."))
    )
    @saying_problems(speech)
    def show(
        who: Annotated[str, _who(speech)],
        data: Annotated[Path | None, data_option(speech)] = None,
        *,
        as_json: Annotated[bool, option(speech, _JSON, "--json")] = False,
        sample: Annotated[bool, option(speech, _SAMPLE, "--sample")] = False,
    ) -> int:
        from app.commands.members.office import Asked
        from app.commands.members.people import show_pass

        return show_pass(Asked(data, sample, as_json, speech), who)


def _add_changes(group: typer.Typer, speech: Speech) -> None:
    say, guarded = speech.say, saying_problems(speech)

    @group.command(help=say(wording("Take a new member in; without --agrees-to the privacy notice is printed.")))
    @guarded
    def enrol(
        phone: Annotated[str, typer.Option(prompt=True, help=say(wording("The telephone number.")))],
        name: Annotated[str, option(speech, wording("The name, where the person says it."))] = "",
        birthday: Annotated[str, option(speech, wording("Month and day, such as 02-29."))] = "",
        agrees_to: Annotated[
            list[str] | None, option(speech, wording("membership, messages, profile; once for each."))
        ] = None,
        data: Annotated[Path | None, data_option(speech)] = None,
        *,
        as_json: Annotated[bool, option(speech, _JSON, "--json")] = False,
        sample: Annotated[bool, option(speech, _SAMPLE, "--sample")] = False,
    ) -> int:
        from app.commands.members.office import Asked
        from app.commands.members.people import NewMember, enrol_member

        new = NewMember(phone, name, birthday, tuple(agrees_to or ()))
        return enrol_member(Asked(data, sample, as_json, speech), new)

    @group.command(help=say(wording("Put money that was paid on a member's account, with its bonus.")))
    @guarded
    def load(
        who: Annotated[str, _who(speech)],
        amount: Annotated[str, typer.Argument(help=say(wording("What was paid, such as 200.")))],
        loading: Annotated[
            str, option(speech, wording("The loading's own name; the same name again loads nothing twice."))
        ] = "",
        data: Annotated[Path | None, data_option(speech)] = None,
        *,
        as_json: Annotated[bool, option(speech, _JSON, "--json")] = False,
        sample: Annotated[bool, option(speech, _SAMPLE, "--sample")] = False,
    ) -> int:
        from app.commands.members.office import Asked
        from app.commands.members.people import load_value

        return load_value(Asked(data, sample, as_json, speech), who, amount, loading)

    @group.command(help=say(wording("Take what is left of a member's own money off the account, to be handed out.")))
    @guarded
    def refund(
        who: Annotated[str, _who(speech)],
        data: Annotated[Path | None, data_option(speech)] = None,
        *,
        as_json: Annotated[bool, option(speech, _JSON, "--json")] = False,
        sample: Annotated[bool, option(speech, _SAMPLE, "--sample")] = False,
    ) -> int:
        from app.commands.members.office import Asked
        from app.commands.members.people import refund_value

        return refund_value(Asked(data, sample, as_json, speech), who)

    @group.command(help=say(wording("Forget a person for good; what was sold stands, under a reference alone.")))
    @guarded
    def erase(
        who: Annotated[str, _who(speech)],
        data: Annotated[Path | None, data_option(speech)] = None,
        *,
        gives_up_points: Annotated[
            bool, option(speech, wording("The person was told that the points end."), "--gives-up-points")
        ] = False,
        sample: Annotated[bool, option(speech, _SAMPLE, "--sample")] = False,
    ) -> int:
        from app.commands.members.office import Asked
        from app.commands.members.people import erase_member

        return erase_member(Asked(data, sample, as_json=False, speech=speech), who, gives_up_points=gives_up_points)


def headquarters_commands(speech: Speech) -> typer.Typer:
    """Make the group `headquarters` in a language."""
    say, guarded = speech.say, saying_problems(speech)
    group = typer.Typer(
        help=say(wording("Headquarters: keeps the members of a merchant, and answers its tills.")),
        no_args_is_help=True,
        rich_markup_mode=None,
    )

    @group.command(help=say(wording("Answer the tills that were let in, until Ctrl+C.")))
    @guarded
    def serve(
        host: Annotated[
            str, option(speech, wording("Where to listen; others than this computer need a certificate."))
        ] = "127.0.0.1",
        port: Annotated[
            int, typer.Option(min=0, max=65535, help=say(wording("The port; 0: any that is free.")))
        ] = HEADQUARTERS_PORT,
        certificate: Annotated[Path | None, option(speech, wording("The certificate, as PEM."))] = None,
        private_key: Annotated[Path | None, option(speech, wording("The certificate's private key, as PEM."))] = None,
        data: Annotated[Path | None, data_option(speech)] = None,
        *,
        sample: Annotated[bool, option(speech, _SAMPLE, "--sample")] = False,
    ) -> int:
        from app.commands.members.office import Asked
        from app.commands.members.serving import ServeRequest
        from app.commands.members.serving import serve as serve_tills

        request = ServeRequest(host, port, certificate, private_key)
        return serve_tills(Asked(data, sample, as_json=False, speech=speech), request)

    _add_tills(group, speech)
    group.add_typer(headquarters_promotion_commands(speech), name="promotions")
    return group


def _add_tills(group: typer.Typer, speech: Speech) -> None:
    """Add who may ask."""
    say, guarded = speech.say, saying_problems(speech)

    @group.command(help=say(wording("Let a till ask, and print its token, once.")))
    @guarded
    def admit(
        till: Annotated[str, typer.Argument(help=say(wording("The till, such as 0001-01.")))],
        store: Annotated[int, typer.Option(min=1, max=9999, help=say(wording("The number of its store.")))],
        data: Annotated[Path | None, data_option(speech)] = None,
        *,
        as_json: Annotated[bool, option(speech, _JSON, "--json")] = False,
        sample: Annotated[bool, option(speech, _SAMPLE, "--sample")] = False,
    ) -> int:
        from app.commands.members.office import Asked
        from app.commands.members.serving import admit_till

        return admit_till(Asked(data, sample, as_json, speech), till, store)

    @group.command(help=say(wording("Let a till ask no more.")))
    @guarded
    def dismiss(
        till: Annotated[str, typer.Argument(help=say(wording("The till, such as 0001-01.")))],
        data: Annotated[Path | None, data_option(speech)] = None,
        *,
        lost: Annotated[
            bool, option(speech, wording("Its records are lost: what it had set aside is free again."), "--lost")
        ] = False,
        sample: Annotated[bool, option(speech, _SAMPLE, "--sample")] = False,
    ) -> int:
        from app.commands.members.office import Asked
        from app.commands.members.serving import dismiss_till

        return dismiss_till(Asked(data, sample, as_json=False, speech=speech), till, lost=lost)

    @group.command(help=say(wording("Name the tills that may ask.")))
    @guarded
    def tills(
        data: Annotated[Path | None, data_option(speech)] = None,
        *,
        as_json: Annotated[bool, option(speech, _JSON, "--json")] = False,
        sample: Annotated[bool, option(speech, _SAMPLE, "--sample")] = False,
    ) -> int:
        from app.commands.members.office import Asked
        from app.commands.members.serving import list_tills

        return list_tills(Asked(data, sample, as_json, speech))
