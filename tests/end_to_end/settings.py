#!/usr/bin/python3
"""Settings that decide who gets mail, and files read anew by a daemon that goes on."""

import json
import os
import signal
import subprocess

import processes
import tap
from office import office

PROGRAM = os.environ["POSTROOM_BINARY"]


@tap.case
def all_mail_is_redirected_to_one_address():
    with office(deliver="redirect tester@[127.0.0.1]") as o, o.mail.serving():
        assert "redirect tester@[127.0.0.1]" in o.logged("staging")
        o.watcher("brian", "brian@example.net")
        o.watcher("fred", "fred@nowhere.example")
        o.happen("Fixed it.")
        letters = o.letters(2)
        assert {str(one["X-Postroom-Redirected"]) for one in letters} == {
            "brian@example.net", "fred@nowhere.example"}, letters
        assert {one["To"].addresses[0].addr_spec for one in letters} == {
            "brian@example.net", "fred@nowhere.example"}, letters
        processes.until(lambda: {state for state, _ in o.states().values()} == {"delivered"},
                        "both are delivered")
        check = subprocess.run([PROGRAM, "config", "check"], cwd=o.mail.folder, text=True,
                               capture_output=True, check=True)
        assert "redirect tester@[127.0.0.1]" in check.stdout, check.stdout


@tap.case
def only_those_listed_get_mail():
    with office(deliver="only brian@[127.0.0.1]") as o, o.mail.serving():
        o.watcher("brian", "brian@[127.0.0.1]")
        o.watcher("fred", "fred@example.net")
        o.happen("Fixed it.")
        assert o.letters(1)[0]["X-Postroom-Deliver"] == "only"
        processes.until(lambda: o.states() == {
            "brian@[127.0.0.1]": ("delivered", "accepted"),
            "fred@example.net": ("cancelled", "deliver_only")}, "one is delivered, one cancelled")
        why = o.mail.need("why", "fred", "1")
        assert why["outcome"] == "deliver_only", why


def hang_up(o, daemon, event):
    """Sends SIGHUP and waits until the daemon has said so once more."""
    before = o.mail.log.read_text().count(f" {event}")
    daemon.send_signal(signal.SIGHUP)
    processes.until(lambda: o.mail.log.read_text().count(f" {event}") > before, event)
    return o.logged(event)


@tap.case
def a_daemon_takes_over_templates_and_settings():
    with office() as o, o.mail.serving() as daemon:
        o.watcher("brian", "brian@[127.0.0.1]")
        o.happen("First.")
        assert "You get this because" in o.letters(1)[0].get_body(("plain",)).get_content()
        templates = o.mail.folder / "templates"
        templates.mkdir()
        (templates / "notice.text.txt").write_text("News: {{topic.name}}\n")
        o.settings.update(templates="templates", sender={"name": "The Tracker"})
        o.settings["smtp"] = {**o.settings["smtp"], "allow_private": True}
        o.mail.configure(o.settings)
        assert hang_up(o, daemon, "reloaded") == ' changed="sender.name templates"'
        assert o.logged("restart-needed") == " keys=smtp.allow_private"
        o.happen("Second.")
        letter = o.letters(2)[1]
        text = letter.get_body(("plain",)).get_content()
        assert text.startswith("News: Issue 12"), text
        assert letter["From"].addresses[0].display_name == "The Tracker", letter["From"]


@tap.case
def what_is_no_good_changes_nothing():
    with office() as o, o.mail.serving() as daemon:
        o.watcher("brian", "brian@[127.0.0.1]")
        templates = o.mail.folder / "templates"
        templates.mkdir()
        (templates / "notice.text.txt").write_text("News\n{{colour}}\n")
        o.mail.configure({**o.settings, "templates": "templates"})
        code, check = o.mail.ask("config", "check")
        assert code == 65 and "notice.text.txt:2" in check["error"]["text"], check
        said = hang_up(o, daemon, "reload-refused")
        assert "notice.text.txt:2" in said, said
        (o.mail.folder / "postroom.yaml").write_text(json.dumps({"colour": "red"}))
        assert "unknown key colour" in hang_up(o, daemon, "reload-refused")
        o.mail.configure({**o.settings, "dkim": {"key_file": "no.pem"}})
        assert "no.pem" in hang_up(o, daemon, "reload-refused")
        assert "no.pem" in o.mail.ask("config", "check")[1]["error"]["text"]
        o.mail.configure(o.settings)
        hang_up(o, daemon, "reloaded")
        assert o.logged("restart-needed") is None
        o.happen("Fixed it.")
        assert "Fixed it." in o.letters(1)[0].get_body(("plain",)).get_content()


tap.run()
