#!/usr/bin/python3
"""Pushes to a bare repository with postroom's real post-receive hook."""

import contextlib
import os
import signal
import subprocess
import tempfile
from pathlib import Path

import processes
import tap
from installation import Installation

PROGRAM = os.environ["POSTROOM_BINARY"]
SETTINGS = {"domain": "example.org", "watching": {"window": "200ms", "busy_window": "0s"}}


class Forge:
    """An installation, a bare repository with the hook, and somebody's clone of it."""

    def __init__(self, folder):
        self.folder = folder
        self.mail = Installation.new(PROGRAM, folder / "mail", SETTINGS)
        self.bare = folder / "proj.git"
        self.clone = folder / "clone"
        self.said = ""
        self.environment = {**os.environ, "GIT_CONFIG_NOSYSTEM": "1", "HOME": str(folder)}
        self.git("init", "-q", "--bare", self.bare, cwd=folder)
        self.git("clone", "-q", self.bare, self.clone, cwd=folder)
        self.git("config", "user.name", "Ana Silva")
        self.git("config", "user.email", "ana@example.net")
        self.set_hook("git-hook")

    def git(self, *words, cwd=None):
        done = subprocess.run(["git", *words], cwd=cwd or self.clone, env=self.environment,
                              capture_output=True, check=True, timeout=processes.PATIENCE_S)
        self.said = done.stderr.decode("utf-8", "replace")
        return done.stdout.decode("utf-8", "replace").strip()

    def set_hook(self, words, config="mail/postroom.yaml"):
        hook = self.bare / "hooks" / "post-receive"
        hook.write_text(f'#!/bin/sh\nexec "{PROGRAM}" --config "{self.folder / config}" {words}\n')
        hook.chmod(0o755)

    def commit(self, subject, *paths, text="a line\n"):
        for path in paths:
            path = os.path.join(os.fsencode(self.clone), os.fsencode(path))
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "a", encoding="utf-8") as file:
                file.write(text)
        self.git("add", ".")
        self.git("commit", "-q", "--allow-empty", "-m", subject)

    def push(self, *words):
        self.git("push", "-q", "origin", *(words or ("HEAD:main",)))

    def event(self, number):
        return self.mail.need("event", "show", str(number))

    def outcome(self, person, event):
        return self.mail.need("why", person, str(event))["outcome"]


@contextlib.contextmanager
def forge():
    with tempfile.TemporaryDirectory(prefix="postroom-git-") as name:
        yield Forge(Path(name))


@tap.case
def a_push_is_one_event_with_its_commits():
    with forge() as f:
        f.commit("Begin", "README", "src/a.c")
        f.commit("Go on", "src/a.c")
        f.push()
        event = f.event(1)
        assert event["topic"] == "repo/proj" and event["kind"] == "pushed", event
        assert event["actor"] == "ana@example.net", event
        assert event["title"] == "new branch main: 2 commits", event
        assert [c["subject"] for c in event["data"]["commits"]] == ["Go on", "Begin"], event
        assert " Go on\n" in event["text"] and "All by Ana Silva\n" in event["text"], event["text"]
        assert "src/a.c  +2 -0" in event["text"], event["text"]
        assert f.mail.need("person", "show", "ana@example.net")["name"] == "Ana Silva"
        assert f.said == "", f.said


@tap.case
def watchers_of_the_project_and_of_a_folder_get_mail_with_the_daemon_up():
    with forge() as f:
        for who in ("brian", "fred", "gina", "hugo"):
            f.mail.need("person", "add", who, "--address", f"{who}@example.net")
        f.mail.need("topic", "add", "repo/proj/src", "--parent", "repo/proj")
        f.mail.need("watch", "brian", "repo/proj")
        f.mail.need("watch", "fred", "repo/proj/src")
        f.mail.need("watch", "gina", "repo/proj")
        f.mail.need("watch", "gina", "repo/proj/src", "--mode", "mute")
        f.mail.need("watch", "hugo", "repo/proj", "--mode", "mute")
        f.mail.need("watch", "hugo", "repo/proj/src")
        with f.mail.serving():
            f.commit("Documents", "doc/a")
            f.push()
            f.commit("Code", "src/b")
            f.push()
            f.commit("Both", "src/b", "doc/a")
            f.push()
            told = [[w for w in ("brian", "fred", "gina", "hugo")
                     if f.outcome(w, n) not in ("muted", "not_watching")] for n in (1, 2, 3)]
            mails = processes.until(
                lambda: len(f.mail.need("deliveries")["deliveries"]) >= 4, "mails are made")
        assert told == [["brian", "gina"], ["brian", "fred", "hugo"], ["brian", "fred", "gina"]], told
        assert mails


@tap.case
def a_branch_that_is_a_topic_is_watched_and_has_its_thread():
    with forge() as f:
        f.mail.need("person", "add", "brian", "--address", "brian@example.net")
        f.mail.need("topic", "add", "repo/proj@next", "--parent", "repo/proj")
        f.mail.need("watch", "brian", "repo/proj@next")
        with f.mail.serving():
            f.commit("Code", "src/b")
            f.push()
            f.push("HEAD:next")
            f.git("tag", "v1")
            f.commit("More", "src/b")
            f.push("HEAD:next", "v1")
            f.commit("Both", "src/b")
            f.push("HEAD:next", "HEAD:main")
            told = [f.outcome("brian", n) != "not_watching" for n in (1, 2, 3, 4)]
        assert told == [False, True, True, True], told
        assert [f.event(n)["thread"] for n in (1, 2, 3, 4)] == [
            "repo/proj", "repo/proj@next", "repo/proj@next", "repo/proj"]


@tap.case
def the_repository_says_its_topic_and_address_and_the_server_who_pushed():
    with forge() as f:
        f.mail.need("person", "add", "ana", "--address", "ana@example.net")
        f.mail.need("person", "add", "bo", "--address", "bo@example.net")
        f.git("config", "postroom.topic", "project/x", cwd=f.bare)
        f.git("config", "postroom.url", "https://git.example.org/x/{name}/{new}", cwd=f.bare)
        f.commit("Begin", "README")
        f.push()
        event = f.event(1)
        head = f.git("rev-parse", "HEAD")
        assert event["topic"] == "project/x" and event["actor"] == "ana", event
        assert event["url"] == f"https://git.example.org/x/main/{head}", event
        f.environment["REMOTE_USER"] = "bo"
        f.commit("Go on", "README")
        f.push()
        assert f.event(2)["actor"] == "bo"
        f.set_hook("git-hook --by ana --topic project/y --url https://y.example.org/")
        f.commit("Go on", "README")
        f.push()
        event = f.event(3)
        assert (event["topic"], event["actor"], event["url"]) == (
            "project/y", "ana", "https://y.example.org/"), event


@tap.case
def branches_and_tags_come_move_and_go():
    with forge() as f:
        f.commit("One", "a")
        f.push()
        f.commit("Two", "a")
        f.commit("Three", "a")
        f.git("tag", "-a", "v1", "-m", "First")
        f.push("HEAD:topic/y", "v1")
        event = f.event(2)
        refs = {r["ref"]: r for r in event["data"]["refs"]}
        assert refs["refs/heads/topic/y"]["gained"] == 2, event
        assert refs["refs/heads/topic/y"]["files"] == 1, event
        assert event["title"].endswith(", and 1 other reference"), event
        f.push("HEAD:main")
        assert f.event(3)["title"] == "main: 2 commits"
        assert "pushed before" in f.event(3)["text"]
        f.git("checkout", "-q", "-b", "other", "HEAD~2")
        f.commit("Instead", "b")
        f.push("--force", "HEAD:main")
        assert f.event(4)["title"] == "main rewritten: 1 commit in place of 2", f.event(4)
        f.push(":topic/y", ":v1")
        assert "topic/y deleted" in f.event(5)["text"] + f.event(5)["title"], f.event(5)
        assert "tag v1 deleted" in f.event(5)["text"] + f.event(5)["title"], f.event(5)
        f.git("tag", "blob", f.git("rev-parse", "HEAD:a"))
        f.push("blob")
        assert f.event(6)["title"] == "new tag blob", f.event(6)
        f.git("notes", "add", "-m", "A note.")
        f.push("refs/notes/commits")
        assert f.event(7)["title"] == "new refs/notes/commits", f.event(7)
        assert f.event(7)["data"]["commits"] == [], f.event(7)


@tap.case
def names_that_are_no_utf8_are_shown_and_do_no_harm():
    with forge() as f:
        f.git("config", "i18n.commitEncoding", "iso-8859-1")
        f.mail.need("topic", "add", "repo/proj/src", "--parent", "repo/proj")
        f.commit("Begin", b"src/gr\xfcn/\x1b[31mred".decode("utf-8", "surrogateescape"))
        f.git("commit", "-q", "--amend", "-m", b"Gr\xfcn".decode("utf-8", "surrogateescape"))
        f.push(b"HEAD:refs/heads/gr\xfcn".decode("utf-8", "surrogateescape"))
        event = f.event(1)
        assert event["title"] == "new branch gr\\xFCn: 1 commit", event
        assert "Grün (Ana Silva)" in event["text"], event
        assert "src/gr\\xFCn/\\x1B[31mred  +1 -0" in event["text"], event
        assert {s["topic"] for s in event["scopes"]} == {"repo/proj", "repo/proj/src"}, event


@tap.case
def a_huge_push_is_told_in_few_words():
    with forge() as f:
        lines = ["blob\nmark :1\ndata 2\nx\n\n"]
        for number in range(1, 1501):
            lines.append(f"commit refs/heads/main\nmark :{number + 1}\n"
                         f"committer Ana <ana@example.net> {1700000000 + number} +0000\n"
                         f"data 6\nStep\n\n{'' if number == 1 else f'from :{number}' + chr(10)}"
                         f"M 100644 :1 folder{number % 40}/file{number}\n\n")
        subprocess.run(["git", "fast-import", "--quiet"], cwd=f.clone, env=f.environment,
                       input="".join(lines), text=True, check=True, timeout=processes.PATIENCE_S)
        f.push("main")
        event = f.event(1)
        assert event["title"] == "new branch main: 1500 commits", event["title"]
        assert "\nand 1400 more\n" in event["text"], event["text"][:3000]
        assert "1500 files changed, 1500 lines added" in event["text"]
        assert len(event["text"]) < 30000, len(event["text"])


@tap.case
def a_push_stands_though_nobody_can_be_told():
    with forge() as f:
        f.commit("Begin", "README")
        for words, config, said in (("git-hook", "nowhere.yaml", "nowhere.yaml"),
                                    ("git-hook --topic 'a b'", "mail/postroom.yaml", "topic")):
            f.set_hook(words, config)
            f.push()
            assert said in f.said and "remote: postroom git-hook: " in f.said, f.said
            assert f.git("rev-parse", "HEAD") == f.git("rev-parse", "main", cwd=f.bare)
            f.commit("Again", "README")
        f.set_hook("git-hook")
        (f.folder / "mail" / "postroom.db").rename(f.folder / "mail" / "away")
        f.push()
        assert "the push is in, but nobody will be told of it: " in f.said, f.said


@tap.case
def pushes_at_the_same_moment_are_all_told_without_a_daemon():
    with forge() as f:
        f.commit("Begin", "README")
        names = [f"branch{n}" for n in range(6)]
        pushes = [subprocess.Popen(["git", "push", "-q", "origin", f"HEAD:refs/heads/{name}"],
                                   cwd=f.clone, env=f.environment, stderr=subprocess.PIPE)
                  for name in names]
        said = [push.communicate(timeout=processes.PATIENCE_S)[1] for push in pushes]
        assert said == [b""] * 6 and all(push.returncode == 0 for push in pushes), said
        titles = {f.event(n)["title"].split(":")[0] for n in range(1, 7)}
        assert titles == {f"new branch {name}" for name in names}, titles


@tap.case
def a_daemon_that_is_silent_holds_no_push_up_for_ever():
    with forge() as f, f.mail.serving() as daemon:
        f.commit("Begin", "README")
        daemon.send_signal(signal.SIGSTOP)
        try:
            f.push()
        finally:
            daemon.send_signal(signal.SIGCONT)
        assert "the daemon does not answer" in f.said, f.said
        processes.until(lambda: f.mail.ask("event", "show", "1")[0] == 0, "it is told later")


@tap.case
def the_hook_by_hand_says_what_is_wrong_with_its_input():
    with forge() as f:
        f.commit("Begin", "README")
        f.push()
        head = f.git("rev-parse", "HEAD")
        for given, cwd, code, said in ((f"{head} {head} HEAD\n", f.clone, 65, "line 1"),
                                       (f"{'0' * 40} --all refs/heads/x\n", f.clone, 65, "line 1"),
                                       (f"{'0' * 40} {head} refs/heads/x\n", "/", 66, "repository"),
                                       ("", "/", 0, "")):
            done = subprocess.run(
                [PROGRAM, "--config", f.folder / "mail" / "postroom.yaml", "git-hook"], input=given,
                cwd=cwd, env=f.environment, text=True, capture_output=True, check=False,
                timeout=processes.PATIENCE_S)
            assert done.returncode == code and said in done.stderr, done


tap.run()
