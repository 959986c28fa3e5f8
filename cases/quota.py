"""How many new numbers a company may have by its licences, and the right door for what it asks.

The figures are those of the page on how many phone numbers one can get (08/2023). Ported numbers
do not count. What is above the quota is asked of the desk; within it the admin centre is quicker.
"""

from bisect import bisect_right
from collections.abc import Iterator, Mapping

from pydantic import JsonValue

from cases.countries import Country
from cases.model import Caution
from cases.vocabulary import CaseType, NumberType

SERVICE_STEPS: tuple[tuple[int, int], ...] = (
    (0, 0),
    (1, 5),
    (26, 10),
    (50, 20),
    (100, 30),
    (150, 40),
    (200, 65),
    (500, 90),
    (750, 110),
    (1000, 125),
    (1250, 135),
    (1500, 160),
    (2000, 210),
    (3000, 420),
    (7000, 500),
    (10_000, 600),
    (15_000, 700),
    (20_000, 1000),
    (50_000, 1500),
)
"""From so many licences on, so many service numbers: toll, and as many toll-free besides."""

PARTNERS_DO = frozenset({CaseType.NEW_NUMBERS, CaseType.PORT_IN, CaseType.ADDRESS_UPDATE})
"""What a partner does for its country's user numbers: Telstra (AU) and SoftBank (JP)."""


def user_quota(licences: int, payg: int = 0) -> int:
    """Return how many user numbers may be had by Calling Plan and Pay-As-You-Go licences.

    A tenth is added to the Calling Plan licences, and ten; 30 and 20 give 63. The page does not say
    how a fraction counts: it is dropped, so that nobody is promised too much. Without any Calling
    Plan licence there is nothing to add to.
    """
    return payg + (licences * 11 // 10 + 10 if licences else 0)


def service_quota(licences: int) -> int:
    """Return how many service numbers of one kind may be had.

    `licences` are those of Phone System and Audio Conferencing together.
    """
    at = bisect_right(SERVICE_STEPS, licences, key=lambda step: step[0])
    return SERVICE_STEPS[at - 1][1]


def in_blocks(quantity: int, country: Country) -> int:
    """Return the quantity as the country has it: rounded up to whole blocks (Poland: tens)."""
    return -(-quantity // country.block_size) * country.block_size


def cautions(
    case_type: CaseType, answers: Mapping[str, JsonValue], country: Country, _now: object
) -> tuple[Caution, ...]:
    """Return what is to be told of how many numbers are asked for, and of whom."""
    return (*_partner(case_type, answers, country), *_new_numbers(case_type, answers, country))


def _partner(
    case_type: CaseType, answers: Mapping[str, JsonValue], country: Country
) -> Iterator[Caution]:
    of_users = answers.get("number_type", NumberType.USER) == NumberType.USER
    if country.partner and case_type in PARTNERS_DO and of_users:
        yield Caution(code="partner", params={"partner": country.partner, "country": country.iso})


def _new_numbers(
    case_type: CaseType, answers: Mapping[str, JsonValue], country: Country
) -> Iterator[Caution]:
    quantity = answers.get("quantity")
    if case_type is not CaseType.NEW_NUMBERS or not isinstance(quantity, int):
        return
    whole = in_blocks(quantity, country)
    if whole != quantity:
        params: dict[str, JsonValue] = {
            "country": country.iso,
            "block": country.block_size,
            "quantity": quantity,
            "becomes": whole,
        }
        yield Caution(code="blocks", params=params)
    quota = quota_of(answers)
    if quota is not None:
        yield _door(quota, whole, answers, country)


def quota_of(answers: Mapping[str, JsonValue]) -> int | None:
    """Return the quota of what is asked for; none while the licences are not told."""
    licences, payg = answers.get("licences"), answers.get("payg_licences")
    if answers.get("number_type") != NumberType.USER:
        return service_quota(licences) if isinstance(licences, int) else None
    told = [count for count in (licences, payg) if isinstance(count, int)]
    return user_quota(int(str(licences or 0)), int(str(payg or 0))) if told else None


def _door(quota: int, quantity: int, answers: Mapping[str, JsonValue], country: Country) -> Caution:
    """Return what follows from a quota: the desk's door, or the admin centre's."""
    params: dict[str, JsonValue] = {
        "quota": quota,
        "quantity": quantity,
        "number_type": str(answers.get("number_type")),
    }
    if quantity > quota:
        return Caution(code="quota_exceeded", params=params)
    if answers.get("tried_admin_center") or not country.in_admin_center:
        return Caution(code="quota_kept", params=params)
    return Caution(code="quota_in_admin_center", params=params)
