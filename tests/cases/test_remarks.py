"""Words beside a number: what of them is left out, and what is never."""

import pytest

from cases.remarks import exclusion_in, thing_named, worded


@pytest.mark.parametrize(
    "text, expected",
    [
        ("030 1234 Room 101", "030 1234 Room nnn"),
        ("030 1234 (2nd floor)", "030 1234 (nnd floor)"),
        ("030 1234 (2. OG)", "030 1234 (n. OG)"),
        ("Lobby 2: 030 1234", "Lobby n: 030 1234"),
        ("030 1234 ab 01.01.2027", "030 1234 ab nn.nn.nnnn"),
        ("030 1234 (2027-01-01)", "030 1234 (nnnn-nn-nn)"),
        ("030 1234 (8-17 Uhr)", "030 1234 (n-nn Uhr)"),
        ("030 1234 B12", "030 1234 Bnn"),
        ("[030 1234]", "030 1234"),
        ("030 1234 [10-19]", "030 1234 (10-19)"),
    ],
)
def test_digits_of_words_are_no_digits(text: str, expected: str) -> None:
    assert worded(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        *("030 1234", "01.01.2027", "030 1234 bis 19", "030 1234 x12", "030 1234 (20 lines)"),
        *("Block 20: 030 1234", "Room 12 030 1234", "030 1234 ab 2010", "030 1234[58-60]0"),
        *("Tel 01.42.68.53.00", "030 1234 DW 41", "030 1234 X12", "030 1234 qty 20"),
    ],
)
def test_digits_that_may_be_a_number_or_a_count_stay(text: str) -> None:
    assert worded(text) == text


@pytest.mark.parametrize(
    "text, word",
    [
        ("030 1234 except 5", "except"),
        ("030 1234 to 1239 w/o 1235", "w/o"),
        ("not 030 1234", "not"),
        ("030 1234 minus 1235", "minus"),
        ("030 1234 ohne 1235", "ohne"),
        ("030 1234 ohne Fax", ""),
        ("Salvo 030 1234", ""),
        ("Pas-de-Calais 030 1234", ""),
        ("Notdienst 030 1234", ""),
    ],
)
def test_an_exclusion_is_seen(text: str, word: str) -> None:
    assert exclusion_in(text) == word


@pytest.mark.parametrize(
    "text, label",
    [
        ("Acct # 2125550188", "Acct"),
        ("Jane, invoice no. 2125550188", "invoice no"),
        ("2125550188 (account number)", "account number"),
        ("Account manager 2125550188", ""),
        ("Customer: 212-555-0188", ""),
        ("2125550188 customer service", ""),
        ("Billing number 2125550188", ""),
    ],
)
def test_a_number_of_something_else_is_seen(text: str, label: str) -> None:
    assert thing_named(text) == label
