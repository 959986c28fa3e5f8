"""Tables and workbooks in the chat: what is not clear is asked, and the job is finished."""

from datetime import date

from openpyxl import Workbook

from tests.chat.lists import fetched, numbers_of, rows_of
from tests.chat.office import Office
from tests.chat.people import Person
from tests.checking.workbooks import saved


async def test_it_is_asked_which_column_holds_the_numbers(ada: Person) -> None:
    await ada.says("check numbers us")
    await ada.answers(numbers="Foo;Bar_*x*\n4255550199;4255551200")
    ada.sees("⚠", "which column", "Foo", "PhoneNumber")
    await ada.answers(numbers="Foo;PhoneNumber\n4255550199;4255551200", country="US")
    ada.sees("1 number is right, of 1 row")


async def test_it_is_asked_of_a_file_as_well(ada: Person) -> None:
    await ada.drops("ours.csv", content=b"Foo;Bar\n14255550199;14255551200")
    ada.sees("which column", "Foo · Bar")
    await ada.drops("ours.csv", content=b"Foo;PhoneNumber\n14255550199;+14255551200")
    ada.sees("1 number is right, of 1 row")


async def test_a_workbook_of_several_sheets_is_read_in_full(desk: Office, ada: Person) -> None:
    book = Workbook()
    book.remove(book.worksheets[0])
    for name, cells in (("Paris", ["+14255551277", "hello"]), ("Lyon", ["+14255551278"] * 2)):
        sheet = book.create_sheet(name)
        for cell in cells:
            sheet.append([cell])
    await ada.drops("ours.xlsx", content=saved(book))
    await ada.hears("2 numbers are right, of 4 rows", within=60)
    ada.sees("Paris!2", "Lyon!1")
    await ada.clicks("Report and clean list")
    report = rows_of(await fetched(desk, ada, "Report by row (CSV)"))
    assert [row[0] for row in report[1:]] == ["Paris!1", "Paris!2", "Lyon!1", "Lyon!2"]
    clean = await fetched(desk, ada, "Clean list (CSV)")
    assert numbers_of(clean) == ["+14255551277", "+14255551278"]


async def test_a_column_that_was_not_read_is_told(desk: Office, ada: Person) -> None:
    content = "Name;Phone;Fax\nA;+1 425-555-1200;+1 425-555-1299\nB;;+1 425-555-1298"
    await ada.drops("ours.csv", content=content.encode())
    ada.sees("1 number is right, of 2 rows", "The column “Fax” was not read (2 numbers).")
    ada.sees("Row 3", "the column of the numbers is empty here", "“Fax”")
    await ada.clicks("Report and clean list")
    report = rows_of(await fetched(desk, ada, "Report by row (CSV)"))
    assert [row[:2] for row in report[1:]] == [
        *(["2", "'+1 425-555-1200"], ["3", "'+1 425-555-1298"], ["1", "Fax"])
    ]
    assert numbers_of(await fetched(desk, ada, "Clean list (CSV)")) == ["+14255551200"]


async def test_a_cover_sheet_with_an_account_stops_nothing(ada: Person) -> None:
    book = Workbook()
    book.remove(book.worksheets[0])
    info = [["Customer", "Contoso"], ["Account", 4255550188], ["Date", date(2026, 11, 3)]]
    for name, cells in (("Info", info), ("Numbers", [["Phone"], ["+14255551200"]])):
        sheet = book.create_sheet(name)
        for row in cells:
            sheet.append(row)
    await ada.drops("ours.xlsx", content=saved(book))
    await ada.hears("1 number is right, of 1 row", within=60)
    ada.sees("Info!2", "“Account”", "not a telephone number")


async def test_a_ticket_is_no_number_and_the_list_is_put_right(ada: Person) -> None:
    await ada.says("check numbers us")
    await ada.answers(numbers="Ticket 4255550111")
    ada.sees("1 row was not taken", "“Ticket”")
    await ada.says("check numbers us")
    await ada.answers(numbers="Ticket line: 4255550111")
    ada.sees("1 number is right, of 1 row")
