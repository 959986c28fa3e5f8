"""What is spelled out plainly is read without phonenumbers' parser, and just as it reads it."""

import random

import phonenumbers
import pytest
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberFormat

from cases.countries import REGIONS
from cases.dialling import plan_for, spelled_out

FORMS = (PhoneNumberFormat.E164, PhoneNumberFormat.INTERNATIONAL)
KINDS = tuple(phonenumbers.PhoneNumberType.values())


def parsed(text: str, region: str) -> PhoneNumber | None:
    try:
        return phonenumbers.parse(text, region)
    except NumberParseException:
        return None


def texts(region: str) -> list[str]:
    """Writes example numbers of a region, and digits that its prefixes are hidden in."""
    draw = random.Random(region)
    code = phonenumbers.country_code_for_region(region)
    examples = [phonenumbers.example_number_for_type(region, kind) for kind in KINDS]
    written = [phonenumbers.format_number(one, form) for one in examples if one for form in FORMS]
    lengths = [draw.randrange(1, 19) for _ in range(300)]
    return [
        *(text for text in written if text.translate(str.maketrans("", "", "+ .-")).isdigit()),
        *(f"+{code}{draw.randrange(10**length):0{length}d}" for length in lengths),
        *(f"+{code} {first}{draw.randrange(10**9):09d}" for first in range(100)),
    ]


@pytest.mark.parametrize("region", REGIONS)
def test_reads_as_phonenumbers_does(region: str) -> None:
    plan = plan_for(region, (region,))
    read = {text: spelled_out(text, plan) for text in texts(region)}
    plainly = {text: number for text, number in read.items() if number}
    assert plainly == {text: parsed(text, region) for text in plainly}
    # What Argentina's prefix may be is so unclear that its numbers are all left to phonenumbers.
    assert len(plainly) > 20 or region == "AR"


@pytest.mark.parametrize(
    "text", ["0140000000", "33140000000", "+49301234567", "+33", "+330140000000", "+3"]
)
def test_leaves_the_rest_to_phonenumbers(text: str) -> None:
    assert spelled_out(text, plan_for("FR", ("FR",))) is None


def test_without_a_country_nothing_is_spelled_out() -> None:
    assert spelled_out("+33140000000", plan_for("", ())) is None
