"""`python -m sandbox` serves the sandbox alone, for a bot that runs elsewhere on this machine."""

import argparse
import asyncio
import os
import sys
from pathlib import Path

from aiohttp import web

from sandbox.settings import SandboxRefused, SandboxSettings, is_loopback
from sandbox.teams import Sandbox


def main() -> int:
    """Runs until interrupted; returns the exit status."""
    asked = _arguments()
    try:
        _check(asked.host)
        asyncio.run(_serve(asked))
    except SandboxRefused as no:
        sys.stderr.write(f"sandbox: {no}\n")
        return 2
    except KeyboardInterrupt:
        pass
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=3979)
    parser.add_argument("--bot", default="http://127.0.0.1:3978/api/messages")
    parser.add_argument("--data", type=Path, default=None, help="keep the history in this folder")
    return parser.parse_args()


def _check(host: str) -> None:
    # The Bot Framework spells its settings so.
    if os.environ.get("MicrosoftAppId"):  # noqa: SIM112
        raise SandboxRefused("MicrosoftAppId is set, so this bot belongs to the real Teams")
    if not is_loopback(host):
        raise SandboxRefused(f"the sandbox answers on loopback only, not {host}")


async def _serve(asked: argparse.Namespace) -> None:
    host = f"[{asked.host}]" if ":" in asked.host else asked.host
    url = f"http://{host}:{asked.port}/sandbox/"
    sandbox = Sandbox(SandboxSettings(bot_endpoint=asked.bot, service_url=url, data_dir=asked.data))
    runner = web.AppRunner(_site(sandbox), access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, asked.host, asked.port).start()
        sys.stderr.write(f"The sandbox is at {url}\n")
        await sandbox.introduce()
        await asyncio.Event().wait()
    finally:
        await runner.cleanup()


def _site(sandbox: Sandbox) -> web.Application:
    async def home(_: web.Request) -> web.StreamResponse:
        raise web.HTTPFound("/sandbox/")

    app = web.Application()
    app.router.add_get("/", home)
    app.router.add_get("/sandbox", home)
    app.add_subapp("/sandbox/", sandbox.app())
    return app


if __name__ == "__main__":
    sys.exit(main())
