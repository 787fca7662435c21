#!/usr/bin/python3
"""Each file of examples/ is run as its head says, against a real daemon, and the ledger is asked
who hears of it. An example without a case here fails the suite."""

import contextlib
import json
import os
import shlex
import subprocess
import tempfile
import time
from pathlib import Path

import tap

SOURCE = Path(os.environ["POSTROOM_SOURCE"])
EXAMPLES = SOURCE / "examples"
PROGRAM = os.environ["POSTROOM_BINARY"]
PATIENCE_S = 60
tried = {"README.md"}


def example(name):
    tried.add(name)
    return EXAMPLES / name


def until(condition, what):
    """Polls: what another process does has no other sign. Bounded, and no claim about speed."""
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.05)
    raise AssertionError(f"never happened: {what}")


class Installation:
    """A daemon that holds all mail: it is the ledger that is looked at."""

    def __init__(self, folder):
        self.folder = folder
        self.application = folder / "application"
        self.application.mkdir()

    def run(self, *words, **options):
        """What the application does, in its own folder; gives its output."""
        done = subprocess.run([str(word) for word in words], cwd=self.application, text=True,
                              capture_output=True, timeout=PATIENCE_S, check=False, **options)
        assert done.returncode == 0, (words, done.returncode, done.stdout, done.stderr)
        return done.stdout

    def ask(self, *words):
        done = subprocess.run([PROGRAM, "--json", *words], cwd=self.folder / "mail", text=True,
                              capture_output=True, timeout=PATIENCE_S, check=False)
        return done.returncode, json.loads(done.stdout) if done.stdout else done.stderr

    def need(self, *words):
        code, answer = self.ask(*words)
        assert code == 0, (words, code, answer)
        return answer

    def why(self, person, event):
        """What became of the event for the person, once that is settled."""
        def settled():
            code, answer = self.ask("why", person, event)
            return answer["outcome"] if code == 0 and answer["outcome"] != "fanning_out" else None
        return until(settled, f"{person} is told of {event} or not")

    def events_of(self, count):
        """Waits until so many events are taken in, and that no row was refused."""
        until(lambda: self.ask("event", "show", str(count))[0] == 0, f"{count} events are taken in")
        for inbox in self.need("inbox", "list")["inboxes"]:
            assert inbox["refused"] == [], inbox
        return [self.need("event", "show", str(number)) for number in range(1, count + 1)]


@contextlib.contextmanager
def installation(database=None):
    """`database`: the application's, which is an inbox; made before the daemon starts or after."""
    with tempfile.TemporaryDirectory(prefix="postroom-examples-") as name:
        it = Installation(Path(name))
        mail = it.folder / "mail"
        subprocess.run([PROGRAM, "init", mail, "--domain", "example.org"], check=True,
                       capture_output=True)
        settings = (mail / "postroom.yaml").read_text()
        if database:
            settings = settings.replace("  - inbox.db", f"  - {it.application / database}")
        (mail / "postroom.yaml").write_text(
            settings + "deliver: only nobody.invalid\nwatching:\n  window: 0s\n")
        with open(mail / "log", "w", encoding="utf-8") as log:
            daemon = subprocess.Popen([PROGRAM, "serve"], cwd=mail, stderr=log)
        try:
            until(lambda: "serving" in (mail / "log").read_text(), "the daemon serves")
            yield it
        finally:
            daemon.terminate()
            code = daemon.wait(PATIENCE_S)
        assert code == 0, (mail / "log").read_text()


@tap.case
def a_tracker_in_php():
    script = example("tracker.php")
    with installation("tracker.db") as it:
        for words in (["fred", "new", "It is \"slow\" – äöü"], ["ana", "watch", "1"],
                      ["zoe", "mute", "1"], ["brian", "comment", "1", "I see it as well."],
                      ["fred", "set", "1", "state", "closed"], ["fred", "assign", "1", "kim"]):
            assert it.run("php", script, *words) == "issue 1\n", words
        it.run("php", script, input='ana comment 1 Done?\nfred set 1 state open\n'
                                    'ana comment 1 "It is."\n')
        events = it.events_of(9)
        assert [change["new"] for change in events[4]["changes"]] == ["closed"], events[4]
        assert events[5]["to"] == [{"person": "kim", "reason": "assigned"}], events[5]
        assert events[8]["text"] == "It is.", events[8]
        assert it.why("kim", "6") not in ("not_watching", "actor")
        assert events[3]["text"] == "I see it as well.", events[3]
        assert it.need("topic", "show", "issue/1")["title"] == "It is \"slow\" – äöü"
        assert it.why("ana", "4") not in ("not_watching", "muted", "actor")
        assert it.why("zoe", "4") == "muted"
        assert it.why("fred", "5") == "actor"
        assert it.why("fred", "2") == "silent"


@tap.case
def a_shop_in_python():
    script = example("shop.py")
    with installation("shop.db") as it:
        assert it.run(script, "order", "kim@example.net", "a lamp") == "order 1\n"
        assert it.run(script, "ship", "1") == "order 1\n"
        assert it.run(script, "ship", "1") == "order 1\n"  # a retried request
        it.run(script, "order", "kim@example.net", "a chair")
        events = it.events_of(3)
        assert [event["kind"] for event in events] == ["ordered", "shipped", "ordered"], events
        until(lambda: it.need("deliveries", "--to", "kim@example.net")["deliveries"],
              "Kim gets mail")


@tap.case
def a_help_desk_in_sql():
    with installation("helpdesk.db") as it:
        def sql(text):
            return it.run("sqlite3", "-bail", "helpdesk.db", input=text)

        sql(example("helpdesk.sql").read_text())
        sql("INSERT INTO ticket (title, customer) VALUES ('No light', 'kim@example.net');")
        sql("UPDATE ticket SET owner = 'lee@example.org' WHERE id = 1;"
            "UPDATE ticket SET state = 'solved'; UPDATE ticket SET state = 'solved';")
        events = it.events_of(3)
        assert [event["kind"] for event in events] == ["opened", "changed", "changed"], events
        assert it.why("kim@example.net", "1") == "actor"
        for person, event in (("kim@example.net", "3"), ("lee@example.org", "2")):
            assert it.why(person, event) not in ("not_watching", "actor"), (person, event)
        assert it.why("lee@example.org", "3") == "not_watching"


@tap.case
def a_thermometer_in_c():
    source = example("thermometer.c")
    with installation("thermometer.db") as it:
        it.run("cc", "-Wall", "-Wextra", "-Werror", "-o", "thermometer", source, "-lsqlite3")
        it.run("./thermometer", "room-1", "25", input="20\n25.5\n26\n24\n")
        warm, cool = it.events_of(2)
        assert (warm["kind"], cool["kind"]) == ("too_warm", "cool_again"), (warm, cool)
        assert warm["title"] == "25.5 degrees, the limit is 25.0", warm
        assert warm["urgent"] and not cool.get("urgent"), (warm, cool)


@tap.case
def a_module_that_says_who_may_see_what():
    """What it says is tested by visibility.py; here it is built as its head says."""
    source = example("see.c")
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["cc", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-o", "see.so",
                        f"-I{SOURCE / 'src' / 'lib'}", source], cwd=folder, check=True)


@tap.case
def a_nightly_job_in_shell():
    script = example("nightly.sh")
    with installation() as it:
        it.need("person", "add", "ann", "--address", "ann@example.org")
        it.need("kind", "add", "failed")
        it.need("watch", "ann", "job/backup", "--kinds", "failed")
        caller = {**os.environ, "POSTROOM": shlex.join(
            [PROGRAM, "--config", str(it.folder / "mail" / "postroom.yaml")])}
        it.run(script, "backup", "echo", "all saved", env=caller)
        it.run(script, "backup", "sh", "-c", "echo 'disk full' >&2; exit 3", env=caller)
        fine, broken = it.events_of(2)
        assert (fine["kind"], fine["text"].strip()) == ("finished", "all saved"), fine
        assert broken["title"] == "The job ended with code 3", broken
        assert it.why("ann", "1") == "kind_filtered"
        assert it.why("ann", "2") != "kind_filtered"


@tap.case
def no_example_is_without_a_case():
    assert {path.name for path in EXAMPLES.iterdir()} == tried, tried


tap.run()
