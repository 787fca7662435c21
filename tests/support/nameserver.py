"""A real nameserver (nsd) on a free loopback port, with one zone that the caller writes."""

import contextlib
import socket
import subprocess

import processes

CONFIGURATION = """
server:
  ip-address: 127.0.0.1@{port}
  username: ""
  zonesdir: "{folder}"
  database: ""
  pidfile: ""
  zonelistfile: "{folder}/zone.list"
  xfrdfile: ""
  logfile: "{folder}/nsd.log"
  server-count: 1
remote-control:
  control-enable: no
zone:
  name: "{zone}"
  zonefile: "zone"
"""

HEAD = """$TTL 300
@ SOA ns hostmaster 1 3600 600 86400 300
@ NS ns
ns A 127.0.0.1
"""


def answers(port, zone):
    """Whether a question about the zone's SOA gets a reply."""
    name = b"".join(bytes([len(label)]) + label.encode() for label in zone.rstrip(".").split("."))
    question = b"\x12\x34\0\0\0\1\0\0\0\0\0\0" + name + b"\0\0\6\0\1"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asker:
        asker.settimeout(0.2)
        asker.connect(("127.0.0.1", port))
        try:
            asker.send(question)
            reply = asker.recv(512)
        except OSError:
            return False
    return reply[:2] == b"\x12\x34" and reply[3] & 15 == 0


def free_port():
    """A port of loopback that is free for UDP and for TCP: nsd wants both."""
    while True:
        port = processes.free_port(socket.SOCK_DGRAM)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


@contextlib.contextmanager
def serving(folder, zone, records):
    """nsd serves `records`, lines of a zone file, and yields ADDRESS@PORT for resolver.address."""
    folder.mkdir(parents=True, exist_ok=True)
    port = free_port()
    (folder / "nsd.conf").write_text(CONFIGURATION.format(port=port, folder=folder, zone=zone))
    (folder / "zone").write_text(HEAD + "".join(f"{record}\n" for record in records))
    with open(folder / "nsd.out", "w", encoding="utf-8") as out, processes.running(
        ["nsd", "-d", "-c", folder / "nsd.conf"], stdout=out, stderr=subprocess.STDOUT
    ):
        processes.until(lambda: answers(port, zone), "nsd answers")
        yield f"127.0.0.1@{port}"
