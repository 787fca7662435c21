"""An installation of postroom in a folder: its settings, its daemon, the rows that an application
puts into its inbox, and what its commands answer."""

import contextlib
import json
import os
import re
import signal
import sqlite3
import subprocess

import processes

# A test asks no name server but its own: without one, lookups end at once.
NOBODY = {"resolver": {"address": "127.0.0.1@9", "timeout": "1s"}}


class Installation:
    def __init__(self, program, folder):
        self.program = program
        self.folder = folder

    @classmethod
    def new(cls, program, folder, settings):
        """Makes an installation, as `postroom init` does, with these settings."""
        subprocess.run([program, "init", folder, "--domain", settings["domain"]], check=True,
                       capture_output=True)
        made = cls(program, folder)
        made.configure(settings)
        return made

    def configure(self, settings):
        """Writes the settings, a mapping of mappings: JSON, since every JSON text is YAML."""
        text = json.dumps({"inboxes": ["inbox.db"], **NOBODY, **settings}, indent=2)
        (self.folder / "postroom.yaml").write_text(text, encoding="utf-8")

    @property
    def log(self):
        return self.folder / "log"

    @contextlib.contextmanager
    def serving(self):
        """The daemon for as long as the block runs; its end must be in good order."""
        with self.started() as daemon:
            yield daemon
            code = processes.stop(daemon)
            assert code == 0, f"serve ended with {code}: {self.log.read_text()[-2000:]}"

    @contextlib.contextmanager
    def started(self, under=(), **options):
        """The daemon, which may also be killed within the block; `under` are words of a command
        that runs it."""
        begin = self.log.stat().st_size if self.log.exists() else 0
        with open(self.log, "a", encoding="utf-8") as log, processes.running(
            [*under, self.program, "serve"], cwd=self.folder, stderr=log, **options
        ) as daemon:
            processes.until(lambda: self._says_serving(daemon, begin), "the daemon serves")
            yield daemon

    def _says_serving(self, daemon, begin):
        text = self.log.read_bytes()[begin:].decode("utf-8", "replace")
        assert daemon.poll() is None, f"serve ended: {text}"
        return " serving " in text

    def end(self):
        """Asks the daemon to end, also one that runs under another program."""
        said = re.findall(r" serving .*\bpid=(\d+)", self.log.read_text())
        os.kill(int(said[-1]), signal.SIGTERM)

    def insert(self, *payloads, inbox="inbox.db"):
        """Records events as an application does: rows of its own transaction."""
        rows = [(json.dumps(payload),) for payload in payloads]
        with contextlib.closing(sqlite3.connect(self.folder / inbox, timeout=30)) as file:
            file.executemany("INSERT INTO inbox (payload) VALUES (?)", rows)
            file.commit()

    def ask(self, *words):
        """Exit code and answer of a command: JSON, or what it said on stderr."""
        done = subprocess.run([self.program, "--json", *words], cwd=self.folder, text=True,
                              capture_output=True, check=False, timeout=processes.PATIENCE_S)
        return done.returncode, json.loads(done.stdout) if done.stdout else done.stderr

    def need(self, *words):
        """The answer of a command that must succeed."""
        code, answer = self.ask(*words)
        assert code == 0, f"{words}: {code}: {answer}"
        return answer

    def value(self, statement, *values):
        """The one value of a query, read beside the daemon."""
        return self.rows(statement, *values)[0][0]

    def rows(self, statement, *values):
        path = f"file:{self.folder / 'postroom.db'}?mode=ro"
        with contextlib.closing(sqlite3.connect(path, uri=True, timeout=30)) as store:
            return store.execute(statement, values).fetchall()
