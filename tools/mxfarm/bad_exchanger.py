"""Bad mail exchangers: each speaks SMTP as it should, up to the stage at which its script says what
goes wrong. What a deed may do to its peer is bounded only by the peer's patience, as in life."""

import asyncio
import contextlib
import itertools
import random
import socket
import struct

LINE_MOST = 1 << 20
BLOCK = 1 << 16
COPIES_MOST = 100_000  # recipients whose copies are counted
PAUSE_S = 0.05  # before something is said that nobody asked for

ANSWERS = {"close", "drip", "drop", "flood", "half", "junk", "late", "leave", "line", "nul", "reply",
           "stall", "trickle", "twice"}

# What can be done at each stage:
#   close    say goodbye to nobody: the end of the stream    drop   a reset
#   stall    never answer                                     late   answer after VALUE ms
#   drip     an octet of the answer each VALUE ms             half   half of the answer, then close
#   trickle  an answer without end, an octet each VALUE ms    flood  one without end, at full speed
#   line     a line without end, at full speed                junk   octets that mean nothing
#   twice    answer twice                                     nul    an answer with NUL octets
#   leave    421, then close                                  reply  VALUE instead
#   offer    the keywords VALUE in the answer to EHLO         early  answer VALUE before the dot
#   refuse   listen to nobody                                 silence  complete no connection
DEEDS = {
    "connect": {"close", "drop", "refuse", "silence"},
    "greeting": ANSWERS | {"talk"},
    "ehlo": ANSWERS | {"offer"},
    "starttls": ANSWERS,
    "handshake": {"close", "drop", "flood", "junk", "stall", "trickle"},
    "mail": ANSWERS,
    "rcpt": ANSWERS,
    "data": ANSWERS,
    "content": {"close", "drop", "early", "flood", "junk", "leave", "line", "stall", "trickle"},
    "bdat": ANSWERS,
    "dot": ANSWERS,
    "rset": ANSWERS,
    "quit": ANSWERS,
    "idle": {"close", "drop", "flood", "junk", "leave", "line", "trickle"},
}


class Gone(Exception):
    """The session is over."""


JUNK = random.Random(1).randbytes(200) + b"\r\n"


def multiline(reply):
    """The line of `reply` as one of many: another follows."""
    return reply[:3] + b"-" + reply[4:]


class Session:
    """One connection of a client."""

    def __init__(self, domain, tls, reader, writer):
        self.domain = domain
        self.tls = tls
        self.reader = reader
        self.writer = writer
        self.recipients = []
        self.secure = False

    async def run(self):
        deed = self.domain.deed("connect")
        if deed:
            self.close(reset=deed.what == "drop")
        await self.say("greeting", b"220 mx ready")
        while True:
            line = await self.reader.readline()
            if not line.endswith(b"\n"):
                raise Gone
            await self.obey(line)

    async def obey(self, line):
        verb = line[:4].strip().upper()
        command = {b"EHLO": self.ehlo, b"HELO": self.helo, b"STAR": self.starttls,
                   b"MAIL": self.mail, b"RCPT": self.rcpt, b"DATA": self.data, b"BDAT": self.bdat,
                   b"RSET": self.rset, b"QUIT": self.quit}.get(verb)
        if command:
            self.domain.count(verb.decode().lower().replace("star", "starttls"))
            await command(line)
        else:
            self.domain.count("unknown")
            await self.write(b"500 5.5.2 what?\r\n")

    async def ehlo(self, _line):
        words = ["PIPELINING", "8BITMIME", "ENHANCEDSTATUSCODES", "SIZE 50000000"]
        deeds = self.domain.deeds
        if not self.secure and ("starttls" in deeds or "handshake" in deeds):
            words.append("STARTTLS")
        if "bdat" in deeds:
            words.append("CHUNKING")
        offer = deeds.get("ehlo")
        if offer and offer.what == "offer":
            words += [word.strip() for word in offer.value.split(";")]
            self.domain.count("deeds")
            await self.write(self.ehlo_answer(words))
        else:
            await self.say("ehlo", self.ehlo_answer(words)[:-2])

    @staticmethod
    def ehlo_answer(words):
        lines = [b"250-mx.farm.test"] + [b"250-" + word.encode() for word in words]
        lines[-1] = b"250 " + lines[-1][4:]
        return b"\r\n".join(lines) + b"\r\n"

    async def helo(self, _line):
        await self.write(b"250 mx.farm.test\r\n")

    async def starttls(self, _line):
        self.writer.transport.pause_reading()  # what comes after the 220 is for TLS
        deed = self.domain.deeds.get("starttls")
        await self.say("starttls", b"220 2.0.0 go ahead")
        if deed and deed.what in ("reply", "junk"):
            self.writer.transport.resume_reading()
            return
        deed = self.domain.deed("handshake")
        if deed:
            await self.do(deed, b"")
        await self.writer.start_tls(self.tls)
        self.secure = True

    async def mail(self, _line):
        self.recipients = []
        await self.say("mail", b"250 2.1.0 ok")

    async def rcpt(self, line):
        self.recipients.append(line.partition(b"<")[2].partition(b">")[0].decode("utf-8", "replace"))
        await self.say("rcpt", b"250 2.1.5 ok")

    async def data(self, _line):
        await self.say("data", b"354 go ahead")
        deed = self.domain.deed("content")
        if deed:
            await self.reader.readline()
            await self.do(deed, b"250 2.0.0 I know enough")
        octets = 0
        while (line := await self.reader.readline()) != b".\r\n":
            if not line:
                raise Gone
            octets += len(line)
        await self.taken(octets)

    async def bdat(self, line):
        await self.reader.readexactly(min(int(line.split()[1]), LINE_MOST))
        await self.say("bdat", b"250 2.0.0 taken")

    async def taken(self, octets):
        """The dot has come; one without content only ends what was refused."""
        self.domain.count("dot" if octets else "empty")
        for recipient in self.recipients if octets else ():
            if len(self.domain.copies) < COPIES_MOST or recipient in self.domain.copies:
                self.domain.copies[recipient] = self.domain.copies.get(recipient, 0) + 1
        await self.say("dot", b"250 2.0.0 taken")
        deed = self.domain.deed("idle")
        if deed:
            await asyncio.sleep(PAUSE_S)
            await self.do(deed, b"250 2.0.0 still here")

    async def rset(self, _line):
        await self.say("rset", b"250 2.0.0 forgotten")

    async def quit(self, _line):
        await self.say("quit", b"221 2.0.0 goodbye")
        self.close()

    async def say(self, stage, reply):
        deed = self.domain.deed(stage)
        if deed:
            await self.do(deed, reply)
        else:
            await self.write(reply + b"\r\n")

    async def do(self, deed, reply):
        """The deed in the place of `reply`, which has no line end."""
        await getattr(self, "do_" + deed.what)(deed, reply)

    async def do_close(self, _deed, _reply):
        self.close()

    async def do_drop(self, _deed, _reply):
        self.close(reset=True)

    async def do_stall(self, _deed, _reply):
        await self.wait_for_peer()

    async def do_late(self, deed, reply):
        await asyncio.sleep(deed.number(3000) / 1000)
        await self.write(reply + b"\r\n")

    async def do_drip(self, deed, reply):
        for octet in reply + b"\r\n":
            await self.write(bytes([octet]))
            await asyncio.sleep(deed.number(10) / 1000)

    async def do_trickle(self, deed, reply):
        line = multiline(reply.split(b"\r\n")[-1] or b"250 x") + b"\r\n"
        for octet in itertools.cycle(line):
            await self.write(bytes([octet]))
            await asyncio.sleep(deed.number(50) / 1000)

    async def do_half(self, _deed, reply):
        await self.write(reply[:max(2, len(reply) // 2)])
        self.close()

    async def do_flood(self, _deed, reply):
        line = multiline(reply.split(b"\r\n")[-1] or b"250 x") + b"\r\n"
        await self.flood(line * (BLOCK // len(line)))

    async def do_line(self, _deed, reply):
        await self.write(multiline(reply.split(b"\r\n")[-1]))
        await self.flood(b"x" * BLOCK)

    async def do_junk(self, _deed, _reply):
        await self.write(JUNK)

    async def do_nul(self, _deed, reply):
        await self.write(reply[:6] + b"\0\0" + reply[6:] + b"\r\n")

    async def do_twice(self, _deed, reply):
        await self.write((reply + b"\r\n") * 2)

    async def do_leave(self, _deed, _reply):
        await self.write(b"421 4.3.2 closing\r\n")
        self.close()

    async def do_reply(self, deed, _reply):
        await self.write(deed.value.replace("\\n", "\r\n").encode() + b"\r\n")

    async def do_early(self, deed, reply):
        await self.write((deed.value.encode() or reply) + b"\r\n")

    async def do_talk(self, _deed, reply):
        """All replies of a mail at once, before anything was asked."""
        await self.write(reply + b"\r\n250 a\r\n250 b\r\n250 c\r\n354 d\r\n250 e\r\n")

    async def flood(self, block):
        while True:
            await self.write(block)
            self.domain.count("flooded", len(block))
            await asyncio.sleep(0)  # the others have their turn, however fast this peer reads

    async def write(self, octets):
        self.writer.write(octets)
        await self.writer.drain()

    async def wait_for_peer(self):
        """Until the peer has had enough; what it says meanwhile counts for nothing."""
        self.writer.transport.resume_reading()
        while await self.reader.read(BLOCK):
            pass
        raise Gone

    def close(self, reset=False):
        if reset:
            once = struct.pack("ii", 1, 0)
            self.writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, once)
            self.writer.transport.abort()
        raise Gone


class Exchanger:
    """Listens for one domain."""

    def __init__(self, domain, port, tls):
        self.domain = domain
        self.port = port
        self.tls = tls
        self.open = 0
        self.held = []  # connections of our own that fill the queue of an exchanger in silence

    async def listen(self):
        deed = self.domain.deeds.get("connect")
        if deed and deed.what == "refuse":
            return
        if deed and deed.what == "silence":
            self.fall_silent()
            return
        await asyncio.start_server(self.serve, self.domain.address, self.port, limit=LINE_MOST)

    def fall_silent(self):
        """A queue that is full and never emptied: who asks for a connection hears nothing."""
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((self.domain.address, self.port))
        listener.listen(0)
        self.held.append(listener)
        for _ in range(3):
            one = socket.socket()
            one.setblocking(False)
            one.connect_ex((self.domain.address, self.port))
            self.held.append(one)

    async def serve(self, reader, writer):
        self.open += 1
        self.domain.count("connections")
        self.domain.most("open_most", self.open)
        try:
            await Session(self.domain, self.tls, reader, writer).run()
        except (Gone, OSError, EOFError, ValueError, asyncio.LimitOverrunError):
            pass
        finally:
            self.open -= 1
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()
