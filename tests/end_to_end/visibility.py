#!/usr/bin/python3
"""Who may see what, as an application says it: a real daemon, a real module, a mail exchanger that
shows what it gets."""

import contextlib
import email
import email.policy
import http.server
import json
import os
import tempfile
import threading
from pathlib import Path

import exchanger
import processes
import tap
from installation import Installation

PROGRAM = os.environ["POSTROOM_BINARY"]
MODULE = os.environ["POSTROOM_SEE_EXAMPLE"]
TOPIC = {"key": "issue/12", "title": "It does not close", "url": "https://tracker.example.org/12"}
TEMPLATE = ("{{#items}}{{text|brief}} {{#data}}[{{name}}={{value|brief}}]{{/data}} "
            "{{data.role|brief}}\n{{/items}}")


@contextlib.contextmanager
def installed(visibility, **more):
    """Ann and Bob of the staff watch the issue; yields the installation and the folder of mails."""
    with tempfile.TemporaryDirectory(prefix="postroom-visibility-") as name:
        mails = Path(name) / "mails"
        mails.mkdir()
        with exchanger.taking(PROGRAM, "--folder", mails) as mx:
            here = Installation.new(PROGRAM, Path(name) / "mail", {
                "domain": "example.org",
                "smtp": {"port": mx.port, "allow_loopback": True},
                "watching": {"window": "0s", "busy_window": "0s"},
                "visibility": visibility,
                "templates": "templates",
                **more,
            })
            (here.folder / "templates").mkdir()
            (here.folder / "templates" / "notice.text.txt").write_text(TEMPLATE)
            here.need("topic", "add", "issue/12")
            for person in ("ann", "staff-bob"):
                here.need("person", "add", person, "--address", f"{person}@[127.0.0.1]")
                here.need("watch", person, "issue/12")
            yield here, mails


def texts(mails):
    """What each person's mails say in plain text, by the names in their addresses."""
    said = {}
    for file in sorted(mails.rglob("*.eml")):
        mail = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
        person = str(mail["To"]).split("@")[0].strip('<" ')
        said.setdefault(person, []).append(mail.get_body(("plain",)).get_content())
    return said


def until_told(mails, **counts):
    """Waits until each person has so many mails, and gives what they say."""
    def told():
        said = texts(mails)
        return said if {who: len(said.get(who, [])) for who in counts} == counts else None
    return processes.until(told, f"{counts} are told")


def until_why(here, person, event, outcome):
    """Waits until that is what became of the event; before, it may not be taken in yet."""
    def found():
        code, answer = here.ask("why", person, event)
        return code == 0 and answer["outcome"] == outcome
    processes.until(found, f"{person} and event {event}: {outcome}")


def happened(here, kind, text, **more):
    here.insert({"topic": TOPIC, "kind": kind, "text": text, **more})


@tap.case
def a_module_has_its_say():
    with installed({"module": MODULE}) as (here, mails):
        happened(here, "commented", "For the staff.", label="staff", data={"build": 7})
        here.need("grant", "add", "ann", "staff")
        here.need("grant", "add", "staff-bob", "staff")
        with here.serving():
            said = until_told(mails, **{"staff-bob": 1})
            assert "For the staff. [build=7][role=staff] staff" in said["staff-bob"][0], said
            until_why(here, "ann", "1", "hidden")
            happened(here, "commented", "For everybody.")
            said = until_told(mails, **{"ann": 1, "staff-bob": 2})
            assert "For everybody." in said["ann"][0], said
            assert "For the staff." not in said["ann"][0], said
            until_why(here, "ann", "2", "told")
            until_why(here, "ann", "1", "hidden")
            assert here.value("SELECT count(*) FROM skips WHERE reason = 'hidden'") == 2
            happened(here, "typo-fixed", "A comma.")
            until_why(here, "ann", "3", "not_needed")


class Application(http.server.BaseHTTPRequestHandler):
    """Lets everybody see everything but what it is told of the staff, and knows its secret."""

    def do_POST(self):
        server = self.server
        question = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        server.asked.append((self.headers["Authorization"], question))
        answers = [{"item": item["item"], **server.say(item)} for item in question["items"]]
        body = json.dumps({"items": answers}).encode()
        self.send_response(server.status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def application(say):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Application)
    server.asked, server.say, server.status = [], say, 200
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def staff_only(item):
    if item.get("label") == "staff" and not item["person"].startswith("staff-"):
        return {"see": "no"}
    return {"see": "yes", "fields": {"role": item["person"]}}


@tap.case
def an_application_has_its_say_over_http():
    with application(staff_only) as server, installed({
            "url": f"http://127.0.0.1:{server.server_port}/see", "secret": "open sesame"}) as (
                here, mails):
        for person in ("ann", "staff-bob"):
            here.need("grant", "add", person, "staff")
        happened(here, "commented", "For the staff.", label="staff", key="c/1")
        with here.serving():
            said = until_told(mails, **{"staff-bob": 1})
            assert "For the staff. [role=staff-bob] staff-bob" in said["staff-bob"][0], said
            until_why(here, "ann", "1", "hidden")
            secret, question = server.asked[0]
            assert secret == "Bearer open sesame", secret
            item = question["items"][0]
            assert (item["key"], item["topic"], item["label"]) == ("c/1", "issue/12", "staff"), item


@tap.case
def mail_waits_while_the_application_is_away():
    with application(staff_only) as server, installed({
            "url": f"http://127.0.0.1:{server.server_port}/see"}) as (here, mails):
        server.status = 503
        happened(here, "commented", "Wait for it.")
        with here.serving():
            mail = processes.until(
                lambda: here.need("deliveries", "--state", "deferred")["deliveries"], "it waits")
            answer = here.need("explain", str(mail[0]["delivery"]))
            assert answer["waits_for"] == "application", answer
            assert any("it says 503, since " in line for line in answer["sentences"]), answer
            assert texts(mails) == {}
        server.status = 200
        with here.serving():
            for one in here.need("deliveries")["deliveries"]:
                here.need("queue", "now", str(one["delivery"]))
            until_told(mails, **{"ann": 1, "staff-bob": 1})


@tap.case
def settings_that_contradict_each_other_are_refused():
    with installed({"module": MODULE, "url": "http://127.0.0.1:9/"}) as (here, _):
        code, answer = here.ask("serve")
        assert code != 0 and "both set" in str(answer), (code, answer)
    with installed({"module": "nowhere.so"}) as (here, _):
        code, answer = here.ask("serve")
        assert code != 0 and "visibility.module" in str(answer), (code, answer)


tap.run()
