"""Wall time and CPU time of processes over a stretch, and how much else the machine did in it."""

import time
from dataclasses import dataclass

import processes


@dataclass
class Measured:
    """What a stretch of work took."""

    mails: int
    seconds: float
    cpu: dict  # seconds of CPU, by name of the process
    others: float  # cores that were busy with something else, on average

    @property
    def rate(self):
        return self.mails / self.seconds

    def per_1000(self, name):
        return self.cpu[name] / self.mails * 1000


class Meter:
    """Starts measuring when made. `pids` are by name; one that ends meanwhile must be told by
    `ended`, with the CPU it used altogether."""

    def __init__(self, pids):
        self._pids = pids
        self._cpu = {name: processes.cpu_seconds(pid) for name, pid in pids.items()}
        self._busy = processes.busy_seconds()
        self._began = time.monotonic()

    def elapsed(self):
        return time.monotonic() - self._began

    def read(self, mails, seconds=None, ended=None):
        """`seconds`: what the rate is reckoned by, where that is not all since the start."""
        elapsed = self.elapsed()
        cpu = {name: processes.cpu_seconds(pid) - self._cpu[name]
               for name, pid in self._pids.items()}
        cpu.update(ended or {})
        others = (processes.busy_seconds() - self._busy - sum(cpu.values())) / elapsed
        return Measured(mails, seconds or elapsed, cpu, max(others, 0.0))
