"""The wire to a mail server, one connection per mail and one try each; who retries, decides."""

import asyncio
import ssl
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Self
from urllib.parse import parse_qs, unquote, urlsplit

from aiosmtplib import (
    SMTP,
    SMTPAuthenticationError,
    SMTPDataError,
    SMTPException,
    SMTPRecipientRefused,
    SMTPResponseException,
    SMTPSenderRefused,
)

from cases.hosts import is_loopback
from cases.model import Case, Event, Notice
from cases.ports import Clock, Outcome, Sent
from delivery.fates import ToMailbox
from delivery.letters import Letter, Letters, UnusableAddress

TIMEOUT: Final = 10.0
"""Seconds for all of one try; far below the lease of a notice."""
GOODBYE: Final = 1.0

_WRONG_LOGIN: Final = frozenset({530, 534, 535, 538})
"""Replies that ask for credentials or for encryption, whatever they are an answer to."""


class Encryption(StrEnum):
    """How a connection to the mail server becomes secret."""

    FROM_THE_START = "from_the_start"
    REQUIRED = "required"
    IF_OFFERED = "if_offered"
    NEVER = "never"


@dataclass(frozen=True)
class MailServer:
    """Where mail is handed in."""

    host: str
    port: int
    encryption: Encryption
    user: str = ""
    password: str = field(default="", repr=False)

    @classmethod
    def parse(cls, url: str) -> Self:
        """Read `smtp://user:password@host:port?starttls=never` or `smtps://...`.

        Without a port it is 465 for smtps, 587 with credentials, else 25.
        """
        parts = urlsplit(url)
        host = parts.hostname or ""
        user = unquote(parts.username or "")
        usual = 465 if parts.scheme == "smtps" else 587 if user else 25
        never = parse_qs(parts.query).get("starttls") == ["never"]
        if parts.scheme == "smtps":
            encryption = Encryption.FROM_THE_START
        elif never:
            encryption = Encryption.NEVER
        else:
            encryption = Encryption.IF_OFFERED if is_loopback(host) else Encryption.REQUIRED
        return cls(host, parts.port or usual, encryption, user, unquote(parts.password or ""))


class SmtpMail:
    """Sends notices as mail; fulfils `delivery.postman.Mail`."""

    def __init__(
        self, server: MailServer, letters: Letters, *, clock: Clock, timeout: float = TIMEOUT
    ) -> None:
        """Take the server, the writer of letters, a clock and the seconds for one try."""
        self._server = server
        self._letters = letters
        self._clock = clock
        self._timeout = timeout
        self._trust = _trust(server)

    async def send(self, notice: Notice, case: Case, event: Event, to: ToMailbox) -> Outcome:
        """Send a notice as mail, one try."""
        now = self._clock()
        try:
            letter = self._letters.write(
                notice, case, event, to.address, to.locale, now, zone=to.zone
            )
        except UnusableAddress:
            return Outcome(Sent.WRONG, why="mail_refused")
        return await self._hand_in(letter)

    async def _hand_in(self, letter: Letter) -> Outcome:
        delivery = _Delivery(self._client(), letter)
        outcome = Outcome(Sent.DONE)
        try:
            async with asyncio.timeout(self._timeout):
                await delivery.run()
        except Exception as error:
            outcome = _outcome(error, delivery)
            await delivery.end(polite=isinstance(error, SMTPResponseException))
        else:
            await delivery.end()
        finally:
            delivery.hang_up()
        return outcome

    def _client(self) -> SMTP:
        server = self._server
        start = {Encryption.REQUIRED: True, Encryption.IF_OFFERED: None}
        return SMTP(
            hostname=server.host,
            port=server.port,
            username=server.user or None,
            password=server.password or None,
            use_tls=server.encryption is Encryption.FROM_THE_START,
            start_tls=start.get(server.encryption, False),
            tls_context=self._trust,
            local_hostname=self._letters.sender.domain,
            timeout=self._timeout,
        )


class _Delivery:
    """One try of one letter, and how far it got."""

    def __init__(self, client: SMTP, letter: Letter) -> None:
        self._client = client
        self._letter = letter
        self.handed_over = False
        """From here on the mail may have been taken without our hearing of it."""

    async def run(self) -> None:
        """Hand the letter in."""
        client, letter = self._client, self._letter
        await client.connect()
        encoding, options = "ascii", list[str]()
        if not letter.ascii:
            await client.ehlo()
            if not client.supports_extension("smtputf8"):
                raise UnusableAddress
            encoding, options = "utf-8", ["SMTPUTF8"]
        await client.mail(letter.sender.spelled, options=options, encoding=encoding)
        await client.rcpt(letter.recipient.spelled, encoding=encoding)
        content = letter.content.as_bytes()
        self.handed_over = True
        await client.data(content)

    async def end(self, *, polite: bool = True) -> None:
        """Say goodbye to a server that still answers; what was handed in stays so."""
        if polite and self._client.is_connected:
            with suppress(Exception):
                await self._client.quit(timeout=GOODBYE)

    def hang_up(self) -> None:
        """Close the connection."""
        self._client.close()


def _trust(server: MailServer) -> ssl.SSLContext | None:
    if server.encryption is Encryption.NEVER:
        return None
    trust = ssl.create_default_context()
    if is_loopback(server.host):
        # Nobody listens in between; local servers have certificates that nobody signed.
        trust.check_hostname = False
        trust.verify_mode = ssl.CERT_NONE
    return trust


def _outcome(error: Exception, delivery: _Delivery) -> Outcome:
    """Return what a failure means: how much is known decides whether it may be sent again."""
    match error:
        case UnusableAddress():
            return Outcome(Sent.WRONG, why="mail_refused")
        case SMTPResponseException():
            return _answered(error)
        case _ if delivery.handed_over:
            return Outcome(Sent.FAULT, why="mail_lost")
        case SMTPException() if not isinstance(error, OSError):
            # It offers no encryption, or no login: somebody has to mend the settings.
            return Outcome(Sent.UNAUTHORIZED, why="mail_settings")
        case TimeoutError():
            return Outcome(Sent.LATER, why="mail_timeout")
        case OSError():
            return Outcome(Sent.LATER, why="mail_connection")
        case _:
            return Outcome(Sent.FAULT, why="mail_failed")


def _answered(error: SMTPResponseException) -> Outcome:
    """Return what a reply of the server means; its words may hold addresses and are left out."""
    final = error.code // 100 == 5
    match error:
        case SMTPAuthenticationError() | SMTPSenderRefused() if final:
            return Outcome(Sent.UNAUTHORIZED, why=f"mail_{error.code}")
        case _ if error.code in _WRONG_LOGIN:
            return Outcome(Sent.UNAUTHORIZED, why=f"mail_{error.code}")
        case SMTPRecipientRefused() | SMTPDataError() if final:
            return Outcome(Sent.GONE, why="mail_refused")
        case SMTPDataError() if error.code // 100 != 4:
            return Outcome(Sent.FAULT, why=f"mail_{error.code}")
        case _:
            return Outcome(Sent.LATER, why=f"mail_{error.code}")
