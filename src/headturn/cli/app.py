"""What all verbs share: the program itself, common options, progress, and how a result is told."""

import json
import sys
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


class Bars:
    """A progress bar for each stage, on the error stream; called as `office.dailies.Progress` is."""

    def __init__(self, shown: Any) -> None:  # noqa: ANN401  # rich's Progress, or None where nobody looks
        self._shown = shown
        self._stages: dict[str, Any] = {}

    def __call__(self, stage: str, done: int, total: int) -> None:
        if self._shown is None:
            return
        if stage not in self._stages:
            self._stages[stage] = self._shown.add_task(stage, total=total)
        self._shown.update(self._stages[stage], completed=done, total=total or None)

    def aside(self, say: Callable[[], None]) -> None:
        """Say something on the output while the bars are away."""
        if self._shown is not None:
            self._shown.stop()
        say()
        if self._shown is not None:
            self._shown.start()


@contextmanager
def progress(quiet: bool) -> Iterator[Bars]:
    """A progress bar for each stage on the error stream, gone when the work is done."""
    if quiet or not sys.stderr.isatty():
        yield Bars(None)
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"))
    console = Console(stderr=True)
    with Progress(
        *columns, TimeRemainingColumn(), console=console, transient=True, disable=not console.is_terminal
    ) as bars:
        yield Bars(bars)


def told(as_json: bool, plain: Callable[[], Any], show: Callable[[], None]) -> None:
    """Print a result: as JSON for scripts, else as people read it."""
    if as_json:
        typer.echo(json.dumps(plain(), indent=2, ensure_ascii=False))
    else:
        show()
