#!/usr/bin/python3
"""Commands that look leave database and log as they are, byte for byte, with the daemon up and
down. The program itself lists its commands: a new one must be told what it is here."""

import contextlib
import hashlib
import json
import os
import re
import subprocess
import tempfile
from pathlib import Path

import processes
import tap
from installation import Installation

PROGRAM = os.environ["POSTROOM_BINARY"]
TRIES = 5  # a daemon has its own things to write; a command that writes does it each time

# How each command that only looks is called; `{delivery}` is the number of a mail.
LOOKS = {
    "config check": [[]],
    "config explain": [[], ["smtp"]],
    "person show": [["brian"], ["nobody"]],
    "person list": [[], ["--after", "1", "--limit", "1"]],
    "kind show": [["commented"], ["unheard"]],
    "kind list": [[], ["--of", "topic"]],
    "list show": [["team"], ["team", "--past"], ["nobodies"]],
    "list list": [[]],
    "recur list": [[]],
    "approvals": [["brian"], ["nobody"]],
    "recur show": [["nothing"]],
    "topic show": [["issue/12"], ["un/known"]],
    "topic list": [[], ["--in", "project/x"]],
    "watches": [["brian"], ["nobody"], ["brian", "--history"]],
    "watchers": [["project/x"], ["issue/12", "--explain"], ["issue/12", "--explain", "--kind", "x"]],
    "event show": [["1"], ["99"]],
    "inbox list": [[]],
    "submission list": [[], ["--limit", "1"]],
    "submission show": [["1"], ["99", "--content"]],
    "why": [["brian", "1"], ["ann", "first"], ["nobody", "1"]],
    "queue": [[], ["--domain", "example.net"]],
    "queue notices": [[], ["--person", "brian"], ["--waits-for", "quiet"]],
    "deliveries": [[], ["--to", "brian"], ["--state", "held"], ["--subject", "x"],
                   ["--words", "x"], ["--since", "2h"]],
    "explain": [["{delivery}"], ["99"]],
    "trace": [["{delivery}"], ["99"]],
    "trace kept": [[]],
    "site list": [[], ["--paused"]],
    "site show": [["mx.nowhere.example"]],
    "domain list": [[]],
    "domain show": [["example.net"], ["nowhere.example"]],
    "route explain": [["brian@example.net"]],
    "alarms": [[]],
    "suppress list": [[]],
    "audit": [[], ["--by", "uid 0"], ["--subject", "person brian"], ["--since", "1h"]],
    "template list": [[], ["--for", "commented"]],
    "template show": [["notice"], ["notice", "--lang", "de", "--source"], ["nothing"]],
    "template preview": [["notice"], ["--event", "1", "--person", "brian", "--part", "html"]],
    "token list": [[], ["--all"]],
    "changes": [[], ["--after", "3"]],
    "webhook list": [[]],
    "webhook show": [["nobody"]],
    "webhook test": [["nobody"]],
    "operator list": [[]],
    "classify": [["--replies"]],
    "check-address": [[]],
    "manual": [["postroom"], ["postroom.yaml"]],
}

# What takes, makes or serves.
CHANGES = {
    "init", "serve", "person add", "person set", "person erase", "grant add", "grant rm", "kind add", "topic add",
    "topic set", "topic rm", "watch", "unwatch", "watches copy", "person merge", "watches end", "event", "event redact", "event release", "inbox retry",
    "list new", "list add", "list remove", "list rm",
    "answer", "recur add", "recur set", "recur rm", "recur pause", "recur resume",
    "git-hook", "queue now", "queue hold", "queue release", "queue cancel", "queue resolve",
    "suppress add", "suppress rm", "sink", "site pause", "site resume", "site limit",
    "domain recheck", "template set", "template reset", "token add", "token revoke", "operator add", "operator role",
    "webhook add", "webhook rotate", "webhook rm", "webhook replay", "webhook disable", "webhook enable",
    "domain set", "trace keep", "alarms clear", "import", "sendmail",
    "queue figures",  # changes nothing, but the daemon alone knows them
}

# Of a command that changes, the calls that do not.
ALSO = [
    ["event", "issue/12", "commented", "--dry-run"],
    ["event", "new/topic", "unheard", "--by", "stranger", "--to", "another", "--scope", "new/y",
     "--thread", "new/z", "--dry-run"],
    ["help"], ["--version"], ["person"], ["event", "--help"],
]


def commands():
    done = subprocess.run([PROGRAM, "help", "--json"], capture_output=True, text=True, check=True)
    return {c["name"]: c.get("reads") for c in json.loads(done.stdout)["commands"]}


@tap.case
def every_command_is_known_to_look_or_to_change():
    known = commands()
    assert set(known) == set(LOOKS) | CHANGES, set(known) ^ (set(LOOKS) | CHANGES)
    for name, reads in known.items():
        if reads is not None:
            assert reads == (name in LOOKS), name


@contextlib.contextmanager
def furnished():
    """An installation with people, an event and a mail that nobody can deliver."""
    with tempfile.TemporaryDirectory(prefix="postroom-look-") as folder:
        made = Installation.new(PROGRAM, Path(folder) / "mail", {
            "domain": "example.org", "watching": {"window": "0"},
            "deliver": "only nobody.example.org", "resolver": {"address": "127.0.0.1@9"}})
        for words in (["person", "add", "brian", "--address", "brian@example.net"],
                      ["person", "add", "ann", "--address", "ann@example.net"],
                      ["topic", "add", "issue/12", "--parent", "project/x"],
                      ["watch", "brian", "project/x"], ["watch", "ann", "issue/12", "--mode", "mute"],
                      ["suppress", "add", "lost@example.net"],
                      ["event", "issue/12", "commented", "--key", "first"]):
            made.need(*words)
        made.insert("no event")
        with made.serving():
            processes.until(lambda: made.need("deliveries")["deliveries"], "a mail is made")
            processes.until(lambda: made.need("inbox", "list")["inboxes"][0]["refused"],
                            "a row is refused")
        yield made


def sums(made):
    return {name: hashlib.sha256((made.folder / name).read_bytes()).hexdigest()
            for name in ("postroom.db", "postroom.db-wal", "inbox.db", "inbox.db-wal",
                         "postroom.yaml", "postroom.secret", "dkim.pem")
            if (made.folder / name).exists()}


def calls(made):
    delivery = str(made.need("deliveries")["deliveries"][0]["delivery"])
    for name, rows in LOOKS.items():
        for row in rows:
            yield [*name.split(), *(delivery if word == "{delivery}" else word for word in row)]
    yield from ALSO


def look(made, words):
    """Every call succeeds or finds nothing of that name."""
    done = subprocess.run([PROGRAM, *words], cwd=made.folder, input="", capture_output=True,
                          text=True, check=False, timeout=processes.PATIENCE_S)
    assert done.returncode in (0, 66), f"{words}: {done.returncode}: {done.stderr}"


@tap.case
def with_the_daemon_down_no_byte_changes():
    with furnished() as made:
        files = sorted(os.listdir(made.folder))
        for words in calls(made):
            before = sums(made)
            look(made, words)
            assert sums(made) == before, words
            assert sorted(os.listdir(made.folder)) == files, words


@tap.case
def from_a_folder_that_may_not_be_written_commands_look_as_well():
    with furnished() as made:
        who = {"user": 65534, "group": 65534, "extra_groups": []} if os.geteuid() == 0 else {}
        made.folder.parent.chmod(0o755)
        for path in made.folder.iterdir():
            path.chmod(0o444)
        made.folder.chmod(0o555)
        try:
            done = subprocess.run([PROGRAM, "person", "list"], cwd=made.folder, text=True,
                                  capture_output=True, check=False, **who)
        except PermissionError as error:
            raise tap.Skip("another user cannot run the program here") from error
        finally:
            made.folder.chmod(0o755)
        assert done.returncode == 0 and "brian" in done.stdout, done


@tap.case
def with_the_daemon_up_no_byte_changes():
    with furnished() as made, made.serving():
        for words in calls(made):
            assert any(leaves_all(made, words) for _ in range(TRIES)), words


def leaves_all(made, words):
    before = sums(made)
    look(made, words)
    return sums(made) == before


FREE = {"names", "attributes", "data", "filter"}  # their keys are others' words


def oddities(value, where):
    """What of an answer has another form than all others: keys in snake_case, times in UTC."""
    if isinstance(value, dict):
        for key, one in value.items():
            if not re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", key):
                yield f"{where}: {key}"
            if key not in FREE:
                yield from oddities(one, f"{where}.{key}")
    elif isinstance(value, list):
        for one in value:
            yield from oddities(one, where)
    elif isinstance(value, str) and re.match(r"\d{4}-\d\d-\d\d[T ]\d", value):
        if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", value):
            yield f"{where}: {value}"


@tap.case
def answers_in_json_have_one_form():
    assert list(oddities({"atTime": "2026-11-24 18:00"}, "it")) == [
        "it: atTime", "it.atTime: 2026-11-24 18:00"]
    found, seen = [], 0
    with furnished() as made:
        for words in calls(made):
            done = subprocess.run([PROGRAM, "--json", *words], cwd=made.folder, input="", text=True,
                                  capture_output=True, check=False, timeout=processes.PATIENCE_S)
            if done.returncode == 0 and done.stdout.startswith(("{", "[")):
                found += oddities(json.loads(done.stdout), " ".join(words))
                seen += 1
    assert not found, found
    assert seen > 40, seen


tap.run()
