"""Programs that hand in ready-made messages: an installation whose mail to example.net goes into a
folder, the programs called as their users call them, and what came read by a parser not ours."""

import contextlib
import email
import email.policy
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import exchanger
import nameserver
import processes
import tap
from installation import Installation

PROGRAM = os.environ["POSTROOM_BINARY"]
ZONE = "example.net"


class Scene:
    """An installation whose mail to example.net goes into a folder."""

    def __init__(self, folder, installation):
        self.installation = installation
        self.taken = folder / "taken"
        self.sendmail = folder / "sendmail"
        self.sendmail.symlink_to(PROGRAM)
        self.environment = {**os.environ,
                            "POSTROOM_CONFIG": str(installation.folder / "postroom.yaml")}

    def send(self, message, *words, **more):
        """Exit code and words of a call by the name of sendmail."""
        done = subprocess.run([self.sendmail, *words], input=message, capture_output=True,
                              env=self.environment, check=False, timeout=processes.PATIENCE_S,
                              **more)
        return done.returncode, done.stderr.decode()

    def mails(self, n):
        """The raw mails that came, once there are n."""
        def all_there():
            files = sorted(self.taken.glob("*.eml"))
            return len(files) >= n and files
        return [file.read_bytes() for file in processes.until(all_there, f"{n} mails")]

    def clear(self):
        for file in self.taken.glob("*.eml"):
            file.unlink()


@contextlib.contextmanager
def scene(serve=True, sink=(), **more):
    with tempfile.TemporaryDirectory(prefix="postroom-sendmail-") as name, \
            contextlib.ExitStack() as to:
        folder = Path(name)
        (folder / "taken").mkdir()
        (folder / "names").mkdir()
        peer = to.enter_context(exchanger.taking(PROGRAM, "--folder", folder / "taken", *sink))
        resolver = to.enter_context(nameserver.serving(
            folder / "names", ZONE, ["@ MX 10 mx", "mx A 127.0.0.1"]))
        made = Installation.new(PROGRAM, folder / "mail", {
            "domain": "example.org",
            "dkim": {"selector": "postroom", "key_file": "dkim.pem"},
            "resolver": {"address": resolver},
            "smtp": {"port": peer.port, "allow_loopback": True},
            **more})
        if serve:
            to.enter_context(made.serving())
        yield Scene(folder, made)


def parsed(raw):
    """The mail as Python reads it; what it says is broken is a failure."""
    content = raw[raw.index(b"DKIM-Signature"):] if b"DKIM-Signature" in raw else raw
    mail = email.message_from_bytes(content, policy=email.policy.default)
    for part in mail.walk():
        assert not part.defects, part.defects
    for line in content.split(b"\r\n"):
        assert len(line) <= 998 and b"\r" not in line and b"\n" not in line, line
    assert content.isascii()
    for name in ("Date", "Message-ID", "From", "MIME-Version"):
        assert len(mail.get_all(name)) == 1, (name, mail.get_all(name))
    assert mail["Bcc"] is None and mail["Return-Path"] is None
    return mail


def text(mail):
    return mail.get_content().replace("\r\n", "\n")


def call(s, words, **more):
    done = subprocess.run(words, env={**s.environment, **more.pop("env", {})},
                          capture_output=True, check=False, timeout=processes.PATIENCE_S, **more)
    assert done.returncode == 0, (words, done.stdout, done.stderr)


def need(program):
    if shutil.which(program) is None:
        raise tap.Skip(f"{program} is not installed")
