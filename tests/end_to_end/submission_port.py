#!/usr/bin/python3
"""The submission port: clients of many kinds, those that do wrong among them, talk to a real
daemon by SMTP."""

import contextlib
import email.message
import json
import os
import smtplib
import socket
import ssl
import subprocess
import urllib.error
import urllib.request

import processes
import tap
from submitting import call, need, parsed, scene, text

MESSAGE = "Subject: hello\r\n\r\nHello.\r\n"


@contextlib.contextmanager
def port(networks=(), **more):
    """A scene with the port open; `port` and `tls_port` are its numbers, `token` may submit."""
    plain, tls = processes.free_port(), processes.free_port()
    settings = {"listen": f"127.0.0.1:{plain}", "listen_tls": f"127.0.0.1:{tls}",
                "certificate": "port.pem", "key": "port.key", "networks": list(networks)}
    others = {name: more.pop(name) for name in ("limits", "http") if name in more}
    settings.update(more)
    with scene(serve=False, submission=settings, **others) as s:
        folder = s.installation.folder
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                        "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj",
                        "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
                        "-keyout", folder / "port.key", "-out", folder / "port.pem"],
                       check=True, capture_output=True)
        s.port, s.tls_port, s.certificate = plain, tls, folder / "port.pem"
        s.token = s.installation.need("token", "add", "shop", "--scopes", "submit")["token"]
        with s.installation.serving():
            yield s


def context(s):
    return ssl.create_default_context(cafile=s.certificate)


def session(s):
    """smtplib, logged in under TLS."""
    client = smtplib.SMTP("localhost", s.port, timeout=processes.PATIENCE_S)
    client.starttls(context=context(s))
    client.login("anybody", s.token)
    return client


def refused(client, *words):
    """The code that a command is answered by."""
    return client.docmd(*words)[0]


@tap.case
def python_comes_through_by_both_ports():
    with port() as s:
        mail = email.message.EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = "ann@example.org", "bob@example.net", "café"
        mail["Bcc"] = "eve@example.net"
        mail.set_content("Tür\n.\n", cte="8bit")
        with session(s) as client:
            client.send_message(mail)
        for raw in s.mails(2):
            assert text(parsed(raw)) == "Tür\n.\n"
            assert b" with ESMTPSA" in raw
        s.clear()
        with smtplib.SMTP_SSL("localhost", s.tls_port, context=context(s)) as client:
            client.login("anybody", s.token)
            client.sendmail("ann@example.org", ["bob@example.net"], MESSAGE)
        assert parsed(s.mails(1)[0])["Subject"] == "hello"


@tap.case
def nobody_logs_in_in_the_clear_or_without_a_token():
    with port() as s:
        other = s.installation.need("token", "add", "reader", "--scopes", "mail:read")["token"]
        with smtplib.SMTP("localhost", s.port) as client:
            client.ehlo()
            assert not client.has_extn("auth") and client.has_extn("starttls")
            assert refused(client, "AUTH", "PLAIN AGEAYg==") == 538
            assert refused(client, "MAIL", "FROM:<ann@example.org>") == 530
            client.starttls(context=context(s))
            client.ehlo()
            assert client.has_extn("auth")
            assert refused(client, "MAIL", "FROM:<ann@example.org>") == 530
            assert refused(client, "AUTH", "CRAM-MD5") == 504
            assert refused(client, "AUTH", "PLAIN !") == 501
            assert client.docmd("AUTH", "LOGIN")[0] == 334 and refused(client, "*") == 501
            for wrong in ("x", other):
                try:
                    client.login("anybody", wrong)
                    raise AssertionError(wrong)
                except smtplib.SMTPAuthenticationError as error:
                    assert error.smtp_code in (535, 421), error
                except smtplib.SMTPServerDisconnected:
                    pass
        s.installation.need("token", "revoke", "shop")
        with smtplib.SMTP_SSL("localhost", s.tls_port, context=context(s)) as client:
            try:
                client.login("anybody", s.token)
                raise AssertionError("a revoked token")
            except smtplib.SMTPAuthenticationError as error:
                assert error.smtp_code == 535


@tap.case
def listed_networks_need_no_token():
    with port(networks=["127.0.0.0/8"]) as s:
        with smtplib.SMTP("127.0.0.1", s.port) as client:
            client.sendmail("ann@example.org", ["bob@example.net"], MESSAGE)
        raw = s.mails(1)[0]
        assert b" with ESMTP " in b" ".join(raw.split()), raw
        assert b"ESMTPSA" not in raw and b"ESMTPA" not in raw, raw


@tap.case
def what_may_not_be_is_refused_by_code():
    with port(limits={"message_size": 20000, "message_recipients": 3}) as s, session(s) as client:
        s.installation.need("suppress", "add", "no@example.net")
        client.ehlo()
        assert refused(client, "MAIL", "FROM:<ann@elsewhere.example>") == 553
        assert refused(client, "MAIL", "FROM:<ann@example.org> SIZE=30000") == 552
        assert refused(client, "MAIL", "FROM:<ann@sub.example.org>") == 250
        assert refused(client, "RCPT", "TO:<no@example.net>") == 550
        for i in range(3):
            assert refused(client, "RCPT", f"TO:<b{i}@example.net>") == 250
        assert refused(client, "RCPT", "TO:<b3@example.net>") == 452
        assert client.data("From: eve@elsewhere.example\r\n\r\n")[0] == 550
        for content, code in ((f"Subject: x\r\n\r\n{'x' * 70}\r\n" * 400, 552),
                              ("From: a@example.org\r\nFrom: b@example.org\r\n\r\n", 554),
                              ("Received: by x\r\n" * 60 + "\r\n", 554),
                              ("Subject: x\r\n\r\n\0\r\n", 554)):
            client.mail("ann@example.org")
            client.rcpt("bob@example.net")
            assert client.data(content)[0] == code, content[:60]
        assert s.installation.need("submission", "list")["submissions"] == []


@tap.case
def what_a_sender_wants_to_hear_is_read_or_refused():
    with port(networks=["127.0.0.1"]) as s, smtplib.SMTP("127.0.0.1", s.port) as client:
        client.ehlo()
        assert client.has_extn("dsn")
        assert refused(client, "MAIL", "FROM:<ann@example.org> RET=ALL") == 501
        assert refused(client, "MAIL", "FROM:<ann@example.org> RET=HDRS ENVID=a+2Bb") == 250
        for wrong in ("NOTIFY=OFTEN", "NOTIFY=NEVER,FAILURE", "NOTIFY=", "ORCPT=bob",
                      "ORCPT=rfc822;a=b"):
            assert refused(client, "RCPT", f"TO:<bob@example.net> {wrong}") == 501, wrong
        assert refused(client, "RCPT", "TO:<bob@example.net> NOTIFY=FAILURE,DELAY "
                       "ORCPT=rfc822;old+2Bbob@example.com") == 250
        assert client.data(MESSAGE)[0] == 250
        assert s.installation.rows("SELECT notify, orcpt FROM submission_wish") in (
            [], [(12, "rfc822;old+2Bbob@example.com")])
        shown = s.installation.need("submission", "show", "1")
        assert shown["envid"] == "a+2Bb", shown


@tap.case
def who_is_too_fast_waits():
    with port(networks=["127.0.0.1"], rate=2) as s:
        with smtplib.SMTP("127.0.0.1", s.port) as client:
            client.ehlo()
            codes = []
            for _ in range(4):
                codes.append(refused(client, "MAIL", "FROM:<ann@example.org>"))
                client.rset()
            assert codes == [250, 250, 452, 452], codes


def hand_in(s, listen, body):
    """Status, headers and JSON of the answer to a message over HTTP."""
    asked = urllib.request.Request(f"http://{listen}/api/v1/submissions",
                                   json.dumps(body).encode(),
                                   {"Content-Type": "application/json",
                                    "Authorization": f"Bearer {s.token}"})
    try:
        with urllib.request.urlopen(asked, timeout=processes.PATIENCE_S) as answer:
            return answer.status, answer.headers, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, error.headers, json.load(error)


@tap.case
def the_port_and_http_count_as_one():
    listen = f"127.0.0.1:{processes.free_port()}"
    with port(rate=2, http={"listen": listen}) as s:
        body = {"message": "From: ann@example.org\r\n" + MESSAGE, "from": "ann@example.org",
                "to": ["bob@example.net"]}
        assert hand_in(s, listen, body)[0] == 201
        with session(s) as client:
            assert refused(client, "MAIL", "FROM:<ann@example.org>") == 250
        status, headers, problem = hand_in(s, listen, body)
        assert status == 429 and problem["status"] == 429, problem
        assert "submission.rate" in problem["detail"], problem
        assert 1 <= int(headers["Retry-After"]) <= 30, headers
        assert len(s.installation.need("submission", "list")["submissions"]) == 1


@tap.case
def there_is_an_end_of_connections():
    with port(networks=["127.0.0.1"], address_connections=3) as s, contextlib.ExitStack() as to:
        held = [to.enter_context(socket.create_connection(("127.0.0.1", s.port)))
                for _ in range(3)]
        assert all(one.recv(4) == b"220 " for one in held)
        with socket.create_connection(("127.0.0.1", s.port)) as one:
            one.settimeout(processes.PATIENCE_S)
            assert one.recv(1000) == b""


@tap.case
def a_silent_client_is_let_go():
    with port(patience="1s") as s, socket.create_connection(("127.0.0.1", s.port)) as one:
        one.settimeout(processes.PATIENCE_S)
        assert one.recv(1000).startswith(b"220 ")
        assert one.recv(1000) == b""


def talk(s, content):
    """All that is answered to bytes sent at once."""
    with socket.create_connection(("127.0.0.1", s.port)) as one:
        one.settimeout(processes.PATIENCE_S)
        one.sendall(content)
        one.shutdown(socket.SHUT_WR)
        said = b""
        with contextlib.suppress(ConnectionResetError):
            while piece := one.recv(65536):
                said += piece
        return said.decode()


@tap.case
def clients_that_do_wrong_harm_nobody():
    envelope = b"MAIL FROM:<ann@example.org>\r\nRCPT TO:<bob@example.net>\r\nDATA\r\n"
    with port(networks=["127.0.0.1"]) as s:
        assert " 500 " in " " + talk(s, b"\xff\xfe\0\0\r\n" * 3).replace("\n", " ")
        assert talk(s, b"EHLO " + b"x" * 100000 + b"\r\n").count("500") == 1
        assert "421" in talk(s, b"NONSENSE\r\n" * 100)
        # A dot between bare line ends is content: what looks like a second mail is none.
        said = talk(s, b"EHLO a\r\n" + envelope + b"Subject: one\r\n\r\nx\n.\n" + envelope +
                    b"Subject: two\r\n\r\ny\r\n.\r\nQUIT\r\n")
        assert said.count("354") == 1 and said.count("250 2.0.0") == 1, said
        assert len(s.installation.need("submission", "list")["submissions"]) == 1
        # Cut off in the midst of the content: nothing is taken.
        talk(s, b"EHLO a\r\n" + envelope + b"Subject: half\r\n\r\nx")
        talk(s, b"EHLO a\r\n" + envelope.replace(b"DATA\r\n", b"BDAT 99999 LAST\r\n") + b"half")
        # What stands behind STARTTLS in the clear is not heard.
        talk(s, b"EHLO a\r\nSTARTTLS\r\n" + envelope + b"injected\r\n.\r\n")
        assert len(s.installation.need("submission", "list")["submissions"]) == 1
        mail = parsed(s.mails(1)[0])
        assert mail["Subject"] == "one" and "Subject: two" in text(mail)


@tap.case
def chunks_and_pipelining_come_through():
    with port(networks=["127.0.0.1"]) as s:
        said = talk(s, b"EHLO a\r\nMAIL FROM:<ann@example.org> BODY=8BITMIME RET=HDRS ENVID=x\r\n"
                    b"RCPT TO:<bob@example.net> NOTIFY=FAILURE\r\nBDAT 16\r\nSubject: pieces\n"
                    b"BDAT 8 LAST\r\n\r\nT\xc3\xbcr\r\n"
                    b"MAIL FROM:<>\r\nRCPT TO:<bob@example.net>\r\nDATA\r\n"
                    b"Subject: next\r\n\r\n.\r\nQUIT\r\n")
        assert said.count("250 2.0.0 Message taken") == 2, said
        subjects = {parsed(raw)["Subject"] for raw in s.mails(2)}
        assert subjects == {"pieces", "next"}, subjects


@tap.case
def swaks_comes_through():
    need("swaks")
    with port() as s:
        call(s, ["swaks", "--server", f"127.0.0.1:{s.port}", "--tls", "--auth", "LOGIN",
                 "--auth-user", "anybody", "--auth-password", s.token, "--from",
                 "ann@example.org", "--to", "bob@example.net,eve@example.net", "--body", "Tür"])
        for raw in s.mails(2):
            assert text(parsed(raw)).strip() == "Tür"


@tap.case
def curl_comes_through_with_its_bare_line_ends():
    need("curl")
    with port() as s:
        file = s.installation.folder / "mail.txt"
        file.write_bytes("From: ann@example.org\nSubject: café\n\nTür\n.\n".encode())
        call(s, ["curl", "-sS", "--url", f"smtps://localhost:{s.tls_port}", "--cacert",
                 s.certificate, "--user", f"anybody:{s.token}", "--mail-from", "ann@example.org",
                 "--mail-rcpt", "bob@example.net", "--upload-file", file])
        mail = parsed(s.mails(1)[0])
        assert mail["Subject"] == "café"
        assert text(mail) == "Tür\n.\n\n"  # curl ends the last line once more


@tap.case
def msmtp_comes_through():
    need("msmtp")
    with port() as s:
        call(s, ["msmtp", "--host=localhost", f"--port={s.port}", "--tls=on", "--auth=plain",
                 f"--tls-trust-file={s.certificate}", "--user=anybody",
                 f"--passwordeval=echo {s.token}", "--from=ann@example.org", "bob@example.net"],
             input="Subject: café\n\nTür\n".encode())
        mail = parsed(s.mails(1)[0])
        assert mail["Subject"] == "café" and text(mail) == "Tür\n"


@tap.case
def perl_comes_through():
    need("perl")
    with port(networks=["127.0.0.1"]) as s:
        call(s, ["perl", "-MNet::SMTP", "-e", """
            my $client = Net::SMTP->new('127.0.0.1', Port => $ENV{PORT}) or die "$@";
            $client->mail('ann@example.org') && $client->to('bob@example.net')
                && $client->data("Subject: perl\\n\\n.dot\\n") && $client->quit
                or die $client->message;"""], env={"PORT": str(s.port)})
        assert text(parsed(s.mails(1)[0])) == ".dot\n"


@tap.case
def phpmailer_comes_through():
    need("php")
    if not os.path.exists("/usr/share/php/libphp-phpmailer/autoload.php"):
        raise tap.Skip("PHPMailer is not installed")
    with port() as s:
        call(s, ["php", "-r", """
            require '/usr/share/php/libphp-phpmailer/autoload.php';
            $mail = new PHPMailer\\PHPMailer\\PHPMailer(true);
            $mail->isSMTP();
            $mail->Host = 'localhost';
            $mail->Port = getenv('PORT');
            $mail->SMTPSecure = 'tls';
            $mail->SMTPOptions = ['ssl' => ['cafile' => getenv('CERTIFICATE')]];
            $mail->SMTPAuth = true;
            $mail->Username = 'anybody';
            $mail->Password = getenv('TOKEN');
            $mail->CharSet = 'utf-8';
            $mail->setFrom('ann@example.org', 'Änn');
            $mail->addAddress('bob@example.net');
            $mail->Subject = 'Grüße';
            $mail->Body = 'Tür';
            $mail->send();"""], env={"PORT": str(s.port), "TOKEN": s.token,
                                     "CERTIFICATE": str(s.certificate)})
        assert parsed(s.mails(1)[0])["Subject"] == "Grüße"


@tap.case
def git_send_email_comes_through():
    if not os.path.exists("/usr/lib/git-core/git-send-email"):
        raise tap.Skip("git send-email is not installed")
    with port(networks=["127.0.0.1"]) as s:
        patch = s.installation.folder / "0001.patch"
        patch.write_text("From 0123 Mon Sep 17 00:00:00 2001\nFrom: Änn <ann@example.org>\n"
                         "Date: Tue, 24 Nov 2026 18:00:00 +0000\nSubject: [PATCH] a\n"
                         "MIME-Version: 1.0\nContent-Type: text/plain; charset=UTF-8\n"
                         "Content-Transfer-Encoding: 8bit\n\nTür\n---\n", encoding="utf-8")
        call(s, ["git", "-c", "sendemail.smtpEncryption=", "send-email",
                 "--smtp-server=127.0.0.1", f"--smtp-server-port={s.port}",
                 "--to=bob@example.net", "--from=Änn <ann@example.org>", "--confirm=never",
                 "--suppress-cc=all", patch], cwd=s.installation.folder)
        assert "Tür" in text(parsed(s.mails(1)[0]))


tap.run()
