"""Rules that make the connector misbehave as Teams does on a bad day."""

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

Json = dict[str, Any]

BLOCKED: Json = {
    "error": {
        "code": "ForbiddenOperationException",
        "innerHttpError": {
            "statusCode": 403,
            "body": {
                "errorCode": 209,
                "message": '{"subCode":"MessageWritesBlocked",'
                '"details":"Thread is not present in message table."}',
            },
        },
        "message": "Bot is blocked",
    }
}
MESSAGES = {
    "BotNotInConversationRoster": "The bot is not part of the conversation roster.",
    "ConversationNotFound": "Conversation not found.",
    "ActivityNotFound": "Activity not found.",
    "MemberNotFoundInConversation": "The member is not part of the conversation.",
    "MessageSizeTooBig": "Message size too large.",
    "RateLimited": "API calls quota exceeded! Maximum admitted 7 per Second.",
    "PreconditionFailed": "Precondition failed, please try again.",
    "BotNotRegistered": "No registration found for this bot.",
    "BadSyntax": "Bad format of the request.",
    "ServiceError": "Internal server error.",
    "BadGateway": "The dependent service could not be reached.",
    "ServiceUnavailable": "Service is unavailable.",
    "GatewayTimeout": "The dependent service did not answer in time.",
}
CODES = {
    400: "BadSyntax",
    401: "BotNotRegistered",
    403: "MessageWritesBlocked",
    404: "ConversationNotFound",
    412: "PreconditionFailed",
    413: "MessageSizeTooBig",
    429: "RateLimited",
    500: "ServiceError",
    502: "BadGateway",
    503: "ServiceUnavailable",
    504: "GatewayTimeout",
}


@dataclass(frozen=True)
class Fault:
    """What to match (empty: anything) and what to do instead of, or before, the right thing.

    `deliver` carries the call out and still answers the error; `times` None means always.
    """

    method: str = ""
    conversation: str = ""
    path: str = ""
    status: int = 0
    code: str = ""
    retry_after: float | None = None
    delay: float = 0.0
    never: bool = False
    drop: bool = False
    deliver: bool = False
    times: int | None = 1
    id: str = ""

    def matches(self, method: str, conversation: str, path: str) -> bool:
        """Tells whether the rule is about a call."""
        return (
            self.method.upper() in ("", method)
            and self.conversation in conversation
            and self.path in path
        )

    @property
    def name(self) -> str:
        """What the log of calls shows."""
        kind = "never" if self.never else "drop" if self.drop else str(self.status or "delay")
        return f"{kind}, delivered" if self.deliver else kind

    @property
    def spoils(self) -> bool:
        """Whether the right answer is withheld."""
        return bool(self.status or self.never or self.drop)

    def json(self) -> Json:
        """Returns the rule as the control API spells it."""
        match = {"method": self.method, "conversation": self.conversation, "path": self.path}
        then = {
            "status": self.status,
            "code": self.code,
            "retry_after": self.retry_after,
            "delay": self.delay,
            "never": self.never,
            "drop": self.drop,
            "deliver": self.deliver,
        }
        times = "always" if self.times is None else self.times
        return {"id": self.id, "match": match, "then": then, "times": times, "name": self.name}

    @classmethod
    def of(cls, rule: Json) -> "Fault":
        """Reads a rule as the control API spells it; raises ValueError on what it cannot read."""
        match, then, times = rule.get("match", {}), rule.get("then", {}), rule.get("times", 1)
        wait = then.get("retry_after")
        return cls(
            method=str(match.get("method") or ""),
            conversation=str(match.get("conversation") or ""),
            path=str(match.get("path") or ""),
            status=int(then.get("status") or 0),
            code=str(then.get("code") or ""),
            retry_after=None if wait is None else float(wait),
            delay=float(then.get("delay") or 0),
            never=bool(then.get("never")),
            drop=bool(then.get("drop")),
            deliver=bool(then.get("deliver")),
            times=None if times == "always" else int(times),
        )


class Faults:
    """The rules in force; the first that matches is taken."""

    def __init__(self) -> None:
        self._rules: list[Fault] = []
        self._ids = itertools.count(1)

    def __iter__(self) -> Iterator[Fault]:
        return iter(self._rules)

    def add(self, fault: Fault) -> Fault:
        """Puts a rule behind the others."""
        added = replace(fault, id=fault.id or str(next(self._ids)))
        self._rules.append(added)
        return added

    def replace(self, faults: Iterable[Fault]) -> None:
        """Puts these rules in the place of all others."""
        self._rules.clear()
        for fault in faults:
            self.add(fault)

    def remove(self, fault_id: str) -> None:
        """Takes one rule away."""
        self._rules = [rule for rule in self._rules if rule.id != fault_id]

    def clear(self) -> None:
        """Takes all rules away."""
        self._rules.clear()

    def take(self, method: str, conversation: str, path: str) -> Fault | None:
        """Returns the rule for a call and counts it as used."""
        for place, rule in enumerate(self._rules):
            if rule.matches(method, conversation, path):
                self._use(place, rule)
                return rule
        return None

    def json(self) -> list[Json]:
        """Returns the rules as the control API spells them."""
        return [rule.json() for rule in self._rules]

    def _use(self, place: int, rule: Fault) -> None:
        if rule.times is None:
            return
        if rule.times <= 1:
            del self._rules[place]
        else:
            self._rules[place] = replace(rule, times=rule.times - 1)


def error_body(code: str) -> Json:
    """Returns the body that Teams sends with an error."""
    if code in ("MessageWritesBlocked", "ForbiddenOperationException"):
        return BLOCKED
    return {"error": {"code": code, "message": MESSAGES.get(code, code)}}
