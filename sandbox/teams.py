"""The sandbox itself: what people do in Teams, as methods, and the web application around them."""

import asyncio
import secrets
import time
from collections.abc import AsyncIterable, Callable, Coroutine, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import gettempdir
from typing import Any, Self

from aiohttp import web

from sandbox import activities
from sandbox.activities import Place
from sandbox.connector import Connector
from sandbox.control import Control
from sandbox.courier import Courier, Delivery
from sandbox.faults import Faults
from sandbox.feed import Feed
from sandbox.files import Files, delete_folder
from sandbox.guard import guard, protect
from sandbox.page import page_routes
from sandbox.settings import Person, SandboxSettings
from sandbox.world import Call, Json, Message, NotPossible, Upload, World, now

INVOKE_KINDS = {
    "application/vnd.microsoft.card.adaptive": "card",
    "application/vnd.microsoft.activity.message": "message",
    "application/vnd.microsoft.error": "error",
    "application/vnd.microsoft.search.searchResponse": "search",
}
ASLEEP = (0, 502, 503, 504)


@dataclass(frozen=True)
class Answer:
    """What came of a press; `kind` is none, card, message, error, search, task or failed."""

    status: int
    kind: str
    value: Any = None

    def json(self) -> Json:
        """Returns the answer as the control API spells it."""
        return {"status": self.status, "kind": self.kind, "value": self.value}


@dataclass(frozen=True)
class Thread:
    """One thread of the desk's channel."""

    id: str
    root: Message
    replies: tuple[Message, ...]


class Sandbox:
    """Teams on loopback, for three people with a browser or for a test with none."""

    def __init__(self, settings: SandboxSettings | None = None) -> None:
        self.settings = settings or SandboxSettings()
        self._feed = Feed()
        self._temporary = None if self.settings.data_dir else _temporary()
        self.world = World(self.settings, self._feed)
        self.files = Files((self.settings.data_dir or self._temporary or Path()) / "files")
        self.faults = Faults()
        self._courier = Courier(self.settings, self.world)
        self._connector = Connector(self.world, self.faults, self._feed)
        self._tasks: set[asyncio.Task[Any]] = set()

    async def __aenter__(self) -> Self:
        """Returns the sandbox; it is closed on the way out."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Closes the sandbox."""
        await self.close()

    # -- life --------------------------------------------------------------------------------

    def app(self) -> web.Application:
        """Returns the web application: connector, control API and page; mount it at /sandbox/."""
        app = web.Application(middlewares=[guard])
        app.on_response_prepare.append(protect)
        app.add_routes(self._connector.routes())
        app.add_routes(Control(self, self._feed).routes())
        app.add_routes(self.files.routes(self.world))
        app.add_routes(page_routes())
        app.on_shutdown.append(self._release)
        app.on_cleanup.append(self._cleanup)
        return app

    @property
    def unanswered(self) -> int:
        """How many activities the bot has only accepted: what it says to them comes later."""
        return self._courier.unanswered

    async def introduce(self) -> bool:
        """Adds the bot for each person shown and to the desk's team, once; tells if it is done."""
        deadline = time.monotonic() + self.settings.introduce_for
        for person in self._newcomers():
            if not await self._introduce(person, deadline):
                return False
        return True

    def _newcomers(self) -> list[Person]:
        """Returns who has yet to add the bot; one agent adds it for the whole team."""
        shown = [person for person in self.world.people if person.shown]
        agents = [person for person in shown if person.role == "agent"]
        adding = [person for person in shown if person.role != "agent"] + agents[:1]
        return [person for person in adding if person.key not in self.world.introduced]

    async def close(self) -> None:
        """Ends streams and running deliveries, and closes files and connections."""
        self._feed.close()
        self._connector.release()
        for task in list(self._tasks):
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        await self._courier.close()
        self.world.close()
        if self._temporary is not None:
            await asyncio.to_thread(delete_folder, self._temporary)

    async def _release(self, _: web.Application) -> None:
        self._feed.close()
        self._connector.release()

    async def _cleanup(self, _: web.Application) -> None:
        await self.close()

    # -- what people see ---------------------------------------------------------------------

    def person(self, key: str) -> Person:
        """Returns a person as they are now."""
        return self.world.person(key)

    def messages(
        self, conversation: str | None = None, thread: str | None = None, sender: str | None = None
    ) -> list[Message]:
        """Returns messages, oldest first; a person's key stands for their personal chat."""
        wanted = self._conversation(conversation)
        return [
            message
            for message in self.world.messages.values()
            if wanted in (None, message.conversation)
            and thread in (None, message.thread)
            and sender in (None, message.sender)
        ]

    def threads(self) -> list[Thread]:
        """Returns the threads of the desk's channel, oldest first."""
        said = self.messages(self.settings.desk_channel_id)
        return [
            Thread(root.id, root, tuple(m for m in said if m.thread == root.id and m is not root))
            for root in said
            if root.thread == root.id
        ]

    def calls(self, method: str = "", path: str = "", activity: str = "") -> list[Call]:
        """Returns the bot's calls to the connector, oldest first; `path` matches in part."""
        return [
            call
            for call in self.world.calls
            if method in ("", call.method) and path in call.path and activity in ("", call.activity)
        ]

    async def until(self, ready: Callable[[], Any], within: float = 5.0) -> Any:
        """Waits for a condition and returns its value; raises TimeoutError if it never holds."""
        async with asyncio.timeout(within):
            # What is waited for may be anything, so there is no event to wait for.
            while not (value := ready()):  # noqa: ASYNC110
                await asyncio.sleep(0.005)
        return value

    # -- what people do ----------------------------------------------------------------------

    async def upload(
        self,
        name: str,
        content: bytes | AsyncIterable[bytes],
        content_type: str = "application/octet-stream",
        *,
        pasted: bool = False,
    ) -> Upload:
        """Holds a file ready for a message; `pasted` makes it an inline image."""
        upload = await self.files.store(name, content, content_type, pasted)
        self.world.put_upload(upload)
        return upload

    async def say(
        self,
        person: str,
        text: str = "",
        *,
        conversation: str | None = None,
        thread: str | None = None,
        files: Sequence[str | Upload] = (),
        mention: bool = True,
        wait: bool = True,
    ) -> Message:
        """Writes a message and returns it, by default after the bot has answered.

        An agent's message goes to the desk's channel unless `conversation` says otherwise, and
        reaches the bot there only with `mention`.
        """
        message = self._written(person, text, conversation, thread, files, mention)
        if self._reaches(message):
            await self._run(self._deliver_message(message), wait)
        return self.world.messages.get(message.id, message)

    async def edit(self, person: str, message_id: str, text: str, *, wait: bool = True) -> Message:
        """Changes the text of a person's own message."""
        message = self.world.message(message_id)
        if message.sender != person:
            raise NotPossible("only the author can edit a message", 403)
        changed = self.world.update(_with_text(message, text))
        if self._reaches(changed):
            await self._run(self._deliver_edit(changed), wait)
        return self.world.messages.get(changed.id, changed)

    async def press(
        self,
        person: str,
        message_id: str,
        action: str | Mapping[str, Any],
        inputs: Mapping[str, Any] | None = None,
        *,
        trigger: str = "manual",
    ) -> Answer:
        """Presses a button of a card: an action, or the title, id or verb of one."""
        who, message = self._reader(person, message_id)
        chosen = _action(message, action, person)
        values = activities.merged(chosen.get("data"), inputs or {})
        if chosen.get("type") == "Action.Execute":
            return await self._execute(who, message, chosen, values, trigger)
        if _opens_dialog(values):
            return await self._task(who, message, "task/fetch", values)
        return await self._submit(who, message, values)

    async def refresh(self, person: str, message_id: str) -> Answer:
        """Lets a card renew itself for one person, as Teams does when it comes into view."""
        _, message = self._reader(person, message_id)
        action = (message.views.get(person) or message.card).get("refresh", {}).get("action")
        if not isinstance(action, dict):
            raise NotPossible("the card has no refresh")
        return await self.press(person, message_id, action, trigger="automatic")

    async def search(
        self, person: str, message_id: str, dataset: str, query: str, *, top: int = 15
    ) -> Answer:
        """Asks the bot for the choices of a typeahead input."""
        who, message = self._reader(person, message_id)
        value = {
            "queryText": query,
            "kind": "search",
            "queryOptions": {"skip": 0, "top": top},
            "dataset": dataset,
        }
        return await self._invoke(who, message, "application/search", value)

    async def submit_dialog(
        self, person: str, message_id: str, data: Any, inputs: Mapping[str, Any] | None = None
    ) -> Answer:
        """Sends the form of a dialog that a press has opened."""
        who, message = self._reader(person, message_id)
        return await self._task(who, message, "task/submit", activities.merged(data, inputs or {}))

    async def react(self, person: str, message_id: str, kind: str = "like") -> Delivery:
        """Puts a reaction on a message of the bot."""
        who, message = self._reader(person, message_id)
        return await self._courier.deliver(activities.reaction(self.settings, who, message, kind))

    async def install(self, person: str) -> Delivery:
        """Adds the bot to a personal chat, as on the first day."""
        self.world.set_standing(person, installed=True, blocked=False)
        who = self.world.person(person)
        await self._courier.deliver(activities.installation(self.settings, who, "add"))
        return await self._courier.deliver(activities.joined(self.settings, who))

    async def uninstall(self, person: str) -> Delivery:
        """Removes the bot from a personal chat; writing there then answers 403."""
        self.world.set_standing(person, installed=False)
        who = self.world.person(person)
        return await self._courier.deliver(activities.installation(self.settings, who, "remove"))

    def block(self, person: str, blocked: bool = True) -> None:
        """Blocks the bot, silently, until the person writes to it again."""
        self.world.set_standing(person, blocked=blocked)

    def set_person(
        self, person: str, *, locale: str | None = None, timezone: str | None = None
    ) -> None:
        """Changes a person's language or time zone, for everything they do from now on."""
        chosen = {"locale": locale, "timezone": timezone}
        self.world.set_standing(person, **{key: v for key, v in chosen.items() if v})

    async def resend(self, *, new_id: bool = False) -> Delivery:
        """Delivers the last activity again, with the same id or with a new one."""
        delivery = await self._courier.again(new_id)
        if delivery is None:
            raise NotPossible("nothing has been sent yet")
        return delivery

    def activity(self, person: str, thread: str | None = None, **members: Any) -> Json:
        """Returns an activity of a person to be sent by `send`, members replaced as wanted."""
        who = self.world.person(person)
        place = Place(self._home(who), thread)
        fresh = {"type": "message", "id": self.world.next_id()}
        return {**activities.base(self.settings, who, place), **fresh, **members}

    async def send(self, activity: Json, *, retry: bool = False) -> Delivery:
        """Posts any activity to the bot, forged ones too."""
        return await self._courier.deliver(activity, retry=retry)

    async def clear(self) -> None:
        """Starts the history anew; people, their settings and the fault rules stay."""
        self.world.clear()
        await self.files.clear()

    # -- writing -----------------------------------------------------------------------------

    def _written(
        self,
        person: str,
        text: str,
        conversation: str | None,
        thread: str | None,
        files: Sequence[str | Upload],
        mention: bool,
    ) -> Message:
        who = self.world.person(person)
        where = self._conversation(conversation) or self._home(who)
        self._check_may_write(who, where, thread)
        channel = where == self.settings.desk_channel_id
        message_id = self.world.next_id()
        message = Message(
            id=message_id,
            conversation=where,
            thread=(thread or message_id) if channel else None,
            sender=who.key,
            created=now(),
            text=text,
            files=tuple(self._upload(item) for item in files),
            mention=mention and channel,
            delivery="sending" if mention or not channel else "",
        )
        if not text.strip() and not files:
            raise NotPossible("there is nothing to send", 400)
        return self.world.put(message)

    def _check_may_write(self, who: Person, where: str, thread: str | None) -> None:
        if where == self.settings.desk_channel_id:
            if who not in self.world.agents():
                raise NotPossible(f"{who.name} is not in the desk's team", 403)
            if thread and thread not in {item.id for item in self.threads()}:
                raise NotPossible(f"there is no thread {thread!r}", 404)
            return
        if where != who.conversation or thread:
            raise NotPossible(f"{who.name} is not in that conversation", 403)
        if not self.world.standing(who.key).installed:
            raise NotPossible(f"{who.name} has removed the bot")
        if self.world.standing(who.key).blocked:
            self.block(who.key, False)

    def _upload(self, item: str | Upload) -> Upload:
        key = item.id if isinstance(item, Upload) else item
        if key not in self.world.uploads:
            raise NotPossible(f"there is no upload {key!r}", 404)
        return self.world.uploads[key]

    def _reaches(self, message: Message) -> bool:
        return message.mention or message.conversation != self.settings.desk_channel_id

    async def _deliver_message(self, message: Message) -> None:
        who = self.world.person(message.sender)
        delivery = await self._courier.deliver(activities.message(self.settings, who, message))
        if message.id in self.world.messages:
            self.world.amend(message.id, delivery="delivered" if delivery.ok else "failed")

    async def _deliver_edit(self, message: Message) -> None:
        who = self.world.person(message.sender)
        delivery = await self._courier.deliver(activities.edited(self.settings, who, message))
        if message.id in self.world.messages and not delivery.ok:
            self.world.amend(message.id, delivery="failed")

    # -- pressing ----------------------------------------------------------------------------

    async def _submit(self, who: Person, message: Message, values: Json) -> Answer:
        activity = activities.submitted(self.settings, who, message, values)
        delivery = await self._courier.deliver(activity)
        return Answer(delivery.status, "none" if delivery.ok else "failed")

    async def _execute(
        self, who: Person, message: Message, action: Json, values: Json, trigger: str
    ) -> Answer:
        named: Json = {key: action[key] for key in ("title", "id", "verb") if key in action}
        sent = {"type": "Action.Execute", **named, "data": values}
        value = {"action": sent, "trigger": trigger}
        answer = await self._invoke(who, message, "adaptiveCard/action", value)
        if answer.kind == "card" and not self._gone(message.id):
            self._show(who, message.id, answer.value, everyone=trigger == "manual")
        return answer

    def _show(self, who: Person, message_id: str, card: Json, everyone: bool) -> None:
        message = self.world.messages[message_id]
        if everyone:
            self.world.update(replace(message.with_card(card), views={}))
        else:
            self.world.amend(message_id, views={**message.views, who.key: card})

    def _gone(self, message_id: str) -> bool:
        message = self.world.messages.get(message_id)
        return message is None or message.deleted

    async def _task(self, who: Person, message: Message, name: str, values: Json) -> Answer:
        data = {key: value for key, value in values.items() if key != "msteams"}
        if name == "task/fetch":
            value: Json = {"data": {"data": {**data, "type": "task/fetch"}}}
        else:
            value = {"data": data}
        value["context"] = {"theme": "default"}
        return await self._invoke(who, message, name, value)

    async def _invoke(self, who: Person, message: Message, name: str, value: Json) -> Answer:
        activity = activities.invoke(self.settings, who, message, name, value)
        return _answer(await self._courier.deliver(activity))

    def _reader(self, person: str, message_id: str) -> tuple[Person, Message]:
        who, message = self.world.person(person), self.world.message(message_id)
        in_channel = message.conversation == self.settings.desk_channel_id
        if in_channel and who in self.world.agents():
            return who, message
        if message.conversation != who.conversation:
            raise NotPossible(f"{who.name} cannot see that message", 403)
        return who, message

    # -- the rest ----------------------------------------------------------------------------

    async def _introduce(self, person: Person, deadline: float) -> bool:
        while True:
            if await self._greet(person):
                self.world.introduce(person.key)
                return True
            if time.monotonic() > deadline:
                return False
            await asyncio.sleep(0.2)

    async def _greet(self, person: Person) -> bool:
        """Sends the first activities of a person; False while the bot is not up yet."""
        if person.role == "agent":
            waiting = [activities.joined_team(self.settings, person)]
        else:
            waiting = [
                activities.installation(self.settings, person, "add"),
                activities.joined(self.settings, person),
            ]
        for activity in waiting:
            if (await self._courier.deliver(activity, retry=False)).status in ASLEEP:
                return False
        return True

    def _conversation(self, wanted: str | None) -> str | None:
        if wanted == "channel":
            return self.settings.desk_channel_id
        keys = {person.key: person.conversation for person in self.settings.people}
        return keys.get(wanted or "", wanted)

    def _home(self, who: Person) -> str:
        return self.settings.desk_channel_id if who.role == "agent" else who.conversation

    async def _run(self, work: Coroutine[Any, Any, Any], wait: bool) -> None:
        if wait:
            await work
            return
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _temporary() -> Path:
    """Returns a folder that is made only when somebody uploads a file."""
    return Path(gettempdir()) / f"sandbox-{secrets.token_hex(8)}"


def _with_text(message: Message, text: str) -> Message:
    return replace(message, text=text)


def _action(message: Message, wanted: str | Mapping[str, Any], person: str) -> Json:
    if not isinstance(wanted, str):
        return dict(wanted)
    card = message.views.get(person) or message.card
    for action in activities.actions(card):
        if wanted in (action.get("id"), action.get("verb"), action.get("title")):
            return action
    offered = [action.get("title") for action in activities.actions(card)]
    raise NotPossible(f"the card has no button {wanted!r}, only {offered}", 404)


def _opens_dialog(values: Json) -> bool:
    teams = values.get("msteams")
    return isinstance(teams, dict) and teams.get("type") == "task/fetch"


def _answer(delivery: Delivery) -> Answer:
    if not delivery.ok:
        return Answer(delivery.status, "failed")
    body = delivery.body
    if not isinstance(body, dict):
        return Answer(delivery.status, "none")
    if "task" in body:
        return Answer(delivery.status, "task", body["task"])
    kind = INVOKE_KINDS.get(str(body.get("type")), "none")
    return Answer(int(body.get("statusCode", delivery.status)), kind, body.get("value"))
