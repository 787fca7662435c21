"""Bad mail exchangers and a bad name server on loopback, for tests; `postroom sink` is the good one.

    python3 tools/mxfarm SCRIPT [--for SECONDS]    SCRIPT may be - for standard input

It prints a line `listening smtp=PORT resolver=127.0.0.1@PORT`, serves all domains of the script at
once until SIGTERM, or for so long, and ends with a JSON object: by domain, what was seen of it, and
as `copies` how often the recipient of most mails was sent one. How a script reads: script.py.
"""

import argparse
import asyncio
import contextlib
import json
import multiprocessing
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
from pathlib import Path

import script
from bad_exchanger import Exchanger
from bad_nameserver import Nameserver

HOUR_S = 3600
LONGEST_S = 4 * HOUR_S  # a farm that is forgotten ends by itself


def certificate():
    """A context for TLS with a certificate that nobody has signed."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.TemporaryDirectory(prefix="mxfarm-") as folder:
        path = Path(folder, "certificate.pem")
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                        "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=mx.farm.test",
                        "-days", "2", "-keyout", path, "-out", path],
                       check=True, capture_output=True)
        context.load_cert_chain(path)
    return context


def free_port(addresses):
    """A port that is free on all addresses."""
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        try:
            for address in addresses:
                with socket.socket() as one:
                    one.bind((address, port))
        except OSError:
            continue
        return port


def report(domains):
    told = {}
    for domain in domains.values():
        told[domain.name] = dict(sorted(domain.seen.items()))
        if domain.copies:
            told[domain.name]["copies"] = max(domain.copies.values())
            told[domain.name]["recipients"] = len(domain.copies)
    return told


async def ended(seconds):
    """When somebody wants it, or after so long."""
    end = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, end.set)
    with contextlib.suppress(asyncio.TimeoutError):
        await asyncio.wait_for(end.wait(), seconds)


async def serve_names(domains, seconds, pipe):
    """The name server: in a process of its own, so that no flood delays its answers."""
    pipe.send(await Nameserver(script.ZONE, domains).listen())
    await ended(seconds)
    pipe.send({domain.name: domain.seen for domain in domains.values()})


async def serve_mail(domains, seconds, resolver):
    port = free_port([domain.address for domain in domains.values()])
    tls = certificate()
    exchangers = [Exchanger(domain, port, tls) for domain in domains.values()]
    for one in exchangers:
        await one.listen()
    print(f"listening smtp={port} resolver=127.0.0.1@{resolver}", flush=True)
    await ended(seconds)


def serve(domains, seconds):
    pipe, other_end = multiprocessing.Pipe()
    names = multiprocessing.Process(
        target=lambda: asyncio.run(serve_names(domains, seconds, other_end)), daemon=True)
    names.start()
    try:
        asyncio.run(serve_mail(domains, seconds, pipe.recv()))
        names.terminate()
        for name, seen in pipe.recv().items():
            for what, n in seen.items():
                domains[name].count(what, n)
    finally:
        names.terminate()
        names.join()
    print(json.dumps(report(domains)), flush=True)


def main():
    parser = argparse.ArgumentParser(prog="tools/mxfarm", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("script")
    parser.add_argument("--for", type=float, default=LONGEST_S, dest="seconds", metavar="SECONDS")
    options = parser.parse_args()
    try:
        text = sys.stdin.read() if options.script == "-" else Path(options.script).read_text("utf-8")
        domains = script.read(text)
    except (OSError, script.Mistake) as mistake:
        sys.exit(f"mxfarm: {mistake}")
    serve(domains, min(options.seconds, LONGEST_S))


if __name__ == "__main__":
    main()
