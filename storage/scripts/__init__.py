"""The Lua scripts, each a file beside this one, as values that know their digest."""

from hashlib import sha1
from pathlib import Path
from typing import Final

_FOLDER: Final = Path(__file__).parent


class Script:
    """A script's text, with the functions of other files that it needs in front of it."""

    def __init__(self, name: str, *needs: str) -> None:
        self.name = name
        parts = (*needs, name)
        self.text = "\n".join((_FOLDER / f"{part}.lua").read_text("utf-8") for part in parts)
        self.sha = sha1(self.text.encode(), usedforsecurity=False).hexdigest()


CREATE: Final = Script("create", "clock", "queue")
CHANGE: Final = Script("change", "clock", "queue")
READ: Final = Script("read")
EVENT: Final = Script("event")
PAGE: Final = Script("page")
CLAIMS: Final = Script("claims")
BUSY: Final = Script("busy")

TAKE: Final = Script("take")
PUT: Final = Script("put", "clock", "revive", "remember")
RELEASE: Final = Script("release")
KEEP: Final = Script("keep", "clock")
TAKE_OVER: Final = Script("take_over", "clock")
LET_GO: Final = Script("let_go")
LEAVE: Final = Script("leave")
DRAFTS: Final = Script("drafts")
DISCARD: Final = Script("discard")
PERSON: Final = Script("person", "clock", "revive", "remember")

DUE: Final = Script("due", "clock")
CLAIM: Final = Script("claim", "clock")
ASK: Final = Script("ask", "clock", "quota")
SENDING: Final = Script("sending", "clock", "quota", "later")
POSTPONE: Final = Script("postpone", "clock", "later")
RENEW: Final = Script("renew", "clock")
DONE: Final = Script("done", "clock", "advance", "queue", "report")
RETRY: Final = Script("retry", "clock")
BURY: Final = Script("bury", "clock", "advance", "queue", "report")
DEAD: Final = Script("dead")
REPLAY: Final = Script("replay", "clock", "revive")
BACKLOG: Final = Script("backlog", "clock")
