"""Postfix as a recipients' mail exchanger: a real one, unpacked from its package, on a free port of
loopback, with STARTTLS, delivering into Maildirs. It needs root, as Postfix does everywhere."""

import contextlib
import os
import shutil
import subprocess
from pathlib import Path

import processes

# Accounts that every Debian has: Postfix wants one of its own for mail and none in common.
OWNER, SETGID_GROUP, RECIPIENT_ID = "daemon", "mail", 65534

MAIN = """
compatibility_level = 3.6
queue_directory = {folder}/spool
data_directory = {folder}/data
daemon_directory = {daemons}
shlib_directory = {libraries}
import_environment = MAIL_CONFIG MAIL_LOGTAG LD_LIBRARY_PATH
mail_owner = {owner}
setgid_group = {group}
maillog_file = {folder}/log
maillog_file_prefixes = {folder}
myhostname = {name}
mydestination =
alias_maps =
local_recipient_maps =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 192.0.2.0/24
disable_dns_lookups = yes
smtpd_peername_lookup = no
smtpd_banner = {name} ESMTP
smtpd_tls_security_level = may
smtpd_tls_chain_files = {folder}/key.pem, {folder}/certificate.pem
smtpd_tls_received_header = yes
virtual_mailbox_domains = {domain}
virtual_mailbox_base = {folder}/mail
virtual_mailbox_maps = inline:{{{mailboxes}}}
virtual_uid_maps = static:{recipient}
virtual_gid_maps = static:{recipient}
"""

MASTER = """
{port} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
error unix - - n - - error
retry unix - - n - - error
virtual unix - n n - - virtual
tlsmgr unix - - n 1000? 1 tlsmgr
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
"""

QUEUES = ("active", "bounce", "corrupt", "defer", "deferred", "flush", "hold", "incoming",
          "private", "public", "saved", "trace", "maildrop", "pid")


class Postfix:
    def __init__(self, folder, port):
        self.folder = folder
        self.port = port
        self.certificate = folder / "certificate.pem"

    def mails(self, user):
        """The bytes of all mails in a mailbox, in order of their arrival."""
        paths = sorted((self.folder / "mail" / user / "new").glob("*"),
                       key=lambda path: path.stat().st_mtime_ns)
        return [path.read_bytes() for path in paths]

    def log(self):
        path = self.folder / "log"
        return path.read_text(encoding="utf-8") if path.exists() else ""


def _package():
    """Where Postfix lies: (its daemons, its libraries)."""
    program = shutil.which("smtp-source")
    assert program, "no Postfix: script/bootstrap --test unpacks it"
    libraries = Path(program).parents[1] / "lib/postfix"
    return libraries / "sbin", libraries


def _make_folders(folder):
    for name in ("spool", "data", "mail"):
        (folder / name).mkdir(parents=True)
    folder.chmod(0o755)
    for name in QUEUES:
        (folder / "spool" / name).mkdir(mode=0o700)
        if name != "pid":
            shutil.chown(folder / "spool" / name, OWNER)
    (folder / "spool/public").chmod(0o710)
    shutil.chown(folder / "spool/public", OWNER, SETGID_GROUP)
    shutil.chown(folder / "data", OWNER)
    os.chown(folder / "mail", RECIPIENT_ID, RECIPIENT_ID)


def _make_certificate(folder, name):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                    "-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}",
                    "-keyout", folder / "key.pem", "-out", folder / "certificate.pem"],
                   check=True, capture_output=True)


@contextlib.contextmanager
def serving(folder, name, domain, users):
    """Yields a Postfix called `name` that knows `users` of `domain` and nobody else."""
    daemons, libraries = _package()
    folder.mkdir()
    postfix = Postfix(folder, processes.free_port())
    _make_folders(folder)
    _make_certificate(folder, name)
    mailboxes = ", ".join(f"{{{user}@{domain} = {user}/}}" for user in users)
    (folder / "main.cf").write_text(MAIN.format(
        folder=folder, daemons=daemons, libraries=libraries, owner=OWNER, group=SETGID_GROUP,
        name=name, domain=domain, mailboxes=mailboxes, recipient=RECIPIENT_ID))
    (folder / "master.cf").write_text(MASTER.format(port=postfix.port))
    with processes.running([daemons / "master", "-d", "-c", folder], start_new_session=True):
        processes.until(lambda: processes.listens("127.0.0.1", postfix.port), "Postfix listens")
        yield postfix
