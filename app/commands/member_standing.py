"""The commands for what members say about their data and whether they may spend, with their options."""

from pathlib import Path
from typing import Annotated, Any, Final

import typer

from app.commands.options import data_option, option, saying_problems
from app.values.speech import Speech
from app.values.wording import wording

_SAMPLE: Final = wording("Of the sample store.")
_JSON: Final = wording("Print JSON for a machine.")
_WHO: Final = wording("Reference, telephone number, card or GSRN.")


def _who(speech: Speech) -> Any:  # noqa: ANN401 - typer's own option object
    return typer.Argument(help=speech.say(_WHO))


def add_standing_commands(group: typer.Typer, speech: Speech) -> None:
    """Add `consent`, `block` and `unblock` to the group `members`."""
    say, guarded = speech.say, saying_problems(speech)

    @group.command(help=say(wording("Write down that a member agreed to a purpose, or took that back.")))
    @guarded
    def consent(
        who: Annotated[str, _who(speech)],
        purpose: Annotated[str, option(speech, wording("membership, messages or profile."))],
        data: Annotated[Path | None, data_option(speech)] = None,
        *,
        give: Annotated[bool, option(speech, wording("They agreed, with the notice before them."), "--give")] = False,
        withdraw: Annotated[bool, option(speech, wording("They took it back."), "--withdraw")] = False,
        as_json: Annotated[bool, option(speech, _JSON, "--json")] = False,
        sample: Annotated[bool, option(speech, _SAMPLE, "--sample")] = False,
    ) -> int:
        from app.commands.members.office import Asked
        from app.commands.members.standing import Word, record_word

        word = Word(purpose, given=give, withdrawn=withdraw)
        return record_word(Asked(data, sample, as_json, speech), who, word)

    @group.command(help=say(wording("Let nothing of a member's be spent until they are unblocked.")))
    @guarded
    def block(
        who: Annotated[str, _who(speech)],
        data: Annotated[Path | None, data_option(speech)] = None,
        *,
        as_json: Annotated[bool, option(speech, _JSON, "--json")] = False,
        sample: Annotated[bool, option(speech, _SAMPLE, "--sample")] = False,
    ) -> int:
        from app.commands.members.office import Asked
        from app.commands.members.standing import block_member

        return block_member(Asked(data, sample, as_json, speech), who, blocked=True)

    @group.command(help=say(wording("Let a member who was blocked spend again.")))
    @guarded
    def unblock(
        who: Annotated[str, _who(speech)],
        data: Annotated[Path | None, data_option(speech)] = None,
        *,
        as_json: Annotated[bool, option(speech, _JSON, "--json")] = False,
        sample: Annotated[bool, option(speech, _SAMPLE, "--sample")] = False,
    ) -> int:
        from app.commands.members.office import Asked
        from app.commands.members.standing import block_member

        return block_member(Asked(data, sample, as_json, speech), who, blocked=False)
