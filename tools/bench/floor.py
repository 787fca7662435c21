"""What sending costs that does nothing but send: the floor, and the check that it is one."""

import resource
import subprocess

import exchanger
from measure import Meter

HEADROOM = 1.1  # a second run is often a little faster


def _children_cpu():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _run(words, mails, sink):
    """A program that sends so many mails, from its start to its end."""
    cpu = _children_cpu()
    meter = Meter({"sink": sink.process.pid})
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL)
    return meter.read(mails, ended={"sender": _children_cpu() - cpu})


def _long_enough(options, words_for, sink):
    """Runs a sender with so many mails that it takes the seconds wanted."""
    mails = max(options.people // 5, 1)
    measured = _run(words_for(mails), mails, sink)
    while measured.seconds < options.seconds:
        mails = int(measured.rate * options.seconds * HEADROOM) + 1
        measured = _run(words_for(mails), mails, sink)
    return measured


def blaster(options, addresses, connections):
    """tools/mailblast into a sink of its own, one target an address."""
    with exchanger.taking(options.program, addresses=addresses) as sink:
        def words(mails):
            return [options.mailblast, "--to", f"{addresses[0]}:{sink.port}",
                    "--targets", str(len(addresses)), "--connections", str(connections),
                    "--mails", str(mails), "--size", str(options.size)]

        return _long_enough(options, words, sink)


def smtp_source(options, address, connections):
    """Postfix's smtp-source over kept connections into a sink of its own."""
    with exchanger.taking(options.program, addresses=[address]) as sink:
        def words(mails):
            return ["smtp-source", "-d", "-s", str(connections), "-m", str(mails),
                    "-l", str(options.size), "-f", "source@bench.example",
                    "-t", "person@d0.bench.example", f"{address}:{sink.port}"]

        return _long_enough(options, words, sink)


def signature_cost(seconds):
    """CPU seconds of 1,000 bare RSA-2048 signatures, by openssl itself on one core."""
    done = subprocess.run(["openssl", "speed", "-mr", "-seconds", str(max(int(seconds), 1)),
                           "rsa2048"], check=True, capture_output=True, text=True)
    # +F2:number:bits:signatures a second:verifications a second
    line = next(line for line in done.stdout.splitlines() if line.startswith("+F2"))
    return 1000 / float(line.split(":")[3])
