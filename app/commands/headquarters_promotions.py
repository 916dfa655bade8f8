"""The commands by which headquarters gives its tills their promotions, with their options."""

from pathlib import Path
from typing import Annotated, Final

import typer

from app.commands.options import data_option, option, saying_problems
from app.values.speech import Speech
from app.values.wording import wording

_SAMPLE: Final = wording("Of the sample store.")
_JSON: Final = wording("Print JSON for a machine.")


def headquarters_promotion_commands(speech: Speech) -> typer.Typer:
    """Make the group `headquarters promotions` in a language."""
    say, guarded = speech.say, saying_problems(speech)
    group = typer.Typer(
        help=say(wording("The promotions that the tills of headquarters go by.")),
        no_args_is_help=True,
        rich_markup_mode=None,
    )

    @group.command(help=say(wording("Check promotion rules and have every till go by them.")))
    @guarded
    def publish(
        file: Annotated[Path, typer.Argument(help=say(wording("The rules, as TOML or JSON.")))],
        data: Annotated[Path | None, data_option(speech)] = None,
        *,
        as_json: Annotated[bool, option(speech, _JSON, "--json")] = False,
        sample: Annotated[bool, option(speech, _SAMPLE, "--sample")] = False,
    ) -> int:
        from app.commands.members.office import Asked
        from app.commands.members.published import publish_rules

        return publish_rules(Asked(data, sample, as_json, speech), file)

    @group.command(help=say(wording("Have every till go by its own promotions again.")))
    @guarded
    def withdraw(
        data: Annotated[Path | None, data_option(speech)] = None,
        *,
        sample: Annotated[bool, option(speech, _SAMPLE, "--sample")] = False,
    ) -> int:
        from app.commands.members.office import Asked
        from app.commands.members.published import withdraw_rules

        return withdraw_rules(Asked(data, sample, as_json=False, speech=speech))

    @group.command(help=say(wording("Say which promotions are published.")))
    @guarded
    def show(
        out: Annotated[Path | None, option(speech, wording("Write the rules to this file, as JSON."))] = None,
        data: Annotated[Path | None, data_option(speech)] = None,
        *,
        as_json: Annotated[bool, option(speech, _JSON, "--json")] = False,
        sample: Annotated[bool, option(speech, _SAMPLE, "--sample")] = False,
    ) -> int:
        from app.commands.members.office import Asked
        from app.commands.members.published import show_rules

        return show_rules(Asked(data, sample, as_json, speech), out)

    return group
