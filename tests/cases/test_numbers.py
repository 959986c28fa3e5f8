"""Lists of numbers as people paste and drop them, and the check of each number."""

import phonenumbers
import pytest

from cases.countries import all_countries
from cases.errors import Rejected
from cases.numbers import LONGEST, MOST, Row, check, decode, masked, rows, to_csv

A, B = "+33123456789", "+33612345678"
COUNTRIES = all_countries()


def numbers_in(text: str, iso: str = "FR") -> tuple[str, ...]:
    checked = check(rows(text), COUNTRIES[iso])
    assert checked.faults == ()
    return checked.numbers


def faults_in(text: str, iso: str = "FR") -> list[tuple[int, str, str]]:
    checked = check(rows(text), COUNTRIES[iso])
    return [(fault.row.line, fault.code, fault.region) for fault in checked.faults]


PASTED = {
    "lines": f"{A}\n{B}",
    "windows lines": f"{A}\r\n{B}\r\n",
    "old mac lines": f"{A}\r{B}\r",
    "commas": f"{A}, {B}",
    "semicolons": f"{A};{B};",
    "tabs": f"{A}\t{B}",
    "national": "01 23 45 67 89\n06.12.34.56.78",
    "dashes": "01-23-45-67-89\n06–12–34–56–78",
    "narrow blanks": "01\u202f23\u202f45\u202f67\u202f89\n06\u00a012\u00a034\u00a056\u00a078",
    "brackets": "+33 (0)1 23 45 67 89\n(06) 12 34 56 78",
    "double zero": "0033123456789\n00 33 6 12 34 56 78",
    "no plus": "33123456789\n33612345678",
    "quotes": f"\"{A}\"\n'{B}'",
    "blank lines": f"\n\n  {A}  \n\n{B}\n\n",
    "twice": f"{A}\n{B}\n01 23 45 67 89",
}
TABLES = {
    "header": f"PhoneNumber\n{A}\n{B}\n",
    "header in other letters": f"phone number\n{A}\n{B}",
    "header in quotes": f'"Phone_Number"\n"{A}"\n"{B}"',
    "header of two columns": f"Name,PhoneNumber\nLobby,{A}\nDesk,{B}",
    "semicolons": f"PhoneNumber;Name\n{A};Lobby\n{B};Desk",
    "tabs": f"Name\tPhoneNumber\nLobby\t{A}\nDesk\t{B}",
    "no header": f"Lobby,{A}\nDesk,{B}",
    "quoted comma": f'Name,PhoneNumber\n"Lobby, ground floor",{A}\n"Desk",{B}',
    "other numbers beside": f"Floor,PhoneNumber,Badge\n1,{A},1234567\n2,{B},7654321",
    "empty cell": f"Name,PhoneNumber\nLobby,{A}\nNobody,\nDesk,{B}",
    "old mac lines": f"Name,PhoneNumber\rLobby,{A}\rDesk,{B}\r",
}


@pytest.mark.parametrize("text", PASTED.values(), ids=PASTED.keys())
def test_finds_numbers_in_what_is_pasted(text: str) -> None:
    assert numbers_in(text) == (A, B)


@pytest.mark.parametrize("text", TABLES.values(), ids=TABLES.keys())
def test_finds_the_column_of_a_table(text: str) -> None:
    assert numbers_in(text) == (A, B)


@pytest.mark.parametrize("text", ["", " \n\t\n", "PhoneNumber", "PhoneNumber\n\n", ",,;\n"])
def test_an_empty_list_has_no_rows(text: str) -> None:
    assert rows(text) == []


def test_rows_know_their_lines() -> None:
    assert rows(f"PhoneNumber\n{A}\n\nhello\n") == [Row(2, A), Row(4, "hello")]
    table = f"Name,PhoneNumber\nLobby,{A}\nDesk,hello"
    assert rows(table) == [Row(2, A), Row(3, "hello")]


def test_what_is_wrong_is_told_by_line_and_code() -> None:
    text = f"{A}\nhello\n+4930123456\n+3312345678900\n+33000000000\n+999123456"
    assert faults_in(text) == [
        (2, "not_a_number", ""),
        (3, "other_country", "DE"),
        (4, "not_valid", ""),
        (5, "not_valid", ""),
        (6, "not_a_number", ""),
    ]


@pytest.mark.parametrize("country", COUNTRIES.values(), ids=COUNTRIES.keys())
def test_every_country_takes_its_own_numbers(country: object) -> None:
    iso = str(getattr(country, "iso", ""))
    example = phonenumbers.example_number(iso)
    assert example is not None
    forms = (
        phonenumbers.PhoneNumberFormat.E164,
        phonenumbers.PhoneNumberFormat.INTERNATIONAL,
        phonenumbers.PhoneNumberFormat.NATIONAL,
    )
    e164 = phonenumbers.format_number(example, forms[0])
    for form in forms:
        assert numbers_in(phonenumbers.format_number(example, form), iso) == (e164,)


@pytest.mark.parametrize("iso, number", [("US", "+17872345678"), ("PR", "+12015550123")])
def test_the_united_states_and_puerto_rico_share_their_numbers(iso: str, number: str) -> None:
    assert numbers_in(number, iso) == (number,)


@pytest.mark.parametrize(
    "iso, number, region", [("US", "+14165550123", "CA"), ("CA", "+12015550123", "US")]
)
def test_one_calling_code_is_not_one_country(iso: str, number: str, region: str) -> None:
    assert faults_in(number, iso) == [(1, "other_country", region)]


def test_digits_with_the_calling_code_need_no_plus() -> None:
    assert numbers_in("442079460123", "GB") == ("+442079460123",)
    assert numbers_in("2015550123\n12015550123", "US") == ("+12015550123",)


BYTES = f"PhoneNumber;Étage\r\n{A};première\r\n{B};deuxième\r\n"


@pytest.mark.parametrize("coding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_a_file_is_read_whatever_its_coding(coding: str) -> None:
    text = decode(BYTES.encode(coding))
    assert text == BYTES
    assert numbers_in(text) == (A, B)


def test_bytes_of_no_coding_are_read_as_far_as_they_go() -> None:
    assert decode(b"\x81\x8d+33").endswith("+33")
    assert decode(b"\xff\xfe+") != ""


@pytest.mark.parametrize("text", [f"{A}\0\n{B}", 'a,"b\n1,2', '"' * 99, ";" * 9999])
def test_no_text_breaks_the_reading(text: str) -> None:
    assert isinstance(rows(text), list)


def test_a_list_has_bounds() -> None:
    for text in ("1" * (LONGEST + 1), "1\n" * (MOST + 1)):
        with pytest.raises(Rejected) as caught:
            rows(text)
        assert (caught.value.code, caught.value.params) == ("list_too_long", {"most": MOST})


def test_the_file_that_is_kept_has_the_header_and_is_read_back() -> None:
    content = to_csv((A, B))
    assert content == f"PhoneNumber\n{A}\n{B}\n".encode()
    assert numbers_in(decode(content)) == (A, B)


def test_a_masked_number_shows_neither_its_middle_nor_a_short_number() -> None:
    assert masked(A) == "+33…789"
    assert masked("+1234567") == "…"
