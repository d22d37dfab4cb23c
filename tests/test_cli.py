"""The command line as somebody meets it: its help, its errors, and what it looks like in a terminal and in a pipe."""

import fcntl
import os
import pty
import re
import shlex
import struct
import subprocess
import sys
import termios
from dataclasses import replace

import pytest
import typer

from headturn import __version__
from headturn.cli.app import app
from recordings import Shot, record
from terminal import command, headturn, spawned

COMMANDS = sorted(info.name or info.callback.__name__ for info in app.registered_commands)
SHORT = Shot(seconds=1, width=160, height=90, looks=())


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Two short takes, an empty file, and the film that is made of them: what a second run says takes no time."""
    folder = tmp_path_factory.mktemp("cli")
    for number in (1, 2):
        record(folder / "takes" / f"{number}A-1.mp4", replace(SHORT, place=number))
    (folder / "takes" / "a recording with quite a long name for a file.mp4").touch()
    assert headturn("make", folder / "takes", "-o", folder / "film").code == 0
    return folder


# Help -----------------------------------------------------------------------------------------------------------


def test_without_a_command_it_says_what_there_is():
    for words in ([], ["--help"]):
        said = headturn(*words)
        text = said.out + said.err
        assert all(re.search(rf"\b{name}\b", text) for name in COMMANDS)
        assert "Usage: headturn" in text or "Usage:" in text


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_with_an_example_that_it_understands(name):
    said = headturn(name, "--help", columns=200)
    assert said.code == 0
    examples = re.findall(rf"headturn {name}\b[^│\n]*", said.out.partition("Example")[2])
    assert examples
    parser = typer.main.get_command(app)
    for example in examples:
        _, _, *words = shlex.split(example)
        parser.commands[name].make_context(name, words)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_has_help(name):
    told = typer.main.get_command(app).commands[name].params
    assert [each.name for each in told if not getattr(each, "help", "") and each.name != "help"] == []


def test_the_version():
    said = spawned("--version")
    assert (said.code, said.out, said.err) == (0, f"headturn {__version__}\n", "")
    installed = subprocess.run([f"{sys.prefix}/bin/headturn", "--version"], capture_output=True, text=True, check=True)
    assert installed.stdout == said.out


# Errors ---------------------------------------------------------------------------------------------------------

WRONG = {
    ("make", "nowhere", "-o", "film"): (1, "nowhere: is not there; check the path"),
    ("make", "takes", "-o", "film", "--fps", "0"): (2, "outside 1 to 1000"),
    ("make", "takes", "-o", "film", "--set", "film.colour=red"): (2, "[film] has no key 'colour'"),
}


@pytest.mark.parametrize("words", WRONG, ids=" ".join)
def test_an_error_is_one_line_and_no_traceback(made, monkeypatch, words):
    monkeypatch.chdir(made)
    said = headturn(*words, columns=40)
    code, sentence = WRONG[words]
    assert said.code == code
    assert sentence in said.sentence
    assert said.out == ""


MISUSED = {
    ("mak",): "No such command 'mak'",
    ("make", "takes"): "Missing option",
    ("make", "-o", "film"): "Missing argument",
    ("make", "takes", "-o", "film", "--master", "h265"): "'h265' is not one of 'prores', 'dnxhr'",
    ("make", "takes", "-o", "film", "--min-share", "half"): "Invalid value for '--min-share'",
    ("make", "takes", "-o", "film", "--sice", "320x180"): "No such option: --sice",
}


@pytest.mark.parametrize("words", MISUSED, ids=" ".join)
def test_a_misused_command_says_how_to_get_help(words):
    said = headturn(*words)
    assert said.code == 2
    assert MISUSED[words] in said.err
    assert "--help" in said.err
    assert "Traceback" not in said.err


# In a pipe and in a terminal ------------------------------------------------------------------------------------


def test_in_a_pipe_there_is_text_and_nothing_that_moves(made):
    said = spawned("make", made / "takes", "-o", made / "film", env={**os.environ, "FORCE_COLOR": ""})
    assert said.code == 0
    assert said.err == ""
    assert not re.search(r"[\x00-\x09\x0b-\x1f]", said.out)
    sentences = said.out.splitlines()
    assert f"Film:   {made / 'film' / 'film.mp4'}" in sentences
    assert f"Report: {made / 'film' / 'report.html'}" in sentences
    assert [line for line in sentences if line.startswith("Not used: a recording with quite") and "is empty" in line]


def test_a_closed_pipe_is_no_error(made):
    words = " ".join(map(shlex.quote, command("make", made / "takes", "-o", made / "film", "--json")))
    done = subprocess.run(["sh", "-c", f"{words} | head -c 10"], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ('{\n  "film"', "")


@pytest.mark.parametrize("columns", [40, 160])
def test_in_a_terminal_it_fits_the_width_and_the_bars_go_away(made, columns):
    """A real (pseudo) terminal: lines are not longer than it is wide, and at the end no bar is left."""
    code, text = in_terminal(command("make", made / "takes", "-o", made / "film"), columns)
    assert code == 0
    assert "Writing the report" in text, "somebody who waits sees what is being done"
    lines = screen(text)
    assert not [line for line in lines if "Writing" in line or "━" in line]
    head = next(line for line in lines if line.startswith("film"))
    table = lines[lines.index(head) : lines.index("", lines.index(head))]
    assert max(map(len, table)) <= columns
    for word in ("1A-1", "2A-1", "visible"):
        assert word in " ".join(table), "no word of it is broken in two"


def in_terminal(words: list[str], columns: int) -> tuple[int, str]:
    """A command's exit code and all that it wrote to a terminal of that many columns."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    environment = {key: value for key, value in os.environ.items() if key not in ("COLUMNS", "LINES", "NO_COLOR")}
    environment["TERM"] = "xterm-256color"
    with subprocess.Popen(words, stdin=theirs, stdout=theirs, stderr=theirs, env=environment) as process:
        os.close(theirs)
        parts = []
        while True:
            try:
                part = os.read(ours, 65536)
            except OSError:  # the other side is closed: the command has ended
                break
            if not part:
                break
            parts.append(part)
        code = process.wait(60)
    os.close(ours)
    return code, b"".join(parts).decode()


def screen(text: str) -> list[str]:
    """What stands on the screen in the end: lines after carriage returns, erasures and moves upwards are done."""
    lines, row = [""], 0
    for part in re.findall(r"\x1b\[[0-9;?]*[A-Za-z]|\r|\n|[^\x1b\r\n]+", text):
        if part == "\n":
            row += 1
        elif part == "\r":
            continue  # what follows either erases the line or goes on to the next
        elif re.fullmatch(r"\x1b\[\d*A", part):
            row = max(0, row - int(part[2:-1] or 1))
        elif part == "\x1b[2K":
            lines[row] = ""
        elif not part.startswith("\x1b"):
            lines[row] += part
        lines += [""] * (row + 1 - len(lines))
    return [line.rstrip() for line in lines]
