"""Every number that phonenumbers gives as an example, in the ways that people write it."""

import phonenumbers
import pytest
from phonenumbers import PhoneNumber, PhoneNumberFormat, PhoneNumberType

from cases.dialling import Repair
from cases.findings import Entry, Flaw, NumberKind, Purpose
from cases.lists import rows
from cases.numbering import read, settle

REGIONS = sorted(phonenumbers.SUPPORTED_REGIONS)
KINDS = {
    PhoneNumberType.FIXED_LINE: NumberKind.GEOGRAPHIC,
    PhoneNumberType.MOBILE: NumberKind.MOBILE,
    PhoneNumberType.FIXED_LINE_OR_MOBILE: NumberKind.GEOGRAPHIC_OR_MOBILE,
    PhoneNumberType.TOLL_FREE: NumberKind.TOLL_FREE,
    PhoneNumberType.PREMIUM_RATE: NumberKind.PREMIUM,
    PhoneNumberType.SHARED_COST: NumberKind.SHARED_COST,
    PhoneNumberType.VOIP: NumberKind.VOIP,
    PhoneNumberType.PERSONAL_NUMBER: NumberKind.PERSONAL,
    PhoneNumberType.PAGER: NumberKind.PAGER,
    PhoneNumberType.UAN: NumberKind.UAN,
    PhoneNumberType.VOICEMAIL: NumberKind.VOICEMAIL,
}
FORMATS = (
    PhoneNumberFormat.E164,
    PhoneNumberFormat.INTERNATIONAL,
    PhoneNumberFormat.NATIONAL,
    PhoneNumberFormat.RFC3966,
)


def spelled(number: PhoneNumber, form: int = PhoneNumberFormat.E164) -> str:
    return phonenumbers.format_number(number, form)


def examples(region: str) -> list[PhoneNumber]:
    kinds = sorted(PhoneNumberType.values())
    found = (phonenumbers.example_number_for_type(region, kind) for kind in kinds)
    return [number for number in found if number]


def in_full_width(text: str) -> str:
    return "".join(chr(ord(sign) + 0xFEE0) if "!" <= sign <= "~" else sign for sign in text)


def writings(number: PhoneNumber) -> list[str]:
    """The number in the four formats, and as keyboards, habits and programs change them."""
    international = spelled(number, PhoneNumberFormat.INTERNATIONAL)
    return [
        *(spelled(number, form) for form in FORMATS),
        f"00{spelled(number)[1:]}",
        phonenumbers.format_out_of_country_calling_number(number, "FR"),
        in_full_width(spelled(number)),
        in_full_width(spelled(number, PhoneNumberFormat.NATIONAL)),
        international.replace(" ", "\u00a0").replace("-", "\u2013"),
        international.replace(" ", "."),
        f"'{spelled(number)}",
        f'="{spelled(number)}"',
    ]


def only(text: str, region: str) -> Entry:
    purpose = Purpose(region=region)
    (entry,) = settle(read(rows(text), purpose), purpose).entries
    return entry


@pytest.mark.parametrize("region", REGIONS)
def test_every_example_is_taken_and_named(region: str) -> None:
    for number in examples(region):
        for text in writings(number):
            entry = only(text, region)
            assert (text, entry.accepted, entry.number) == (text, True, spelled(number))
            assert entry.kind is KINDS[phonenumbers.number_type(number)]
            # `00` is dialled abroad in some countries only.
            assert entry.repaired in {"", *([Repair.PREFIX_REPLACED] if text[:2] == "00" else [])}
            assert phonenumbers.is_valid_number_for_region(number, entry.region)


@pytest.mark.parametrize("region", REGIONS)
def test_every_example_without_its_plus_is_taken_or_asked_about(region: str) -> None:
    for number in examples(region):
        e164 = spelled(number)
        entry = only(e164[1:], region)
        if entry.problem == Flaw.AMBIGUOUS:
            assert e164 in entry.params.values()
        else:
            assert (entry.accepted, entry.number) == (True, e164)


@pytest.mark.parametrize("region", REGIONS)
def test_no_invalid_example_is_taken(region: str) -> None:
    number = phonenumbers.invalid_example_number(region)
    assert number is not None
    for form in FORMATS:
        text = spelled(number, form)
        assert (text, only(text, region).accepted) == (text, False)


@pytest.mark.parametrize("region", REGIONS)
def test_international_writing_needs_no_country(region: str) -> None:
    for number in examples(region):
        if phonenumbers.is_valid_number(number):
            entry = only(spelled(number, PhoneNumberFormat.INTERNATIONAL), "")
            assert (entry.accepted, entry.number) == (True, spelled(number))
            assert entry.region == phonenumbers.region_code_for_number(number)


@pytest.mark.parametrize("code", sorted(phonenumbers.COUNTRY_CODES_FOR_NON_GEO_REGIONS))
@pytest.mark.parametrize("region", ["", "001"])
def test_numbers_of_no_country_are_known(code: int, region: str) -> None:
    number = phonenumbers.example_number_for_non_geo_entity(code)
    assert number is not None
    for form in (
        PhoneNumberFormat.E164,
        PhoneNumberFormat.INTERNATIONAL,
        PhoneNumberFormat.RFC3966,
    ):
        entry = only(spelled(number, form), region)
        assert (entry.accepted, entry.number, entry.region) == (True, spelled(number), "001")
        assert entry.kind is KINDS[phonenumbers.number_type(number)]
    assert only(spelled(number), "FR").number == spelled(number)
    assert only(spelled(number), "FR").problem in {Flaw.OTHER_COUNTRY, Flaw.NOT_PORTABLE}
