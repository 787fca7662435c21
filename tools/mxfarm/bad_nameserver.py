"""A bad name server for the zone of a farm: it answers about each domain as its script says, by UDP
and by TCP. Messages are made by hand (RFC 1035), since no library would make these."""

import asyncio
import re
import socket
import struct

A, NS, CNAME, SOA, MX, AAAA = 1, 2, 5, 6, 15, 28
NO_ERROR, FORMAT_ERROR, SERVFAIL, NXDOMAIN, REFUSED = 0, 1, 2, 3, 5
RESPONSE, AUTHORITATIVE, TRUNCATED, AVAILABLE = 0x8000, 0x0400, 0x0200, 0x0080
ALIAS = re.compile(r"^c\d+\.")  # of a chain
UDP_MOST = 1232
TTL_S = 300
FLOOD = 300  # answers to one question
BLACK_HOLE = "127.77.255.1"  # nobody listens there

CODES = {"servfail": SERVFAIL, "refused": REFUSED, "formerr": FORMAT_ERROR, "nxdomain": NXDOMAIN}

# What an answer about the exchanger's name (mx) or its address can be:
#   servfail refused formerr nxdomain  that code       nodata      no such record
#   silent     nothing                                 late        after VALUE ms
#   wrong-id   with the id of another question         wrong-name  about another name
#   junk       octets that mean nothing                cut         half a message
#   pointers   names compressed in a circle            flood       the same answer 300 times
#   truncate   TC by UDP, all of it by TCP             no-tcp      TC by UDP, silence by TCP
#   loop       a CNAME that names itself               chain       a chain of VALUE CNAMEs
#   many       VALUE records                           poison      one more, about `healthy`
#   null       the null MX                             lame        an exchanger that does not exist
#   local      an exchanger with a number for a name   localhost   an exchanger called localhost
EITHER = {*CODES, "nodata", "silent", "late", "wrong-id", "wrong-name", "junk", "cut", "pointers",
          "flood", "truncate", "no-tcp", "loop", "chain", "many", "poison"}
DEEDS = {"mx": EITHER | {"null", "lame", "local", "localhost"}, "address": EITHER}


def packed(name):
    """A name as a message has it."""
    labels = [label.encode() for label in name.rstrip(".").split(".") if label]
    return b"".join(bytes([len(label)]) + label for label in labels) + b"\0"


def record(name, kind, data):
    return packed(name) + struct.pack("!HHIH", kind, 1, TTL_S, len(data)) + data


def mx(name, preference, host):
    return record(name, MX, struct.pack("!H", preference) + packed(host))


def address(name, text):
    return record(name, A, socket.inet_aton(text))


def alias(name, target):
    return record(name, CNAME, packed(target))


class Question:
    """The one question of a query."""

    def __init__(self, message):
        self.id, _flags, count = struct.unpack("!HHH", message[:6])
        if count != 1:
            raise ValueError("not one question")
        labels, at = [], 12
        while message[at]:
            labels.append(message[at + 1:at + 1 + message[at]].decode("ascii"))
            at += 1 + message[at]
        self.name = ".".join(labels)
        self.kind = struct.unpack("!H", message[at + 1:at + 3])[0]
        self.octets = message[12:at + 5]

    def answer(self, records=(), code=NO_ERROR, flags=0, authority=()):
        head = struct.pack("!HHHHHH", self.id, RESPONSE | AUTHORITATIVE | AVAILABLE | flags | code,
                           1, len(records), len(authority), 0)
        return head + self.octets + b"".join(records) + b"".join(authority)


class Nameserver:
    """Answers for all domains of a script."""

    def __init__(self, zone, domains):
        self.zone = zone
        self.domains = domains

    def domain_of(self, name):
        """The domain that a name belongs to; None: it is not of a farm."""
        labels = name.lower().split(".")
        end = self.zone.split(".")
        if labels[-len(end):] != end or len(labels) <= len(end):
            return None
        return self.domains.get(labels[-len(end) - 1])

    def soa(self):
        data = packed("ns." + self.zone) + packed("hostmaster." + self.zone)
        return record(self.zone, SOA, data + struct.pack("!IIIII", 1, 3600, 600, 86400, TTL_S))

    def nothing(self, question, code=NO_ERROR):
        return question.answer(code=code, authority=[self.soa()])

    def true_records(self, question, domain):
        """What a good server would say."""
        if question.kind == MX and ALIAS.sub("", question.name.lower()) == f"{domain.name}.{self.zone}":
            return [mx(question.name, 10, f"mx.{domain.name}.{self.zone}")]
        if question.kind == A:
            return [address(question.name, domain.address)]
        return []

    async def answers(self, message, by_tcp):
        """What is sent back, message by message."""
        try:
            question = Question(message)
        except (ValueError, IndexError, struct.error):
            return
        domain = self.domain_of(question.name)
        if domain is None:
            zone = question.name.lower() == self.zone
            yield self.nothing(question, NO_ERROR if zone else NXDOMAIN)
            return
        domain.count("questions")
        stage = {MX: "mx", A: "address", AAAA: "address"}.get(question.kind)
        deed = domain.deed(stage) if stage else None
        if deed:
            async for answer in self.misdeed(deed, question, domain, by_tcp):
                yield answer
        else:
            yield self.plain(question, self.true_records(question, domain), by_tcp)

    def plain(self, question, records, by_tcp):
        """An answer with these records, cut as UDP demands."""
        if not records:
            return self.nothing(question)
        whole = question.answer(records)
        if not by_tcp and len(whole) > UDP_MOST:
            return question.answer(flags=TRUNCATED)
        return whole

    async def misdeed(self, deed, question, domain, by_tcp):
        true = self.true_records(question, domain)
        if deed.what in CODES:
            yield self.nothing(question, CODES[deed.what])
        elif deed.what == "late":
            await asyncio.sleep(deed.number(3000) / 1000)
            yield self.plain(question, true, by_tcp)
        elif deed.what == "flood":
            for _ in range(FLOOD):
                yield self.plain(question, true, by_tcp)
                await asyncio.sleep(0)  # other questions have their turn
        elif deed.what in ("truncate", "no-tcp"):
            if not by_tcp:
                yield question.answer(flags=TRUNCATED)
            elif deed.what == "truncate":
                yield self.plain(question, true, by_tcp)
        elif deed.what in MALFORMED:
            yield MALFORMED[deed.what](question, question.answer(true))
        elif deed.what != "silent":
            yield self.plain(question, self.lies(deed, question, domain, true), by_tcp)

    def lies(self, deed, question, domain, true):
        """Records that a server in its right mind would not send."""
        name = question.name
        if deed.what == "loop":
            return [alias(name, name)]
        if deed.what == "chain":
            return self.chain(name, deed.number(64), true)
        if deed.what == "poison":
            stranger = f"mx.healthy.{self.zone}"
            return [*true, address(stranger, BLACK_HOLE)]
        if deed.what == "many" and question.kind == MX:
            return [mx(name, i % 10, f"mx{i}.{name}") for i in range(deed.number(300))]
        if deed.what == "many" and question.kind == A:
            return [address(name, f"127.77.254.{i % 250 + 1}") for i in range(deed.number(300))]
        host = {"null": "", "lame": "gone.nowhere.invalid", "local": domain.address,
                "localhost": "localhost"}.get(deed.what)
        return [] if host is None else [mx(name, 0 if deed.what == "null" else 10, host)]

    @staticmethod
    def chain(name, length, true):
        """The aliases from here on; the chain may be entered at any of its links c0, c1, ..."""
        link = re.fullmatch(r"c(\d+)\.(.*)", name)
        done, base = (int(link[1]) + 1, link[2]) if link else (0, name)
        names = [name, *(f"c{i}.{base}" for i in range(done, length))]
        links = [alias(one, other) for one, other in zip(names, names[1:])]
        return links + [packed(names[-1]) + one[len(packed(name)):] for one in true]

    async def listen(self):
        """Serves a free port of loopback, the same by UDP and TCP, and gives it."""
        loop = asyncio.get_running_loop()
        server = await asyncio.start_server(self.serve_stream, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        await loop.create_datagram_endpoint(lambda: Datagrams(self), ("127.0.0.1", port))
        return port

    async def serve_stream(self, reader, writer):
        try:
            while True:
                size = struct.unpack("!H", await reader.readexactly(2))[0]
                async for answer in self.answers(await reader.readexactly(size), by_tcp=True):
                    writer.write(struct.pack("!H", len(answer)) + answer)
                    await writer.drain()
        except (OSError, EOFError):
            writer.close()


class Datagrams(asyncio.DatagramProtocol):
    """The side of a Nameserver that speaks UDP."""

    def __init__(self, server):
        self.server = server
        self.tasks = set()

    def connection_made(self, transport):
        self.transport = transport

    def datagram_received(self, data, addr):
        task = asyncio.ensure_future(self.answer(data, addr))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def answer(self, message, peer):
        async for answer in self.server.answers(message, by_tcp=False):
            self.transport.sendto(answer, peer)


def _circle(question, _whole):
    """An answer whose name is a pointer to itself."""
    head = question.answer([b"\0"])[:12] + question.octets
    return head + struct.pack("!HHHIH", 0xC000 | len(head), question.kind, 1, TTL_S, 4) + b"\0" * 4


def _wrong_name(question, whole):
    return whole[:12] + whole[12:].replace(question.octets[:-4], packed("other.farm.test"))


MALFORMED = {
    "wrong-id": lambda question, whole: struct.pack("!H", question.id ^ 0x5A5A) + whole[2:],
    "wrong-name": _wrong_name,
    "junk": lambda question, whole: bytes((i * 37 + 11) % 256 for i in range(300)),
    "cut": lambda question, whole: whole[:len(whole) - len(whole) // 3],
    "pointers": _circle,
}
