"""A stand-in for Microsoft Teams on loopback: a connector, a web page and a test fixture."""

from sandbox.activities import Place
from sandbox.courier import Delivery
from sandbox.faults import Fault, Faults
from sandbox.settings import DEFAULT_PEOPLE, Person, SandboxRefused, SandboxSettings
from sandbox.teams import Answer, Sandbox, Thread
from sandbox.world import Call, Message, NotPossible, Upload

__all__ = [
    "DEFAULT_PEOPLE",
    "Answer",
    "Call",
    "Delivery",
    "Fault",
    "Faults",
    "Message",
    "NotPossible",
    "Person",
    "Place",
    "Sandbox",
    "SandboxRefused",
    "SandboxSettings",
    "Thread",
    "Upload",
]
