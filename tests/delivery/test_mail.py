"""Handing mail in to a real mail server, whatever it answers."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from cases.deeds import mailbox
from cases.model import Notice
from cases.ports import Outcome, Sent
from cases.vocabulary import NoticeKind
from delivery.fates import ToMailbox
from delivery.letters import Letters
from delivery.mail import Encryption, SmtpMail
from delivery.mail import MailServer as Server
from tests.delivery.desk import CASE, event
from tests.delivery.mailserver import MailServer, mail_server

NOBODY = "nobody@contoso.com"
SENDER = "no-reply@numberdesk.example"
NOTICE = Notice.about(CASE, event(), mailbox(NOBODY), NoticeKind.MESSAGE)


@pytest.fixture
async def server() -> AsyncIterator[MailServer]:
    async with mail_server() as opened:
        yield opened


async def sent(url: str, to: str = NOBODY, patience: float = 3.0) -> Outcome:
    mail = SmtpMail(
        Server.parse(url), Letters(SENDER), clock=lambda: datetime.now(UTC), timeout=patience
    )
    return await mail.send(NOTICE, CASE, event(), ToMailbox(to))


async def test_hands_a_mail_in(server: MailServer) -> None:
    assert await sent(server.url) == Outcome(Sent.DONE)
    assert server.envelopes == [(SENDER, NOBODY)]
    assert server.taken[0]["Message-ID"] == f"<{NOTICE.id}@numberdesk.example>"


@pytest.mark.parametrize(
    "reply, outcome",
    [
        ("550 no such user", Outcome(Sent.GONE, why="mail_refused")),
        ("551 not here", Outcome(Sent.GONE, why="mail_refused")),
        ("451 come again", Outcome(Sent.LATER, why="mail_451")),
        ("530 log in first", Outcome(Sent.UNAUTHORIZED, why="mail_530")),
        ("hang", Outcome(Sent.LATER, why="mail_timeout")),
    ],
)
async def test_what_is_said_to_the_recipient(
    server: MailServer, reply: str, outcome: Outcome
) -> None:
    server.refused[NOBODY] = reply
    assert await sent(server.url, patience=0.3) == outcome
    assert not server.taken


@pytest.mark.parametrize(
    "reply, outcome",
    [
        ("554 looks like spam", Outcome(Sent.GONE, why="mail_refused")),
        ("452 disk full", Outcome(Sent.LATER, why="mail_452")),
        ("drop", Outcome(Sent.FAULT, why="mail_lost")),
        ("hang", Outcome(Sent.FAULT, why="mail_lost")),
    ],
)
async def test_what_is_said_to_the_mail(server: MailServer, reply: str, outcome: Outcome) -> None:
    server.replies.append(reply)
    assert await sent(server.url, patience=0.3) == outcome


async def test_a_mail_that_may_have_arrived_is_the_same_mail_again(server: MailServer) -> None:
    server.replies.append("drop")
    await sent(server.url)
    assert await sent(server.url) == Outcome(Sent.DONE)
    first, again = server.taken
    assert first["Message-ID"] == again["Message-ID"]


async def test_a_sender_that_is_refused_is_ours_to_mend(server: MailServer) -> None:
    server.sender = "553 not yours"
    assert await sent(server.url) == Outcome(Sent.UNAUTHORIZED, why="mail_553")
    server.sender = "421 too busy"
    assert await sent(server.url) == Outcome(Sent.LATER, why="mail_421")


async def test_nobody_listens() -> None:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
    assert await sent(f"smtp://127.0.0.1:{port}") == Outcome(Sent.LATER, why="mail_connection")


async def test_somebody_listens_and_says_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        outcome = await sent(f"smtp://127.0.0.1:{port}", patience=0.2)
    assert outcome == Outcome(Sent.LATER, why="mail_timeout")


@pytest.mark.parametrize("address", ["", "nobody", "a b@x.com", "a@x.com\r\nRCPT TO:<e@x.com>"])
async def test_what_is_no_address_goes_nowhere(server: MailServer, address: str) -> None:
    assert await sent(server.url, address) == Outcome(Sent.WRONG, why="mail_refused")
    assert not server.envelopes


async def test_addresses_of_all_alphabets(server: MailServer) -> None:
    assert await sent(server.url, "jörg@bücher.example") == Outcome(Sent.DONE)
    assert await sent(server.url, "anna@bücher.example") == Outcome(Sent.DONE)
    recipients = [recipient for _, recipient in server.envelopes]
    assert recipients == ["jörg@xn--bcher-kva.example", "anna@xn--bcher-kva.example"]


async def test_an_address_that_the_server_cannot_read() -> None:
    async with mail_server(enable_SMTPUTF8=False) as old:
        outcome = await sent(old.url, "jörg@example.com")
        assert outcome == Outcome(Sent.WRONG, why="mail_refused")


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
class TestLogin:
    @pytest.fixture
    async def server(self) -> AsyncIterator[MailServer]:
        async with mail_server(auth_required=True, auth_require_tls=False) as opened:
            yield opened

    async def test_with_the_right_password(self, server: MailServer) -> None:
        server.password = "p@ss:/word"
        url = server.url.replace("//", "//desk%40x.com:p%40ss%3A%2Fword@")
        assert await sent(url) == Outcome(Sent.DONE)
        assert server.logins == ["desk@x.com"]

    async def test_with_a_wrong_one(self, server: MailServer) -> None:
        url = server.url.replace("//", "//desk:wrong@")
        assert await sent(url) == Outcome(Sent.UNAUTHORIZED, why="mail_535")

    async def test_without_any(self, server: MailServer) -> None:
        assert (await sent(server.url)).sent is Sent.UNAUTHORIZED


async def test_a_login_that_the_server_does_not_know(server: MailServer) -> None:
    url = server.url.replace("//", "//desk:pw@")
    assert await sent(url) == Outcome(Sent.UNAUTHORIZED, why="mail_settings")


class TestEncryption:
    @pytest.fixture
    async def server(self, tmp_path: Path) -> AsyncIterator[MailServer]:
        context = certificate(tmp_path)
        async with mail_server(tls_context=context, require_starttls=True) as opened:
            yield opened

    async def test_is_taken_when_it_is_offered(self, server: MailServer) -> None:
        assert await sent(f"smtp://127.0.0.1:{server.port}") == Outcome(Sent.DONE)

    async def test_is_left_out_when_told_so(self, server: MailServer) -> None:
        assert (await sent(server.url)).sent is Sent.UNAUTHORIZED
        assert not server.taken

    async def test_is_insisted_on_elsewhere(
        self, server: MailServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        here = socket.getaddrinfo("127.0.0.1", server.port, type=socket.SOCK_STREAM)
        loop = asyncio.get_running_loop()

        async def resolved(*_: object, **__: object) -> object:
            return here

        monkeypatch.setattr(loop, "getaddrinfo", resolved)
        outcome = await sent(f"smtp://mail.example.com:{server.port}")
        assert outcome.sent is Sent.LATER, "its certificate is signed by nobody"
        async with mail_server() as plain:
            here = socket.getaddrinfo("127.0.0.1", plain.port, type=socket.SOCK_STREAM)
            outcome = await sent(f"smtp://mail.example.com:{plain.port}")
            assert outcome == Outcome(Sent.UNAUTHORIZED, why="mail_settings")
            assert not plain.taken


@pytest.mark.parametrize(
    "url, server",
    [
        ("smtps://u:p@x.com", Server("x.com", 465, Encryption.FROM_THE_START, "u", "p")),
        ("smtp://u:p@x.com", Server("x.com", 587, Encryption.REQUIRED, "u", "p")),
        ("smtp://x.com", Server("x.com", 25, Encryption.REQUIRED)),
        ("smtp://localhost:2525", Server("localhost", 2525, Encryption.IF_OFFERED)),
        ("smtp://mail.lan?starttls=never", Server("mail.lan", 25, Encryption.NEVER)),
    ],
)  # fmt: skip
def test_reads_where_mail_is_handed_in(url: str, server: Server) -> None:
    assert Server.parse(url) == server
    assert "password" not in repr(server)


def certificate(folder: Path) -> ssl.SSLContext:
    """Make a certificate that nobody signed, as local mail servers have."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail.test")])
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    made = (
        builder.not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2040, 1, 1, tzinfo=UTC))
        .sign(key, hashes.SHA256())
    )
    path = folder / "mail.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context
