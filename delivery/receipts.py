"""How news reached somebody: what the desk hears of it, read from what became of its notice."""

import re
from typing import Final

from cases.model import Person, Receipt
from cases.ports import Claim
from cases.vocabulary import Obstacle, Way
from delivery.fates import NOBODY, Nothing, Place, Shown, ToMailbox, ToPerson

_OBSTACLES: Final = (
    (re.compile(r"uninstalled|NotInConversation|404|410|gone", re.IGNORECASE), Obstacle.REMOVED),
    (re.compile(r"block|403", re.IGNORECASE), Obstacle.BLOCKED),
    (re.compile(r"unreachable"), Obstacle.UNMET),
    (re.compile(r"expired"), Obstacle.LATE),
)
"""By what the connector answered, or what was noted of the person when it did."""


def obstacle_of(why: str) -> Obstacle:
    """Return what a reason that was noted means to people."""
    return next((found for pattern, found in _OBSTACLES if pattern.search(why)), Obstacle.REFUSED)


def obstacle_with(person: Person) -> Obstacle:
    """Return why someone whom we know is not told in their chat."""
    return obstacle_of(person.blocked) if person.blocked else Obstacle.UNMET


def shown_to(claim: Claim, fate: Shown) -> Receipt | None:
    """Return the receipt of a notice that stands, if somebody wants one."""
    match fate.at:
        case ToPerson():
            return _receipt(claim, Way.CHAT, fate.at.person.name)
        case ToMailbox():
            return _receipt(claim, Way.MAIL, fate.at.name, fate.at.obstacle)
        case _:
            return None


def of_nothing(claim: Claim, fate: Nothing) -> Receipt | None:
    """Return the receipt of a notice that was shown to nobody, if it should have been."""
    return not_reached(claim, None, "unreachable") if fate.how == NOBODY else None


def not_reached(claim: Claim, to: Place | ToMailbox | None, why: str) -> Receipt | None:
    """Return the receipt of a notice that was given up, if somebody wants one."""
    person = to.person if isinstance(to, ToPerson) else None
    if person is None and claim.found is not None:
        person = claim.found.person
    if person is None:
        return _receipt(claim, Way.NONE, "", obstacle_of(why))
    return _receipt(claim, Way.NONE, person.name, obstacle_of(person.blocked or why))


def _receipt(claim: Claim, way: Way, name: str, obstacle: Obstacle | None = None) -> Receipt | None:
    notice = claim.notice
    if not notice.reports:
        return None
    name = name or notice.to.address
    return Receipt(event=notice.event, name=name, way=way, obstacle=obstacle)
