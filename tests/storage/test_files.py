"""The contract of `Files`, on a folder and on an object store."""

import asyncio
import os
import time
from collections.abc import AsyncIterator
from hashlib import sha256
from pathlib import Path

import pytest
from obstore.store import MemoryStore

from cases.errors import NotFound, Rejected, Unavailable
from cases.model import FileRef
from cases.ports import Incoming
from storage.files import BATCH, HEAD, ObjectFiles, Uploads, open_files
from tests.storage.samples import ACME, OTHER

BIG = os.urandom(3 * BATCH + 17)


async def pieces(content: bytes, size: int = 1000) -> AsyncIterator[bytes]:
    for at in range(0, len(content), size):
        yield content[at : at + size]


async def receive(files: ObjectFiles, content: bytes, most: int = 10**7) -> Incoming:
    return await files.receive(pieces(content), most)


def reference(content: bytes) -> FileRef:
    return FileRef(sha256=digest(content), name="x", size=len(content), media_type="a/b")


def digest(content: bytes) -> str:
    return sha256(content).hexdigest()


def waiting(folder: Path) -> list[Path]:
    return list((folder / "incoming").iterdir())


def kept(folder: Path) -> list[Path]:
    return [path for path in (folder / "files").rglob("*") if path.is_file()]


def _apart(one: Path, other: Path) -> bool:
    return one.is_dir() and one.stat().st_dev != other.stat().st_dev


@pytest.fixture
async def local(tmp_path: Path) -> ObjectFiles:
    return await open_files((tmp_path / "files").as_uri(), tmp_path / "incoming")


@pytest.fixture(params=["file", "object"])
async def files(request: pytest.FixtureRequest, tmp_path: Path) -> ObjectFiles:
    if request.param == "file":
        return await open_files((tmp_path / "files").as_uri(), tmp_path / "incoming")
    (tmp_path / "incoming").mkdir()
    store = MemoryStore()
    return ObjectFiles(store, Uploads(store), tmp_path / "incoming")


class TestReceive:
    @pytest.mark.parametrize("content", [b"", b"x", BIG], ids=["empty", "byte", "big"])
    async def test_it_is_counted_and_hashed(self, files: ObjectFiles, content: bytes) -> None:
        incoming = await receive(files, content)
        assert (incoming.sha256, incoming.size) == (digest(content), len(content))
        assert incoming.head == content[:HEAD]
        assert await asyncio.to_thread(Path(incoming.path).read_bytes) == content

    async def test_it_does_not_count_as_stored_yet(self, files: ObjectFiles) -> None:
        incoming = await receive(files, BIG)
        with pytest.raises(NotFound):
            await files.content(ACME, incoming.sha256)

    async def test_too_big_is_refused_and_forgotten(
        self, files: ObjectFiles, tmp_path: Path
    ) -> None:
        assert (await receive(files, BIG, most=len(BIG))).size == len(BIG)
        with pytest.raises(Rejected) as refusal:
            await receive(files, BIG, most=len(BIG) - 1)
        assert refusal.value.code == "file_too_big"
        assert len(waiting(tmp_path)) == 1

    async def test_an_endless_stream_is_cut_off(self, files: ObjectFiles) -> None:
        async def endless() -> AsyncIterator[bytes]:
            while True:
                yield bytes(1000)

        with pytest.raises(Rejected):
            await asyncio.wait_for(files.receive(endless(), 10**6), 10)

    async def test_a_broken_stream_leaves_nothing(self, files: ObjectFiles, tmp_path: Path) -> None:
        async def broken() -> AsyncIterator[bytes]:
            yield BIG
            raise Rejected("download_failed")

        with pytest.raises(Rejected):
            await files.receive(broken(), 10**7)
        assert waiting(tmp_path) == []

    async def test_a_cancelled_stream_leaves_nothing(
        self, files: ObjectFiles, tmp_path: Path
    ) -> None:
        async def hanging() -> AsyncIterator[bytes]:
            yield BIG
            await asyncio.sleep(60)

        task = asyncio.create_task(files.receive(hanging(), 10**7))
        await asyncio.sleep(0.1)
        assert len(waiting(tmp_path)) == 1
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert waiting(tmp_path) == []

    async def test_a_full_or_missing_folder_is_unavailable(
        self, files: ObjectFiles, tmp_path: Path
    ) -> None:
        (tmp_path / "incoming").rmdir()
        (tmp_path / "incoming").write_bytes(b"")
        with pytest.raises(Unavailable):
            await receive(files, BIG)


class TestKeep:
    async def test_it_is_read_back(self, files: ObjectFiles, tmp_path: Path) -> None:
        await files.keep(ACME, await receive(files, BIG))
        assert await files.content(ACME, digest(BIG)) == BIG
        streamed = [piece async for piece in files.stream(ACME, reference(BIG))]
        assert b"".join(streamed) == BIG
        assert waiting(tmp_path) == []

    async def test_again_is_no_harm(self, files: ObjectFiles, tmp_path: Path) -> None:
        incoming = await receive(files, BIG)
        await files.keep(ACME, incoming)
        await files.keep(ACME, incoming)
        await files.keep(ACME, await receive(files, BIG))
        assert await files.content(ACME, digest(BIG)) == BIG
        assert waiting(tmp_path) == []

    async def test_what_was_dropped_cannot_be_kept(self, files: ObjectFiles) -> None:
        incoming = await receive(files, BIG)
        await files.drop(incoming)
        await files.drop(incoming)
        with pytest.raises(NotFound):
            await files.keep(ACME, incoming)

    async def test_no_tenant_reads_another(self, files: ObjectFiles) -> None:
        await files.keep(ACME, await receive(files, BIG))
        with pytest.raises(NotFound):
            await files.content(OTHER, digest(BIG))
        with pytest.raises(NotFound):
            [piece async for piece in files.stream(OTHER, reference(BIG))]

    async def test_many_at_once_of_one_content(self, files: ObjectFiles) -> None:
        incoming = await asyncio.gather(*(receive(files, BIG) for _ in range(8)))
        await asyncio.gather(*(files.keep(ACME, one) for one in incoming))
        assert await files.content(ACME, digest(BIG)) == BIG

    @pytest.mark.parametrize("wrong", ["", "..", "../../etc/passwd", "A" * 64, "a" * 63 + "\n"])
    async def test_a_wrong_hash_finds_nothing(self, files: ObjectFiles, wrong: str) -> None:
        with pytest.raises(NotFound):
            await files.content(ACME, wrong)


class TestFolder:
    async def test_names_tell_nothing_but_hashes(self, local: ObjectFiles, tmp_path: Path) -> None:
        await local.keep(ACME, await receive(local, BIG))
        (path,) = kept(tmp_path)
        name = path.relative_to(tmp_path / "files").parts
        assert name == (digest(ACME.encode())[:16], digest(BIG))

    async def test_damage_is_noticed(self, local: ObjectFiles, tmp_path: Path) -> None:
        await local.keep(ACME, await receive(local, BIG))
        (path,) = kept(tmp_path)
        path.write_bytes(BIG[:-1] + bytes([BIG[-1] ^ 1]))
        with pytest.raises(Unavailable):
            await local.content(ACME, digest(BIG))

    async def test_it_may_wait_on_another_file_system(self, tmp_path: Path) -> None:
        memory = Path("/dev/shm")
        if not _apart(memory, tmp_path):
            pytest.skip("there is one file system only")
        shared = memory / f"nd-{os.getpid()}-{time.monotonic_ns()}"
        files = await open_files((tmp_path / "files").as_uri(), shared)
        try:
            await files.keep(ACME, await receive(files, BIG))
            assert await files.content(ACME, digest(BIG)) == BIG
            assert len(kept(tmp_path)) == 1
            assert list(shared.iterdir()) == []
        finally:
            shared.rmdir()

    async def test_orphans_are_swept_up_at_the_start(self, tmp_path: Path) -> None:
        folder = tmp_path / "incoming"
        folder.mkdir()
        old, young, other = (folder / name for name in ("old.part", "young.part", "other.txt"))
        for path in (old, young, other):
            path.write_bytes(b"x")
        for path in (old, other):
            os.utime(path, (time.time() - 7200,) * 2)
        await open_files((tmp_path / "files").as_uri(), folder)
        assert sorted(waiting(tmp_path)) == [other, young]

    async def test_a_big_file_does_not_stop_the_loop(self, local: ObjectFiles) -> None:
        content = bytes(30_000_000)
        longest = 0.0

        async def tick() -> None:
            nonlocal longest
            while True:
                # What this thread worked, not how long other processes kept it waiting.
                started = time.thread_time()
                await asyncio.sleep(0.001)
                longest = max(longest, time.thread_time() - started)

        ticking = asyncio.create_task(tick())
        incoming = await local.receive(pieces(content, 65536), len(content))
        await local.keep(ACME, incoming)
        await local.content(ACME, incoming.sha256)
        ticking.cancel()
        assert longest < 0.15
