"""What the commands of the command line have in common: their options, and how they say problems."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Final

import typer

from app.values.problems import Problem
from app.values.speech import Speech
from app.values.wording import Wording, wording

PROBLEM_EXIT_CODE: Final = 2


def say_problem(problem: Problem, speech: Speech) -> None:
    """Write a problem's sentence and code where errors go."""
    typer.echo(f"{speech.say(problem.sentence)} [{problem.code}]", err=True)


def saying_problems(speech: Speech) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Turn a problem into its sentence and an exit code; a bug keeps its traceback."""

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(command)
        def run(*args: object, **options: object) -> None:
            try:
                code = command(*args, **options)
            except Problem as problem:
                say_problem(problem, speech)
                raise typer.Exit(PROBLEM_EXIT_CODE) from problem
            if code:
                raise typer.Exit(code)

        return run

    return decorate


def data_option(speech: Speech) -> Any:  # noqa: ANN401 - typer's own option object
    """Return the option that names a till's folder."""
    sentence = wording("Folder of the till: configuration, catalogue, ledger, logs.")
    return typer.Option(help=speech.say(sentence), show_default=False, file_okay=False)


def option(speech: Speech, sentence: Wording, *names: str) -> Any:  # noqa: ANN401 - typer's own option object
    """Return an option with its sentence of help."""
    return typer.Option(*names, help=speech.say(sentence))
