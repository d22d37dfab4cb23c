"""What all verbs share: the program itself, common options, progress, and how a result is told."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from headturn import __version__

UNMET = 3
"""Exit code where the work was done but what was asked for is not met: a budget, a card that is not safe to format."""

app = typer.Typer(
    name="headturn",
    help="The film-making system for first-person films: from the camera card to a seamless cut, joined on head turns.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
)

Set = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="TABLE.KEY=VALUE", help="Any key of film.toml, e.g. joins.looks=3; may be repeated."),
]
Film = Annotated[
    Path | None,
    typer.Option(
        "--film", readable=False, help="The film's folder; else HEADTURN_FILM, else this folder or one above it."
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the result as JSON, for scripts.")]


@app.callback(invoke_without_command=True)
def _headturn(version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False) -> None:
    if version:
        typer.echo(f"headturn {__version__}")
        raise typer.Exit


@contextmanager
def progress(quiet: bool) -> Iterator[Any]:
    """A progress bar for each stage on the error stream, gone when the work is done."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"))
    with Progress(
        *columns, TimeRemainingColumn(), console=console, transient=True, disable=quiet or not console.is_terminal
    ) as bars:
        stages: dict[str, Any] = {}

        def onprogress(stage: str, done: int, total: int) -> None:
            if stage not in stages:
                stages[stage] = bars.add_task(stage, total=total)
            bars.update(stages[stage], completed=done, total=total or None)

        yield onprogress


def told(as_json: bool, plain: Callable[[], Any], show: Callable[[], None]) -> None:
    """Print a result: as JSON for scripts, else as people read it."""
    if as_json:
        typer.echo(json.dumps(plain(), indent=2, ensure_ascii=False))
    else:
        show()
