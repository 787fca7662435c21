#!/usr/bin/python3
"""What README.md shows is run as it stands (but for the build, the folders, the port, which may be
taken here, and the sleep, for a machine may be slow), and must come to what the page says."""

import contextlib
import email
import email.policy
import os
import re
import signal
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

import tap
from installation import Installation

SOURCE = Path(os.environ["POSTROOM_SOURCE"])
PROGRAM = Path(os.environ["POSTROOM_BINARY"])
PATIENCE_S = 60
TRACKER = "/srv/tracker/tracker.db"  # as the page has it

sys.path.insert(0, str(SOURCE / "tools" / "demo"))
import stage  # noqa: E402 (it stands where the line above says)


DELIVERED = "until postroom explain 1 | grep 'was delivered' >/dev/null; do sleep 0.1; done"


def blocks_of(section):
    """The indented blocks of a section of README.md."""
    text = (SOURCE / "README.md").read_text().partition(f"\n## {section}\n")[2]
    found = re.findall(r"(?:^    .*\n|^\n(?=    ))+", text.partition("\n## ")[0], re.M)
    return [re.sub(r"^    ", "", block, flags=re.M).strip() for block in found]


def run_lines(lines, folder):
    """Runs a script as a newcomer's shell would; its background processes end with it."""
    script = lines + "\nkill $(jobs -p); wait\n"
    with subprocess.Popen(["bash", "-ec", script], cwd=folder, text=True, start_new_session=True,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT) as shell:
        try:
            said, _ = shell.communicate(timeout=PATIENCE_S)
        except BaseException:
            os.killpg(shell.pid, signal.SIGKILL)
            raise
    return shell.returncode, said


def without_chance(text):
    """What differs from run to run is left out."""
    for pattern in (r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\dZ)?", r"\w{3}, \d+ \w{3} \d{4} [\d:]+ \+0000",
                    r"\bid \d+\.\d+", r"127\.0\.0\.1:\d+", r"[0-9a-z]{16,}"):
        text = re.sub(pattern, "*", text)
    return [line.strip() for line in text.splitlines() if line.strip()]


@tap.case
def a_first_notification():
    commands, shown = blocks_of("A first notification")
    assert len(commands.splitlines()) == 10, commands
    with tempfile.TemporaryDirectory(prefix="postroom-readme-") as name:
        home = Path(name) / "mail"
        port = str(stage.free_port(["127.0.0.1"]))
        lines = commands.replace("script/build", "true").replace("$PWD/build", str(PROGRAM.parent))
        assert "sleep 3;" in lines, lines
        lines = lines.replace("sleep 3;", DELIVERED + ";")
        code, said = run_lines(lines.replace("/tmp/mail", str(home)).replace("2525", port), name)
        assert code in (0, 128 + signal.SIGTERM), said
        mail = email.message_from_bytes((home / "000001.eml").read_bytes(),
                                        policy=email.policy.default)
        assert "Please try the next build." in mail.get_body(("plain",)).get_content()
        there = without_chance(said)
        for line in without_chance(shown):
            assert line == "..." or line in there, (line, said)


def snippets():
    """Each language's lines, by what they begin with."""
    blocks = blocks_of("From an application: one row")
    found = {}
    for name, begin in (("php", "<?php"), ("py", "import"), ("trigger", "CREATE TRIGGER"),
                        ("sh", "uname"), ("row", "INSERT INTO")):
        found[name], = [block for block in blocks if block.startswith(begin)]
        assert len(found[name].splitlines()) <= 10, found[name]
    assert f"inboxes: [{TRACKER}]" in blocks, blocks
    return found


@contextlib.contextmanager
def tracker_and_daemon(home):
    """An application with a table of its own, in a file that postroom.yaml names."""
    database = home / "tracker.db"
    with contextlib.closing(sqlite3.connect(database)) as db:
        db.execute("CREATE TABLE comment (issue INTEGER, text TEXT)")
    it = Installation.new(PROGRAM, home / "mail", {
        "domain": "example.org", "inboxes": [str(database)],
        "deliver": "only nobody.example.org"})
    with it.serving():
        stage.until(lambda: it.need("inbox", "list")["inboxes"][0].get("waiting") == 0,
                    "the daemon has made the inbox")
        yield it, database


@tap.case
def an_application_in_ten_lines():
    lines = snippets()
    with tempfile.TemporaryDirectory(prefix="postroom-readme-") as name:
        with tracker_and_daemon(Path(name)) as (it, database):
            def run(words, text):
                done = subprocess.run(words, input=text.replace(TRACKER, str(database)), text=True,
                                      cwd=it.folder, capture_output=True, check=False,
                                      env={**os.environ, "PATH": f"{PROGRAM.parent}:"
                                                                 f"{os.environ['PATH']}"})
                assert done.returncode == 0, (words, done.stdout, done.stderr)

            run(["php"], lines["php"])
            run([sys.executable, "-"], lines["py"])
            run(["sqlite3", "-cmd", ".timeout 9000", "-bail", database],
                lines["trigger"] + "INSERT INTO comment VALUES (12, 'Fixed it.');")
            run(["sh", "-e"], lines["sh"])
            run(["sqlite3", "-cmd", ".timeout 9000", "-bail", database], lines["row"])
            stage.until(lambda: it.ask("event", "show", "5")[0] == 0, "five events")
            events = [it.need("event", "show", str(number)) for number in range(1, 6)]
            comments = [event for event in events if event["kind"] == "commented"]
            assert [event["text"] for event in comments] == ["Fixed it."] * 3, events
            with contextlib.closing(sqlite3.connect(database)) as db:
                assert db.execute("SELECT count(*) FROM comment").fetchone() == (3,)
            assert it.need("watches", "fred")["watches"][0]["topic"] == "issue/13"


tap.run()
