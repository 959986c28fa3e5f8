"""Everything the sandbox remembers; each change is a journal entry first and visible afterwards."""

import re
import time
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from sandbox.feed import Feed
from sandbox.journal import Entry, Journal
from sandbox.settings import Person, SandboxSettings

Json = dict[str, Any]
BOT = "bot"
CARD = "application/vnd.microsoft.card.adaptive"
CALLS_KEPT = 5000
LONGEST_NAME = 120
LONGEST_ENDING = 20


class NotPossible(Exception):
    """Somebody asked for what Teams would not offer; `status` is the HTTP status that says so."""

    def __init__(self, message: str, status: int = 409) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True)
class Upload:
    """A file that a person holds ready for a message."""

    id: str
    name: str
    content_type: str
    size: int
    pasted: bool = False


@dataclass(frozen=True)
class Message:
    """One message; in the channel `thread` is the id of its root post (its own for a root)."""

    id: str
    conversation: str
    thread: str | None
    sender: str
    created: str
    text: str = ""
    text_format: str = "plain"
    attachments: tuple[Json, ...] = ()
    files: tuple[Upload, ...] = ()
    summary: str = ""
    mention: bool = False
    updated: str | None = None
    versions: int = 0
    deleted: bool = False
    delivery: str = ""
    views: Mapping[str, Json] = field(default_factory=dict)

    @property
    def cards(self) -> tuple[Json, ...]:
        """The Adaptive Cards among the attachments, as everyone sees them."""
        return tuple(item["content"] for item in self.attachments if _is_card(item))

    @property
    def card(self) -> Json:
        """The first card, or an empty one."""
        return next(iter(self.cards), {})

    def with_card(self, card: Json) -> "Message":
        """Returns the message with its first card replaced."""
        items = list(self.attachments)
        place = next((i for i, item in enumerate(items) if _is_card(item)), None)
        entry = {"contentType": CARD, "content": card}
        if place is None:
            items.append(entry)
        else:
            items[place] = entry
        return replace(self, attachments=tuple(items))

    def record(self) -> Json:
        """Returns the fields as they are kept; attachments are shared, since nobody edits them."""
        return {**vars(self), "files": [asdict(file) for file in self.files]}

    def json(self) -> Json:
        """Returns the record as the control API spells it."""
        return {**self.record(), "cards": list(self.cards)}


@dataclass(frozen=True)
class Standing:
    """What can change about a person while the sandbox runs."""

    locale: str
    timezone: str
    installed: bool = True
    blocked: bool = False


@dataclass(frozen=True)
class Call:
    """One request that the bot made to the connector, and what it was answered (0: cut off)."""

    method: str
    path: str
    conversation: str
    activity: str
    body: Any
    status: int
    at: str
    fault: str = ""


class World:
    """People, messages, files and calls; the single place that changes them."""

    def __init__(self, settings: SandboxSettings, feed: Feed) -> None:
        self.settings = settings
        self.messages: dict[str, Message] = {}
        self.uploads: dict[str, Upload] = {}
        self.introduced: set[str] = set()
        self.calls: deque[Call] = deque(maxlen=CALLS_KEPT)
        self._feed = feed
        self._people = {person.key: person for person in settings.people}
        self._standing = {p.key: Standing(p.locale, p.timezone) for p in settings.people}
        self._last_id = 0
        folder = settings.data_dir
        self._journal = Journal(folder / "journal.jsonl" if folder else None)
        self._load()

    # -- people ------------------------------------------------------------------------------

    @property
    def people(self) -> list[Person]:
        """Everybody, with the language and time zone they have chosen."""
        return [self.person(key) for key in self._people]

    def person(self, key: str) -> Person:
        """Returns a person by key, with the language and time zone they have chosen."""
        if key not in self._people:
            raise NotPossible(f"there is nobody called {key!r}", 404)
        standing = self._standing[key]
        return replace(self._people[key], locale=standing.locale, timezone=standing.timezone)

    def standing(self, key: str) -> Standing:
        """Returns what a person has set, and whether the bot may write to them."""
        self.person(key)
        return self._standing[key]

    def found(self, identity: str) -> Person | None:
        """Returns the person with a Teams user id or an object id."""
        return next((p for p in self.people if identity in (p.user_id, p.aad)), None)

    def chat_of(self, conversation: str) -> Person | None:
        """Returns the person whose personal chat a conversation is."""
        return next((p for p in self.people if p.conversation == conversation), None)

    def agents(self) -> list[Person]:
        """Returns the roster of the desk's team."""
        return [p for p in self.people if p.tenant == self.settings.desk_tenant_id]

    # -- changes -----------------------------------------------------------------------------

    def next_id(self) -> str:
        """Returns a new activity id: digits, larger than every one before, restarts included."""
        self._last_id = max(self._last_id + 1, time.time_ns() // 1_000_000)
        return str(self._last_id)

    def put(self, message: Message) -> Message:
        """Adds or replaces a message."""
        self._record({"kind": "message", "message": message.record()})
        self._feed.publish("message", message=message.json())
        return message

    def amend(self, message_id: str, **changes: Any) -> Message:
        """Changes fields of a message without counting it as an update."""
        return self.put(replace(self.message(message_id), **changes))

    def update(self, message: Message) -> Message:
        """Replaces a message and counts one more version."""
        return self.put(replace(message, updated=now(), versions=message.versions + 1))

    def message(self, message_id: str) -> Message:
        """Returns a message that exists and has not been deleted."""
        message = self.messages.get(message_id)
        if message is None or message.deleted:
            raise NotPossible(f"there is no message {message_id!r}", 404)
        return message

    def put_upload(self, upload: Upload) -> None:
        """Remembers a file."""
        self._record({"kind": "upload", "upload": asdict(upload)})

    def set_standing(self, key: str, **changes: Any) -> None:
        """Changes what a person has set."""
        standing = replace(self.standing(key), **changes)
        self._record({"kind": "person", "key": key, "standing": asdict(standing)})
        self._feed.publish("person", key=key, **asdict(standing))

    def introduce(self, key: str) -> None:
        """Remembers that the bot has been added for somebody."""
        self._record({"kind": "introduced", "key": key})

    def clear(self) -> None:
        """Forgets messages, files and calls; people keep their settings and their bot."""
        self._record({"kind": "clear", "last_id": self._last_id})
        self.calls.clear()
        self._feed.publish("cleared")

    def record_call(self, call: Call) -> None:
        """Notes a request of the bot."""
        self.calls.append(call)
        self._feed.publish("call", method=call.method, path=call.path, status=call.status)

    def close(self) -> None:
        """Closes the journal."""
        self._journal.close()

    # -- journal -----------------------------------------------------------------------------

    def _load(self) -> None:
        for entry in self._journal.read():
            self._apply(entry)
        self._settle()
        self._journal.start(self._entries())

    def _settle(self) -> None:
        """Gives up what was under way when the last process ended."""
        for key, message in self.messages.items():
            if message.delivery == "sending":
                self.messages[key] = replace(message, delivery="failed")

    def _record(self, entry: Entry) -> None:
        self._journal.write(entry)
        self._apply(entry)

    def _apply(self, entry: Entry) -> None:
        match entry["kind"]:
            case "message":
                message = _message(entry["message"])
                self.messages[message.id] = message
                self._last_id = max(self._last_id, int(message.id))
            case "upload":
                upload = Upload(**entry["upload"])
                self.uploads[upload.id] = upload
            case "person" if entry["key"] in self._people:
                self._standing[entry["key"]] = Standing(**entry["standing"])
            case "introduced":
                self.introduced.add(entry["key"])
            case "clear":
                self.messages.clear()
                self.uploads.clear()
                self._last_id = max(self._last_id, entry["last_id"])

    def _entries(self) -> Iterator[Entry]:
        yield {"kind": "clear", "last_id": self._last_id}
        for key, standing in self._standing.items():
            yield {"kind": "person", "key": key, "standing": asdict(standing)}
        for key in sorted(self.introduced):
            yield {"kind": "introduced", "key": key}
        for upload in self.uploads.values():
            yield {"kind": "upload", "upload": asdict(upload)}
        for message in self.messages.values():
            yield {"kind": "message", "message": message.record()}


def now() -> str:
    """Returns the instant as the records spell it."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def clean_name(name: str) -> str:
    """Returns a file name without folders, control characters or a length nobody can read."""
    base = re.split(r"[/\\]", name)[-1]
    base = re.sub(r'[\x00-\x1f\x7f<>:"|?*\u202a-\u202e\u2066-\u2069]', "", base).strip(" .")
    stem, dot, ending = base.rpartition(".")
    if dot and len(ending) < LONGEST_ENDING:
        base = stem[: LONGEST_NAME - len(ending) - 1] + dot + ending
    base = base[:LONGEST_NAME]
    return base or "file"


def _message(values: Json) -> Message:
    attachments = tuple(values["attachments"])
    files = tuple(Upload(**item) for item in values["files"])
    return Message(**{**values, "attachments": attachments, "files": files})


def _is_card(item: Json) -> bool:
    return item.get("contentType") == CARD and isinstance(item.get("content"), dict)
