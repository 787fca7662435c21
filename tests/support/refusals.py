"""Refusals in end-to-end suites: an installation to be refused by, and what a refusal looks like."""

import contextlib
import os
import re
import sqlite3
import subprocess
import tempfile
from pathlib import Path

import processes
from installation import Installation

PROGRAM = os.environ["POSTROOM_BINARY"]
USAGE, DATA, MISSING, CONFLICT, REFUSED, CONFIG = 64, 65, 66, 69, 74, 78


def run(folder, *words, text="", **options):
    return subprocess.run([PROGRAM, *words], cwd=folder, input=text, capture_output=True, text=True,
                          check=False, timeout=processes.PATIENCE_S, **options)


@contextlib.contextmanager
def installation(settings=None):
    with tempfile.TemporaryDirectory(prefix="postroom-bad-") as folder:
        yield Installation.new(PROGRAM, Path(folder) / "mail",
                               {"domain": "example.org", **(settings or {})})


def furnish(made):
    """People, topics and an event for the cases to collide with."""
    for words in (["person", "add", "brian", "--address", "brian@example.net"],
                  ["person", "add", "ann", "--address", "team@example.net"],
                  ["person", "add", "ben", "--address", "team@example.net"],
                  ["topic", "add", "issue/12", "--parent", "project/x"],
                  ["kind", "add", "commented"],
                  ["watch", "brian", "project/x"],
                  ["event", "issue/12", "commented", "--key", "first"]):
        made.need(*words)


def content(made, name="postroom.db"):
    """All rows of a database, but for what a daemon notes of itself when it starts."""
    own = re.compile(r'INSERT INTO "(node|meta|sequence|template_revision)"')
    with contextlib.closing(sqlite3.connect(made.folder / name, timeout=30)) as db:
        return [line for line in db.iterdump() if not own.match(line)]


def must_refuse(done, code, *said):
    """A refusal is one line by name (two for a wrong command line) behind what `serve` logs."""
    lines = [line for line in done.stderr.splitlines() if not re.match(r"\d{4}-\d\d-\d\dT", line)]
    assert done.returncode == code, f"{done.returncode} instead of {code}: {done.stderr}"
    assert done.stdout == "", done.stdout
    assert len(lines) == (2 if code == USAGE else 1), done.stderr
    assert lines[0].startswith("postroom"), done.stderr
    for text in said:
        assert text in done.stderr, f"`{text}` is not said: {done.stderr}"
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f]", done.stderr), repr(done.stderr)
