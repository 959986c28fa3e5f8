"""Lists as people paste and drop them: which pieces are meant to be numbers, and in which row."""

import random
from collections.abc import Iterable
from contextlib import suppress

import pytest

from cases.errors import Rejected
from cases.findings import Purpose
from cases.lists import LONGEST, MOST, Row, decode, rows, rows_of_table
from cases.numbering import read, settle

A, B, C = "+33123456789", "+33612345678", "+33145678901"


def texts(found: Iterable[Row]) -> list[str]:
    return [row.text for row in found if row.aside is None]


PASTED = {
    "lines": f"{A}\n{B}",
    "windows lines": f"{A}\r\n{B}\r\n",
    "old mac lines": f"{A}\r{B}\r",
    "other line ends": f"{A}\u2028{B}\x0b",
    "commas": f"{A}, {B}",
    "semicolons": f"{A};{B};",
    "tabs": f"{A}\t{B}",
    "pipes": f"{A}|{B}",
    "several to a line": f"{A},{B}\n",
    "quotes": f'"{A}"\n“{B}”',
    "quoted, comma": f'"{A}", "{B}"',
    "blank lines": f"\n\n  {A}  \n\n{B}\n\n",
    "a heading": f"Numbers to port:\n{A}\n{B}",
    "labels": f"Bob, {A}\nLobby; {B}",
    "a zero byte": f"{A}\0\n{B}",
    "a mark": f"\ufeff{A}\n{B}",
    "separator line": f"sep=;\n{A};{B}",
    "two to a line": f"{A} {B}",
    "and between": f"{A} and {B}",
}
TABLES = {
    "header": f"PhoneNumber\n{A}\n{B}\n",
    "header in other letters": f"phone number\n{A}\n{B}",
    "header in quotes": f'"Phone_Number"\n"{A}"\n"{B}"',
    "header in French": f"Nom;Numéro de téléphone\nAccueil;{A}\nBureau;{B}",
    "header of two columns": f"Name,PhoneNumber\nLobby,{A}\nDesk,{B}",
    "header in the third column": f"Name,Mail,PhoneNumber\nLobby,x@y.z,{A}\nDesk,x@y.z,{B}",
    "header below a title": f"Export of May 2026\n\nName,PhoneNumber\nLobby,{A}\nDesk,{B}",
    "header of an export": f"TelephoneNumber|NumberType\n{A}|CallingPlan\n{B}|CallingPlan",
    "surest of several headers": f"Phone,Line,PhoneNumber\n1234567,1,{A}\n1234568,2,{B}",
    "vague header on the wrong column": f"Number,Value\n1,{A}\n2,{B}",
    "semicolons": f"PhoneNumber;Name\n{A};Lobby\n{B};Desk",
    "tabs": f"Name\tPhoneNumber\nLobby\t{A}\nDesk\t{B}",
    "pipes": f"Name|PhoneNumber\nLobby|{A}\nDesk|{B}",
    "separator line": f"sep=;\r\nName;PhoneNumber\r\nLobby;{A}\r\nDesk;{B}",
    "an odd separator": f"sep=:\nName:PhoneNumber\nLobby:{A}\nDesk:{B}",
    "no header": f"Lobby,{A}\nDesk,{B}",
    "numbered, no header": f"1;{A}\n2;{B}",
    "dates, no header": f"2026-05-01,{A}\n2026-05-02,{B}",
    "quoted comma": f'Name,PhoneNumber\n"Lobby, ground floor",{A}\n"Desk",{B}',
    "quoted line end": f'Name,PhoneNumber\n"Lobby\nground floor",{A}\n"Desk",{B}',
    "other numbers beside": f"Floor,PhoneNumber,Badge\n1,{A},1234567\n2,{B},7654321",
    "empty cell": f"Name,PhoneNumber\nLobby,{A}\nNobody,\nDesk,{B}",
    "ragged rows": f"Name,PhoneNumber\nLobby,{A},x,y\nNobody\nDesk,{B}",
    "row too short for its column": f"Name,Mail,PhoneNumber\nLobby,x@y.z,{A}\n{B}",
    "lines wrapped in quotes": f'Name,PhoneNumber\n"Lobby,{A}"\n"""Desk, left"",{B}"',
    "several in a cell": f'Name;PhoneNumber\nLobby;"{A}, {B}"',
    "old mac lines": f"Name,PhoneNumber\rLobby,{A}\rDesk,{B}\r",
    "header twice": f"PhoneNumber\n{A}\nPhoneNumber\n{B}",
}


@pytest.mark.parametrize("text", PASTED.values(), ids=PASTED.keys())
def test_finds_numbers_in_what_is_pasted(text: str) -> None:
    assert texts(rows(text)) == [A, B]


@pytest.mark.parametrize("text", TABLES.values(), ids=TABLES.keys())
def test_finds_the_column_of_a_table(text: str) -> None:
    assert texts(rows(text)) == [A, B]


@pytest.mark.parametrize(
    "text", ["", " \n\t\n", "PhoneNumber", "PhoneNumber\n\n", ",,;\n", "\ufeff"]
)
def test_an_empty_list_has_no_rows(text: str) -> None:
    assert rows(text) == []


def test_a_line_that_is_no_number_is_a_row_all_the_same() -> None:
    assert texts(rows(f"{A}\nhello\n{B}")) == [A, "hello", B]
    assert texts(rows(f"Name,PhoneNumber\nLobby,{A}\nDesk,hello")) == [A, "hello"]


def test_the_odd_word_in_a_line_of_numbers_is_a_row_too() -> None:
    assert texts(rows(f"{A}, hello; {B}")) == [A, "hello", B]
    assert texts(rows(f"Paris, {A}, {B}")) == [A, B]
    assert texts(rows(f"Bob, {A}, Ann, {B}")) == [A, B]


def test_two_columns_of_numbers_are_both_taken() -> None:
    assert texts(rows(f"{A},{B}\n{C},{A}")) == [A, B, C, A]


def test_rows_know_their_lines() -> None:
    assert rows(f"PhoneNumber\n{A}\n\nhello\n") == [Row(2, A), Row(4, "hello")]
    table = f'Name,PhoneNumber\n"Lobby\nleft",{A}\nDesk,hello'
    assert rows(table) == [Row(2, A), Row(4, "hello")]
    assert rows(f"sep=;\nName;PhoneNumber\nLobby;{A}") == [Row(3, A)]
    assert rows(f'Name;PhoneNumber\nLobby;"{A}\n{B}"') == [Row(2, A), Row(3, B)]


@pytest.mark.parametrize(
    "text, expected",
    [
        ("1.4255E+10", ["1.4255E+10"]),
        ("1,4255E+10\n1,4256E+10", ["1,4255E+10", "1,4256E+10"]),
        ("14255550100,0", ["14255550100,0"]),
        ("14,255,550,100", ["14,255,550,100"]),
        ('="+14255550100"', ['="+14255550100"']),
        ('"=""+14255550100"""', ['="+14255550100"']),
        ("tel:+14255550100;ext=12", ["tel:+14255550100;ext=12"]),
        (f"{A} - {B}", [f"{A} - {B}"]),
        (
            "+14255551234 - +14255551259, +14255551300",
            ["+14255551234 - +14255551259", "+14255551300"],
        ),
    ],
)
def test_what_belongs_to_a_number_is_not_cut(text: str, expected: list[str]) -> None:
    assert texts(rows(text)) == expected


USAGES = {
    "User": "user",
    "Utilisateur": "user",
    "UserAssignment": "user",
    "subscriber": "user",
    "Abonné": "user",
    "Service": "service",
    "call queue (toll)": "service",
    "Auto attendant": "service",
    "Dedicated conference bridge": "service",
    "File d’attente": "service",
    "Standard automatique": "service",
    "VoiceApplicationAssignment,ConferenceAssignment": "service",
    "UserAssignment,VoiceApplicationAssignment": "",
    "CallingPlan": "",
    "": "",
}


@pytest.mark.parametrize("header", ["Usage", "Utilisation", "Type", "Capability", "Number type"])
def test_a_column_tells_what_numbers_are_used_for(header: str) -> None:
    table = [(1, ["Name", header, "PhoneNumber"])]
    table += [(at, ["x", said, A]) for at, said in enumerate(USAGES, 2)]
    assert [row.usage for row in rows_of_table(table)] == list(USAGES.values())


def test_a_column_of_other_types_says_no_usage() -> None:
    assert rows(f"Type,PhoneNumber\nmobile,{A}\nfixed,{B}") == [Row(2, A), Row(3, B)]


def test_cells_of_a_sheet_are_read_as_those_of_a_file() -> None:
    sheet = [(3, ["Name", "PhoneNumber"]), (4, ["Lobby", A]), (7, ["Desk", B])]
    assert rows_of_table(sheet) == [Row(4, A), Row(7, B)]


BYTES = f"PhoneNumber;Étage\r\n{A};première\r\n{B};deuxième\r\n"


@pytest.mark.parametrize(
    "coding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"]
)
def test_a_file_is_read_whatever_its_coding(coding: str) -> None:
    text = decode(BYTES.encode(coding))
    assert text == BYTES
    assert texts(rows(text)) == [A, B]


@pytest.mark.parametrize("content", [b"\x81\x8d+33", b"\xff\xfe+", b"+", b"", b"\0", b"+\xe9"])
def test_bytes_of_no_coding_are_read_as_far_as_they_go(content: bytes) -> None:
    assert isinstance(decode(content), str)


def test_a_list_has_bounds() -> None:
    for text in ("1" * (LONGEST + 1), "1\n" * (MOST + 1)):
        with pytest.raises(Rejected) as caught:
            rows(text)
        assert (caught.value.code, caught.value.params) == ("list_too_long", {"most": MOST})
    assert len(rows("1\n" * MOST)) == MOST
    assert rows(" " * LONGEST) == []


def test_a_table_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cases.lists.MOST", 1_000)
    endless = ((line, [A]) for line in iter(int, 1))
    with pytest.raises(Rejected):
        rows_of_table(endless)


AWKWARD = [
    *('a,"b\n1,2', '"' * 99, ";" * 9999, "sep=", "sep=\n", 'sep="\n"', "sep=\\\n1\\2", "sep=\n\n"),
    *("=" * 999, "+" * 999, "x" * 99999, "1" * 99999, "1 " * 9999, "(" * 999, "1-" * 999),
    *(
        "a,b\n" + " " * 99999 + "x,1",
        "1,5" + " " * 99999 + "x\n1,5",
        "Block,Qty\n" + "1" * 99999 + ",7",
    ),
    *("Number,Qty\n" + "1-" * 49999 + "1,7", "Number,x\n1234567," + " " * 99999 + "x"),
    *("Foo;Bar\n" + "1 " * 49999 + ";1", "x,1234567\nx,1234567," + " " * 99999 + "1x"),
    *("\u0660" * 20, "\U0001d7d8" * 12, "²" * 12, "\ud800", "1\n" * 99, "+1 " * 99, "1x" * 99),
]


@pytest.mark.parametrize("text", AWKWARD, ids=range(len(AWKWARD)))
def test_no_text_breaks_the_reading(text: str) -> None:
    for region in ("", "US", "DE", "001", "ZZ"):
        purpose = Purpose(region=region)
        settle(read(rows(text), purpose), purpose)


SIGNS = "0123456789" * 4 + "+-–().,;|/\\'\"=:xX*#@E \t\n\r\0\u00a0\u202f\ufeff\u200e٣３²½➊é國\ud800"


def test_no_jumble_breaks_the_reading_either() -> None:
    draw = random.Random(5)
    for _ in range(1500):
        text = "".join(draw.choices(SIGNS, k=draw.randrange(60)))
        purpose = Purpose(region=draw.choice(["FR", "DE", "US", "IT", ""]))
        found: list[Row] = []
        with suppress(Rejected):
            # It may be asked which column it is.
            found = rows(text)
        settled = settle(read(found, purpose), purpose)
        assert all(entry.number for entry in settled.entries if not entry.problem)
