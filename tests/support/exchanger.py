"""`postroom sink` as the recipients' mail exchanger."""

import contextlib
import re
import subprocess

import processes

PATIENCE_S = 60


class Exchanger:
    """A running sink; `counts` are known once it has ended."""

    def __init__(self, process, addresses, port):
        self.process = process
        self.addresses = addresses
        self.port = port
        self.counts = {}

    def cpu_seconds(self):
        return processes.cpu_seconds(self.process.pid)

    def end(self):
        if not self.counts:
            self.process.terminate()
            last = self.process.communicate(timeout=PATIENCE_S)[0].splitlines()[-1]
            self.counts = {key: int(n) for key, n in re.findall(r"(\w+)=(\d+)", last)}
        return self.counts


@contextlib.contextmanager
def taking(program, *options, addresses=("127.0.0.1",), port=0):
    """Yields an Exchanger that listens on one port of all addresses; `options` are the sink's."""
    port = port or processes.free_port()
    words = [program, "sink", *options, "--count"]
    words += [word for address in addresses for word in ("--listen", f"{address}:{port}")]
    with processes.running(words, stdout=subprocess.PIPE, text=True) as process:
        exchanger = Exchanger(process, addresses, port)
        for _ in addresses:
            assert process.stdout.readline().startswith("listening"), "the sink does not listen"
        yield exchanger
