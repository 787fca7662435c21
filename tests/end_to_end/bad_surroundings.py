#!/usr/bin/python3
"""What is wrong around the program: stores, files, sockets, permissions, a full disk. It says what
and what to do, and what was accepted is not lost."""

import contextlib
import itertools
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

import processes
import tap
from installation import Installation
from refusals import (CONFIG, CONFLICT, DATA, MISSING, PROGRAM, REFUSED, content, furnish,
                      installation, must_refuse, run)

# ---- the store and what lies around it ----

def data(folder):
    """All bytes that mean anything: a log may be made as long as nothing is in it."""
    return {path.name: path.read_bytes() for path in Path(folder).iterdir()
            if path.is_file() and path.stat().st_size > 0 and path.suffix not in (".lock", ".db-shm")}


def spoil_version(folder):
    with contextlib.closing(sqlite3.connect(folder / "postroom.db")) as db:
        db.execute("PRAGMA user_version = 999")
        db.commit()


def spoil_bytes(folder):
    (folder / "postroom.db").write_bytes(b"this is no database, whatever it is called\n" * 100)
    forget_log(folder)


def spoil_end(folder):
    whole = (folder / "postroom.db").read_bytes()
    (folder / "postroom.db").write_bytes(whole[:20000])
    forget_log(folder)


def spoil_folder(folder):
    (folder / "postroom.db").unlink()
    forget_log(folder)
    (folder / "postroom.db").mkdir()


def forget_log(folder):
    for name in ("postroom.db-wal", "postroom.db-shm"):
        (folder / name).unlink(missing_ok=True)


STORES = [
    ("of a newer version", spoil_version, CONFLICT, "schema version 999", "use the newer program"),
    ("that is no database", spoil_bytes, REFUSED, "not a database"),
    ("that was cut short", spoil_end, REFUSED, "damaged", "backup"),
    ("that is a folder", spoil_folder, REFUSED, "directory"),
]


@tap.cases(STORES)
def a_store_is_left_alone(spoil, code, *said):
    with installation() as made:
        furnish(made)
        spoil(made.folder)
        before = data(made.folder)
        for words in (["queue"], ["person", "add", "x"], ["serve"]):
            must_refuse(run(made.folder, *words), code, "postroom.db", *said)
            assert data(made.folder) == before, words


@tap.case
def a_missing_store_is_named_and_not_made_by_a_command():
    with tempfile.TemporaryDirectory() as folder:
        for words in (["queue"], ["person", "add", "x"]):
            must_refuse(run(folder, *words), MISSING, "postroom.db", "`postroom init`")
        assert os.listdir(folder) == []


SURROUNDINGS = [
    ("a missing secret", {}, lambda f: (f / "postroom.secret").unlink(), REFUSED,
     "postroom.secret", "No such file", "backup"),
    ("a broken secret", {}, lambda f: (f / "postroom.secret").write_text("x\n"), DATA,
     "postroom.secret: line 1", "32 bytes in hex"),
    ("an empty secret", {}, lambda f: (f / "postroom.secret").write_text(""), DATA,
     "postroom.secret", "no key"),
    ("a missing template folder", {"templates": "mine"}, lambda f: None, REFUSED, "mine",
     "No such file"),
    ("a broken template", {"templates": "mine"},
     lambda f: write(f / "mine/notice.text.txt", "good\n{{#broken\n"), DATA,
     "notice.text.txt", "2"),
    ("a template by no name", {"templates": "mine"}, lambda f: write(f / "mine/x", "x"), DATA,
     "mine: x", "NAME.text.txt"),
    ("a long socket path", {"control_socket": "/tmp/" + "x" * 300}, lambda f: None, DATA,
     "at most 107 bytes"),
    ("a socket in no folder", {"control_socket": "/nowhere/socket"}, lambda f: None, REFUSED,
     "/nowhere/socket", "No such file"),
    ("a file in the socket's place", {}, lambda f: write(f / "postroom.db.sock", "x"), CONFLICT,
     "postroom.db.sock", "no socket"),
]


def write(path, text):
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")


@tap.cases(SURROUNDINGS)
def the_daemon_does_not_start_with(settings, spoil, code, *said):
    with installation(settings) as made:
        furnish(made)
        before = content(made)
        spoil(made.folder)
        must_refuse(run(made.folder, "serve"), code, *said)
        assert content(made) == before


@tap.case
def what_may_not_be_read_is_named():
    with installation() as made:
        furnish(made)
        who = {"user": 65534, "group": 65534, "extra_groups": []} if os.geteuid() == 0 else {}
        if who:
            open_to_all(made.folder)
        for name, words, code in (("postroom.yaml", ["queue"], CONFIG),
                                  ("postroom.db", ["queue"], REFUSED),
                                  ("postroom.db", ["person", "add", "x"], REFUSED),
                                  ("postroom.secret", ["serve"], REFUSED)):
            with forbidden(made.folder / name):
                try:
                    done = run(made.folder, *words, **who)
                except PermissionError as error:
                    raise tap.Skip("another user cannot run the program here") from error
                must_refuse(done, code, name)


def open_to_all(folder):
    folder.parent.chmod(0o755)
    folder.chmod(0o777)
    for path in folder.iterdir():
        path.chmod(0o666)


@contextlib.contextmanager
def forbidden(path):
    mode = path.stat().st_mode
    path.chmod(0)
    try:
        yield
    finally:
        path.chmod(mode)


@tap.case
def of_two_daemons_started_at_once_one_serves():
    with installation() as made:
        logs = [made.folder / f"log{i}" for i in range(2)]
        with contextlib.ExitStack() as stack:
            daemons = []
            for log in logs:
                stderr = stack.enter_context(open(log, "w", encoding="utf-8"))
                daemons.append(stack.enter_context(
                    processes.running([PROGRAM, "serve"], cwd=made.folder, stderr=stderr)))
            loser = processes.until(lambda: [d for d in daemons if d.poll() is not None],
                                    "one of them ends")[0]
            winner = next(d for d in daemons if d is not loser)
            assert loser.returncode == CONFLICT, loser.returncode
            said = logs[daemons.index(loser)].read_text()
            assert f"pid {winner.pid}" in said and "postroom.db" in said, said
            processes.until(lambda: " serving " in logs[daemons.index(winner)].read_text(),
                            "the other one serves")
            made.need("person", "add", "x", "--address", "x@example.net")
            assert processes.stop(winner) == 0


# ---- a disk that is full: a small file system of our own ----

def fill(folder, but=0):
    """Takes all room there is, but for so many bytes."""
    with open(folder / "filler", "wb", buffering=0) as file, contextlib.suppress(OSError):
        for _ in itertools.count():
            file.write(b"x" * 4096)
    os.truncate(folder / "filler", os.path.getsize(folder / "filler") - but)


def story_init(disk):
    fill(disk)
    must_refuse(run(disk, "init", "mail", "--domain", "example.org"), REFUSED, "No space left")
    assert os.listdir(disk) == ["filler"], os.listdir(disk)
    (disk / "filler").unlink()
    assert run(disk, "init", "mail", "--domain", "example.org").returncode == 0


def story_commands(disk):
    made = Installation.new(PROGRAM, disk / "mail", {"domain": "example.org"})
    furnish(made)
    before = content(made)
    fill(disk)
    text = "x" * 100_000
    must_refuse(run(made.folder, "event", "issue/12", "commented", "--text", "-", text=text),
                REFUSED, "disk is full", "make room")
    (disk / "filler").unlink()
    assert content(made) == before
    made.need("event", "issue/12", "commented", "--text", text)


def story_daemon(disk):
    with tempfile.TemporaryDirectory() as elsewhere:
        inbox = Path(elsewhere) / "inbox.db"
        made = Installation.new(PROGRAM, disk / "mail",
                                {"domain": "example.org", "inboxes": [str(inbox)]})
        shutil.copy(made.folder / "inbox.db", inbox)
        furnish(made)
        with made.serving():
            fill(disk)
            done = run(made.folder, "event", "issue/12", "commented", "--text", "-",
                       text="x" * 100_000)
            must_refuse(done, REFUSED, "disk is full")
            events = [{"topic": "issue/12", "kind": "commented", "text": str(i) + "x" * 50_000}
                      for i in range(10)]
            made.insert(*events, inbox=inbox)
            processes.until(lambda: "disk is full" in made.log.read_text(), "the log says it")
            (disk / "filler").unlink()
            taken = "SELECT count(*) FROM event WHERE text LIKE '%xxx'"
            processes.until(lambda: made.value(taken) == 10, "what was accepted is taken in")
            assert made.need("inbox", "list")["inboxes"][0]["refused"] == []


def story_refused_row(disk):
    """The refusal of a row cannot be written down: the row stays until it can."""
    with tempfile.TemporaryDirectory() as elsewhere:
        inbox = disk / "inbox.db"
        made = Installation.new(PROGRAM, Path(elsewhere) / "mail",
                                {"domain": "example.org", "inboxes": [str(inbox)]})
        shutil.copy(made.folder / "inbox.db", inbox)
        with contextlib.closing(sqlite3.connect(inbox)) as rows:
            rows.execute("INSERT INTO inbox (payload) VALUES (?)", ("{broken " + "x" * 50_000,))
            rows.commit()
        fill(disk, but=40960)  # enough to read the row, not to copy it
        with made.serving():
            processes.until(lambda: "disk is full" in made.log.read_text(), "the log says it")
            (disk / "filler").unlink()
            refused = processes.until(lambda: made.need("inbox", "list")["inboxes"][0]["refused"],
                                      "the refusal is written down")
            assert refused[0]["payload"].startswith("{broken "), refused


STORIES = {"init": story_init, "commands": story_commands, "the daemon": story_daemon,
           "a refused row": story_refused_row}


@tap.cases([(name, name) for name in STORIES])
def a_full_disk_loses_nothing(name):
    """The file system is mounted in a namespace of its own and gone with it."""
    with tempfile.TemporaryDirectory() as disk:
        words = ["unshare", "--map-root-user", "--mount"]
        mount = ["mount", "-t", "tmpfs", "-o", "size=4m", "none", disk]
        probe = subprocess.run([*words, *mount], capture_output=True, text=True, check=False)
        if probe.returncode:
            raise tap.Skip("no file system may be mounted here: " + probe.stderr.strip())
        script = f'{" ".join(mount)} && exec "$@"'
        done = subprocess.run([*words, "sh", "-c", script, "sh", sys.executable, __file__, name,
                               disk], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


if len(sys.argv) == 3:
    signal.alarm(120)
    STORIES[sys.argv[1]](Path(sys.argv[2]))
else:
    tap.run()
