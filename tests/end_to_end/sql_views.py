#!/usr/bin/python3
"""postroom-sql(7), as another program uses it: the views have the columns of the page, say what the
commands say, and are read while the daemon works."""

import contextlib
import json
import os
import re
import sqlite3
import tempfile
from pathlib import Path

import exchanger
import processes
import tap
from installation import Installation

PROGRAM = os.environ["POSTROOM_BINARY"]
PAGE = Path(os.environ["POSTROOM_SOURCE"], "doc/man/postroom-sql.7").read_text(encoding="utf-8")
TO = "Brian@[127.0.0.1]"  # no name to look up


def columns_of_the_page():
    """View -> its columns, from the list of the page: the `.Fa` lines that end with a full stop."""
    views = {}
    for item in re.split(r"^\.It Sy ", PAGE, flags=re.MULTILINE)[1:]:
        name, rest = item.split("\n", 1)
        words = []
        for line in rest.splitlines():
            if line.startswith(".Fa ") and ("," in line or line.endswith(" .")):
                words += re.findall(r"[a-z_]+", line[4:])
                if line.endswith(" ."):
                    break
        views[name] = words
    return views


def examples_of_the_page():
    return re.findall(r"^\.Bd .*?\n(SELECT.*?)\n\.Ed", PAGE, flags=re.MULTILINE | re.DOTALL)


@contextlib.contextmanager
def told():
    """A store in which Brian has been told of one event, the daemon still at work."""
    with tempfile.TemporaryDirectory(prefix="postroom-sql-") as name, \
            exchanger.taking(PROGRAM) as peer:
        installation = Installation.new(PROGRAM, Path(name) / "mail", {
            "domain": "example.org",
            "resolver": {"address": "127.0.0.1@9"},
            "smtp": {"port": peer.port, "allow_loopback": True},
            "watching": {"window": "0s"},
        })
        installation.need("person", "add", "brian", "--address", TO, "--name", "Brian")
        installation.need("topic", "add", "project/x", "--title", "Project X")
        installation.need("topic", "add", "issue/12", "--parent", "project/x")
        installation.need("kind", "add", "commented")
        installation.need("kind", "add", "closed")
        installation.need("watch", "brian", "project/x", "--kinds", "commented,closed")
        with installation.serving():
            installation.need("event", "issue/12", "commented", "--text", "Fixed.",
                              "--change", "status=open..closed")
            processes.until(lambda: reading(installation, "SELECT 1 FROM deliveries"
                                                          " WHERE state = 'delivered'"),
                            "the mail is delivered")
            yield installation


def reading(installation, statement):
    with contextlib.closing(sqlite3.connect(f"file:{installation.folder}/postroom.db?mode=ro",
                                            uri=True)) as db:
        db.row_factory = sqlite3.Row
        return [dict(row) for row in db.execute(statement)]


@tap.case
def each_view_has_the_columns_of_its_page():
    with told() as installation:
        views = {row["name"] for row in reading(
            installation, "SELECT name FROM sqlite_schema WHERE type = 'view'")}
        page = columns_of_the_page()
        assert set(page) == views, (sorted(page), sorted(views))
        for name, columns in page.items():
            has = [row["name"] for row in reading(installation, f"PRAGMA table_info({name})")]
            assert has == columns, (name, has, columns)
            reading(installation, f"SELECT * FROM {name}")


@tap.case
def they_say_what_the_commands_say():
    with told() as installation:
        [mail] = reading(installation, "SELECT * FROM deliveries")
        [shown] = installation.need("deliveries", "--to", "brian")["deliveries"]
        assert mail["state"] == shown["state"] == "delivered", (mail, shown)
        assert mail["person_key"] == "brian" and mail["address"] == TO, mail
        assert mail["normal"] == TO.lower() and mail["stream"] == "notices", mail
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", mail["ended_at"]), mail
        [attempt] = reading(installation, "SELECT * FROM attempts")
        assert attempt["outcome"] == "delivered" and attempt["code"] == 250, attempt
        assert attempt["delivery"] == mail["delivery"] and attempt["by_us"] == 0, attempt
        [watch] = reading(installation, "SELECT * FROM watches")
        assert watch["topic_key"] == "project/x" and watch["mode"] == "now", watch
        assert sorted(watch["kinds"].split(",")) == ["closed", "commented"], watch
        [event] = reading(installation, "SELECT * FROM events")
        assert event["fan_out"] == "done" and event["told"] == 1, event
        [change] = reading(installation, "SELECT * FROM event_changes")
        assert (change["old"], change["new"]) == ("open", "closed"), change
        [part] = reading(installation, "SELECT * FROM delivery_topics")
        assert part["topic_key"] == "issue/12" and part["to_seq"] == event["seq"], part
        assert json.loads(reading(installation, "SELECT * FROM people")[0]["languages"]) == []


@tap.case
def what_recurs_and_what_is_asked_is_told():
    with told() as installation:
        installation.need("recur", "add", "standup", "--rule", "FREQ=DAILY", "--at", "09:15",
                          "--topic", "team/a", "--kind", "reminded", "--catch-up", "skip")
        installation.need("event", "release/7", "submitted", "--to", "brian", "--ask", "approve",
                          "--ask", "reject")
        [row] = reading(installation, "SELECT * FROM recurrences")
        shown = installation.need("recur", "show", "standup")
        assert (row["name"], row["zone"], row["start_minute"]) == ("standup", "UTC", 555), row
        assert (row["state"], row["catch_up"]) == (shown["state"], shown["catch_up"]), row
        assert row["next_at"] == shown["next"][0] and row["problem"] is None, (row, shown)
        [asked] = reading(installation, "SELECT * FROM questions")
        assert asked["answers"] == "approve,reject" and asked["closed_at"] is None, asked
        processes.until(lambda: reading(installation, "SELECT 1 FROM approvals"), "brian is asked")
        [approval] = reading(installation, "SELECT * FROM approvals")
        assert approval["person_key"] == "brian" and approval["is_open"] == 1, approval
        installation.need("answer", "brian", str(asked["event"]), "approve", "--text", "Go.")
        installation.need("recur", "pause", "standup")
        [asked] = reading(installation, "SELECT * FROM questions")
        assert (asked["person_key"], asked["answer"]) == ("brian", "approve"), asked
        assert asked["topic_key"] == "release/7" and asked["closed_at"], asked
        assert reading(installation, "SELECT is_open FROM approvals") == [{"is_open": 0}]
        assert reading(installation, "SELECT state FROM recurrences") == [{"state": "paused"}]


@tap.case
def the_examples_of_the_page_answer_by_index():
    large = re.compile(r"\bSCAN (?:delivery|delivery_part|delivery_state|attempt|d|s|event)\b")
    with told() as installation:
        examples = examples_of_the_page()
        assert len(examples) == 3, examples
        rows = [reading(installation, example) for example in examples]
        assert rows[0][0]["state"] == "delivered" and rows[0][0]["topic_key"] == "issue/12", rows
        assert rows[1][0] == {"person_key": "brian", "mode": "now"}, rows
        for example in examples:
            plan = [row["detail"] for row in reading(installation, "EXPLAIN QUERY PLAN " + example)]
            assert not any(large.search(line) for line in plan), plan


@tap.case
def nobody_writes_through_them():
    with told() as installation:
        try:
            reading(installation, "DELETE FROM deliveries")
        except sqlite3.OperationalError as refusal:
            assert "view" in str(refusal) or "readonly" in str(refusal), refusal
        else:
            raise AssertionError("a view was written")


tap.run()
