"""Named places at which a test may end or halt this process; without orders they do nothing."""

import os
import re
import signal
from collections.abc import Callable
from typing import Final

Failpoint = Callable[[str], None]

_ORDER = re.compile(r"(?P<name>[a-z_]+(?::[a-z_]+)?)=(?P<deed>kill|stop)(?:@(?P<nth>[1-9][0-9]*))?")
_SIGNALS: Final = {"kill": signal.SIGKILL, "stop": signal.SIGSTOP}


def failpoint_of(orders: str) -> Failpoint:
    """Return what the places call, for orders such as `after_script:create=kill@3`.

    Several are set apart by commas. `kill` ends the process as `kill -9` does, `stop` halts it,
    the `@`-th time that it gets there. Raises ValueError for an order that is none.
    """
    left: dict[str, list[tuple[int, signal.Signals]]] = {}
    for order in filter(None, (part.strip() for part in orders.split(","))):
        found = _ORDER.fullmatch(order)
        if found is None:
            raise ValueError(f"must be name=kill@3 or name=stop, not {order!r}")
        left.setdefault(found["name"], []).append((int(found["nth"] or 1), _SIGNALS[found["deed"]]))
    if not left:
        return lambda _name: None
    passed: dict[str, int] = {}

    def reached(name: str) -> None:
        passed[name] = passed.get(name, 0) + 1
        for nth, sent in left.get(name, ()):
            if nth == passed[name]:
                os.kill(os.getpid(), sent)

    return reached
