"""Addresses of files over real HTTP: whom they serve, how, and for how long."""

import asyncio
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.links import FileLinks
from cases.model import FileRef
from storage.files import BATCH, ObjectFiles, open_files

TENANT, OTHER = "contoso", "fabrikam"
SMALL = b"%PDF-1.7 small"
BIG = os.urandom(5 * BATCH + 17)


@dataclass
class Site:
    """A place that serves files, and a clock that can be turned."""

    folder: Path
    files: ObjectFiles
    browser: aiohttp.ClientSession
    now: datetime = field(default=datetime(2026, 11, 21, 12, 0, tzinfo=UTC))
    links: FileLinks = field(init=False)

    async def keeps(self, content: bytes, name: str = "loa.pdf") -> FileRef:
        """Store a file."""
        incoming = await self.files.receive(_once(content), 10**9)
        await self.files.keep(TENANT, incoming)
        return FileRef(
            sha256=incoming.sha256, name=name, size=len(content), media_type="application/pdf"
        )

    def damages(self) -> None:
        """Turn the last byte of the only file."""
        (path,) = (path for path in (self.folder / "files").rglob("*") if path.is_file())
        content = path.read_bytes()
        path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))

    async def gets(self, url: str, method: str = "GET", **headers: str) -> "Got":
        """Ask for an address."""
        async with self.browser.request(method, url, headers=headers) as answer:
            return Got(answer.status, dict(answer.headers), await answer.read())


@dataclass
class Got:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes


async def _once(content: bytes) -> AsyncIterator[bytes]:
    for at in range(0, len(content), BATCH):
        yield content[at : at + BATCH]


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    files = await open_files((tmp_path / "files").as_uri(), tmp_path / "incoming")
    app = web.Application()
    async with aiohttp.ClientSession() as browser:
        made = Site(tmp_path, files, browser)

        async def serve(request: web.Request) -> web.StreamResponse:
            return await made.links.serve(request)

        app.router.add_get("/files/{token}", serve)
        async with TestServer(app) as server:
            base = str(server.make_url(""))
            made.links = FileLinks(b"secret", base, files, lambda: made.now)
            yield made


@pytest.mark.parametrize("content", [SMALL, BIG, BIG[: 2 * BATCH]], ids=["small", "big", "two"])
async def test_a_file_comes_as_an_attachment_that_nothing_opens(site: Site, content: bytes) -> None:
    got = await site.gets(site.links.link(TENANT, await site.keeps(content, 'É"x\\.pdf')))
    assert (got.status, got.body) == (200, content)
    assert {name: got.headers[name] for name in got.headers if name not in {"Date", "Server"}} == {
        "Content-Type": "application/pdf",
        "Content-Length": str(len(content)),
        "Content-Disposition": (
            "attachment; filename=\"?_x_.pdf\"; filename*=UTF-8''%C3%89%22x%5C.pdf"
        ),
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "sandbox; default-src 'none'; frame-ancestors 'none'",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Accept-Ranges": "none",
        "Cache-Control": "private, no-store",
        "Referrer-Policy": "no-referrer",
    }


async def test_head_says_the_same_without_the_file(site: Site) -> None:
    url = site.links.link(TENANT, await site.keeps(BIG))
    got, asked = await site.gets(url), await site.gets(url, "HEAD")
    assert (asked.status, asked.body) == (200, b"")
    assert asked.headers["Content-Length"] == got.headers["Content-Length"]
    assert asked.headers["X-Content-Type-Options"] == "nosniff"


async def test_a_range_is_answered_with_the_whole(site: Site) -> None:
    url = site.links.link(TENANT, await site.keeps(BIG))
    got = await site.gets(url, Range="bytes=0-9")
    assert (got.status, got.body) == (200, BIG)


async def test_a_file_of_unknown_size_comes_whole(site: Site) -> None:
    file = (await site.keeps(BIG)).but(size=0)
    assert (await site.gets(site.links.link(TENANT, file))).body == BIG


async def test_an_address_ends_after_ten_minutes(site: Site) -> None:
    url = site.links.link(TENANT, await site.keeps(SMALL))
    site.now += timedelta(minutes=10)
    assert (await site.gets(url)).status == 200
    site.now += timedelta(seconds=1)
    assert (await site.gets(url)).status == 404


async def test_no_address_can_be_made_or_changed(site: Site) -> None:
    url = site.links.link(TENANT, await site.keeps(SMALL))
    base, _, token = url.rpartition("/")
    body, _, signature = token.rpartition(".")
    other = FileLinks(b"another secret", base.removesuffix("/files"), site.files, lambda: site.now)
    wrong = [
        f"{body[:-1]}{'A' if body[-1] != 'A' else 'B'}.{signature}",
        f"{body}.{signature[:-1]}{'0' if signature[-1] != '0' else '1'}",
        f"{body}.{signature.upper()}",
        f"{body}=.{signature}",
        body,
        f".{signature}",
        ".",
        "%FF%00.%ED%A0%80",
        "é.é",
        "A" * 5000 + "." + signature,
        other.link(TENANT, await site.keeps(SMALL)).rpartition("/")[2],
    ]
    assert [(await site.gets(f"{base}/{token}")).status for token in wrong] == [404] * len(wrong)


async def test_no_tenant_gets_the_file_of_another(site: Site) -> None:
    file = await site.keeps(SMALL)
    assert (await site.gets(site.links.link(OTHER, file))).status == 404
    missing = file.but(sha256="0" * 64)
    assert (await site.gets(site.links.link(TENANT, missing))).status == 404


async def test_a_damaged_file_is_not_served(site: Site) -> None:
    url = site.links.link(TENANT, await site.keeps(SMALL))
    site.damages()
    assert (await site.gets(url)).status == 503


@pytest.mark.parametrize("size", [len(BIG), 0], ids=["size known", "size unknown"])
async def test_a_big_damaged_file_breaks_off(site: Site, size: int) -> None:
    url = site.links.link(TENANT, (await site.keeps(BIG)).but(size=size))
    site.damages()
    with pytest.raises(aiohttp.ClientPayloadError):
        await site.gets(url)


async def test_whoever_leaves_early_does_no_harm(site: Site) -> None:
    url = site.links.link(TENANT, await site.keeps(os.urandom(20 * BATCH)))
    for _ in range(5):
        async with site.browser.get(url) as answer:
            await answer.content.readany()
            answer.close()
    await asyncio.sleep(0)
    assert (await site.gets(url)).status == 200
