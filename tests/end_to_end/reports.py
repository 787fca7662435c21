#!/usr/bin/python3
"""Reports to the senders of ready-made messages: a real daemon, an exchanger that refuses, and
Python's own reader of what comes back."""

import email
import email.policy

import processes
import tap
from submitting import scene

TEXT = "Subject: hello\nFrom: ann@example.net\nTo: all\n\nHello, all of you.\n"


def send(s, *words, text=TEXT):
    code, said = s.send(text.encode(), "-f", "ann@example.net", *words)
    assert code == 0, said


def reports(s):
    """All reports that came, read; each of them is checked for what all have in common."""
    read = []
    for raw in s.taken.glob("*.eml"):
        mail = email.message_from_bytes(raw.read_bytes(), policy=email.policy.default)
        if mail.get_content_type() != "multipart/report":
            continue
        assert mail["Return-Path"] == "<>", mail["Return-Path"]
        assert mail["Auto-Submitted"] == "auto-replied" and mail["To"] == "ann@example.net"
        assert mail.get_param("report-type") == "delivery-status"
        for part in mail.walk():
            assert not part.defects, (part.get_content_type(), part.defects)
        read.append(mail)
    return read


def report(s):
    """The one report that comes, as: words, the message's fields, those of each recipient, and what
    was returned."""
    processes.until(lambda: reports(s), "a report comes")
    [mail] = reports(s)
    words, status, *original = mail.iter_parts()
    about, *recipients = status.get_payload()
    recipients = {str(r["Final-Recipient"]).split("; ")[1]: r for r in recipients}
    return words.get_content(), about, recipients, original


def ended(s):
    """True when all mail has ended and nobody is owed a report."""
    rows = s.installation.need("submission", "list")["submissions"]
    return all(row["waiting"] == 0 for row in rows) and not s.installation.value(
        "SELECT count(*) FROM submission_report") and rows


@tap.case
def who_writes_to_nobody_hears_of_it_once():
    with scene(sink=["--unknown", "bob@*", "--unknown", "carl@*"]) as s:
        send(s, "-V", "my+2Bname", "bob@example.net", "carl@example.net", "dora@example.net")
        words, about, recipients, [original] = report(s)
        assert set(recipients) == {"bob@example.net", "carl@example.net"}, recipients
        assert about["Reporting-MTA"].startswith("dns; ") and about["Arrival-Date"]
        assert about["Original-Envelope-Id"] == "my+name", about["Original-Envelope-Id"]
        for address, recipient in recipients.items():
            assert (recipient["Action"], recipient["Status"]) == ("failed", "5.1.1"), recipient
            assert recipient["Remote-MTA"].startswith("dns; mx.example.net"), recipient
            assert recipient["Diagnostic-Code"].startswith("smtp; 550 5.1.1 "), recipient
            assert address in words, words
        assert original.get_content_type() == "message/rfc822"
        [returned] = original.get_payload()
        assert returned["Subject"] == "hello" and "Hello, all" in returned.get_payload()
        processes.until(lambda: ended(s), "all has ended")
        assert len(reports(s)) == 1


@tap.case
def a_report_that_fails_is_reported_to_nobody():
    with scene(sink=["--unknown", "*"]) as s:
        send(s, "bob@example.net")
        vias = processes.until(lambda: len(ended(s) or []) == 2 and [row["via"] for row in ended(s)],
                               "the report has ended")
        assert vias == ["report", "sendmail"], vias
        own = s.installation.need("submission", "show", "2")
        assert own["mail_from"] == "" and own["mails"][0]["state"] == "failed", own


@tap.case
def one_who_wants_to_hear_nothing_hears_nothing():
    with scene(sink=["--unknown", "b*"]) as s:
        send(s, "-N", "never", "bob@example.net")
        send(s, "-N", "success", "bea@example.net")
        send(s, "-f", "<>", "ben@example.net")
        processes.until(lambda: len(ended(s) or []) == 3, "all has ended")
        assert s.installation.value("SELECT count(*) FROM submission_wish") == 0
        send(s, "-N", "success,delay", "-R", "full", "eve@example.net")
        words, _, recipients, [original] = report(s)
        assert recipients["eve@example.net"]["Action"] == "relayed", recipients
        assert recipients["eve@example.net"]["Status"] == "2.0.0" and "passed on" in words
        assert original.get_content_type() == "text/rfc822-headers", original
        code, said = s.send(TEXT.encode(), "-N", "often", "eve@example.net")
        assert code == 65 and "notify" in said, (code, said)


@tap.case
def what_comes_back_is_as_the_sender_said():
    long = TEXT + "long " * 12 + "\n" + "and longer still, line by line\n" * 1000
    for words, text, kind in ((["-R", "hdrs"], TEXT, "text/rfc822-headers"),
                              ([], long, "text/rfc822-headers"),
                              (["-R", "full"], long, "message/rfc822")):
        with scene(sink=["--unknown", "bob@*"]) as s:
            send(s, *words, "bob@example.net", text=text)
            _, _, _, [original] = report(s)
            assert original.get_content_type() == kind, (words, original.get_content_type())
            assert b"Subject: hello" in original.as_bytes()


@tap.case
def who_is_not_reached_in_time_is_named():
    with scene(sink=["--answer", "rcpt:bob@*=450 4.2.1 Not now"],
               streams={"submissions": {"retry": "1s", "expire_after": "3s"}}) as s:
        send(s, "bob@example.net")
        words, _, recipients, _ = report(s)
        assert recipients["bob@example.net"]["Action"] == "failed", recipients
        assert recipients["bob@example.net"]["Status"] == "4.4.7", recipients
        assert "450 4.2.1" in recipients["bob@example.net"]["Diagnostic-Code"], recipients
        assert "bob@example.net: not delivered" in words, words


@tap.case
def an_installation_may_send_no_reports():
    with scene(sink=["--unknown", "bob@*"], submission={"reports": False}) as s:
        send(s, "bob@example.net")
        rows = processes.until(lambda: ended(s), "all has ended")
        assert [row["via"] for row in rows] == ["sendmail"], rows


tap.run()
