"""Texts of several numbers: each is told, or the text is refused; none is invented or lost."""

import pytest

from cases.findings import Entry, Purpose
from cases.lists import Row, rows
from cases.numbering import read, settle

# Region, text, and the first and last digits that the numbers have, as `first..last` or one by one
DE, AT, IT, US = "+4930901820", "+4315124466", "+39021234567", "+1425555"


def found(text: str, region: str) -> list[Entry]:
    purpose = Purpose(region=region)
    return settle(read(rows(text), purpose), purpose).entries


def numbers(text: str, region: str) -> list[str]:
    """The numbers of a text that nothing stands against."""
    return [entry.number if not entry.problem else entry.problem for entry in found(text, region)]


def span(base: str, first: int, last: int, width: int = 2) -> list[str]:
    return [f"{base}{number:0{width}}" for number in range(first, last + 1)]


@pytest.mark.parametrize(
    "region, text, expected",
    [
        # Direct dialling: the second dash, or a group that no number has, tells the range.
        ("DE", "030 901820 10-19", span(DE, 10, 19)),
        ("DE", "030 901820-10 - 19", span(DE, 10, 19)),
        ("DE", "+49 30 901820 10 - 19", span(DE, 10, 19)),
        ("DE", "+49 30 901820-10 ... -19", span(DE, 10, 19)),
        ("DE", "030 901820-10 … 19", span(DE, 10, 19)),
        ("DE", "030 901820-10 bis 19", span(DE, 10, 19)),
        ("DE", "030 901820-10 bis -19", span(DE, 10, 19)),
        ("DE", "+49 (30) 901820 - 10 bis - 19", span(DE, 10, 19)),
        ("DE", "0049 30 901820-10 - 19", span(DE, 10, 19)),
        ("DE", "030 901820 Durchwahl 10-19", span(DE, 10, 19)),
        ("", "+49 30 901820 10-19", span(DE, 10, 19)),
        ("AT", "01 5124466 10-19", span(AT, 10, 19)),
        ("AT", "+43 1 5124466-10 - 19", span(AT, 10, 19)),
        ("AT", "+43 1 5124466 DW 10-19", span(AT, 10, 19)),
        ("IT", "02 1234567 8-9", span(IT, 8, 9, 1)),
        ("IT", "02 1234567 10-20", span(IT, 10, 20)),
        ("FI", "09 1234 5600-5609", span("+35891234", 5600, 5609)),
        ("FI", "09 4780 1200 - 1299", span("+35894780", 1200, 1299)),
        ("SE", "08-123 45 60-69", span("+46812345", 60, 69)),
        ("JP", "03-1234-5600~5699", span("+8131234", 5600, 5699)),
        ("BR", "(11) 3123-4560 a 4569", span("+55113123", 4560, 4569)),
        ("DK", "32 12 34 56-59", span("+45321234", 56, 59)),
        ("NO", "22 12 34 56 - 59", span("+47221234", 56, 59)),
        ("ES", "91 123 45 60 al 69", span("+349112345", 60, 69)),
        ("NL", "020-1234560 t/m 69", span("+312012345", 60, 69)),
        ("PL", "22 123 45 60-69", span("+482212345", 60, 69)),
        ("CH", "044 123 45 60-69", span("+414412345", 60, 69)),
        # Numbers beside each other
        ("DE", "030 901820-10/11/12", span(DE, 10, 12)),
        ("DE", "030 901820-10/-11/-12", span(DE, 10, 12)),
        ("DE", "030 901820-10 / 11", span(DE, 10, 11)),
        ("DE", "030 901820-10/15", [f"{DE}10", f"{DE}15"]),
        ("DE", "0711 12 34 56/57", span("+497111234", 56, 57)),
        ("BR", "(11) 3123-4560/4561", span("+55113123", 4560, 4561)),
        ("FR", "01 42 68 53 00/01/02", span("+331426853", 0, 2)),
        ("US", "425-555-1200/01", span(US, 1200, 1201)),
        ("IN", "022 2345 6789/90/91", span("+912223456", 789, 791, 3)),
        ("GB", "020 7946 0900/1/2", span("+44207946", 900, 902, 4)),
        # Numbers that go on
        ("US", "425-555-1210 & 1211", span(US, 1210, 1211)),
        ("US", "425-555-1230 or 1231", span(US, 1230, 1231)),
        ("US", "425-555-1200 and 1201 and 1202", span(US, 1200, 1202)),
        ("US", "425-555-1210 (or 1211)", span(US, 1210, 1211)),
        ("US", "Bob: 425-555-1210 & 1211", span(US, 1210, 1211)),
        ("US", "425-555-1200 & 425-555-1201 & 1202", span(US, 1200, 1202)),
        ("US", "425-555-1200-1203 and 1210", [*span(US, 1200, 1203), f"{US}1210"]),
        ("US", "425-555-1200 to 1203 and 1210", [*span(US, 1200, 1203), f"{US}1210"]),
        ("DE", "030 901820-10 und 12-14", [f"{DE}10", *span(DE, 12, 14)]),
        ("FR", "01 42 68 53 00 et 01", span("+331426853", 0, 1)),
        ("FR", "01 42 68 53 00 et 54 00", ["+33142685300", "+33142685400"]),
        ("GB", "020 7946 0900 or 1", span("+44207946", 900, 901, 4)),
        ("DE", "030 901820-10 und 11", span(DE, 10, 11)),
        ("DE", "030 901820-10 und -11", span(DE, 10, 11)),
        ("IT", "02 12345678 e 79", span(IT, 8, 9, 1)),
        ("BR", "(11) 3123-4560 e 4561", span("+55113123", 4560, 4561)),
        ("ES", "91 123 45 60 y 61", span("+349112345", 60, 61)),
        ("US", "between 425-555-1210 and 425-555-1215", span(US, 1210, 1215)),
        ("GB", "between 020 7946 0900 and 0909", span("+44207946", 900, 909, 4)),
        ("DE", "zwischen 030 901820-10 und 030 901820-19", span(DE, 10, 19)),
        # Words beside a range
        ("US", "+1 425 555 1200 to +1 425 555 1299 (100 numbers)", span(US, 1200, 1299)),
        ("US", "+1 425 555 1200 - 1299 = 100", span(US, 1200, 1299)),
        ("US", "425-555-1200 – 425-555-1209 (main block)", span(US, 1200, 1209)),
        ("US", "425-555-1200 – 425-555-1209 main block", span(US, 1200, 1209)),
        ("DE", "Zentrale: 030 901820-10 - 19", span(DE, 10, 19)),
        ("DE", "Zentrale 030 901820-10 bis 19", span(DE, 10, 19)),
        ("DE", "030 901820 10-19 Zentrale", span(DE, 10, 19)),
        ("DE", "030 901820-10 - 19 (10 Nummern)", span(DE, 10, 19)),
        ("US", "1. 425-555-1200-1209", span(US, 1200, 1209)),
        ("US", "Range: 425-555-1200 - 425-555-1209 (10)", span(US, 1200, 1209)),
        ("US", "[4255551280-4255551289]", span(US, 1280, 1289)),
        ("DE", "030 901820 [10-19]", span(DE, 10, 19)),
        ("DE", "030 901820 (-50 bis -59)", span(DE, 50, 59)),
        ("US", "425-555-12[00-09]", span(US, 1200, 1209)),
        ("US", "425-555-12(00-09)", span(US, 1200, 1209)),
        ("DE", "030 901820(10-19)", span(DE, 10, 19)),
        ("DE", "030 90182010 - 030 90182019", span(DE, 10, 19)),
        ("DE", "030 90182010 - 90182019", span(DE, 10, 19)),
        ("GB", "DDI range 020 7946 0100 to 0109 inclusive", span("+44207946", 100, 109, 4)),
        # Words between the ends
        ("NL", "020-1234500 t/m 020-1234509", span("+312012345", 0, 9)),
        ("NL", "020 1234500 t / m 020 1234509", span("+312012345", 0, 9)),
        ("NL", "0201234500 t/m 0201234509", span("+312012345", 0, 9)),
        ("NL", "Blok 020-1234500 t/m 020-1234509", span("+312012345", 0, 9)),
        ("NL", "020-1234500 t/m 020-1234509 (10 stuks)", span("+312012345", 0, 9)),
        ("NL", "020-1234500 tot en met 020-1234509", span("+312012345", 0, 9)),
        ("NL", "020-1234500 tot en met 09", span("+312012345", 0, 9)),
        ("FR", "01 42 68 53 30 jusqu’à 39", span("+331426853", 30, 39)),
        ("SE", "08-123 45 60 t.o.m. 08-123 45 69", span("+46812345", 60, 69)),
        ("DK", "32 12 34 50 til og med 32 12 34 59", span("+45321234", 50, 59)),
        ("DE", "030 901820-10 bis einschließlich 19", span(DE, 10, 19)),
        # Numbers that share their beginning
        ("DE", "030 901820-20 u. 21", span(DE, 20, 21)),
        ("DE", "030 901820-76 u. -77", span(DE, 76, 77)),
        ("DE", "030 901820-30, -31, -32", span(DE, 30, 32)),
        ("GB", "020 7946 0200, 0201, 0202 and 0203", span("+44207946", 200, 203, 4)),
        ("US", "425-555-1200, 425-555-1201, 1202", span(US, 1200, 1202)),
        # Direct dialling
        ("DE", "030 901820 Durchwahl 41", [f"{DE}41"]),
        ("DE", "Herr Meier 030 901820 DW 41", [f"{DE}41"]),
        ("DE", "030 901820-0 Durchwahl 41", [f"{DE}41"]),
        ("", "+49 30 901820 DW 41", [f"{DE}41"]),
        ("AT", "+43 1 5880 Kl. 10", ["+431588010"]),
    ],
)
def test_every_number_that_a_text_names_is_told(
    region: str, text: str, expected: list[str]
) -> None:
    assert numbers(text, region) == expected


@pytest.mark.parametrize(
    "region, text, problem",
    [
        # A number with direct dialling, or a range of it
        ("DE", "030 901820-10-19", "range_unclear"),
        ("DE", "+49 (0)30 901820-10-19", "range_unclear"),
        ("DE", "030 901820-10-19 Zentrale", "range_unclear"),
        ("DE", "030 12 34 50-59", "range_unclear"),
        ("DE", "030 12 34 56-58", "range_unclear"),
        ("DE", "030 1234-1235", "range_unclear"),
        ("AT", "01 512 44 60-69", "range_unclear"),
        ("IT", "02 1234 50-59", "range_unclear"),
        ("BG", "0431 900 6-8", "range_unclear"),
        ("LU", "26 12 34 50-59", "range_unclear"),
        ("", "+49 30 901820-10-19", "range_unclear"),
        # The last digits are more than those that they stand for
        ("DE", "030 901820-0 bis 99", "range_uneven"),
        ("DE", "030 901820 0-99", "range_uneven"),
        ("DE", "030 901820-0 .. 99", "range_uneven"),
        ("DE", "089 54321-0 bis 99", "range_uneven"),
        ("DE", "Rufnummernblock 0221/998877-0 bis 0221/998877-99", "range_uneven"),
        ("DE", "030 901820-100 - 9", "range_unclear"),
        # Two numbers, or all between them
        ("FR", "01 42 68 53 00/09", "range_unclear"),
        ("US", "425-555-1200/1209", "range_unclear"),
        ("DE", "030 901820-10/11-15", "range_unclear"),
        ("DE", "030 901820-10-12/15", "several"),
        ("DE", "0711 12 34 56/78", "several"),
        ("DE", "030 901820/21", "several"),
        ("DE", "030 1234/1235", "several"),
        # Behind it may be a further number, direct dialling, or how many more there are
        ("DE", "030 901820 und 21", "several"),
        ("DE", "030 901820-10 und 115", "several"),
        ("IT", "06 1234567 e 68", "several"),
        ("FR", "01 42 68 53 20 + 9", "several"),
        ("FR", "0142685300 (10 numéros)", "several"),
        ("GB", "020 7946 0900 plus 9 DDIs", "several"),
        ("GB", "020 7946 0900/5", "several"),
        ("US", "425-555-1200 (10 numbers)", "several"),
        ("US", "425-555-1200 and 9 more", "several"),
        ("US", "425-555-1200-1203 and 9 more", "several"),
        ("US", "425-555-1210 & 101 Main St", "several"),
        ("DE", "10 Durchwahlen ab 030 901820-10", "several"),
        # What it says of itself is not so
        ("US", "425-555-1200 - 1209 (12 numbers)", "range_unclear"),
        ("US", "+1 425 555 1200 - 1299 = 90", "range_unclear"),
        ("DE", "030 901820-19 - 10", "range_backwards"),
        ("US", "+1 420 255 xxxx", "range_invalid"),
        ("US", "+1 420 255 1200 - +1 420 255 1209", "range_invalid"),
        ("US", "+12060000000 - +12069999999", "range_too_long"),
        ("DE", "+33 1 42 68 53 00 - 09", "other_country"),
        ("FR", "+1 425 555 1200-1259", "other_country"),
        ("", "020 7946 0200 to 020 7946 0209", "country_needed"),
        ("", "020 7946 02xx", "country_needed"),
        # How many there are, or where they end
        ("DE", "030 1234[58-60]0", "digits_beside"),
        ("DE", "030 901820 (10)", "several"),
        ("US", "425-555-1200 (100 block)", "several"),
        ("US", "425-555-1200 block of 20", "digits_beside"),
        ("US", "Block 20: 425-555-1200", "digits_beside"),
        ("US", "425-555-1200 qty 20", "digits_beside"),
        ("US", "425-555-1200 x 20-29", "digits_beside"),
        ("US", "425-555-1200 through 1209 (see 1205)", "digits_beside"),
        ("NL", "020-1234710 (20x)", "several"),
        ("PL", "22 123 45 30 (10 nr)", "several"),
        ("FR", "01 42 68 53 00 puis 01", "digits_beside"),
        ("DE", "030 901820 Nebenstelle 41", "digits_beside"),
        ("CH", "044 123 45 00 Durchwahl 41", "digits_beside"),
        ("CH", "044 123 45 00 DW 41-49", "digits_beside"),
        ("DE", "030 901820 30 Kanäle", "several"),
        ("DE", "030 901820 10 Nummern", "several"),
        ("DE", "030 901820-10 ff.", "several"),
        ("US", "425-555-1200 & up", "several"),
        ("US", "425-555-1200 etc.", "several"),
        ("US", "425-555-1200 (twenty numbers)", "several"),
        ("US", "425-555-1200 forwards to 0999", "digits_beside"),
        # Something is left out
        ("FR", "01 42 68 53 10 à 19 sauf 15", "exception"),
        ("US", "425-555-1200 thru 1209 except 1205", "exception"),
        ("US", "425-555-1200 to 425-555-1209 (not 1205)", "exception"),
        ("US", "425-555-1200 to 425-555-1209, not 425-555-1205", "exception"),
        ("US", "425-555-1200 (do not port)", "exception"),
        ("US", "425-555-1200, not to be ported", "exception"),
        ("CH", "044 123 45 20 - 29 (ohne 25)", "exception"),
        ("DE", "0221 998877 ohne 0221 998878 und 0221 998879", "exception"),
        # A number and another beside it
        ("DE", "4711 0221 998882", "several"),
        ("DE", "471 0221 99888", "several"),
        ("DE", "0221 998885 100235", "several"),
        ("DE", "0221 99888 10023", "several"),
        ("DE", "+49 221 99888 10023", "several"),
        ("DE", "+49 221 998882123456", "not_valid"),
        ("DE", "0221998882123456", "not_valid"),
        ("FR", "+49 221 998882123456", "not_valid"),
        ("", "+49 221 998882123456", "not_valid"),
        # Not a telephone's
        ("US", "Acct # 2125550188", "labelled"),
        ("US", "Ticket 4255550111", "labelled"),
        ("US", "Invoice no. 2065550199", "labelled"),
        ("US", "Jane, acct. no 2125550188", "labelled"),
        ("US", "2125550188 (account number)", "labelled"),
    ],
)
def test_a_text_that_may_mean_another_number_is_refused(
    region: str, text: str, problem: str
) -> None:
    assert numbers(text, region) == [problem]


def test_the_first_number_that_does_not_exist_is_told() -> None:
    (entry,) = found("+1 420 255 xxxx", "US")
    assert entry.params == {"number": "+14202550000"}


@pytest.mark.parametrize(
    "region, text, expected",
    [
        ("DE", "030 901820-10", f"{DE}10"),
        ("DE", "030/901820-10", f"{DE}10"),
        ("DE", "030 901820/10", f"{DE}10"),
        ("DE", "030 12 34 56-78", "+493012345678"),
        ("DE", "(0 30) 12 34 56-78", "+493012345678"),
        ("DE", "089 / 12 34 56 - 78", "+498912345678"),
        ("DE", "030-12-34-56-78", "+493012345678"),
        ("DE", "030-123-456", "+4930123456"),
        ("DE", "030 1234-5678", "+493012345678"),
        ("DE", "0171 234 56-78", "+491712345678"),
        ("DE", "0221 470 45-67", "+492214704567"),
        ("DE", "0711 1 23 45-678", "+4971112345678"),
        ("DE", "040 428 63-1234", "+4940428631234"),
        ("AT", "01 512 44 66-10", f"{AT}10"),
        ("AT", "01 512 44 66-70", f"{AT}70"),
        ("AT", "01/512 44 66/10", f"{AT}10"),
        ("AT", "0316/877/2245", "+433168772245"),
        ("IT", "02 1234-5678", "+390212345678"),
        ("FI", "0400 123 45-67", "+3584001234567"),
        ("LU", "26 12 34 56-78", "+3522612345678"),
        ("JP", "03-1234-5678", "+81312345678"),
        ("SE", "08-123 456 78", "+46812345678"),
        ("BR", "(11) 3123-4567", "+551131234567"),
        ("US", "425-555-1234", "+14255551234"),
        ("FR", "01-23-45-67-89", "+33123456789"),
        ("FR", "01..23.45.67.89", "+33123456789"),
        ("GB", "44 (0)2079460960", "+442079460960"),
        ("US", "LineURI=tel:+14255551202;ext=202", "+14255551202"),
        ("US", "LineURI : tel:+14255551202;ext=202", "+14255551202"),
        # A label may have digits.
        ("US", "425-555-1210 Room 101", "+14255551210"),
        ("US", "Lobby 2: 425-555-1210", "+14255551210"),
        ("US", "425-555-1210 (2nd floor)", "+14255551210"),
        ("US", "425-555-1210 and 2nd floor", "+14255551210"),
        ("US", "425-555-1210 (1 number)", "+14255551210"),
        ("US", "+1 425 555 0100 to reception", "+14255550100"),
        ("DE", "030 901820-10 bis 19 Uhr", f"{DE}10"),
        ("DE", "030 901820 ab 01.01.2027", DE),
        ("DE", "030 901820 ohne Fax", DE),
        ("DE", "030 901820-10 (2. OG)", f"{DE}10"),
        ("DE", "089 / 54 32 1-0 Zentrale", "+4989543210"),
        ("GB", "3. 020 7946 0402 – 2nd floor", "+442079460402"),
        ("US", "425-555-1210 (Bob, room 12)", "+14255551210"),
        ("US", "425-555-1210 9am-5pm", "+14255551210"),
        ("US", "425-555-1210 since 2019", "+14255551210"),
        ("US", "Store 114: 425-555-1210", "+14255551210"),
        ("US", "Main: (425) 555-1210 x12", "+14255551210"),
        ("US", "Bob (425) 555-1210 x12", "+14255551210"),
        ("US", "Customer service number 425-555-1210", "+14255551210"),
        ("NL", "Sem 020 1234567", "+31201234567"),
        ("IT", "Salvo 02 1234567", "+39021234567"),
    ],
)
def test_one_number_stays_one(region: str, text: str, expected: str) -> None:
    assert numbers(text, region) == [expected]


@pytest.mark.parametrize("region, text", [("FR", "01 42 68 53 0"), ("DE", "030"), ("AT", "01 2")])
def test_a_number_without_its_last_digits_is_too_short(region: str, text: str) -> None:
    (entry,) = read([Row(1, text)], Purpose(region=region))
    assert entry.params.get("why", "too_short") == "too_short"
    assert not entry.accepted


@pytest.mark.parametrize(
    "text, params",
    [
        ("0221 998877-0 bis -99", {"first": "+4922199887700", "last": "+4922199887799"}),
        ("0221 998877 block of 20", {"said": "20"}),
        ("0221 998877-10 bis -19 (außer -13)", {"said": "außer"}),
    ],
)
def test_the_reason_names_what_is_not_clear(text: str, params: dict[str, str]) -> None:
    (entry,) = found(text, "DE")
    assert entry.params == params


@pytest.mark.parametrize(
    "region, text, expected",
    [
        (
            "FR",
            "Numéro principal 01 42 68 53 00\nNuméros SDA :\n01 42 68 53 01",
            span("+331426853", 0, 1),
        ),
        ("DE", "Hauptnummer 030 901820\nRufnummern:\n030 901821", [DE, "+4930901821"]),
        ("US", "Billing number 4255551200\nTelephone numbers\n4255551201", span(US, 1200, 1201)),
    ],
)
def test_a_number_above_the_header_is_in_the_list(
    region: str, text: str, expected: list[str]
) -> None:
    assert numbers(text, region) == expected


@pytest.mark.parametrize(
    "text", ["425-555-1200, 12", "425-555-1200; 1201", "425-555-1200, 98101", "425-555-1200; 112"]
)
def test_digits_that_share_nothing_are_a_row_of_their_own(text: str) -> None:
    number, more = found(text, "US")
    assert number.number == f"{US}1200"
    assert not more.accepted


def test_an_exclusion_beside_a_number_is_seen_in_every_line() -> None:
    text = "425-555-1200, do not port\n425-555-1201, reception"
    assert numbers(text, "US") == ["exception", f"{US}1201"]


def test_the_numbers_of_a_row_are_one_row() -> None:
    entries = found("030 901820-10/11/12\n030 901820-13", "DE")
    assert [(entry.line, entry.more) for entry in entries] == [
        *((1, False), (1, True), (1, True)),
        (2, False),
    ]
