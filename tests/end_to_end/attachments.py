#!/usr/bin/python3
"""Files that events bring along, read back out of the mails by Python's own reader; what is too
large is refused by the name of its limit, by each way in."""

import base64
import json
import urllib.error
import urllib.request

import processes
import tap
from office import office

PNG = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9"
                       "awAAAABJRU5ErkJggg==")
LOG = bytes(range(256)) * 4
TO = "brian@[127.0.0.1]"


def parts_of(letter):
    return [(part.get_content_type(), part.get_filename()) for part in letter.walk()]


@tap.case
def a_mail_carries_an_image_and_a_file_of_a_command():
    with office() as o, o.mail.serving():
        o.watcher("brian", TO)
        picture = o.mail.folder / "Größe.png"
        picture.write_bytes(PNG)
        (o.mail.folder / "save.log").write_bytes(LOG)
        o.mail.need("event", "issue/12", "commented", "--text", "See.",
                    "--attach", "save.log", "--inline", str(picture))
        letter = o.letters(1)[0]
        assert parts_of(letter) == [
            ("multipart/mixed", None), ("multipart/alternative", None), ("text/plain", None),
            ("multipart/related", None), ("text/html", None), ("image/png", "Größe.png"),
            ("text/plain", "save.log")], parts_of(letter)
        page, image, file = [list(letter.walk())[at] for at in (4, 5, 6)]
        assert image.get_content() == PNG and image.get_content_disposition() == "inline"
        assert f"cid:{image['Content-ID'].strip('<>')}" in page.get_content()
        assert file.get_payload(decode=True) == LOG and file.is_attachment()
        plain = letter.get_body(("plain",)).get_content()
        assert "Attachments (2): save.log (1 kB), Größe.png (1 kB)" in plain, plain
        shown = o.mail.need("event", "show", "1")["attachments"]
        assert [(one["name"], one["size"]) for one in shown] == [
            ("save.log", len(LOG)), ("Größe.png", len(PNG))], shown


@tap.case
def an_inbox_brings_them_and_redacting_takes_them_away():
    with office(watching={"window": "1h"}) as o, o.mail.serving():
        o.watcher("brian", TO)
        o.mail.insert({"topic": "issue/12", "kind": "commented", "text": "See.", "attachments": [
            {"name": "a.bin", "content": base64.b64encode(LOG).decode()}]})
        processes.until(lambda: o.mail.rows("SELECT 1 FROM event"), "the row is taken in")
        assert o.mail.rows("SELECT content FROM event_attachment") == [(LOG,)]
        o.mail.need("event", "redact", "1")
        assert o.mail.rows("SELECT 1 FROM event_attachment") == []


@tap.case
def each_way_in_names_the_limit():
    port = processes.free_port()
    with office(limits={"attachment_size": 1000}, http={"listen": f"127.0.0.1:{port}"}) as o, \
            o.mail.serving():
        (o.mail.folder / "large").write_bytes(LOG)
        code, said = o.mail.ask("event", "issue/12", "commented", "--attach", "large")
        assert code == 65 and "limits.attachment_size" in str(said), (code, said)
        code, said = o.mail.ask("event", "issue/12", "commented", "--attach", "nothing")
        assert "--attach: opening nothing" in str(said), (code, said)
        event = {"topic": "issue/12", "kind": "commented", "attachments": [
            {"name": "large", "content": base64.b64encode(LOG).decode()}]}
        token = o.mail.need("token", "add", "tracker", "--scopes", "events:write")["token"]
        ask = urllib.request.Request(
            f"http://127.0.0.1:{port}/api/v1/events", json.dumps(event).encode(),
            {"Authorization": f"Bearer {token}", "Content-Type": "application/json"})
        try:
            urllib.request.urlopen(ask, timeout=processes.PATIENCE_S)
        except urllib.error.HTTPError as refusal:
            assert refusal.code == 413 and b"limits.attachment_size" in refusal.read(), refusal
        else:
            raise AssertionError("a large attachment was taken")
        o.mail.insert(event)
        processes.until(lambda: o.mail.need("inbox", "list")["inboxes"][0]["refused"],
                        "the row is refused")
        [row] = o.mail.need("inbox", "list")["inboxes"][0]["refused"]
        assert "limits.attachment_size" in row["reason"], row
        assert o.mail.rows("SELECT 1 FROM event") == []


tap.run()
