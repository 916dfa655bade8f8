"""The commands for devices and shelf labels, with their options."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from app.commands.options import data_option, option, saying_problems
from app.values.speech import Speech
from app.values.wording import wording


def device_commands(speech: Speech) -> typer.Typer:
    """Make the group `devices` in a language."""
    say, guarded = speech.say, saying_problems(speech)
    group = typer.Typer(
        help=say(wording("Scanners, scales, printers, drawers and displays of this till.")),
        invoke_without_command=True,
        rich_markup_mode=None,
    )
    sample_help = wording("Use the sample store's simulated devices.")

    @group.callback(help=say(wording("Open the device bench: see, try and break the till's devices.")))
    @guarded
    def bench(
        context: typer.Context,
        data: Annotated[Path | None, data_option(speech)] = None,
        theme: Annotated[str, option(speech, wording("light, dark or high-contrast."))] = "light",
        *,
        sample: Annotated[bool, option(speech, sample_help, "--sample")] = False,
    ) -> int:
        if context.invoked_subcommand is not None:
            return 0
        from app.commands.devices.show import BenchOptions, open_bench

        return open_bench(BenchOptions(data, sample, theme, speech.language))

    @group.command("list", help=say(wording("Say of each device that is set up how it is.")))
    @guarded
    def list_all(
        data: Annotated[Path | None, data_option(speech)] = None,
        *,
        sample: Annotated[bool, option(speech, sample_help, "--sample")] = False,
    ) -> int:
        from app.commands.devices.show import list_devices

        return list_devices(data, speech, sample=sample)

    @group.command(help=say(wording("Find devices, show what came of each try, and write devices.toml.")))
    @guarded
    def detect(
        data: Annotated[Path | None, data_option(speech)] = None,
        port: Annotated[
            list[str] | None, option(speech, wording("A serial port to ask beside those the system lists."))
        ] = None,
        host: Annotated[
            list[str] | None, option(speech, wording("An address to ask for a printer or tag reader."))
        ] = None,
        *,
        network: Annotated[
            bool, option(speech, wording("Search this computer's own network as well."), "--network")
        ] = False,
        list_only: Annotated[bool, option(speech, wording("Send nothing, only list."), "--list-only")] = False,
        write: Annotated[bool, option(speech, wording("Write without asking."), "--write")] = False,
        sample: Annotated[bool, option(speech, sample_help, "--sample")] = False,
    ) -> int:
        from app.commands.devices.find import FindRequest, find_devices

        request = FindRequest(
            data=data,
            sample=sample,
            ports=tuple(port or ()),
            hosts=tuple(host or ()),
            search_network=network,
            probe=not list_only,
            write=write,
        )
        return find_devices(request, speech)

    return group


def add_labels(cli: typer.Typer, speech: Speech) -> None:
    """Add `labels` in a language."""
    say, guarded = speech.say, saying_problems(speech)

    @cli.command(
        help=say(wording("Write price labels for the shelf as a PDF, as pictures, or for the receipt printer."))
    )
    @guarded
    def labels(  # noqa: PLR0913, PLR0917 - the options of a command
        out: Annotated[
            Path, typer.Argument(help=say(wording("The file to write, such as labels.pdf.")), dir_okay=False)
        ],
        codes: Annotated[
            list[str] | None, typer.Argument(help=say(wording("Barcodes, PLUs or article numbers, in order.")))
        ] = None,
        department: Annotated[str, option(speech, wording("All of this department."))] = "",
        changed_since: Annotated[
            datetime | None,
            typer.Option(formats=["%Y-%m-%d"], help=say(wording("All whose price began on this day or later."))),
        ] = None,
        kind: Annotated[
            str, option(speech, wording("pdf, png or escpos; default: by the file's name."), "--format")
        ] = "",
        label: Annotated[str, option(speech, wording("Width and height of a label in mm, such as 66x38."))] = "66x38",
        grid: Annotated[str, option(speech, wording("Labels across and down a page, such as 3x7."))] = "3x7",
        data: Annotated[Path | None, data_option(speech)] = None,
        *,
        cut_marks: Annotated[bool, typer.Option(help=say(wording("Mark where to cut.")))] = True,
        sample: Annotated[
            bool, option(speech, wording("Use the sample store that comes with Guitai."), "--sample")
        ] = False,
    ) -> int:
        from app.commands.labels import LabelRequest, format_of, print_labels, sheet_of

        request = LabelRequest(
            out=out,
            data=data,
            codes=tuple(codes or ()),
            department=department,
            changed_since=None if changed_since is None else changed_since.date(),
            format=format_of(kind, out),
            sheet=sheet_of(label, grid, cut_marks=cut_marks),
            sample=sample,
        )
        return print_labels(request, speech)
