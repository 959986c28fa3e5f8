"""People at work: they fill in forms, press what they see, and try again when they are told to."""

import asyncio
import json
import random
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from hashlib import sha256

from cases.schedule import is_business_day
from sandbox.settings import Person
from tests.faults.ledger import Answered, Asked, Done, Dropped, Ledger
from tests.faults.plan import Step, Wish
from tests.faults.records import Witness
from tests.faults.seen import MARK, Json, Seen, held_by, words_in
from tests.faults.wire import Reply, Teams

LOOK_FOR = 4.0
"""Seconds that a person waits for the next card before they do something about it."""
TOLD_WITHIN = 12.0
"""Seconds within which a refusal is at least tried to be said."""
DONE_BEFORE = "This was done before."
REFUSED = re.compile(r"\W*⚠ (?!Not delivered)")
"""Why a press was refused; a card also says whom the desk's words did not reach."""
TRIES = 40


class Stuck(Exception):
    """Somebody cannot get on, whatever they try."""


@dataclass
class World:
    """What players share."""

    teams: Teams
    ledger: Ledger
    witness: Witness
    rng: random.Random
    think: float = 0.0

    async def thinks(self) -> None:
        """Pause as somebody does who reads a card."""
        await asyncio.sleep(self.rng.uniform(0.0, self.think))


class Player:
    """One customer, one case after the other."""

    def __init__(self, who: Person, world: World) -> None:
        self._who = who
        self._world = world
        self._chat = world.teams.eyes.chats[who.conversation]
        self._used: set[str] = set()
        """Drafts that this person has finished with."""

    async def plays(self, wishes: list[Wish]) -> None:
        """Fulfil the wishes; whoever is stuck says so in the ledger."""
        for wish in wishes:
            try:
                case = await self._fills_in(wish)
                if case is not None:
                    await asyncio.gather(self._works_on(case, wish), self._probes(case, wish))
            except Stuck as stuck:
                self._world.ledger.blame(f"{self._who.key} is stuck: {stuck}")

    # -- the form ----------------------------------------------------------------------------

    async def _fills_in(self, wish: Wish) -> Asked | None:
        """Go through the form; returns the case, or none if the draft was left."""
        draft = await self._begins()
        self._used.add(draft)
        answered = Answered(self._who.tenant, self._who.conversation)
        self._world.ledger.drafts[draft] = answered
        asked = Asked(wish.token, wish.company.tenant, self._who.aad)
        if not wish.left_at:
            self._world.ledger.cases.append(asked)
        last: tuple[str, int] = ("", 0)
        for _ in range(TRIES):
            card, press = await self._form(draft, last)
            stage = str(press["stage"])
            if stage == wish.left_at:
                return None
            await self._world.thinks()
            if stage == "papers" and not any(
                name.startswith("file_") for name, _ in held_by(card.card)
            ):
                await self._drops(wish, draft)
                last = (card.id, card.versions)
                continue
            if stage == "review":
                if await self._sends(asked, card, press, draft):
                    answered.case = asked.number
                    return asked
                continue
            await self._answers(wish, answered, card, press)
            last = (card.id, card.versions)
        raise Stuck(f"draft {draft} of {wish.token} gets nowhere, at {last}")

    async def _begins(self) -> str:
        """Ask for a new case and return the draft whose card comes."""
        for attempt in range(TRIES):
            known = {str(press["draft"]) for _, press in self._forms()}
            activity = self._world.teams.words(
                self._who, "new case" if attempt % 3 == 0 else "drafts"
            )
            if attempt % 3 == 0:
                key = (self._who.tenant, self._who.aad)
                self._world.ledger.new_cases[key].add(str(activity["id"]))
            await self._world.teams.deliver(activity)
            if await self._until(partial(self._has_fresh, known)):
                return self._fresh(known)
            if attempt % 3 == 1:
                await self._resumes(None)
        raise Stuck("no form opens")

    def _has_fresh(self, known: set[str]) -> bool:
        return self._fresh(known) != ""

    def _fresh(self, known: set[str]) -> str:
        forms = [str(press["draft"]) for _, press in self._forms()]
        fresh = [draft for draft in forms if draft not in known and draft not in self._used]
        return fresh[-1] if fresh else ""

    async def _resumes(self, draft: str | None) -> None:
        """Press Resume of a draft, or of any that this person has not used."""
        for message in reversed(list(self._chat.messages.values())):
            for press in message.presses:
                wanted = press.get("draft") == draft or (
                    draft is None and press.get("draft") not in self._used
                )
                if press.get("verb") == "resume" and wanted:
                    activity = self._world.teams.submit(self._who, message, press, {})
                    await self._world.teams.deliver(activity)
                    return

    def _forms(self) -> Iterator[tuple[Seen, Json]]:
        """Yield the forms in the chat that can be sent, the newest last."""
        for name, press in list(self._chat.forms.items()):
            yield self._chat.messages[name], press

    async def _form(self, draft: str, last: tuple[str, int]) -> tuple[Seen, Json]:
        """Return the newest form of the draft; the one that was just sent only if need be."""

        def newest() -> tuple[Seen, Json] | None:
            found = [one for one in self._forms() if one[1]["draft"] == draft]
            return max(found, key=lambda one: (one[0].order, one[0].versions), default=None)

        def moved() -> bool:
            form = newest()
            return form is not None and (form[0].id, form[0].versions) != last

        if not await self._until(moved) and self._world.rng.random() < 0.5:
            await self._world.teams.deliver(self._world.teams.words(self._who, "drafts"))
            await asyncio.sleep(0.5)
            await self._resumes(draft)
            await self._until(moved)
        for _ in range(8):
            form = newest()
            if form is not None:
                return form
            # A bot that dies between two cards leaves none: there is always the list of drafts.
            await self._world.teams.deliver(self._world.teams.words(self._who, "drafts"))
            await asyncio.sleep(1.0)
            await self._resumes(draft)
            await self._until(lambda: newest() is not None)
        raise Stuck(f"the form of {draft} is gone")

    async def _answers(self, wish: Wish, answered: Answered, card: Seen, press: Json) -> None:
        stage, draft = str(press["stage"]), str(press["draft"])
        told = told_by(wish, stage)
        chosen = next(
            (
                one
                for one in card.presses
                if one.get("field") == stage and one.get("value") == told.get(stage)
            ),
            None,
        )
        inputs = {} if chosen else {**dict(held_by(card.card)), **told}
        activity = self._world.teams.submit(self._who, card, chosen or press, inputs)
        plain = {name: said for name, said in told.items() if name in KEPT}
        answered.maybe |= plain
        reply = await self._world.teams.deliver(activity, may_be_renamed=True)
        if reply.ok:
            self._world.ledger.progress += 1
            await self._check_kept(answered, draft, stage, plain)

    async def _check_kept(
        self, answered: Answered, draft: str, stage: str, told: dict[str, str]
    ) -> None:
        """Look at once whether what was acknowledged is there."""
        stored = await self._world.witness.draft(self._who.tenant, draft)
        if missing_in(stored, told):
            held = await self._world.witness.open_draft(self._who.tenant, self._who.conversation)
            if held == draft:
                self._world.ledger.blame(
                    f"draft {draft}: {stage} was acknowledged and is not stored: "
                    f"{missing_in(stored, told)}"
                )
            return
        answered.sure |= told

    async def _drops(self, wish: Wish, draft: str) -> None:
        content = b"%PDF-1.4 letter of " + wish.title.encode() + b" " * 200
        name, digest = f"loa-{wish.token}.pdf", sha256(content).hexdigest()
        activity = await self._world.teams.file(self._who, name, content)
        reply = await self._world.teams.deliver(activity)
        if reply.ok:
            dropped = Dropped(self._who.conversation, name, digest)
            self._world.ledger.dropped.append(dropped)
            stored = await self._world.witness.draft(self._who.tenant, draft)
            if wish.token in stored.get("value", ""):
                self._world.ledger.files.append((self._who.tenant, digest))

    async def _sends(self, asked: Asked, card: Seen, press: Json, draft: str) -> bool:
        """Press Submit, sometimes twice at once, until the number is shown."""
        submit = self._world.teams.submit
        presses = [submit(self._who, card, press, {})]
        if not self._world.teams.calm and self._world.rng.random() < 0.4:
            presses.append(submit(self._who, card, press, {}))
        replies = await asyncio.gather(
            *(self._world.teams.deliver(one, may_be_renamed=True) for one in presses)
        )
        if any(reply.ok for reply in replies):
            asked.sent = True
            stored = await self._world.witness.draft(self._who.tenant, draft)
            # A file that came late may have opened the papers again: the press was stale then.
            if "case" not in stored and asks_for(stored) == "review":
                held = await self._world.witness.open_draft(
                    self._who.tenant, self._who.conversation
                )
                if held == draft:
                    self._world.ledger.blame(
                        f"{asked.token}: Submit was acknowledged, but draft {draft} is no case"
                    )
        if not await self._until(lambda: _number_on(card) != ""):
            return False
        asked.number = _number_on(card)
        self._world.ledger.progress += 1
        return True

    async def _until(self, ready: Callable[[], bool], within: float = LOOK_FOR) -> bool:
        return await until(ready, lambda: self._chat.changed, within)

    # -- the case ----------------------------------------------------------------------------

    async def _works_on(self, case: Asked, wish: Wish) -> None:
        batch: list[Step] = []
        for step in wish.steps:
            if batch and not step.together:
                await asyncio.gather(*(self._does(case, one) for one in batch))
                batch = []
            batch.append(step)
        await asyncio.gather(*(self._does(case, one) for one in batch))

    async def _does(self, case: Asked, step: Step) -> None:
        world = self._world
        if not step.together:
            await world.thinks()
        if step.who.role == "agent":
            root = await appears(
                world, lambda: next(iter(world.teams.eyes.roots_of(case.number)), None)
            )
            if root is None:
                world.ledger.blame(f"{case.number} ({case.token}) never came to the channel")
                return
            if step.verb == "say":
                await says(world, step.who, case.number, step.token)
                return
            on = root
        else:
            chat = world.teams.eyes.chats[step.who.conversation]
            card = await appears(world, lambda: chat.living_card(case.number))
            if card is None:
                if "fragile" not in step.who.key:
                    world.ledger.blame(f"{case.number} ({case.token}) never came to {step.who.key}")
                return
            on = card
        await does(world, step.who, on, case.number, step.verb, step.token)

    async def _probes(self, case: Asked, wish: Wish) -> None:
        """Let someone of another company try to see the case, and to write into it."""
        if wish.prober is None:
            return
        teams, token = self._world.teams, f"forged-{wish.token}"
        await teams.deliver(teams.words(wish.prober, f"case {case.number}"))
        on = Seen("1", wish.prober.conversation, 0, {}, "")
        for data in ({"verb": "show"}, {"verb": "comment", "rev": 1}):
            inputs = {"comment_text": token}
            await teams.deliver(
                teams.execute(wish.prober, on, {**data, "case": case.number}, inputs)
            )


KEPT = frozenset({"category", "country", "case_type", "order_name", "title", "description"})
"""Answers that are stored as they were given."""


def told_by(wish: Wish, stage: str) -> dict[str, str]:
    """Return what somebody types into a stage."""
    port = wish.category == "new_request"
    days = (datetime.now(UTC).date() + timedelta(days=ahead) for ahead in range(40, 47))
    soon = next(filter(is_business_day, days)).isoformat()
    answers = {
        "category": {"category": wish.category},
        "country": {"country": "FR" if port else "JP"},
        "case_type": {"case_type": "port_in"},
        "details": {
            "order_name": f"{wish.company.marker} order",
            "when_date": soon,
            "when_time": "10:00",
            "numbers": wish.phone_number,
        },
        "about": {
            "title": wish.title,
            "description": f"{wish.company.marker} explains {wish.token}",
            "contacts": ", ".join(one.email for one in wish.contacts),
            "severity": "c",
        },
    }
    return answers.get(stage, {})


def asks_for(stored: Json) -> str:
    """Return the stage that a stored draft asks for."""
    return str(json.loads(stored.get("value", "{}")).get("asked", ""))


def missing_in(stored: Json, told: dict[str, str]) -> list[str]:
    """Return which answers a stored draft does not hold; one that became a case holds all."""
    if "case" in stored:
        return []
    value = stored.get("value", "")
    return [said for said in told.values() if f'"{said}"' not in value]


def _number_on(message: Seen) -> str:
    found = (press for press in message.presses if press.get("verb") == "show")
    return next((str(press["case"]) for press in found), "")


async def until(
    ready: Callable[[], bool], changed: Callable[[], asyncio.Event], within: float
) -> bool:
    """Wait until something is so; tells whether it came to be."""
    deadline = time.monotonic() + within
    while not ready():
        left = deadline - time.monotonic()
        if left <= 0:
            return False
        event = changed()
        try:
            await asyncio.wait_for(event.wait(), min(left, 1.0))
        except TimeoutError:
            continue
    return True


async def appears(
    world: World, look: Callable[[], Seen | None], within: float = 150.0
) -> Seen | None:
    """Wait for a message that a worker brings."""
    deadline = time.monotonic() + within
    while (found := look()) is None and time.monotonic() < deadline:  # noqa: ASYNC110 - polls eyes
        await asyncio.sleep(0.1)
    return found


async def does(world: World, who: Person, on: Seen, case: str, verb: str, token: str) -> Done:
    """Press a button of a living card, again if the answer is that nothing was saved."""
    done = Done(token, case, verb, who.aad, time.monotonic())
    world.ledger.deeds.append(done)
    data = next(
        (one for one in on.presses if one.get("verb") == verb and one.get("case") == case), None
    )
    data = data or {"verb": verb, "case": case, "rev": 1}
    inputs = {f"{verb}_text": token}
    if verb == "resolve":
        inputs["resolution"] = "problem_solved"
    for attempt in range(TRIES):
        activity = world.teams.execute(who, on, data, inputs)
        reply = await world.teams.deliver(activity, may_be_renamed=True)
        if await _settled(world, done, reply):
            return done
        await asyncio.sleep(min(3.0, 0.3 * (attempt + 1)))
    world.ledger.blame(f"{case}: {verb} of {token} was never taken")
    return done


async def _settled(world: World, done: Done, reply: Reply) -> bool:
    """Tell whether an answer is final, and check it against the store at once."""
    if not reply.ok:
        return False
    refusals = [one for one in words_in(reply.card or {}) if REFUSED.match(one)]
    if refusals:
        words = " ".join(refusals)
        # Refused: what could not be saved may come again, everything else may not.
        done.refused = "could not be saved" not in words and "same time" not in words
        return done.refused
    if reply.card is None and reply.line != DONE_BEFORE:
        return False
    done.sure, done.at = True, time.monotonic()
    world.ledger.progress += 1
    if not await _is_told(world, done):
        how = "was answered with its card" if reply.card else "was answered as done before"
        world.ledger.blame(f"{done.case}: {done.verb} {done.token} {how} and is not stored")
    return True


async def _is_told(world: World, done: Done) -> bool:
    events = await world.witness.events(done.case)
    return any(is_event_of(event, done) for event in events)


def is_event_of(event: Json, done: Done) -> bool:
    """Tell whether an event is what somebody did; taking a case says no word."""
    if done.verb == "take":
        return bool(event["verb"] == "take" and event["by"]["user"] == done.user)
    return bool(event["text"] == done.token)


async def says(world: World, who: Person, case: str, token: str) -> None:
    """Reply in a case's thread; what is not taken is said again, in other words.

    A case whose root had to be posted twice has a thread that the bot does not know: whoever
    replies there is told so, and goes to the other one.
    """
    for attempt in range(TRIES):
        said = f"{token}n{attempt}"
        done = Done(said, case, "comment", who.aad, time.monotonic())
        world.ledger.deeds.append(done)
        roots = world.teams.eyes.roots_of(case)
        root = roots[-1 - attempt % len(roots)]
        thread = f"{world.teams.eyes.channel}{MARK}{root.id}"
        before = world.teams.eyes.refusals[thread]
        reply = await world.teams.deliver(world.teams.words(who, said, root.id))
        if reply.ok and await _is_told(world, done):
            done.sure, done.at = True, time.monotonic()
            world.ledger.progress += 1
            return
        if reply.ok:
            await _is_refused(world, done, thread, before)
        await asyncio.sleep(1.0)
    world.ledger.blame(f"{case}: the reply {token} was never taken")


async def _is_refused(world: World, done: Done, thread: str, before: int) -> None:
    """Make sure that whoever is not taken at his word is told so."""
    deadline = time.monotonic() + TOLD_WITHIN
    while world.teams.eyes.refusals[thread] == before:  # the bot may still be at it
        await asyncio.sleep(0.2)
        if time.monotonic() > deadline:
            if not await _is_told(world, done):
                world.ledger.blame(
                    f"{done.case}: the reply {done.token} was acknowledged, lost and not refused"
                )
            return
