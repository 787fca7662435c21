#!/usr/bin/python3
"""`event --dry-run`: what it foresees, what it leaves alone, and what then happens."""

import contextlib
import hashlib
import os
import subprocess
import tempfile
from pathlib import Path

import processes
import tap
from installation import Installation

PROGRAM = os.environ["POSTROOM_BINARY"]
SETTINGS = {"domain": "example.org", "watching": {"window": "100ms", "busy_window": "0s"}}
EVENT = ("event", "issue/12", "commented", "--by", "fred", "--to", "ana:assigned",
         "--to", "new@example.net:mentioned")


@contextlib.contextmanager
def office():
    with tempfile.TemporaryDirectory(prefix="postroom-dry-") as name:
        post = Installation.new(PROGRAM, Path(name) / "mail", SETTINGS)
        for who in ("brian", "fred", "ana", "gina", "hugo"):
            post.need("person", "add", who, "--address", f"{who}@example.net")
        post.need("topic", "add", "issue/12", "--parent", "project/x")
        post.need("kind", "add", "closed")
        post.need("watch", "brian", "project/x")
        post.need("watch", "fred", "issue/12")
        post.need("watch", "ana", "issue/12", "--mode", "mute")
        post.need("watch", "gina", "project/x", "--mode", "mute")
        post.need("watch", "hugo", "issue/12", "--kinds", "closed")
        yield post


def foreseen(post, *options):
    answer = post.need(*EVENT, "--dry-run", *options)
    return {row["person"]: row["outcome"] for row in answer["people"]}, answer


def sums(folder):
    """All files, but for the index of the log, in which SQLite notes who reads."""
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(folder.iterdir()) if path.is_file() and path.suffix != ".db-shm"}


@tap.case
def each_is_named_with_what_would_become_of_it():
    with office() as post:
        people, answer = foreseen(post)
        assert people == {"brian": "told", "fred": "actor", "ana": "told", "gina": "muted",
                          "hugo": "kind_filtered", "new@example.net": "told"}, people
        assert answer["counts"] == {"told": 3, "actor": 1, "muted": 1, "kind_filtered": 1}, answer
        because = {row["person"]: row["because"] for row in answer["people"]}
        assert because["brian"] == "watches project/x", because
        assert because["ana"] == "is addressed: assigned", because
        assert because["hugo"] == "watches issue/12 only for: closed", because


@tap.case
def it_changes_no_byte_with_the_daemon_down():
    with office() as post:
        before = sums(post.folder)
        foreseen(post)
        after = sums(post.folder)
        assert after == before, [name for name in after if after[name] != before.get(name)]
        assert post.ask("event", "show", "1")[0] == 66
        assert post.ask("person", "show", "new@example.net")[0] == 66


@tap.case
def beside_the_daemon_it_foresees_what_then_happens():
    with office() as post, post.serving():
        people, _answer = foreseen(post)
        post.need(*EVENT)
        told = [who for who, outcome in people.items() if outcome == "told"]
        processes.until(lambda: len(post.need("deliveries")["deliveries"]) == len(told),
                        "all mails are made")
        for who, outcome in people.items():
            became = post.need("why", who, "1")["outcome"]
            assert (became in ("queued", "told", "owed")) == (outcome == "told"), (who, became)
            assert outcome in ("told", became), (who, outcome, became)


@tap.case
def some_are_named_and_all_are_counted():
    with office() as post:
        people, answer = foreseen(post, "--limit", "1")
        assert list(people) == ["brian"] and sum(answer["counts"].values()) == 6, answer
        people, _answer = foreseen(post, "--all")
        assert len(people) == 6, people
        done = subprocess.run([PROGRAM, *EVENT, "--dry-run"], cwd=post.folder, text=True,
                              capture_output=True, check=True, timeout=processes.PATIENCE_S)
        assert "told 3, actor 1, muted 1, kind_filtered 1" in done.stdout, done.stdout


@tap.case
def what_would_be_refused_is_refused():
    with office() as post:
        for words, code in ((("--limit", "5"), 65), (("--dry-run", "--label", ""), 65),
                            (("--dry-run", "--scope", "a b"), 65),
                            (("--dry-run", "--to", "#99"), 66), (("--dry-run", "--limit", "x"), 64)):
            assert post.ask("event", "issue/12", "commented", *words)[0] == code, words


tap.run()
