#!/usr/bin/python3
"""What recurs and what is asked, by commands and over HTTP, with a daemon that runs."""

import contextlib
import json
import os
import tempfile
import urllib.error
import urllib.request
from pathlib import Path

import processes
import tap
from installation import Installation

PROGRAM = os.environ["POSTROOM_BINARY"]
CALENDAR = """BEGIN:VCALENDAR\r
BEGIN:VEVENT\r
DTSTART;VALUE=DATE:20301225\r
RRULE:FREQ=YEARLY;COUNT=2\r
END:VEVENT\r
END:VCALENDAR\r
"""


@contextlib.contextmanager
def served():
    with tempfile.TemporaryDirectory(prefix="postroom-asking-") as folder:
        port = processes.free_port()
        made = Installation.new(PROGRAM, Path(folder) / "mail", {
            "domain": "example.org", "deliver": "only nobody.example.org",
            "http": {"listen": f"127.0.0.1:{port}"}})
        token = made.need("token", "add", "tracker", "--scopes",
                          "events:read,events:write")["token"]

        def http(method, path, body=None):
            request = urllib.request.Request(
                f"http://127.0.0.1:{port}/api/v1{path}", method=method,
                data=None if body is None else json.dumps(body).encode(),
                headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"})
            try:
                with urllib.request.urlopen(request, timeout=30) as answer:
                    return answer.status, json.load(answer)
            except urllib.error.HTTPError as refusal:
                return refusal.code, json.load(refusal)

        for key in ("ann", "ben"):
            made.need("person", "add", key, "--address", f"{key}@example.net")
        with made.serving():
            yield made, http


STANDUP = {"recurrence": "standup", "rule": "FREQ=WEEKLY;BYDAY=FR", "at": "09:00",
           "zone": "Europe/Vienna", "from": "2030-12-01", "topic": "team/a", "kind": "reminded"}


@tap.case
def a_recurrence_comes_rests_and_goes():
    with served() as (made, http):
        (made.folder / "days.ics").write_text(CALENDAR)
        added = made.need("recur", "add", "review", "--rule", "FREQ=YEARLY;BYMONTH=12", "--at",
                          "9:00", "--from", "2030-12-25", "--topic", "team/a", "--kind",
                          "reminded", "--calendar", "days.ics", "--holidays",
                          "2032-12-25..2032-12-26", "--title", "Look back")
        assert added["next"][0] == "2033-12-25T09:00:00.000Z", added
        assert added["holidays"] == ["2030-12-25", "2031-12-25", "2032-12-25", "2032-12-26"], added
        assert added["event"] == {"kind": "reminded", "title": "Look back", "topic": "team/a"}
        code, told = http("POST", "/recurrences", STANDUP)
        assert code == 201 and told["next"][0] == "2030-12-06T08:00:00.000Z", told
        assert http("POST", "/recurrences", STANDUP)[0] == 409
        code, refused = http("POST", "/recurrences", {**STANDUP, "rule": "FREQ=SECONDLY"})
        assert code == 422 or code == 400, refused
        assert "rule" in json.dumps(refused), refused
        listed = http("GET", "/recurrences?limit=1")[1]
        assert [row["recurrence"] for row in listed["recurrences"]] == ["review"], listed
        listed = http("GET", f"/recurrences?after={listed['next']}")[1]
        assert [row["recurrence"] for row in listed["recurrences"]] == ["standup"], listed
        assert http("POST", "/recurrences/standup/pause", {})[1]["state"] == "paused"
        assert made.need("recur", "show", "standup")["next"] == []
        assert made.need("recur", "resume", "standup")["state"] == "goes on"
        assert http("DELETE", "/recurrences/standup")[0] == 200
        assert http("GET", "/recurrences/standup")[0] == 404
        subjects = [row["subject"] for row in made.need("audit")["audit"]]
        assert subjects.count("recurrence standup") == 4, subjects


@tap.case
def what_recurs_is_changed_in_place():
    with served() as (made, http):
        assert http("POST", "/recurrences", {**STANDUP, "title": "Stand up"})[0] == 201
        changed = made.need("recur", "set", "standup", "--at", "10:30", "--rule",
                            "FREQ=WEEKLY;BYDAY=MO", "--title", "")
        assert changed["next"][0] == "2030-12-02T09:30:00.000Z", changed
        assert changed["event"] == {"kind": "reminded", "topic": "team/a"}, changed
        assert changed["zone"] == "Europe/Vienna" and changed["from"] == "2030-12-01", changed
        code, changed = http("PATCH", "/recurrences/standup", {"zone": "", "holidays": ["2030-12-02"]})
        assert code == 200 and changed["next"][0] == "2030-12-09T10:30:00.000Z", changed
        before = made.need("recur", "show", "standup")
        for wish, field in (({"rule": "FREQ=SECONDLY"}, "rule"), ({"at": "25:00"}, "at"),
                            ({"zone": "Mars/One"}, "zone"), ({"rule": ""}, "rule"),
                            ({"until": "2029-01-01T00:00:00Z"}, "no time"), ({"deadline": "soon"}, "deadline")):
            code, refused = http("PATCH", "/recurrences/standup", {"title": "x", **wish})
            assert code == 400 and field in refused["detail"], (wish, refused)
            assert made.need("recur", "show", "standup") == before, wish
        assert http("PATCH", "/recurrences/none", {"at": "9:00"})[0] == 404
        http("POST", "/recurrences/standup/pause", {})
        paused = made.need("recur", "set", "standup", "--zone", "Asia/Tokyo")
        assert paused["state"] == "paused" and paused["next"] == [], paused
        assert made.need("recur", "resume", "standup")["next"][0] == "2030-12-09T01:30:00.000Z"


@tap.case
def the_first_answer_counts():
    with served() as (made, http):
        made.need("event", "release/7", "submitted", "--title", "Release 7", "--to", "ann",
                  "--to", "ben", "--ask", "approve", "--ask", "reject")

        def opened():
            return http("GET", "/approvals?person=ben")[1]["approvals"]

        processes.until(opened, "ben is asked")
        assert opened()[0]["answers"] == ["approve", "reject"], opened()
        assert made.ask("answer", "ann", "1", "perhaps")[0] != 0
        assert made.need("answer", "ann", "1", "approve", "--text", "Go.")["answer"] == "approve"
        code, refused = http("POST", "/events/1/answer", {"person": "ben", "answer": "reject"})
        assert code == 409 and 'ann answered' in json.dumps(refused), refused
        assert opened() == [] and made.need("approvals", "ann")["approvals"] == []
        shown = made.need("event", "show", "2")
        assert (shown["kind"], shown["actor"], shown["text"]) == ("answered", "ann", "Go."), shown


tap.run()
