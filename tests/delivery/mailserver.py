"""A mail server in this process that takes mail, or does what it is told instead."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult

TAKEN = "250 OK"


@dataclass
class MailServer:
    """What it takes lies in `taken`; `drop` and `hang` are answers to DATA too."""

    port: int = 0
    taken: list[EmailMessage] = field(default_factory=list)
    envelopes: list[tuple[str, str]] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    """Replies to recipients, by address; `hang` never replies."""
    sender: str = TAKEN
    replies: deque[str] = field(default_factory=deque)
    """Replies to the next mails that were handed over."""
    logins: list[str] = field(default_factory=list)
    password: str = "secret"
    open: int = 0
    most_open: int = 0
    holding: asyncio.Event | None = None
    """Mails are answered once this is set."""

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}?starttls=never"

    def to(self, address: str) -> list[EmailMessage]:
        """Return what was taken for an address."""
        pairs = zip(self.envelopes, self.taken, strict=True)
        return [mail for (_, recipient), mail in pairs if recipient == address]

    # What aiosmtpd calls.

    async def handle_MAIL(  # noqa: N802
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        envelope.mail_from = address
        return self.sender

    async def handle_RCPT(  # noqa: N802
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        reply = self.refused.get(address, TAKEN)
        if reply == "hang":
            await asyncio.sleep(60)
        if reply == TAKEN:
            envelope.rcpt_tos.append(address)
        return reply

    async def handle_DATA(self, server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        self.open += 1
        self.most_open = max(self.most_open, self.open)
        try:
            if self.holding is not None:
                await self.holding.wait()
            return await self._answer(server, envelope)
        finally:
            self.open -= 1

    async def _answer(self, server: Any, envelope: Any) -> str:
        reply = self.replies.popleft() if self.replies else TAKEN
        if reply == "hang":
            await asyncio.sleep(60)
        if reply in (TAKEN, "drop"):
            mail = message_from_bytes(envelope.content, policy=default)
            assert isinstance(mail, EmailMessage)
            self.taken.append(mail)
            self.envelopes.append((envelope.mail_from, envelope.rcpt_tos[0]))
        if reply == "drop":
            server.transport.abort()
        return reply

    def admits(self, _server: Any, _session: Any, _envelope: Any, _how: str, data: Any) -> Any:
        self.logins.append(data.login.decode())
        return AuthResult(success=data.password.decode() == self.password, handled=False)


@asynccontextmanager
async def mail_server(**options: Any) -> AsyncIterator[MailServer]:
    """Run a mail server."""
    inbox = MailServer()
    loop = asyncio.get_running_loop()
    open_ones: list[SMTP] = []

    def answering() -> SMTP:
        given = {"enable_SMTPUTF8": True, "hostname": "mail.test", **options}
        if given.get("auth_required"):
            given["authenticator"] = inbox.admits
        one = SMTP(inbox, loop=loop, **given)
        open_ones.append(one)
        return one

    listening = await loop.create_server(answering, "127.0.0.1", 0)
    inbox.port = listening.sockets[0].getsockname()[1]
    try:
        yield inbox
    finally:
        listening.close()
        for one in open_ones:
            if one.transport is not None:
                one.transport.close()
            handler = getattr(one, "_handler_coroutine", None)
            if handler is not None:
                handler.cancel()
                await asyncio.gather(handler, return_exceptions=True)
        # Sockets are closed a moment after their transports.
        await asyncio.sleep(0.01)
