"""The commands for payment providers, with their options; no credential is ever an option."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from app.commands.options import data_option, option, saying_problems
from app.values.speech import Speech
from app.values.wording import wording

WECHAT_PORT = 8091
ALIPAY_PORT = 8092


def provider_commands(speech: Speech) -> typer.Typer:
    """Make the group `providers` in a language."""
    say, guarded = speech.say, saying_problems(speech)
    group = typer.Typer(
        help=say(wording("Who approves payments: WeChat Pay, Alipay, the card terminal.")),
        no_args_is_help=True,
        rich_markup_mode=None,
    )
    sample_help = wording("The till was opened with --sample.")

    @group.command("list", help=say(wording("Name every kind of provider, and say whether it can be used here.")))
    @guarded
    def list_all() -> int:
        from app.commands.payments.show import list_drivers

        return list_drivers(speech)

    @group.command(help=say(wording("Look at settings, credentials and line of each provider; sends no payment.")))
    @guarded
    def check(
        data: Annotated[Path | None, data_option(speech)] = None,
        *,
        sample: Annotated[bool, option(speech, sample_help, "--sample")] = False,
    ) -> int:
        from app.commands.payments.show import check_providers

        return check_providers(data, speech, sample=sample)

    _add_simulate(group, speech)
    _add_reconcile(group, speech)
    return group


def _add_simulate(group: typer.Typer, speech: Speech) -> None:
    say, guarded = speech.say, saying_problems(speech)

    @group.command(help=say(wording("Simulate WeChat Pay and Alipay on this computer until Ctrl+C; no money moves.")))
    @guarded
    def simulate(
        keys: Annotated[
            Path | None,
            typer.Option(help=say(wording("Folder for the simulated keys, which only you can read.")), file_okay=False),
        ] = None,
        wechat_port: Annotated[
            int, typer.Option(min=0, max=65535, help=say(wording("Port of WeChat Pay; 0: any that is free.")))
        ] = WECHAT_PORT,
        alipay_port: Annotated[
            int, typer.Option(min=0, max=65535, help=say(wording("Port of Alipay; 0: any that is free.")))
        ] = ALIPAY_PORT,
        fault: Annotated[
            list[str] | None,
            option(
                speech,
                wording("What is to go wrong, as provider:call:fault:count, such as wechat:pay:loses-answer:1."),
            ),
        ] = None,
    ) -> int:
        from app.commands.payments.shopper_page import SHOPPER_PORT
        from app.commands.payments.show import SimulateRequest, simulate
        from app.commands.site import default_folder

        request = SimulateRequest(
            keys=keys or default_folder() / "simulated-providers",
            ports={"wechat": wechat_port, "alipay": alipay_port},
            faults=tuple(fault or ()),
            page_port=SHOPPER_PORT,
        )
        return simulate(request, speech)


def _add_reconcile(group: typer.Typer, speech: Speech) -> None:
    say, guarded = speech.say, saying_problems(speech)
    sample_help = wording("The till was opened with --sample.")

    @group.command(
        help=say(wording("Match the providers' bills of a day with what the till has; name each difference."))
    )
    @guarded
    def reconcile(
        day: Annotated[
            datetime | None,
            typer.Argument(formats=["%Y-%m-%d"], help=say(wording("The day, such as 2026-11-22; default: yesterday."))),
        ] = None,
        provider: Annotated[str, option(speech, wording("Only the bill of this provider of the till."))] = "",
        out: Annotated[
            Path | None, option(speech, wording("Folder for the worklist as CSV and each day as JSON."))
        ] = None,
        data: Annotated[Path | None, data_option(speech)] = None,
        *,
        sample: Annotated[bool, option(speech, sample_help, "--sample")] = False,
    ) -> int:
        from app.commands.providers_reconcile import reconcile as reconcile_bills

        return reconcile_bills(data, None if day is None else day.date(), provider, out, speech, sample=sample)
