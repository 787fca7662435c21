#!/usr/bin/python3
"""The daemon and the commands beside it, as their users meet them: real processes, real files."""

import contextlib
import json
import os
import sqlite3
import subprocess
import tempfile
import time
from pathlib import Path

import tap

PROGRAM = os.environ["POSTROOM_BINARY"]
PATIENCE_S = 30


def ask(folder, *words):
    done = subprocess.run([PROGRAM, "--json", *words], cwd=folder, capture_output=True, text=True,
                          check=False, timeout=PATIENCE_S)
    return done.returncode, json.loads(done.stdout) if done.stdout else done.stderr


def need(folder, *words):
    code, answer = ask(folder, *words)
    assert code == 0, f"{words}: {code}: {answer}"
    return answer


def until(condition, what):
    """Polls: what another process does has no other sign. Bounded, and no claim about speed."""
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.05)
    raise AssertionError(f"never happened: {what}")


@contextlib.contextmanager
def installation():
    with tempfile.TemporaryDirectory(prefix="postroom-daemon-") as name:
        folder = Path(name) / "mail"
        subprocess.run([PROGRAM, "init", str(folder), "--domain", "example.org"], check=True,
                       capture_output=True)
        with open(folder / "postroom.yaml", "a", encoding="utf-8") as file:
            file.write("watching: {window: 500ms, busy_window: 0s}\n"
                       "resolver: {address: 127.0.0.1@9, timeout: 1s}\n")  # nobody answers
        yield folder


@contextlib.contextmanager
def serving(folder):
    with open(folder / "log", "a", encoding="utf-8") as log:
        daemon = subprocess.Popen([PROGRAM, "serve"], cwd=folder, stderr=log)
    try:
        until(lambda: "serving" in (folder / "log").read_text(), "the daemon serves")
        yield daemon
    finally:
        daemon.terminate()
        code = daemon.wait(PATIENCE_S)
    assert code == 0, (folder / "log").read_text()


def insert(folder, *payloads):
    with contextlib.closing(sqlite3.connect(folder / "inbox.db", timeout=PATIENCE_S)) as inbox:
        inbox.executemany("INSERT INTO inbox (payload) VALUES (?)", [(p,) for p in payloads])
        inbox.commit()


NEW_ISSUE = json.dumps({
    "topic": {"key": "issue/13", "kind": "issue", "title": "It is slow", "parents": ["project/x"]},
    "kind": "created", "actor": "fred", "text": "Since yesterday.", "key": "first",
    "people": [{"key": "fred", "address": "fred@example.net", "name": "Fred"}],
    "watch": [{"person": "fred", "topic": "issue/13", "origin": "author"}],
})


@tap.case
def a_row_of_another_process_becomes_a_queued_mail():
    with installation() as folder, serving(folder):
        need(folder, "person", "add", "brian", "--address", "brian@example.net")
        need(folder, "person", "add", "ana", "--address", "ana@example.net")
        need(folder, "watch", "brian", "project/x")
        need(folder, "watch", "ana", "project/x", "--mode", "mute")
        insert(folder, NEW_ISSUE)
        mails = until(lambda: need(folder, "deliveries")["deliveries"], "a mail is made")
        assert [mail["to"] for mail in mails] == ["brian@example.net"], mails
        assert need(folder, "why", "ana", "first")["outcome"] == "muted"
        assert need(folder, "why", "fred", "first")["outcome"] == "actor"
        assert need(folder, "watches", "fred")["watches"][0]["origin"] == "author"


@tap.case
def a_broken_row_is_refused_and_blocks_no_other():
    with installation() as folder, serving(folder):
        insert(folder, "{broken", '{"topic": "a/b", "kind": "x", "colour": 1}', NEW_ISSUE)
        until(lambda: ask(folder, "topic", "show", "issue/13")[0] == 0, "the good row is taken")
        refused = need(folder, "inbox", "list")["inboxes"][0]["refused"]
        assert len(refused) == 2, refused
        assert "line 1" in refused[0]["reason"] and "colour" in refused[1]["reason"], refused


@tap.case
def many_events_make_one_mail():
    with installation() as folder:
        need(folder, "watch", need(folder, "person", "add", "brian@example.net")["person"],
             "project/x")
        need(folder, "topic", "add", "issue/12", "--parent", "project/x")
        for number in range(20):
            need(folder, "event", "issue/12", "commented", "--text", str(number))
        with serving(folder):
            until(lambda: need(folder, "deliveries")["deliveries"], "a mail is made")
            until(lambda: need(folder, "why", "brian@example.net", "20")["outcome"] == "queued",
                  "the last event is in it")
            assert len(need(folder, "deliveries")["deliveries"]) == 1


@tap.case
def a_second_daemon_is_refused_by_name():
    with installation() as folder, serving(folder) as first:
        second = subprocess.run([PROGRAM, "serve"], cwd=folder, capture_output=True, text=True,
                                check=False, timeout=PATIENCE_S)
        assert second.returncode == 69, second
        assert f"pid {first.pid}" in second.stderr, second.stderr


@tap.case
def commands_do_the_same_with_the_daemon_up_and_down():
    with installation() as folder:
        down = need(folder, "topic", "add", "issue/1", "--title", "One")
        with serving(folder):
            up = need(folder, "topic", "add", "issue/2", "--title", "One")
            assert ask(folder, "person", "add", "x", "--address", "no address")[0] == 65
        assert down.keys() == up.keys()
        assert ask(folder, "person", "add", "x", "--address", "no address")[0] == 65
        assert need(folder, "person", "list")["people"] == []


@tap.case
def a_wrong_command_line_says_what_is_wrong():
    with installation() as folder:
        for words, code, said in ((["person", "add", "x", "--colour", "red"], 64, "--colour"),
                                  (["bogus"], 64, "bogus"),
                                  (["--config", "nowhere.yaml", "queue"], 78, "nowhere.yaml")):
            done = subprocess.run([PROGRAM, *words], cwd=folder, capture_output=True, text=True,
                                  check=False, timeout=PATIENCE_S)
            assert done.returncode == code and said in done.stderr, done


tap.run()
