"""Workbooks as people have them, and as nobody should."""

import io
import struct
import zipfile
import zlib
from collections.abc import Iterable, Mapping, Sequence

from openpyxl import Workbook

SHEET = "xl/worksheets/sheet1.xml"
_END = struct.Struct("<4s4H2IH")
Cells = Sequence[Sequence[object]]


def workbook(*sheets: Cells, hidden: Sequence[int] = ()) -> bytes:
    """Makes a workbook of these sheets; `hidden` says which of them nobody sees."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for at, rows in enumerate(sheets):
        sheet = book.create_sheet(f"Sheet {at}")
        for row in rows:
            sheet.append(list(row))
        if at in hidden:
            sheet.sheet_state = "hidden"
    return saved(book)


def saved(book: Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def with_parts(content: bytes, parts: Mapping[str, bytes]) -> bytes:
    """Puts other parts into a workbook."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in {*old.namelist(), *parts}:
            new.writestr(name, parts[name] if name in parts else old.read(name))
    return out.getvalue()


MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
LINK = (
    '<Relationship Id="rId99" Target="/xl/sharedStrings.xml" Type='
    '"http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"/>'
)
KIND = (
    '<Override PartName="/xl/sharedStrings.xml" ContentType='
    '"application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"/>'
)


def sheet_of(cells: Iterable[str]) -> bytes:
    """Writes the XML of a sheet with one column, given what stands in `<c ...`."""
    rows = (f'<row r="{at}"><c r="A{at}"{cell}</c></row>' for at, cell in enumerate(cells, 1))
    return f'<worksheet xmlns="{MAIN}"><sheetData>{"".join(rows)}</sheetData></worksheet>'.encode()


def with_numbers(numbers: Iterable[int]) -> bytes:
    """Makes a workbook of any size in no time."""
    sheet = sheet_of(f"><v>{number}</v>" for number in numbers)
    return with_parts(workbook([["x"]]), {SHEET: sheet})


def with_shared_text(text: str, rows: int) -> bytes:
    """Makes a small workbook whose every row shows the same text, which stands in it once."""
    content = workbook([["x"]])
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        links = archive.read("xl/_rels/workbook.xml.rels").decode()
        types = archive.read("[Content_Types].xml").decode()
    return with_parts(
        content,
        {
            SHEET: sheet_of([' t="s"><v>0</v>'] * rows),
            "xl/sharedStrings.xml": f'<sst xmlns="{MAIN}"><si><t>{text}</t></si></sst>'.encode(),
            "xl/_rels/workbook.xml.rels": links.replace("</R", f"{LINK}</R").encode(),
            "[Content_Types].xml": types.replace("</T", f"{KIND}</T").encode(),
        },
    )


def with_cells_far_apart() -> bytes:
    """Makes a workbook of two cells, with all the cells there can be between them."""
    book = Workbook()
    sheet = book.worksheets[0]
    sheet["A1"], sheet["XFD1048576"] = "+14255551234", "x"
    return saved(book)


def swollen(content: bytes, size: int, *, told: int | None = None) -> bytes:
    """Makes the sheet of a workbook `size` bytes of blanks; its directory tells of `told`.

    The blanks are packed a thousand to one, in blocks that are written as often as it takes.
    """
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    packer.compress(b" " * 2**20)
    packer.flush(zlib.Z_FULL_FLUSH)
    block = packer.compress(b" " * 2**20) + packer.flush(zlib.Z_FULL_FLUSH)
    stream = block * (size // 2**20) + packer.flush()
    return _appended(content, SHEET, stream, size if told is None else told)


def _appended(content: bytes, name: str, stream: bytes, size: int) -> bytes:
    """Puts a packed stream in the place of a part, whatever it unpacks to."""
    rest = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(rest, "w") as new:
        for part in old.namelist():
            if part != name:
                new.writestr(part, old.read(part))
    parts = rest.getvalue()
    *_, count, length, start, _ = _END.unpack(parts[-_END.size :])
    both = (20, 0, zipfile.ZIP_DEFLATED, 0, 33, 0, len(stream), size, len(name), 0)
    local = struct.pack("<4s5H3I2H", b"PK\3\4", *both) + name.encode() + stream
    entry = struct.pack("<4s6H3I5H2I", b"PK\1\2", 20, *both, 0, 0, 0, 0, start) + name.encode()
    directory = parts[start : start + length] + entry
    told = (count + 1, count + 1, len(directory), start + len(local), 0)
    return parts[:start] + local + directory + _END.pack(b"PK\5\6", 0, 0, *told)


def locked(content: bytes) -> bytes:
    """Marks every part as encrypted, as a packer with a password does."""
    marked = bytearray(content)
    at = marked.find(b"PK\x01\x02")
    while at >= 0:
        flags = struct.unpack_from("<H", marked, at + 8)[0]
        struct.pack_into("<H", marked, at + 8, flags | 1)
        at = marked.find(b"PK\x01\x02", at + 4)
    return bytes(marked)
