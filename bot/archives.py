"""ZIP archives read strictly, as no reader could read them otherwise, and unpacked within bounds.

What is unclear is refused: parts that overlap or come twice, two ways to find the parts, sizes that
lie. All calls block and are meant for a thread; every one may raise `Rejected`.
"""

import re
import struct
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import BinaryIO, Final

from cases.errors import Rejected

MOST_UNPACKED: Final = 150 * 1024 * 1024
"""Bytes of all parts together, nested ones too; the largest list that is taken has a tenth."""
MOST_PARTS: Final = 5000
LONGEST_DIRECTORY: Final = 1024 * 1024
"""Bytes of the directory of the parts, which is read as a whole."""
MOST_RATIO: Final = 100
"""How much smaller packing may make a part; Apache POI draws the line at the same place."""
SLACK: Final = 8 * 1024 * 1024
"""Bytes that a part may unpack to at any ratio: blank pictures pack very well."""
CHUNK: Final = 64 * 1024

STORED, DEFLATED = 0, 8
_ENCRYPTED: Final = 1
_UTF_8: Final = 0x800
_MANY: Final = 0xFFFFFFFF
_ZIP64: Final = 0x0001
_OTHER_NAME: Final = 0x7075
_ENTRY: Final = struct.Struct("<4s6H3I5H2I")
_LOCAL: Final = struct.Struct("<4s5H3I2H")
_END: Final = struct.Struct("<4s4H2IH")
_END_64: Final = struct.Struct("<4sQ2H2I4Q")
_LOCATOR_64: Final = struct.Struct("<4sIQI")
_NAME: Final = re.compile(
    r"(?!.*//)(?!(?:.*/)?\.\.?(?:/|$))[^\x00-\x1f\x7f\\:/][^\x00-\x1f\x7f\\:]*"
)


@dataclass(frozen=True, slots=True)
class Part:
    """A part as the directory tells of it."""

    name: str
    method: int
    crc: int
    packed: int
    size: int
    offset: int
    """Where its own header begins."""
    encrypted: bool
    raw_name: bytes


@dataclass
class Allowance:
    """How many bytes may still be unpacked, over an archive and those in it."""

    left: int = MOST_UNPACKED

    def spend(self, size: int) -> None:
        """Take bytes off; raises `Rejected` when there are none left."""
        self.left -= size
        if self.left < 0:
            raise absurd()


@dataclass(frozen=True, slots=True)
class _Directory:
    parts: int
    size: int
    offset: int


def damaged() -> Rejected:
    """Return the refusal of what no office program writes."""
    return Rejected("file_damaged")


def absurd() -> Rejected:
    """Return the refusal of what would unpack to far too much."""
    return Rejected("file_absurd")


def parts_of(file: BinaryIO, allowance: Allowance) -> list[Part]:
    """Return the parts of an archive, in the order of the file, each checked before it is read."""
    directory = _directory(file)
    if directory.parts > MOST_PARTS or directory.size > LONGEST_DIRECTORY:
        raise absurd()
    file.seek(directory.offset)
    parts = sorted(_entries(file.read(directory.size), directory.parts), key=_offset)
    names = [part.name.casefold() for part in parts]
    if len(set(names)) < len(names):
        raise damaged()
    for part in parts:
        _require_bounded(part)
        allowance.spend(part.size)
    _require_apart(file, parts, directory.offset)
    return parts


def _offset(part: Part) -> int:
    return part.offset


def _require_bounded(part: Part) -> None:
    if part.encrypted:
        raise Rejected("file_locked")
    if part.method not in {STORED, DEFLATED} or _NAME.fullmatch(part.name) is None:
        raise damaged()
    if part.size > SLACK and part.size > part.packed * MOST_RATIO:
        raise absurd()


def _require_apart(file: BinaryIO, parts: Sequence[Part], end: int) -> None:
    """Refuse parts that share bytes, and bytes before the first that could be another file."""
    spans = [(part.offset, _start(file, part) + part.packed) for part in parts]
    edges = [(0, 0), *spans, (end, end)]
    if any(one[1] > other[0] for one, other in pairwise(edges)) or (parts and spans[0][0]):
        raise damaged()


def unpacked(file: BinaryIO, part: Part) -> Iterator[bytes]:
    """Yield what is in a part, in small pieces; refused as soon as it is more than was told."""
    file.seek(_start(file, part))
    pieces = _inflated(file, part) if part.method == DEFLATED else _stored(file, part)
    size = crc = 0
    for piece in pieces:
        size, crc = size + len(piece), zlib.crc32(piece, crc)
        if size > part.size:
            raise absurd()
        yield piece
    if (size, crc) != (part.size, part.crc):
        raise damaged()


def _stored(file: BinaryIO, part: Part) -> Iterator[bytes]:
    left = part.packed
    while left:
        piece = file.read(min(CHUNK, left))
        if not piece:
            raise damaged()
        left -= len(piece)
        yield piece


def _inflated(file: BinaryIO, part: Part) -> Iterator[bytes]:
    inflate, left = zlib.decompressobj(-zlib.MAX_WBITS), part.packed
    while not inflate.eof:
        packed = inflate.unconsumed_tail
        if not packed:
            packed = file.read(min(CHUNK, left))
            left -= len(packed)
        try:
            piece = inflate.decompress(packed, CHUNK)
        except zlib.error:
            raise damaged() from None
        if not (piece or packed or inflate.eof):
            raise damaged()
        if piece:
            yield piece
    if left or inflate.unused_data:
        raise damaged()


def _start(file: BinaryIO, part: Part) -> int:
    """Return where the bytes of a part begin; its own header must say what the directory says."""
    file.seek(part.offset)
    head = file.read(_LOCAL.size)
    if len(head) < _LOCAL.size:
        raise damaged()
    mark, _, flags, method, _, _, _, _, _, name_size, extra_size = _LOCAL.unpack(head)
    same = (method, bool(flags & _ENCRYPTED)) == (part.method, part.encrypted)
    if mark != b"PK\3\4" or not same or file.read(name_size) != part.raw_name:
        raise damaged()
    behind: int = name_size + extra_size
    return part.offset + _LOCAL.size + behind


def _directory(file: BinaryIO) -> _Directory:
    """Find the directory, which must end where the archive's end begins."""
    size = file.seek(0, 2)
    back = min(size, _END.size + 0xFFFF)
    file.seek(size - back)
    tail = file.read(back)
    at = tail.rfind(b"PK\5\6")
    if at < 0 or len(tail) < at + _END.size:
        raise damaged()
    _, disk, first, here, parts, length, offset, comment = _END.unpack_from(tail, at)
    if disk or first or here != parts or at + _END.size + comment != len(tail):
        raise damaged()
    found, end = _Directory(parts, length, offset), size - back + at
    if found.offset + found.size != end and not _agrees_64(file, found, end):
        raise damaged()
    return found


def _agrees_64(file: BinaryIO, found: _Directory, end: int) -> bool:
    """Tell whether the longer form of the archive's end stands between, and says the same."""
    begin = end - _LOCATOR_64.size - _END_64.size
    if begin != found.offset + found.size:
        return False
    file.seek(begin)
    mark, *_, here, parts, size, offset = _END_64.unpack(file.read(_END_64.size))
    locator, _, where, _ = _LOCATOR_64.unpack(file.read(_LOCATOR_64.size))
    marks = (mark, locator) == (b"PK\6\6", b"PK\6\7")
    same = (here, parts, size, offset) == (found.parts, found.parts, found.size, found.offset)
    return marks and same and where == begin


def _entries(directory: bytes, count: int) -> Iterator[Part]:
    at = 0
    for _ in range(count):
        part, at = _entry(directory, at)
        yield part
    if at != len(directory):
        raise damaged()


def _entry(directory: bytes, at: int) -> tuple[Part, int]:
    """Read one entry of the directory; returns also where the next begins."""
    if len(directory) < at + _ENTRY.size:
        raise damaged()
    entry = _ENTRY.unpack_from(directory, at)
    mark, _, _, flags, method, _, _, crc, packed, size, name_size, extra_size, comment = entry[:13]
    name_end = at + _ENTRY.size + name_size
    raw_name = directory[at + _ENTRY.size : name_end]
    extra = _extra(directory[name_end : name_end + extra_size])
    end = name_end + extra_size + comment
    if mark != b"PK\1\2" or end > len(directory) or _OTHER_NAME in extra:
        raise damaged()
    size, packed, offset = _sizes((size, packed, entry[-1]), extra.get(_ZIP64, b""))
    name = raw_name.decode("utf-8" if flags & _UTF_8 else "cp437", "replace")
    encrypted = bool(flags & _ENCRYPTED)
    return Part(name, method, crc, packed, size, offset, encrypted, raw_name), end


def _extra(raw: bytes) -> dict[int, bytes]:
    found: dict[int, bytes] = {}
    while len(raw) >= 4:
        tag, size = struct.unpack_from("<HH", raw)
        found[tag], raw = raw[4 : 4 + size], raw[4 + size :]
    return found


def _sizes(told: tuple[int, int, int], longer: bytes) -> tuple[int, int, int]:
    """Return sizes and offset with those that need more room taken from where they stand then."""
    places = iter(struct.unpack(f"<{len(longer) // 8}Q", longer[: len(longer) // 8 * 8]))
    try:
        size, packed, offset = (next(places) if one == _MANY else one for one in told)
    except (StopIteration, RuntimeError):
        raise damaged() from None
    return size, packed, offset
