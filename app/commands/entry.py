"""The command line: names the commands and their options, and says problems in the person's language."""

import logging
import sys
from pathlib import Path
from typing import Annotated

import typer

from app.commands.device_commands import add_labels, device_commands
from app.commands.languages import LanguageMissing, language_of_person, speech_in
from app.commands.member_commands import add_member_commands
from app.commands.options import PROBLEM_EXIT_CODE, data_option, option, say_problem, saying_problems
from app.commands.promotion_commands import promotion_commands
from app.commands.provider_commands import provider_commands
from app.values.speech import ENGLISH, Speech
from app.values.wording import wording


def main(arguments: list[str] | None = None) -> None:
    """Run one command; exit 0 where it did what was asked, 1 where it found something wrong, 2 where it could not."""
    given = sys.argv[1:] if arguments is None else arguments
    # What is logged goes to the till's log where one is kept; a command says in sentences what a person must know.
    logging.getLogger().addHandler(logging.NullHandler())
    try:
        speech = speech_in(language_of_person(_language_option(given)))
    except LanguageMissing as problem:
        say_problem(problem, ENGLISH)
        sys.exit(PROBLEM_EXIT_CODE)
    build_command_line(speech)(args=given, prog_name="guitai")


def _language_option(arguments: list[str]) -> str | None:
    """Find `--lang` before the command line is parsed, since the help itself is in that language."""
    for index, argument in enumerate(arguments):
        if argument.startswith("--lang="):
            return argument.removeprefix("--lang=")
        if argument == "--lang" and index + 1 < len(arguments):
            return arguments[index + 1]
    return None


def build_command_line(speech: Speech) -> typer.Typer:
    """Make the command line in a language."""
    say = speech.say
    cli = typer.Typer(
        help=say(wording("Guitai: point of sale and self-checkout.")),
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )

    @cli.callback()
    def with_language(
        lang: Annotated[
            str, typer.Option(help=say(wording("Language of screens, receipts and messages: zh_CN or en.")))
        ] = speech.language,
    ) -> None:
        """Take the language."""

    _add_selling(cli, speech)
    cli.add_typer(_catalogue_commands(speech), name="catalogue")
    cli.add_typer(_journal_commands(speech), name="journal")
    cli.add_typer(device_commands(speech), name="devices")
    cli.add_typer(provider_commands(speech), name="providers")
    cli.add_typer(promotion_commands(speech), name="promotions")
    add_member_commands(cli, speech)
    add_labels(cli, speech)
    _add_looking(cli, speech)
    return cli


def _add_selling(cli: typer.Typer, speech: Speech) -> None:
    say, guarded = speech.say, saying_problems(speech)
    sample_help = wording("Use the sample store that comes with Guitai.")

    @cli.command(help=say(wording("Open the cashier's till.")))
    @guarded
    def till(  # noqa: PLR0913 - the options of a command
        data: Annotated[Path | None, data_option(speech)] = None,
        operator: Annotated[str, option(speech, wording("Number of the operator; default: the first one."))] = "",
        theme: Annotated[str, option(speech, wording("light, dark or high-contrast."))] = "light",
        *,
        sample: Annotated[bool, option(speech, sample_help, "--sample")] = False,
        fullscreen: Annotated[bool, option(speech, wording("Fill the screen."), "--fullscreen")] = False,
        windowed: Annotated[
            bool, option(speech, wording("No second window for the customer."), "--no-customer-display")
        ] = False,
        device_bench: Annotated[
            bool, option(speech, wording("Open the device bench beside the till."), "--device-bench")
        ] = False,
        stamp: Annotated[bool, typer.Option("--stamp", hidden=True)] = False,
    ) -> int:
        from app.commands.till import TillOptions, open_till

        options = TillOptions(
            data=data,
            sample=sample,
            operator_number=operator,
            theme=theme,
            language=speech.language,
            fullscreen=fullscreen,
            customer_display=not windowed,
            stamp=stamp,
            device_bench=device_bench,
        )
        return open_till(options)

    @cli.command(help=say(wording("Play a scripted checkout on the sample store, without a display.")))
    @guarded
    def demo(
        out: Annotated[Path, option(speech, wording("Folder for screenshots, receipts and the journal."))],
    ) -> int:
        from app.commands.demo import play

        return play(out, speech)


def _catalogue_commands(speech: Speech) -> typer.Typer:
    say, guarded = speech.say, saying_problems(speech)
    group = typer.Typer(help=say(wording("Products and prices.")), no_args_is_help=True, rich_markup_mode=None)

    @group.command(
        "import", help=say(wording("Import products from CSV, TSV or XLSX; wrong rows are left out and named."))
    )
    @guarded
    def import_file(
        file: Annotated[Path, typer.Argument(help=say(wording("The file, or a folder with a whole store's tables.")))],
        data: Annotated[Path | None, data_option(speech)] = None,
        findings: Annotated[
            Path | None, option(speech, wording("Write every finding, row by row, into this TSV file."))
        ] = None,
        default_tax_class: Annotated[str, option(speech, wording("Tax class of rows that name none."))] = "standard",
        default_price: Annotated[
            str, option(speech, wording("Price of rows that have none; without it they ask for a price."))
        ] = "",
        *,
        replace: Annotated[
            bool, option(speech, wording("Replace the whole catalogue instead of adding to it."), "--replace")
        ] = False,
        preview: Annotated[
            bool, option(speech, wording("Only say what would be imported and what is wrong."), "--preview")
        ] = False,
    ) -> int:
        from app.commands.catalogue import ImportRequest, import_catalogue

        request = ImportRequest(
            file=file,
            data=data,
            findings=findings,
            default_tax_class=default_tax_class,
            default_price=default_price,
            replace=replace,
            preview_only=preview,
        )
        return import_catalogue(request, speech)

    @group.command(help=say(wording("Search by any part of the name, pinyin initials, barcode digits or PLU.")))
    @guarded
    def search(
        text: Annotated[str, typer.Argument(help=say(wording("What to search for.")))],
        data: Annotated[Path | None, data_option(speech)] = None,
        limit: Annotated[int, typer.Option(min=1, max=200, help=say(wording("Most results to show.")))] = 20,
        *,
        sample: Annotated[bool, option(speech, wording("Search the sample store."), "--sample")] = False,
    ) -> int:
        from app.commands.catalogue import search_catalogue

        return search_catalogue(data, text, limit, speech, sample=sample)

    return group


def _journal_commands(speech: Speech) -> typer.Typer:
    say, guarded = speech.say, saying_problems(speech)
    group = typer.Typer(
        help=say(wording("What happened at this till, chained and signed.")),
        no_args_is_help=True,
        rich_markup_mode=None,
    )
    sample_help = wording("The till was opened with --sample.")

    @group.command(help=say(wording("Verify the journal; name the first wrong entry.")))
    @guarded
    def verify(
        data: Annotated[Path | None, data_option(speech)] = None,
        *,
        sample: Annotated[bool, option(speech, sample_help, "--sample")] = False,
    ) -> int:
        from app.commands.journal import verify_journal

        return verify_journal(data, speech, sample=sample)

    @group.command(help=say(wording("Export the journal as CSV and JSON with a manifest and a verifier.")))
    @guarded
    def export(
        folder: Annotated[Path, typer.Argument(help=say(wording("An empty folder, or one not there yet.")))],
        data: Annotated[Path | None, data_option(speech)] = None,
        *,
        sample: Annotated[bool, option(speech, sample_help, "--sample")] = False,
    ) -> int:
        from app.commands.journal import export_the_journal

        return export_the_journal(data, folder, speech, sample=sample)

    @group.command(help=say(wording("Back the till's store up into one encrypted file, also while it sells.")))
    @guarded
    def backup(
        file: Annotated[Path, typer.Argument(help=say(wording("The backup file to write.")))],
        data: Annotated[Path | None, data_option(speech)] = None,
        *,
        sample: Annotated[bool, option(speech, sample_help, "--sample")] = False,
    ) -> int:
        from app.commands.journal import back_up_journal

        return back_up_journal(data, file, speech, sample=sample)

    @group.command(help=say(wording("Put a backup in the place of the till's store; begins a new epoch.")))
    @guarded
    def restore(
        file: Annotated[Path, typer.Argument(help=say(wording("The backup file to put back.")))],
        data: Annotated[Path | None, data_option(speech)] = None,
        *,
        sample: Annotated[bool, option(speech, sample_help, "--sample")] = False,
    ) -> int:
        from app.commands.journal import restore_journal

        return restore_journal(data, file, speech, sample=sample)

    return group


def _add_looking(cli: typer.Typer, speech: Speech) -> None:
    say, guarded = speech.say, saying_problems(speech)

    @cli.command("explain-code", help=say(wording("Print as JSON what a scanned code means.")))
    @guarded
    def explain_code(
        code: Annotated[
            str | None, typer.Argument(help=say(wording("The code as scanned, with or without its AIM prefix.")))
        ] = None,
        image: Annotated[Path | None, option(speech, wording("Read the codes in this picture instead."))] = None,
        symbology: Annotated[
            str | None, option(speech, wording("AIM identifier, such as ]C1, if the scanner reports it separately."))
        ] = None,
        data: Annotated[Path | None, data_option(speech)] = None,
    ) -> int:
        from app.commands.explain_code import explain_code as explain

        return explain(data, code, image, symbology, speech)

    @cli.command(help=say(wording("Check store, catalogue, fonts, devices, clock and disk; say what to do.")))
    @guarded
    def doctor(
        data: Annotated[Path | None, data_option(speech)] = None,
        *,
        sample: Annotated[bool, option(speech, wording("The till was opened with --sample."), "--sample")] = False,
    ) -> int:
        from app.commands.doctor import examine

        return examine(data, speech, sample=sample)
