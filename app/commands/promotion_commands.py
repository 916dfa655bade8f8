"""The commands for promotions, with their options."""

from pathlib import Path
from typing import Annotated

import typer

from app.commands.options import option, saying_problems
from app.values.speech import Speech
from app.values.wording import wording


def promotion_commands(speech: Speech) -> typer.Typer:
    """Make the group `promotions` in a language."""
    say, guarded = speech.say, saying_problems(speech)
    group = typer.Typer(
        help=say(wording("Promotions: what a basket costs under the rules, and why.")),
        no_args_is_help=True,
        rich_markup_mode=None,
    )

    @group.callback()
    def promotions() -> None:
        """Keep `price` a command of its own while it is the only one."""

    @group.command(help=say(wording("Price a basket under promotion rules; print lines, offers and reasons as JSON.")))
    @guarded
    def price(
        basket: Annotated[Path, typer.Argument(help=say(wording("The basket, as JSON.")))],
        rules: Annotated[Path, option(speech, wording("The rules, as TOML or JSON."))],
        *,
        exact: Annotated[bool, option(speech, wording("Prove that no other choice saves more."), "--exact")] = False,
        greedy: Annotated[bool, option(speech, wording("Answer as at each scan, unimproved."), "--greedy")] = False,
    ) -> int:
        from app.commands.promotions import PriceRequest, price_basket_file
        from app.promotions.solving import Effort

        effort = Effort.EXACT if exact else Effort.GREEDY if greedy else Effort.IMPROVED
        return price_basket_file(PriceRequest(basket, rules, effort), speech)

    return group
