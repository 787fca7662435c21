#!/usr/bin/python3
"""script/demo tells the truth: it is run once, and what it says and leaves is held against what
must have happened."""

import email
import email.policy
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import tap

SOURCE = Path(os.environ["POSTROOM_SOURCE"])
DEMO = [sys.executable, SOURCE / "tools" / "demo", "--program", os.environ["POSTROOM_BINARY"]]
PATIENCE_S = 240

sys.path.insert(0, str(SOURCE / "tools" / "demo"))
import repository  # noqa: E402 (it stands where the line above says)
import stage as staging  # noqa: E402


def processes_of(folder):
    """What runs below the folder or was started from files in it."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            words = (process / "cmdline").read_bytes().decode(errors="replace").split("\0")
            if (process / "cwd").readlink().is_relative_to(folder):
                found.append(words)
        except OSError:
            continue
    return found


class Run:
    """One run of the demo, shared by the cases."""

    def __init__(self):
        self.home = tempfile.TemporaryDirectory(prefix="postroom-demo-")
        self.folder = Path(self.home.name) / "demo"
        done = subprocess.run([*DEMO, "--folder", self.folder], text=True, check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=PATIENCE_S)
        self.code, self.said = done.returncode, done.stdout
        self.left_running = processes_of(self.folder)

    def section(self, number):
        return self.said.partition(f"\n{number}. ")[2].partition(f"\n{number + 1}. ")[0]

    def mail(self, name):
        return email.message_from_bytes((self.folder / "mails" / name).read_bytes(),
                                        policy=email.policy.default)


run = Run()


@tap.case
def it_ends_well_and_leaves_nothing_but_mails_and_logs():
    assert run.code == 0, run.said
    assert run.left_running == [], run.left_running
    assert {path.name for path in run.folder.iterdir()} == {"mails", "logs"}


@tap.case
def it_is_plain_text():
    assert "\x1b" not in run.said and "\r" not in run.said
    assert "Traceback" not in run.said


@tap.case
def who_got_what():
    assert sorted(path.name for path in (run.folder / "mails").iterdir()) == [
        "ada-1.eml", "ada-2.eml", "ada-3.eml", "ben-1.eml", "brian-1.eml", "chen-1.eml",
        "chen-2.eml", "fay-1.eml", "fred-1.eml", "gwen-1.eml"]
    events = {name: run.mail(name)["X-Postroom-Event"] for name in
              ("ada-1.eml", "ada-2.eml", "ada-3.eml", "chen-1.eml", "chen-2.eml", "gwen-1.eml")}
    assert events == {"ada-1.eml": "1, 2", "ada-2.eml": "3", "ada-3.eml": "4, 5, 6",
                      "chen-1.eml": "1, 2", "chen-2.eml": "3", "gwen-1.eml": "5"}, events
    for name in ("Dora", "Emil"):
        assert re.search(rf"^  {name} +nothing", run.section(7), re.M), run.section(7)


@tap.case
def the_greylisted_mail_waits_and_is_taken_at_the_second_try():
    waiting = run.section(4)
    assert re.search(r"deferred +1 +\S+ +ben@meadow\.example", waiting), waiting
    explained = waiting.partition("$ postroom explain ")[2].partition("Chen")[0]
    assert "451 4.7.1 Greylisted, try again later" in explained, explained
    assert re.search(r"delivered +2 +\S+ +ben@meadow\.example", run.section(8)), run.section(8)


@tap.case
def the_second_exchanger_serves_for_the_dead_one():
    assert re.search(r"host +mx2\.twin\.example", run.section(4)), run.section(4)
    assert "by mx2.twin.example" in run.mail("chen-1.eml")["Received"]


@tap.case
def the_unknown_user_is_refused_in_the_servers_words_and_not_tried_again():
    assert re.search(r"failed +1 +\S+ +dora@quarry\.example", run.section(8)), run.section(8)
    told = run.section(8).partition("postroom trace")[2]
    assert re.search(r"code +550", told) and "No such user here" in told, told
    assert "dora@quarry.example" in run.section(5).partition("suppress list")[2], run.section(5)
    assert "none of their addresses may be mailed" in run.section(9), run.section(9)


@tap.case
def those_who_got_nothing_are_told_why():
    why = run.section(9)
    assert "emil had muted project/postroom" in why, why
    assert "fay did it" in why, why


@tap.case
def mail_goes_over_tls_where_it_is_offered():
    assert " with ESMTPS " in run.mail("ada-1.eml")["Received"]
    assert " with ESMTP " in run.mail("ben-1.eml")["Received"]


@tap.case
def the_mails_of_one_thread_stand_together():
    first, second = run.mail("ada-1.eml"), run.mail("ada-2.eml")
    assert first["Subject"] == second["Subject"], (first["Subject"], second["Subject"])
    root = first["References"].split()[0]
    assert root in second["References"].split(), (first["References"], second["References"])
    assert first["Message-ID"] in second["References"].split(), second["References"]


@tap.case
def what_was_undone_is_not_told():
    text = run.mail("ada-3.eml").get_body(("plain",)).get_content()
    assert "Gwen" in text and "Priority" not in text, text


@tap.case
def forty_changes_of_an_issue_are_one_mail_for_each_who_watches():
    for name, reason in (("brian-1.eml", "You get this because you watch Project tracker."),
                         ("fred-1.eml", "You get this because you watch Issue 1.")):
        text = run.mail(name).get_body(("plain",)).get_content()
        assert "Priority" not in text and "open" in text and "fixed" in text, text
        assert "Found it: the limit was in the proxy." in text and reason in text, text
    told = run.section(10)
    assert "ana had muted issue/1" in told, told
    assert re.search(r"^  Ana +nothing", told, re.M), told


@tap.case
def a_failure_says_so_and_leaves_nothing_running():
    with tempfile.TemporaryDirectory(prefix="postroom-demo-") as name:
        folder = Path(name) / "demo"
        done = subprocess.run([*DEMO[:3], "/bin/false", "--folder", folder], text=True,
                              capture_output=True, check=False, timeout=PATIENCE_S)
        assert done.returncode == 1, done
        assert "The demo failed: postroom init" in done.stderr and "logs" in done.stderr, done
        assert processes_of(folder) == []


@tap.case
def a_signal_ends_all_of_it():
    with tempfile.TemporaryDirectory(prefix="postroom-demo-") as name:
        folder = Path(name) / "demo"
        with subprocess.Popen([*DEMO, "--folder", folder], stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True) as demo:
            for line in demo.stdout:  # until all processes run
                if line.startswith("2. The people"):
                    break
            demo.send_signal(signal.SIGTERM)
            demo.stdout.read()
            assert demo.wait(PATIENCE_S) == 128 + signal.SIGTERM, demo.returncode
        assert processes_of(folder) == [], processes_of(folder)


@tap.case
def kept_running_it_is_stopped_by_name_of_process_and_birth():
    with tempfile.TemporaryDirectory(prefix="postroom-demo-") as name:
        stage = staging.Stage(os.environ["POSTROOM_BINARY"], Path(name))
        stage.prepare()
        stage.start_exchangers()
        count = len(stage.running)
        stage.leave_running()
        assert staging.stop_left_running(Path(name)) == count == 4
        assert not (Path(name) / "running.json").exists()


def history_of(make_source):
    """What the demo makes of a source tree: whether the commits are its own, and the pushes."""
    with tempfile.TemporaryDirectory(prefix="postroom-demo-") as name:
        source, folder = Path(name) / "source", Path(name) / "demo"
        folder.mkdir()
        make_source(source)
        it = repository.Repository(source, folder)
        it.make()
        for number in range(3):
            it.push(number)
        assert it.folder_to_watch((0, 1), not_in=2)
        return it.own_history, [len(it.commits_of(number)) for number in range(3)]


def archive(source):
    for part in ("src", "doc"):
        shutil.copytree(SOURCE / part, source / part)


def clone_of_depth(depth):
    def make(source):
        full = source.parent / "full"
        settings = ["-c", "user.name=Somebody", "-c", "user.email=somebody@example.org"]
        archive(full)
        subprocess.run(["git", "init", "-q", full], check=True)
        for number in range(30):
            (full / "src" / "base" / "number.txt").write_text(f"{number}\n")
            subprocess.run(["git", *settings, "-C", full, "add", "--all"], check=True)
            subprocess.run(["git", *settings, "-C", full, "commit", "-qm", f"Step {number}"],
                           check=True)
        subprocess.run(["git", "clone", "-q", "--depth", str(depth), f"file://{full}", source],
                       check=True)
    return make


@tap.case
def an_archive_has_commits_made_of_its_files():
    own, pushes = history_of(archive)
    assert own and min(pushes) > 0, (own, pushes)


@tap.case
def a_clone_too_shallow_as_well():
    own, pushes = history_of(clone_of_depth(1))
    assert own and min(pushes) > 0, (own, pushes)


@tap.case
def a_shallow_clone_deep_enough_gives_its_own():
    own, pushes = history_of(clone_of_depth(20))
    assert not own and sum(pushes) == 19, (own, pushes)


tap.run()
