"""What a careful clerk makes of ordinary messes: one list entry each, and what is written of it."""

import pytest

from cases.findings import Entry, Purpose
from cases.lists import rows
from cases.numbering import read, settle
from cases.vocabulary import CaseType

PORT = CaseType.PORT_IN
CHANGE = CaseType.INVENTORY_TYPE_CHANGE

# Region, what is written, and for each entry: number, problem or repair, as `remark` spells it.
MESSES: list[tuple[str, str, list[str]]] = [
    # Writing
    ("FR", "01 23 45 67 89", ["+33123456789"]),
    ("FR", "01.23.45.67.89", ["+33123456789"]),
    ("FR", "(01) 23-45-67-89", ["+33123456789"]),
    ("FR", "01\u202f23\u00a045\u201167\u201389", ["+33123456789"]),
    ("FR", "+33 (0)1 23 45 67 89", ["+33123456789"]),
    ("FR", "0033 1 23 45 67 89", ["+33123456789"]),
    ("US", "011 33 1 23 45 67 89", ["+33123456789 other_country FR"]),
    ("FR", "011 33 1 23 45 67 89", ["+33123456789 prefix_replaced"]),
    ("GB", "tel:+44-20-7946-0123", ["+442079460123"]),
    ("US", "tel:555-0100;phone-context=+1425", ["+14255550100"]),
    ("GB", "sip:+442079460123@contoso.com", ["+442079460123"]),
    ("JP", "０３－１２３４－５６７８", ["+81312345678"]),
    ("EG", "٠٢ ٣٤٥٦٧٨٩٠", ["+20234567890"]),
    ("US", "1-800-FLOWERS", ["+18003569377 letters_dialled"]),
    ("US", "425.555.0100", ["+14255550100"]),
    ("DE", "030/123456", ["+4930123456"]),
    # Beside the number
    ("US", "+1 425 555 0100 ext. 12", ["+14255550100 extension_dropped"]),
    ("US", "425-555-0100x12", ["+14255550100 extension_dropped"]),
    ("FR", "01 23 45 67 89 poste 12", ["+33123456789 extension_dropped"]),
    ("US", "tel:+14255550100;ext=12", ["+14255550100 extension_dropped"]),
    ("US", "+1 425 555 0100 (reception)", ["+14255550100 comment_dropped"]),
    ("US", "+1 425 555 0100 (2nd floor)", ["+14255550100 comment_dropped"]),
    ("FR", "Bob : 01 23 45 67 89", ["+33123456789 comment_dropped"]),
    ("FR", "Salle 12 : 01 23 45 67 89", ["+33123456789 comment_dropped"]),
    ("DE", "Raum 12 030 123456", ["several"]),
    ("FR", "1. 01 23 45 67 89\n2. 01 23 45 67 90", ["+33123456789", "+33123456790"]),
    ("FR", "- 01 23 45 67 89\n• 01 23 45 67 90", ["+33123456789", "+33123456790"]),
    ("DE", "2. 030 1234567", ["+49301234567"]),
    ("FR", "Voici les numéros :\n01 23 45 67 89", ["+33123456789"]),
    ("FR", "+33 1 23 45 67 89 +33 1 23 45 67 90", ["+33123456789", "+33123456790"]),
    ("FR", "01 23 45 67 89 et 01 23 45 67 90", ["+33123456789", "+33123456790"]),
    ("FR", "01 23 45 67 89 / 01 23 45 67 90", ["+33123456789", "+33123456790"]),
    ("US", "14255550100 14255550101", ["+14255550100", "+14255550101"]),
    # Excel
    ("US", "1.4255E+10", ["excel_rounded"]),
    ("FR", "3,31235E+10", ["excel_rounded"]),
    ("US", "1.4255550100E+10", ["+14255550100 exponent_written_out"]),
    ("US", "14255550100.0", ["+14255550100 format_dropped"]),
    ("US", "14,255,550,100", ["+14255550100 format_dropped"]),
    ("FR", "'+33123456789", ["+33123456789"]),
    ("FR", '="+33123456789"', ["+33123456789"]),
    ("FR", "33123456789", ["+33123456789 plus_added"]),
    ("FR", "123456789", ["+33123456789 zero_added"]),
    ("IT", "612345678", ["+390612345678 zero_added"]),
    ("FR", "+0123456789", ["+33123456789 plus_dropped"]),
    # Lost signs that leave two readings: the other rows tell, or nobody does
    ("DE", "4915123456789", ["ambiguous +494915123456789 +4915123456789"]),
    ("DE", "4915123456789\n030 123456", ["+4915123456789 plus_added", "+4930123456"]),
    ("DE", "4915123456789\n301234567", ["+494915123456789 zero_added", "+49301234567 zero_added"]),
    ("DE", "49 1512 3456789", ["+4915123456789 plus_added"]),
    ("FR", "331234567", ["ambiguous +33331234567 +331234567"]),
    ("FR", "331234567\n0123456789", ["not_valid too_short", "+33123456789"]),
    ("FR", "331234567\n123456789", ["+33331234567 zero_added", "+33123456789 zero_added"]),
    # Ranges and blocks
    ("US", "+14255551298 - +14255551300", ["+14255551298", "+14255551299", "+14255551300"]),
    ("US", "+1 425 555 1258-1259", ["+14255551258", "+14255551259"]),
    ("FR", "01 23 45 67 88 à 01 23 45 67 89", ["+33123456788", "+33123456789"]),
    ("FR", "de 01 23 45 67 88 à 89", ["+33123456788", "+33123456789"]),
    ("FR", "01 23 45 67 88–89", ["+33123456788", "+33123456789"]),
    ("FR", "01 23 45 67 88..89", ["+33123456788", "+33123456789"]),
    ("FR", "01 23 45 67 88 -> 89", ["+33123456788", "+33123456789"]),
    ("FR", "01 23 45 67 8x", [f"+3312345678{last}" for last in range(10)]),
    ("DE", "+49 30 1234-10", ["+4930123410"]),
    ("US", "+14255551259 - +14255551200", ["range_backwards"]),
    ("US", "+1 425 555 0000 - +1 425 556 9999", ["range_too_long 20000 10000"]),
    ("US", "+1 425 xxx xxxx", ["range_too_long 10000000 10000"]),
    ("US", "+1 425 999 9999 - +1 425 100 0000", ["range_backwards"]),
    ("US", "+1 425 555 0100 to reception", ["+14255550100 comment_dropped"]),
    # None of the country's
    ("FR", "hello", ["not_a_number"]),
    ("FR", "n/a", ["not_a_number"]),
    ("FR", "12", ["not_a_number"]),
    ("FR", "+33 1 23 45 67", ["not_valid too_short"]),
    ("FR", "+33 1 23 45 67 89 00", ["not_valid too_long"]),
    ("FR", "+33000000000", ["not_valid"]),
    ("FR", "+999 123456", ["not_valid calling_code"]),
    ("FR", "O1 23 45 67 89", ["not_a_number"]),
    ("DE", "+49 30 1234 5O6", ["not_a_number"]),
    ("FR", "+49 30 123456", ["+4930123456 other_country DE"]),
    ("FR", "442079460123", ["+442079460123 other_country GB"]),
    ("CA", "+1 201 555 0123", ["+12015550123 other_country US"]),
    ("PR", "+1 201 555 0123", ["+12015550123"]),
    ("", "01 23 45 67 89", ["country_needed"]),
    ("", "+33 1 23 45 67 89", ["+33123456789"]),
    ("", "00 33 1 23 45 67 89", ["+33123456789"]),
    ("", "011 33 1 23 45 67 89", ["+33123456789"]),
    ("FR", "01 23 45 67 89\n+33 1 23 45 67 89", ["+33123456789", "+33123456789 duplicate 1"]),
    ("GB", "+800 1234 5678", ["+80012345678 not_portable uifn"]),
    ("001", "+800 1234 5678", ["+80012345678 not_portable uifn"]),
    ("001", "+870 301234567", ["+870301234567"]),
]


def remark(entry: Entry) -> str:
    """An entry in a line: number, problem or repair, and what is said of the problem."""
    params = [] if entry.problem == "wrong_kind" else [str(v) for v in entry.params.values() if v]
    repaired = "" if entry.problem or entry.repaired == "range_opened" else entry.repaired
    return " ".join(filter(None, [entry.number, entry.problem or repaired, *params]))


@pytest.mark.parametrize(
    "region, written, expected", MESSES, ids=[f"{r}: {w!r}" for r, w, _ in MESSES]
)
def test_a_mess_gets_what_a_careful_clerk_would_write(
    region: str, written: str, expected: list[str]
) -> None:
    purpose = Purpose(region=region)
    settled = settle(read(rows(written), purpose), purpose)
    assert [remark(entry) for entry in settled.entries] == expected
