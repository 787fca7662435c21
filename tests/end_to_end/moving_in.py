#!/usr/bin/python3
"""Moving in: people and watches from Trac, Redmine and Mantis, from databases and CSV exports made
here with the tables of those programs."""

import contextlib
import os
import sqlite3
import tempfile
from pathlib import Path

import tap
from installation import Installation

PROGRAM = os.environ["POSTROOM_BINARY"]

TRAC = """
CREATE TABLE session (sid text, authenticated integer, last_visit integer, UNIQUE (sid,authenticated));
CREATE TABLE session_attribute (sid text, authenticated integer, name text, value text);
CREATE TABLE ticket (id integer PRIMARY KEY, type text, time integer, changetime integer,
  component text, severity text, priority text, owner text, reporter text, cc text, version text,
  milestone text, status text, resolution text, summary text, description text, keywords text);
CREATE TABLE notify_watch (id integer PRIMARY KEY, sid text, authenticated integer, class text,
  realm text, target text);
INSERT INTO session VALUES ('brian', 1, 0), ('fred', 1, 0), ('0abc', 0, 0), ('odd', 1, 0);
INSERT INTO session_attribute VALUES ('brian', 1, 'name', 'Brian O''Hara'),
  ('brian', 1, 'email', 'brian@example.net'), ('brian', 1, 'language', 'en_GB'),
  ('brian', 1, 'tz', 'Europe/Dublin'), ('fred', 1, 'email', 'fred@example.net'),
  ('fred', 1, 'tz', 'GMT +2:00'), ('odd', 1, 'email', 'no address'),
  ('0abc', 0, 'email', 'visitor@example.net');
INSERT INTO ticket (id, component, owner, reporter, cc, milestone, status, summary) VALUES
  (12, 'core', 'brian', 'fred', 'ana@example.net, brian;ghost', 'm1', 'new', 'It does not close'),
  (13, 'core', 'somebody', 'anonymous', '', '', 'assigned', 'It is slow'),
  (14, 'core', 'brian', 'fred', NULL, '', 'closed', 'It is done');
INSERT INTO notify_watch VALUES (1, 'fred', 1, 'W', 'ticket', '13'), (2, '0abc', 0, 'W', 'ticket', '13');
"""

MANTIS = """
CREATE TABLE mantis_user_table (id integer, username text, realname text, email text, enabled integer);
CREATE TABLE mantis_user_pref_table (user_id integer, project_id integer, language text, timezone text);
CREATE TABLE mantis_project_table (id integer, name text);
CREATE TABLE mantis_bug_table (id integer, project_id integer, reporter_id integer,
  handler_id integer, status integer, summary text);
CREATE TABLE mantis_bug_monitor_table (user_id integer, bug_id integer);
INSERT INTO mantis_user_table VALUES (1, 'brian', 'Brian', 'brian@example.net', 1),
  (2, 'gone', '', 'gone@example.net', 0);
INSERT INTO mantis_user_pref_table VALUES (1, 0, 'german', 'Europe/Berlin');
INSERT INTO mantis_project_table VALUES (7, 'Project X');
INSERT INTO mantis_bug_table VALUES (12, 7, 2, 0, 10, 'It does not close'),
  (13, 7, 1, 1, 90, 'It is done');
INSERT INTO mantis_bug_monitor_table VALUES (1, 12), (1, 13);
"""

REDMINE = {
    "users": "id,login,firstname,lastname,language,status,mail_notification\n"
             "1,admin,Ann,Admin,en,1,none\n2,brian,Brian,O'Hara,de,1,selected\n"
             "3,fred,Fred,\"Foo, jr.\",,3,only_my_events\n4,,Anonymous,,,0,\n",
    "email_addresses": "id,user_id,address,is_default\n1,1,ann@example.net,t\n"
                       "2,2,brian@example.net,t\n3,2,other@example.net,f\n4,3,fred@example.net,1\n",
    "user_preferences": "id,user_id,time_zone\n1,2,Europe/Berlin\n",
    "projects": "id,identifier,name,parent_id\n1,x,Project X,\n2,y,Part Y,1\n",
    "issues": "id,subject,project_id,author_id,assigned_to_id,status_id\n"
              "12,It does not close,2,3,2,1\n13,It is done,2,3,2,5\n",
    "issue_statuses": "id,is_closed\n1,f\n5,t\n",
    "watchers": "id,watchable_type,watchable_id,user_id\n1,Issue,12,1\n2,Issue,12,2\n3,News,1,2\n",
    "members": "id,user_id,project_id,mail_notification\n1,2,1,t\n2,2,2,f\n",
}


@contextlib.contextmanager
def installed():
    with tempfile.TemporaryDirectory(prefix="postroom-moving-") as name:
        yield Installation.new(PROGRAM, Path(name) / "mail", {"domain": "example.org"})


def database(folder, script):
    path = folder / "old.db"
    with contextlib.closing(sqlite3.connect(path)) as db:
        db.executescript(script)
    return path


def watches(installation, person):
    rows = installation.need("watches", person)["watches"]
    return {row["topic"]: row["origin"] for row in rows}


def parents(installation, topic):
    return sorted(row["topic"] for row in installation.need("topic", "show", topic)["in"])


def totals(report):
    return {part: tuple(report[part][count] for count in ("made", "changed", "kept", "refused"))
            for part in ("people", "topics", "watches")}


@tap.case
def trac_moves_in_from_its_database():
    with installed() as installation:
        old = database(installation.folder, TRAC)
        report = installation.need("import", "trac", str(old))
        assert totals(report) == {"people": (2, 0, 0, 1), "topics": (2, 0, 0, 0),
                                  "watches": (4, 0, 1, 1)}, report
        brian = installation.need("person", "show", "brian")
        assert brian["name"] == "Brian O'Hara" and brian["timezone"] == "Europe/Dublin", brian
        assert brian["languages"] == ["en-GB"] and brian["addresses"] == ["brian@example.net"], brian
        assert watches(installation, "brian") == {"ticket/12": "assignee"}
        assert watches(installation, "fred") == {"ticket/12": "author", "ticket/13": "import"}
        assert watches(installation, "ana@example.net") == {"ticket/12": "import"}
        places = {row["place"]: row["text"] for row in report["refused"]}
        assert set(places) == {"session odd", "ticket 12, cc"}, places
        assert "ghost" in places["ticket 12, cc"], places
        assert [row["place"] for row in report["notes"]] == ["session fred"], report["notes"]
        assert parents(installation, "ticket/12") == ["component/core", "milestone/m1"]


@tap.case
def a_dry_run_says_the_same_and_does_nothing():
    with installed() as installation:
        old = database(installation.folder, TRAC)
        before = (installation.folder / "postroom.db").read_bytes()
        planned = installation.need("import", "trac", str(old), "--dry-run")
        assert (installation.folder / "postroom.db").read_bytes() == before
        done = installation.need("import", "trac", str(old))
        assert totals(planned)["people"] == totals(done)["people"], (planned, done)
        assert totals(planned)["topics"] == totals(done)["topics"], (planned, done)
        assert planned["refused"] == done["refused"], (planned, done)


@tap.case
def what_is_known_stays_and_a_second_time_changes_nothing():
    with installed() as installation, installation.serving():
        installation.need("person", "add", "brian@example.net", "--name", "B.")
        installation.need("person", "add", "fred", "--address", "fred@example.org")
        installation.need("watch", "fred", "ticket/12", "--mode", "mute")
        old = database(installation.folder, TRAC)
        report = installation.need("import", "trac", str(old))
        assert totals(report)["people"] == (0, 1, 1, 1), report  # brian gets his key
        fred = installation.need("person", "show", "fred")
        assert fred["addresses"] == ["fred@example.org"], fred
        modes = {row["topic"]: row["mode"] for row in installation.need("watches", "fred")["watches"]}
        assert modes["ticket/12"] == "mute", modes
        again = totals(installation.need("import", "trac", str(old)))
        assert {part: counts[:2] for part, counts in again.items()} == dict.fromkeys(again, (0, 0))


@tap.case
def redmine_moves_in_from_csv():
    with installed() as installation:
        folder = installation.folder / "export"
        folder.mkdir()
        for table, text in REDMINE.items():
            (folder / f"{table}.csv").write_text(text, encoding="utf-8")
        report = installation.need("import", "redmine", str(folder))
        assert totals(report)["people"] == (3, 0, 0, 0), report
        assert not report["refused"], report
        fred = installation.need("person", "show", "fred")
        assert fred["name"] == "Fred Foo, jr." and fred["status"] == "inactive", fred
        assert watches(installation, "brian") == {"issue/12": "import", "project/x": "import"}
        assert watches(installation, "fred") == {"issue/12": "author"}
        assert watches(installation, "admin") == {}  # wants no mail
        assert parents(installation, "project/y") == ["project/x"]
        (folder / "issues.csv").write_text("id,subject\n1,\"a\"b\n", encoding="utf-8")
        code, error = installation.ask("import", "redmine", str(folder))
        assert code == 65 and "issues.csv: line 2: a quote" in str(error), (code, error)


@tap.case
def mantis_moves_in():
    with installed() as installation:
        report = installation.need("import", "mantis",
                                   str(database(installation.folder, MANTIS)))
        assert totals(report) == {"people": (2, 0, 0, 0), "topics": (2, 0, 0, 0),
                                  "watches": (2, 0, 0, 0)}, report
        assert installation.need("person", "show", "brian")["languages"] == ["de"]
        assert watches(installation, "brian") == {"issue/12": "import"}
        assert watches(installation, "gone") == {"issue/12": "author"}


@tap.case
def what_is_none_is_said():
    with installed() as installation:
        old = database(installation.folder, "CREATE TABLE ticket (id);")
        for words, expected in ((("trac", str(old)), "there is no table session: is it trac's?"),
                                (("bugzilla", str(old)), "mantis redmine trac"),
                                (("trac", "/nowhere"), "/nowhere"),
                                (("trac", str(installation.folder)), "there is no session.csv")):
            code, error = installation.ask("import", *words)
            assert code != 0 and expected in str(error), (words, code, error)


tap.run()
