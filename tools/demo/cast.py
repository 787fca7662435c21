"""Who is in the demo: the people, and the mail exchangers of their domains."""

from dataclasses import dataclass

HOME = "pinetree.example"  # the organisation that runs postroom


@dataclass(frozen=True)
class Exchanger:
    """A host that takes mail for a domain: `postroom sink` with these options; None: it is down."""

    host: str
    address: str
    preference: int
    options: tuple | None
    nature: str

    @property
    def domain(self):
        return self.host.split(".", 1)[1]


@dataclass(frozen=True)
class Person:
    key: str
    name: str
    domain: str

    @property
    def address(self):
        return f"{self.key}@{self.domain}"


EXCHANGERS = (
    Exchanger("mx.harbor.example", "127.0.0.11", 10, ("--tls",), "speaks TLS"),
    Exchanger("mx.meadow.example", "127.0.0.12", 10, ("--greylist", "1"),
              "greylists: sends everybody away once"),
    Exchanger("mx1.twin.example", "127.0.0.13", 10, None, "preferred, but down"),
    Exchanger("mx2.twin.example", "127.0.0.14", 20, (), "the second MX, alive"),
    Exchanger("mx.quarry.example", "127.0.0.15", 10, ("--unknown", "dora@*"),
              "does not know Dora any more"),
)

ADA = Person("ada", "Ada", "harbor.example")
BEN = Person("ben", "Ben", "meadow.example")
CHEN = Person("chen", "Chen", "twin.example")
DORA = Person("dora", "Dora", "quarry.example")
EMIL = Person("emil", "Emil", "harbor.example")
FAY = Person("fay", "Fay", "harbor.example")
GWEN = Person("gwen", "Gwen", "harbor.example")  # comes later
PEOPLE = (ADA, BEN, CHEN, DORA, EMIL, FAY)
