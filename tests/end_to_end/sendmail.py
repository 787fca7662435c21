#!/usr/bin/python3
"""Ready-made messages through `sendmail`: a real daemon, a real exchanger, and the programs that
call sendmail on real machines."""

import subprocess
from pathlib import Path

import processes
import tap
from submitting import call, need, parsed, scene, text

MESSAGE = b"Subject: hello\nTo: bob@example.net\n\nHello.\n"


@tap.case
def a_message_goes_to_those_the_header_names_and_bcc_stays_here():
    with scene() as s:
        code, words = s.send(b"From: ann@example.org\nTo: bob@example.net\nBcc: eve@example.net\n"
                             b"Subject: hello\n\nHello.\n.\nThis is more.\n", "-t", "-oi")
        assert code == 0, words
        for raw in s.mails(2):
            mail = parsed(raw)
            assert mail["To"] == "bob@example.net"
            assert b"eve" not in raw[raw.index(b"DKIM-Signature"):]
            assert text(mail) == "Hello.\n.\nThis is more.\n"
        shown = s.installation.need("submission", "list")["submissions"][0]
        processes.until(lambda: s.installation.need("submission", "show", str(shown["submission"]))
                        ["waiting"] == 0, "both mails have ended")
        assert {mail["state"] for mail in s.installation.need(
            "deliveries", "--message-id", shown["message_id"])["deliveries"]} == {"delivered"}


@tap.case
def what_programs_get_wrong_is_mended_on_the_way():
    with scene() as s:
        for message in (
                "Subject: café\nContent-Type: text/plain; charset=utf-8\n\nTür\n".encode(),
                "Subject: café\n\nTür\n".encode("latin-1"),
                b"\n" + b"long " * 500 + b"\n",
                b"no header at all"):
            s.clear()
            code, words = s.send(message, "-f", "ann@example.org", "bob@example.net")
            assert code == 0, words
            mail = parsed(s.mails(1)[0])
            assert mail["From"] == "ann@example.org"
            assert mail["Subject"] in (None, "café")
            if mail["Subject"]:
                assert text(mail) == "Tür\n"


@tap.case
def a_lone_dot_ends_the_message_unless_told_otherwise():
    with scene() as s:
        assert s.send(MESSAGE + b".\nno more\n", "-t")[0] == 0
        assert text(parsed(s.mails(1)[0])) == "Hello.\n"


@tap.case
def cron_writes_to_a_login():
    with scene(serve=False) as s:
        code, words = s.send(b"From: root (Cron Daemon)\nTo: root\nSubject: Cron <root@vm> job\n\n"
                             b"out\n", "-i", "-FCronDaemon", "-B8BITMIME", "-oem", "root")
        assert code == 0, words
        shown = s.installation.need("submission", "show", "1", "--content")
        assert shown["mails"][0]["to"] == "root@example.org"
        assert "From: Cron Daemon <root@example.org>\r\nTo: root@example.org\r\n" \
            in shown["content"]


CODES = [
    ("a message that is stored", 0, MESSAGE, ["-t"]),
    ("words that mean nothing here", 0, MESSAGE,
     ["-t", "-oi", "-oem", "-odb", "-O", "DeliveryMode=b", "-N", "never", "-R", "hdrs", "-V", "id",
      "-G", "-U", "-m", "-n", "-v", "-bm", "-X", "/dev/null", "-h", "3", "-Am", "--"]),
    ("a run of the queue", 0, b"", ["-q15m"]),
    ("the queue shown", 0, b"", ["-bp"]),
    ("the aliases made", 0, b"", ["-bi"]),
    ("the null path", 0, MESSAGE, ["-f", "<>", "bob@example.net"]),
    ("no recipient on the line", 64, MESSAGE, []),
    ("an option nobody knows", 64, MESSAGE, ["-Z", "bob@example.net"]),
    ("an option without its value", 64, MESSAGE, ["-f"]),
    ("a daemon", 64, MESSAGE, ["-bd"]),
    ("no recipient in the header", 65, b"Subject: x\n\n", ["-t"]),
    ("a recipient that is none", 65, MESSAGE, ["a b@example.net"]),
    ("a sender that is none", 65, MESSAGE, ["-f", "a@@b", "bob@example.net"]),
    ("a header that says two things", 65, b"From: a@b.example\nFrom: c@d.example\n\n",
     ["bob@example.net"]),
    ("a NUL", 65, b"Subject: x\n\n\0\n", ["bob@example.net"]),
    ("a message too large", 69, b"x" * 20000, ["bob@example.net"]),
    ("too many recipients", 69, MESSAGE, [f"b{i}@example.net" for i in range(11)]),
    ("a message that goes in circles", 69, b"Received: by x\n" * 60 + b"\n", ["bob@example.net"]),
    ("nobody who wants mail", 69, MESSAGE, ["no@example.net"]),
    ("settings that are not there", 78, MESSAGE, ["-C", "/nowhere.yaml", "bob@example.net"]),
]


def check_codes(s):
    s.installation.need("suppress", "add", "no@example.net")
    for story, expected, message, words in CODES:
        before = len(s.installation.need("submission", "list")["submissions"])
        code, said = s.send(message, *words)
        assert code == expected, (story, code, said)
        assert (code == 0) or said.startswith("sendmail: "), (story, said)
        after = len(s.installation.need("submission", "list")["submissions"])
        stored = code == 0 and message != b""
        assert after == before + stored, story


LIMITS = {"limits": {"message_size": 10000, "message_recipients": 10}}


@tap.case
def every_exit_code_means_what_it_says_with_the_daemon_up():
    with scene(**LIMITS) as s:
        check_codes(s)


@tap.case
def every_exit_code_means_what_it_says_with_the_daemon_down():
    with scene(serve=False, **LIMITS) as s:
        check_codes(s)
        (s.installation.folder / "postroom.db").rename(s.installation.folder / "away.db")
        assert s.send(MESSAGE, "-t")[0] == 75
        (s.installation.folder / "postroom.yaml").write_text("nonsense: 1\n", encoding="utf-8")
        assert s.send(MESSAGE, "-t")[0] == 78


@tap.case
def a_recipient_who_wants_no_mail_is_named_and_the_others_get_theirs():
    with scene() as s:
        s.installation.need("suppress", "add", "no@example.net")
        code, words = s.send(MESSAGE, "no@example.net", "bob@example.net")
        assert code == 0 and "no@example.net gets no mail: manual" in words
        assert len(s.mails(1)) == 1


@tap.case
def a_session_on_standard_input_is_smtp():
    with scene() as s:
        talk = (b"EHLO me\r\nMAIL FROM:<ann@example.org>\r\nRCPT TO:<bob@example.net>\r\n"
                b"RCPT TO:<b@@x>\r\nDATA\r\nSubject: x\r\n\r\n..dots\r\n.\r\n"
                b"MAIL FROM:<>\r\nRCPT TO:<bob@example.net>\r\nDATA\r\n"
                b"From: a@b.example\r\nFrom: c@d.example\r\n\r\n.\r\nQUIT\r\n")
        done = subprocess.run([s.sendmail, "-bs"], input=talk, capture_output=True, check=True,
                              env=s.environment, timeout=processes.PATIENCE_S)
        codes = [line[:3] for line in done.stdout.decode().splitlines() if line[3] == " "]
        assert codes == ["220", "250", "250", "250", "553", "354", "250",
                         "250", "250", "354", "554", "221"], done.stdout.decode()
        assert text(parsed(s.mails(1)[0])) == ".dots\n"


@tap.case
def php_mail_comes_through():
    need("php")
    with scene() as s:
        call(s, ["php", "-d", f"sendmail_path={s.sendmail} -t -i", "-r",
                 "exit(mail('bob@example.net', 'café', \"Tür\\n.\\nzu\", "
                 "\"From: Jürgen <j@example.org>\\r\\nBcc: eve@example.net\") ? 0 : 1);"])
        for raw in s.mails(2):
            mail = parsed(raw)
            assert mail["Subject"] == "café" and mail["From"] == "Jürgen <j@example.org>"
            assert text(mail) == "Tür\n.\nzu\n", raw


@tap.case
def phpmailer_comes_through():
    need("php")
    if not Path("/usr/share/php/libphp-phpmailer/autoload.php").exists():
        raise tap.Skip("PHPMailer is not installed")
    with scene() as s:
        call(s, ["php", "-d", f"sendmail_path={s.sendmail} -t -i", "-r", """
            require '/usr/share/php/libphp-phpmailer/autoload.php';
            $mail = new PHPMailer\\PHPMailer\\PHPMailer(true);
            $mail->isSendmail();
            $mail->CharSet = 'utf-8';
            $mail->setFrom('ann@example.org', 'Änn');
            $mail->addAddress('bob@example.net', 'Böb');
            $mail->Subject = 'Grüße';
            $mail->Body = '<p>Tür</p>';
            $mail->AltBody = 'Tür';
            $mail->addStringAttachment(random_bytes(5000), 'Übersicht.bin');
            $mail->send();"""])
        mail = parsed(s.mails(1)[0])
        assert mail["Subject"] == "Grüße" and mail["To"] == "Böb <bob@example.net>"
        assert [part.get_filename() for part in mail.iter_attachments()] == ["Übersicht.bin"]


@tap.case
def git_send_email_comes_through():
    if not Path("/usr/lib/git-core/git-send-email").exists():
        raise tap.Skip("git send-email is not installed")
    with scene() as s:
        folder = s.installation.folder.parent / "repository"
        folder.mkdir()
        env = {f"GIT_{who}_{what}": value for who in ("AUTHOR", "COMMITTER")
               for what, value in (("NAME", "Änn"), ("EMAIL", "ann@example.org"))}
        for words in (["init", "-q"], ["commit", "-q", "--allow-empty", "-m", "one"],
                      ["commit", "-q", "--allow-empty", "-m", "two"]):
            call(s, ["git", *words], cwd=folder, env=env)
        (folder / "a").write_text("Tür\n", encoding="utf-8")
        call(s, ["git", "add", "a"], cwd=folder, env=env)
        call(s, ["git", "commit", "-q", "-m", "a: add a Tür"], cwd=folder, env=env)
        call(s, ["git", "send-email", f"--smtp-server={s.sendmail}", "--to=bob@example.net",
                 "--from=Änn <ann@example.org>", "--confirm=never", "--suppress-cc=all", "-1"],
             cwd=folder, env=env)
        mail = parsed(s.mails(1)[0])
        assert mail["Subject"] == "[PATCH] a: add a Tür"
        assert "+Tür" in text(mail)


@tap.case
def mailx_comes_through():
    need("s-nail")
    with scene() as s:
        call(s, ["s-nail", "-:/", "-S", f"mta={s.sendmail}", "-S", "ttycharset=utf-8", "-S",
                 "from=ann@example.org", "-s", "café", "bob@example.net"], input="Tür\n".encode())
        mail = parsed(s.mails(1)[0])
        assert mail["Subject"] == "café" and text(mail) == "Tür\n", mail


@tap.case
def a_large_message_is_stored_once_for_many():
    with scene() as s:
        body = (b"x" * 70 + b"\n") * 100000
        code, words = s.send(b"Subject: large\n\n" + body,
                             *(f"b{i}@example.net" for i in range(3)))
        assert code == 0, words
        processes.until(lambda: s.installation.need("submission", "show", "1")["waiting"] == 0,
                        "all have ended")
        for raw in s.mails(3):
            assert len(raw) > 7000000, len(raw)
        assert s.installation.value("SELECT count(*) FROM submission") == 1


tap.run()
