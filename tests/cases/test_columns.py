"""Tables as admins have them: the numbers come from their column, and none is lost in silence."""

import pytest

from cases.errors import Rejected
from cases.findings import Purpose
from cases.lists import Row, rows
from cases.numbering import read


def listed(text: str) -> list[Row]:
    """The rows without what is told of columns that are not read."""
    return [row for row in rows(text) if row.aside is None]


def texts(text: str) -> list[str]:
    return [row.text for row in listed(text)]


def numbers(text: str, region: str) -> list[str]:
    return [entry.number for entry in read(rows(text), Purpose(region=region)) if not entry.problem]


def asked(text: str) -> str:
    with pytest.raises(Rejected) as caught:
        rows(text)
    assert caught.value.code == "which_column"
    return str(caught.value.params["columns"])


# Other columns

BESIDE = [
    ("DE", "Kundennummer;Durchwahl;Rufnummer\n4711000123;10;030901820-10", "+493090182010"),
    (
        "DE",
        "Rechnungsnummer;Rufnummer;Betrag EUR;Datum\n2024000123;030 901820;12,50;20240203",
        "+4930901820",
    ),
    ("DK", "Dato;Telefonnummer\n20240203;32 12 34 56", "+4532123456"),
    ("FR", "SIRET;Numéro SDA\n55210055400013;0142685300", "+33142685300"),
    ("ES", "Cliente;Teléfono\n910000123;912345678", "+34912345678"),
    ("IT", "Codice;Numero di telefono\n0212345678;021234567", "+39021234567"),
    ("NL", "Klantnummer;Telefoonnummer\n0201234560;0201234567", "+31201234567"),
    ("PT", "NIF;Número de telefone\n212345670;212345678", "+351212345678"),
    ("PL", "NIP;Numer telefonu\n525244576;221234567", "+48221234567"),
    (
        "US",
        "Customer number,Contact number,Order\n4255550199,4255551200,4255550198",
        "+14255551200",
    ),
    ("SE", "Kundnr;Telefonnummer\n081234560;08-123 456 78", "+46812345678"),
    ("NO", "Ordrenr;Telefonnr.\n22000000;22123456", "+4722123456"),
    ("FI", "Asiakasnumero;Puhelinnumero\n0912345670;09 1234567", "+35891234567"),
    ("CZ", "Číslo smlouvy;Telefonní číslo\n212345670;212345678", "+420212345678"),
    ("HU", "Ügyfélszám;Telefonszám\n12345670;06 1 234 5678", "+3612345678"),
    ("RO", "CUI client;Număr de telefon\n0212345670;021 234 5678", "+40212345678"),
    ("GR", "Πελάτης;Αριθμός τηλεφώνου\n2101234560;210 1234567", "+302101234567"),
    ("TR", "MÜŞTERİ NO;TELEFON NUMARASI\n2123456780;0212 345 67 89", "+902123456789"),
    ("RU", "Договор;Номер телефона\n4951234560;8 495 123-45-67", "+74951234567"),
    ("JP", "顧客番号,電話番号\n0312345670,03-1234-5678", "+81312345678"),
    ("CN", "订单号码,电话号码\n1012345678,010-12345678", "+861012345678"),
    ("KR", "고객번호,전화번호\n0212345670,02-123-4567", "+8221234567"),
    ("CH", "Name;Kostenstelle;LineURI\nBob;0441234560;tel:+41441234567", "+41441234567"),
    ("AT", "Kundenrufnummer;Kundennummer\n01 5124466;15124460", "+4315124466"),
    ("US", "Customer phone number,Customer number\n4255551200,4255550199", "+14255551200"),
]


@pytest.mark.parametrize("region, text, number", BESIDE, ids=[text for _, text, _ in BESIDE])
def test_no_number_is_made_of_another_column(region: str, text: str, number: str) -> None:
    assert len(rows(text)) == 1
    assert numbers(text, region) == [number]


HEADERS = """
    Rufnummer, Rufnummern, Telefonnummer, Telefon-Nr., Durchwahlnummer, Telefon (geschäftlich),
    Numéro de téléphone, N° de téléphone, N° tél., SDA, Téléphone, TELEPHONE, Teléfono, Número,
    Número de teléfono, Numero di telefono, N. telefono, Telefoonnummer, Doorkiesnummer,
    Número de telefone, Nº de telefone, Numer telefonu, Nr telefonu, Telefonnummer, Tlf., Tlf. nr.,
    Puhelinnumero, Telefonní číslo, Číslo telefonu, Telefonszám, Număr de telefon,
    Αριθμός τηλεφώνου, Τηλέφωνο, Telefon numarası, TELEFON NUMARASI, Номер телефона, Телефон,
    電話番号, 电话号码, 電話號碼, 전화번호, LineURI, Line URI, Contact number, Phone 1, Phone (1),
    TelephoneNumber, E.164, DDI, DID, TN, MSISDN, phone_number, Direct dial number, Phone #
"""


@pytest.mark.parametrize("header", [header.strip() for header in HEADERS.split(",")])
def test_a_header_is_known_in_many_languages(header: str) -> None:
    assert listed(f"{header}\n+33142685300") == [Row(2, "+33142685300")]
    assert listed(f"x;{header};y\n4711000123;0142685300;4711000124") == [Row(2, "0142685300")]


def test_a_vague_header_does_not_win_over_a_surer_one() -> None:
    assert texts("Number;Rufnummer\n4711000123;030901820") == ["030901820"]
    assert texts("Numéro;Accès principal\n1000234;01 42 68 53 00") == ["01 42 68 53 00"]
    assert texts("Number,Item,Place\n4255551200,4255550199,x") == ["4255551200"]


def test_a_sure_header_does_not_give_way_to_another_column() -> None:
    assert texts("Kunde;Rufnummer\n4711000123;unbekannt\n4711000124;10-19") == [
        "unbekannt",
        "10-19",
    ]


def test_an_empty_column_does_give_way() -> None:
    assert texts("TelephoneNumber,Phone\n,4255551200\n,4255551201") == ["4255551200", "4255551201"]


def test_columns_that_are_counted_are_all_read() -> None:
    text = "Name,Phone 1,Phone 2\nBob,425-555-1200,425-555-1201\nAnn,425-555-1202,"
    assert texts(text) == ["425-555-1200", "425-555-1201", "425-555-1202"]


def test_a_title_that_speaks_of_numbers_is_not_the_header() -> None:
    text = "Phone numbers\n\nBadge,Phone\n7654321,4255551200\n7654322,4255551201"
    assert listed(text) == [Row(4, "4255551200"), Row(5, "4255551201")]
    text = "Liste der Rufnummern, Berlin\n\nKdnr;Anschluss\n4711000123;030901820"
    assert listed(text) == [Row(4, "030901820")]


# Headers that nobody knows

OUTSTANDING = [
    "Foo,Bar\n4255550199,(425) 555-1200\n4255550188,(425) 555-1201",
    "Foo;Bar\n4711000123;+1 425 555 1200",
    "Foo;Bar;Baz\n4711000123;425-555-1200;192.168.100.200",
    "Foo;Bar;Baz\n2024-05-01;425-555-1200;1.234.567,89",
    "Foo;Bar\n20240501;4255551200\n20240502;4255551201",
    "Legal entity,Circuit,Customer\nA,4255551200,4255550199",
]


@pytest.mark.parametrize("text", OUTSTANDING)
def test_the_column_that_looks_like_numbers_is_taken(text: str) -> None:
    found = numbers(text, "US")
    assert found in (["+14255551200"], ["+14255551200", "+14255551201"])
    assert len(found) == len(listed(text))


def test_where_none_stands_out_it_is_asked_which_it_is() -> None:
    assert asked("Foo,Bar\n4255550199,4255551200") == "Foo · Bar"
    assert asked("Foo,Bar\n02-4255550199,425-555-1200\n02-1,x") == "Foo · Bar"
    assert asked("Kundennummer;Name\n4711000123;Meier") == "Kundennummer"
    assert asked("Number;Kunde;Ausweis\n1;4711000123;4711000124") == "Kunde · Ausweis"
    assert asked(f"{'x' * 60},Bar\n4255550199,4255551200") == f"{'x' * 40} · Bar"
    # What the answer says is done.
    assert texts("Foo,PhoneNumber\n4255550199,4255551200") == ["4255551200"]


def test_dotted_numbers_are_no_addresses() -> None:
    assert texts("Foo;Bar\nx;02.123.45.67") == ["02.123.45.67"]
    assert texts("Foo;Bar\nx;22.123.45.67") == ["22.123.45.67"]


def test_a_header_that_is_wrong_gives_way_to_numbers_in_full() -> None:
    assert texts("Name,Account\nBob,+14255551200") == ["+14255551200"]


def test_a_table_of_numbers_only_is_read_in_full() -> None:
    text = "Site A;Site B\n+14255551200;+14255551201"
    assert texts(text) == ["+14255551200", "+14255551201"]
    text = "Hello, our numbers\n425-555-1200, 425-555-1201\n425-555-1202, 425-555-1203"
    assert len(texts(text)) == 4


def test_without_a_header_both_columns_are_read_or_asked_about() -> None:
    assert texts("4255551200,4255551201\n4255551202,4255551203") == [
        *("4255551200", "4255551201", "4255551202", "4255551203")
    ]
    assert asked("4711000123;030 901820\n4711000124;030 901821") == "A · B"
    assert texts("20240203;32 12 34 56\n20240204;32 12 34 57") == ["32 12 34 56", "32 12 34 57"]


def test_a_decimal_is_not_cut_in_two() -> None:
    assert texts("030 901820;12,50;030 901821\n030 901822;1.250,00;030 901823") == [
        *("030 901820", "12,50", "030 901821", "030 901822", "1.250,00", "030 901823")
    ]


# What stands behind a number


def test_short_digits_behind_a_number_are_rows_of_their_own() -> None:
    assert rows("425-555-1200, 1201\n425-555-1210, 1211") == [
        *(Row(1, "425-555-1200"), Row(1, "1201")),
        *(Row(2, "425-555-1210"), Row(2, "1211")),
    ]
    assert rows("030 901820-10; -11; -12\n030 901821-10; -11") == [
        *(Row(1, "030 901820-10"), Row(1, "-11"), Row(1, "-12")),
        *(Row(2, "030 901821-10"), Row(2, "-11")),
    ]
    assert texts("Lobby;030 901820-10;12-19\nDesk;030 901821-10;Bob") == [
        *("030 901820-10", "12-19", "030 901821-10")
    ]


def test_what_goes_on_is_never_read_as_right() -> None:
    for region, text in (
        ("US", "425-555-1200, 1201\n425-555-1210, 1211"),
        ("DE", "030 901820-10; -11\n030 901821-10; -11"),
    ):
        entries = read(rows(text), Purpose(region=region))
        assert [bool(entry.problem) for entry in entries] == [False, True, False, True]


def test_a_number_before_the_first_column_is_an_index() -> None:
    assert texts("1;+14255551200\n2;+14255551201") == ["+14255551200", "+14255551201"]


def test_a_continuation_deep_in_a_list_is_found_as_well() -> None:
    lines = [f"+1425555{at},Bob" for at in range(1000, 2000)]
    assert texts("\n".join([*lines, "+14255552000,2001"]))[-2:] == ["+14255552000", "2001"]


def test_without_a_header_a_number_in_another_column_counts() -> None:
    text = "Bob,+14255551200\nAnn,,+14255551201\nEve,+14255551202,+14255551203"
    assert texts(text) == ["+14255551200", "+14255551201", "+14255551202", "+14255551203"]


def test_what_stands_beyond_the_header_is_read() -> None:
    assert texts("Name;PhoneNumber\nBob;425-555-1200;1201\nAnn;425-555-1202;425-555-1203") == [
        *("425-555-1200", "1201", "425-555-1202", "425-555-1203")
    ]


# Ranges in columns

RANGES = [
    "Range start,Range end\n02079460900,02079460904",
    "From,To,Count\n02079460900,02079460904,5",
    "Start,End\n02079460900,02079460904",
    "First,Last\n+44 20 7946 0900,+44 20 7946 0904",
    "FirstNumber,LastNumber\n02079460900,02079460904",
    "Site;De;À\nA;020 7946 0900;020 7946 0904",
    "Numéro début;Numéro fin\n02079460900;02079460904",
    "Début de plage;Fin de plage\n02079460900;02079460904",
    "Rufnummer von;Rufnummer bis\n02079460900;02079460904",
    "Von;Bis;Anzahl\n02079460900;02079460904;5",
    "Inicio;Fin\n02079460900;02079460904",
    "Número inicial;Número final\n02079460900;02079460904",
    "Da;A\n02079460900;02079460904",
    "Van;Tot\n02079460900;02079460904",
    "Od;Do\n02079460900;02079460904",
    "Från;Till\n02079460900;02079460904",
    "開始番号,終了番号\n02079460900,02079460904",
    "Начало;Конец\n02079460900;02079460904",
    "Number,To\n02079460900,02079460904",
    "Start,Count\n02079460900,5",
    "DDI range;Qty\n020 7946 0900;5",
    "Block,Quantity\n02079460900-904,5",
    "Block,Quantity\n020 7946 0900 to 04,5",
    "Plage;Nombre\n020 7946 0900 à 020 7946 0904;5",
    "Première SDA;Nombre de SDA\n02079460900;5",
    "Rufnummernblock;Anzahl\n(020) 7946-0900;5",
    "Range start,Range end,Size\n02079460900,,5",
]


@pytest.mark.parametrize("text", RANGES)
def test_a_range_in_columns_is_all_its_numbers(text: str) -> None:
    assert len(rows(text)) == 1
    assert numbers(text, "GB") == [f"+4420794609{last:02}" for last in range(5)]


def test_ranges_beside_the_numbers_are_read_too() -> None:
    text = "Main number,DDI range\n020 7946 0900,020 7946 0910-919"
    assert texts(text) == ["020 7946 0900", "020 7946 0910-919"]


STEMS = [
    "Stammnummer;Durchwahl von;Durchwahl bis\n069123456;10;19",
    "Kopfnummer;von;bis\n069 123456-0;10;19",
    "Kopfnummer;von;bis\n069/123456;-10;-19",
    "Vorwahl;Rufnummer;Durchwahl von;Durchwahl bis\n069;123456;10;19",
]


@pytest.mark.parametrize("text", STEMS)
def test_direct_dials_go_behind_their_stem(text: str) -> None:
    assert numbers(text, "DE") == [f"+4969123456{last}" for last in range(10, 20)]


def test_a_stem_alone_and_one_direct_dial_are_numbers() -> None:
    text = "Stammnummer;Durchwahl von;Durchwahl bis\n030 901820;;\n030 901821;10;\n;10;19"
    assert texts(text) == ["030 901820", "030 90182110"]


def test_direct_dials_of_unlike_length_are_refused() -> None:
    text = "Stammnummer;Durchwahl von;Durchwahl bis\n069123456;0;99"
    assert [entry.severity for entry in read(rows(text), Purpose(region="DE"))] == ["stop"]


def test_ends_beside_a_number_that_is_no_stem_are_rows_of_their_own() -> None:
    text = "Anschluss;von;bis\n030 901820;10;19\n030 901821;;"
    assert texts(text) == ["030 901820", "10 - 19", "030 901821"]
    assert [e.problem for e in read(rows(text), Purpose(region="DE"))][1] != ""


def test_an_american_number_in_three_columns_is_one() -> None:
    text = "NPA,NXX,Line\n206,555,0100\n206,555,5551\n206,,0102"
    assert numbers(text, "US") == ["+12065550100", "+12065555551"]


CODES = [
    ("DE", "Vorwahl;Rufnummer\n030;901820", "+4930901820"),
    ("DE", "Ländervorwahl;Vorwahl;Rufnummer\n49;030;901820", "+4930901820"),
    ("FR", "Country code,Phone\n+33,0142685300", "+33142685300"),
    ("US", "Country code,Area code,Number\n1,425,5551200", "+14255551200"),
    ("US", "Area code,Number\n425,425-555-1200", "+14255551200"),
    ("IT", "Prefisso;Numero\n02;1234567", "+39021234567"),
    ("JP", "市外局番,電話番号\n03,12345678", "+81312345678"),
]


@pytest.mark.parametrize("region, text, number", CODES)
def test_codes_beside_a_number_belong_to_it(region: str, text: str, number: str) -> None:
    assert numbers(text, region) == [number]


def test_a_number_with_the_code_of_another_country_is_no_number_of_this() -> None:
    (entry,) = read(rows("Country code,Phone\n+33,0142685300"), Purpose(region="DE"))
    assert (entry.number, entry.problem) == ("+33142685300", "other_country")


def test_a_range_of_one_and_one_without_an_end_are_numbers() -> None:
    assert texts("From,To\n02079460900,02079460900\n02079460901,\n,02079460902") == [
        *("02079460900", "02079460901", "02079460902")
    ]
    assert texts("Start,Count\n02079460900,1\n02079460901,") == ["02079460900", "02079460901"]


@pytest.mark.parametrize(
    "text",
    [
        "Number,Quantity\n02079460900,5",
        "Rufnummer;Anzahl\n02079460900;5",
        "Numéro de téléphone;Nombre\n02079460900;5,0",
        "Numero di telefono;Quantità\n02079460900;5 linee",
        "Start,Count\n02079460998 x12,5",
        "Block,Quantity\n02079460900-904,6",
        "Block,Quantity\n020 7946 0900 to 09,9",
        "Block,Quantity\n020 7946 0900 to 020 7946 0904,6",
    ],
)
def test_a_number_that_stands_for_several_is_not_taken_for_one(text: str) -> None:
    (entry,) = read(rows(text), Purpose(region="GB"))
    assert (entry.number, entry.severity) == ("", "stop")


def test_a_count_is_never_read_as_digits() -> None:
    (entry,) = read(rows("Rufnummer;Anzahl\n030 901820;5"), Purpose(region="DE"))
    assert (entry.number, entry.problem, entry.text) == ("", "counted", "030 901820 (×5)")
    assert entry.params == {"count": 5}


def test_counts_that_say_nothing_new_change_nothing() -> None:
    assert texts("Number,Quantity\n02079460900,1\n02079460901,\n02079460902-904,3") == [
        *("02079460900", "02079460901", "02079460902-904")
    ]
    assert texts("Nombre;Teléfono\nJuan;912345678") == ["912345678"]
    assert texts("Block,Quantity\n0207946090x,10") == ["0207946090x"]


def test_dates_are_no_ends_of_ranges() -> None:
    text = "PhoneNumber,From,To\n02079460900,2024-05-01,2025-05-01"
    assert texts(text) == ["02079460900"]
    assert texts("Phone,Start,End\n02079460900,20240501,20250501") == ["02079460900"]
    assert texts("First,Last,Phone\nBob,Smith,02079460900") == ["02079460900"]
