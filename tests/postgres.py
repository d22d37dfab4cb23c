"""A real PostgreSQL server for tests: made in a temporary folder, on a socket of its own, gone afterwards."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import pg8000.dbapi

NOBODY = 65534
PATIENCE_S = 60
INIT = ["-U", "headturn", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]


@dataclass
class Server:
    """A running server. `url()` makes a new, empty database and names it as film.toml does."""

    folder: Path
    process: subprocess.Popen
    _numbers: Iterator[int] = field(default_factory=count)

    @property
    def socket(self) -> str:
        return str(self.folder / ".s.PGSQL.5432")

    def url(self) -> str:
        name = f"film{next(self._numbers)}"
        self.ask("postgres", f"CREATE DATABASE {name}")
        return self.named(name)

    def named(self, database: str) -> str:
        return f"postgresql+pg8000://headturn@/{database}?unix_sock={self.socket}"

    def ask(self, database: str, statement: str) -> None:
        connection = pg8000.dbapi.connect("headturn", database=database, unix_sock=self.socket)
        try:
            connection.autocommit = True
            connection.cursor().execute(statement)
        finally:
            connection.close()

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)  # "fast": sessions are ended
            self.process.wait(PATIENCE_S)


def binaries() -> Path:
    """The folder of the newest installed server's programs.

    Raises:
        AssertionError: none is installed. Tests of the catalogue need one: they fail, they are not skipped.
    """
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    on_path = shutil.which("initdb")
    if not found and on_path:
        found = [Path(on_path).resolve()]
    assert found, "no PostgreSQL server is installed (postgresql, or initdb on the PATH); the catalogue's tests need it"
    return found[-1].parent


@contextmanager
def running() -> Iterator[Server]:
    """A server of one's own. PostgreSQL refuses to run as root: then it runs as nobody."""
    folder = Path(tempfile.mkdtemp(prefix="headturn-pg-"))
    as_whom = []
    if os.geteuid() == 0:
        os.chown(folder, NOBODY, NOBODY)
        as_whom = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
    data, programs = folder / "data", binaries()
    try:
        made = subprocess.run(
            [*as_whom, programs / "initdb", "-D", data, *INIT],
            capture_output=True,
            text=True,
            check=False,
            cwd="/",
        )
        assert made.returncode == 0, made.stderr
        options = ["-c", "listen_addresses=", "-c", "fsync=off", "-c", "max_connections=60"]
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(
                [*as_whom, programs / "postgres", "-D", data, "-k", folder, *options], stdout=log, stderr=log, cwd="/"
            )
        server = Server(folder, process)
        try:
            _answers(server)
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder)


def _answers(server: Server) -> None:
    until = time.monotonic() + PATIENCE_S
    while True:
        try:
            return server.ask("postgres", "SELECT 1")
        except pg8000.dbapi.Error:
            log = (server.folder / "log").read_text()
            assert server.process.poll() is None and time.monotonic() < until, log
            time.sleep(0.05)
