"""What the sandbox remembers over a restart, and after a crash in the middle of a line."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from aiohttp.test_utils import unused_port

from sandbox import Sandbox, SandboxRefused, SandboxSettings
from tests.sandbox.bot import card, teams


def kept(folder: Path) -> SandboxSettings:
    return SandboxSettings(data_dir=folder, retry_delay=0.01)


async def test_a_restart_keeps_everything(tmp_path: Path) -> None:
    async with teams(kept(tmp_path)) as (sandbox, bot):
        await sandbox.introduce()
        sandbox.set_person("ada", locale="fr-CA", timezone="America/Toronto")
        file = await sandbox.upload("a.csv", b"1,2", "text/csv")
        said = await sandbox.say("ada", "hi", files=[file])
        _, answer = await bot.post(sandbox.person("ada").conversation, attachments=[card()])
        before = [message.json() for message in sandbox.messages()]
    async with teams(kept(tmp_path)) as (sandbox, bot):
        assert await sandbox.introduce()
        assert not bot.heard
        assert sandbox.person("ada").locale == "fr-CA"
        assert [message.json() for message in sandbox.messages()] == before
        assert (await bot.call("GET", f"files/{file.id}/a.csv"))[0] == 200
        path = f"v3/conversations/{sandbox.person('ada').conversation}/activities/{answer['id']}"
        assert (await bot.call("PUT", path, {"attachments": [card()]}))[0] == 200
        assert int((await sandbox.say("ada", "later")).id) > int(answer["id"]) > int(said.id)


async def test_a_torn_last_line_is_forgotten(tmp_path: Path) -> None:
    async with teams(kept(tmp_path)) as (sandbox, _):
        await sandbox.say("ada", "one")
        await sandbox.say("ada", "two")
    journal = tmp_path / "journal.jsonl"
    with journal.open("r+b") as file:
        file.seek(0, os.SEEK_END)
        file.truncate(file.tell() - 20)
    async with teams(kept(tmp_path)) as (sandbox, _):
        assert [message.text for message in sandbox.messages()] == ["one", "two"]
        assert sandbox.messages()[-1].delivery == "failed"
        await sandbox.say("ada", "three")
    async with teams(kept(tmp_path)) as (sandbox, _):
        assert [message.text for message in sandbox.messages()] == ["one", "two", "three"]


async def test_the_journal_is_compacted_and_clear_forgets(tmp_path: Path) -> None:
    async with teams(kept(tmp_path)) as (sandbox, bot):
        conversation = sandbox.person("ada").conversation
        _, answer = await bot.post(conversation, text="x")
        path = f"v3/conversations/{conversation}/activities/{answer['id']}"
        for _ in range(20):
            await bot.call("PUT", path, {"text": "y"})
    size = (tmp_path / "journal.jsonl").stat().st_size
    async with teams(kept(tmp_path)) as (sandbox, _):
        assert sandbox.messages()[0].versions == 20
        assert (tmp_path / "journal.jsonl").stat().st_size < size / 5
        await sandbox.upload("a", b"1")
        await sandbox.clear()
        assert not sandbox.messages()
        assert not list((tmp_path / "files").glob("*"))
        assert int((await sandbox.say("ada", "new")).id) > int(answer["id"])


async def test_nobody_there(tmp_path: Path) -> None:
    port = unused_port()
    settings = SandboxSettings(data_dir=tmp_path, bot_endpoint=f"http://127.0.0.1:{port}/")
    async with Sandbox(settings) as sandbox:
        assert (await sandbox.say("ada", "anybody?")).delivery == "failed"
        assert not await _introduced(settings)


async def _introduced(settings: SandboxSettings) -> bool:
    async with Sandbox(replace(settings, data_dir=None, introduce_for=0.1)) as sandbox:
        return await sandbox.introduce()


@pytest.mark.parametrize(
    "url", ["https://example.com/s/", "http://10.0.0.1/s/", "http://127.0.0.1/s"]
)
def test_it_refuses_to_be_reachable(url: str) -> None:
    with pytest.raises(SandboxRefused):
        SandboxSettings(service_url=url)


@pytest.mark.parametrize("extra", [{"MicrosoftAppId": "x"}, {}])
def test_alone_it_refuses_in_one_line(extra: dict[str, str]) -> None:
    command = [sys.executable, "-m", "sandbox", "--port", "0", "--host", "0.0.0.0"]
    ended = subprocess.run(
        command,
        env={**os.environ, **extra},
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    assert ended.returncode == 2
    assert ended.stderr.startswith("sandbox: ")
    assert ended.stderr.count("\n") == 1
