"""Builds the whole desk, once, hands everything over by constructor, and runs it."""

import asyncio
import gc
import logging
import secrets
import signal
import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from uuid import uuid4

import structlog
import uvloop
from aiohttp import ClientSession, web
from prometheus_client import CollectorRegistry, generate_latest
from pydantic import JsonValue

from api.routes import api_app
from bot.adapter import DeskAdapter
from bot.auth import Authenticator, LoopbackOnly, SigningKeys, TokenCheck
from bot.desk import DeskChannel
from bot.handler import DeskBot, Parts
from bot.links import FileLinks
from bot.long_checks import LongChecks
from bot.pending import Pending
from bot.people import Introductions
from bot.receiving import ChatFiles
from bot.roster import Desk, Roster
from bot.scanning import Clamd
from bot.turns import Turns
from bot.web import Messages, Tasks, healthz, readyz, without_noise
from cases.casebook import CaseBook
from cases.errors import Unavailable
from cases.kinds import listed
from cases.lists import numbers_in
from cases.ports import Checks, Files, NumbersOf, Outbox, Scanner
from checking.pool import Checking
from config import ConfigError, Settings
from delivery.connector import Allowed, TeamsConnector, open_file_session, open_session
from delivery.history import GraphHistory
from delivery.letters import Letters
from delivery.limits import Limits
from delivery.mail import MailServer, SmtpMail
from delivery.metrics import DeliveryMetrics
from delivery.notices import CardDrawer
from delivery.postman import History, Mail
from delivery.postman import Parts as DeliveryParts
from delivery.tokens import LoginTokens, NoToken, Tokens, graph_scope, scope_of, token_url
from delivery.worker import Worker
from dialogs.casework import Casework
from dialogs.chat import Chat
from dialogs.checking import CheckNumbers
from dialogs.filling import Filling
from dialogs.list_answers import ListAnswers
from dialogs.lists import Lists
from dialogs.talking import Talking
from failpoints import Failpoint, failpoint_of
from sandbox import Sandbox, SandboxSettings
from storage.address import connect
from storage.cases import RedisCases
from storage.embedded import StoreNotStarted, open_embedded
from storage.files import open_files
from storage.ledger import RedisLedger
from storage.outbox import RedisOutbox
from storage.pending import RedisPending
from storage.people import RedisPeople
from storage.server import LayoutError, Server
from storage.turns import RedisTurns

DRAIN = 8.0
"""Seconds that what is under way may take to end when the process stops."""
BEHIND = timedelta(minutes=1)
"""A notice that was due for so long, and that nobody took, says that the worker is behind."""


class NotStarted(Exception):
    """The desk cannot start; the text is one line for whoever started it."""


def now() -> datetime:
    """Return the present instant."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Stores:
    """Everything that remembers."""

    server: Server
    cases: RedisCases
    turns: RedisTurns
    people: RedisPeople
    outbox: RedisOutbox
    ledger: RedisLedger
    files: Files


@dataclass(frozen=True)
class Running:
    """A desk that works; `base_url` is where it is reached."""

    app: web.Application
    sandbox: Sandbox | None
    base_url: str


async def _cancel(task: "asyncio.Task[None]") -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def _make_folder(folder: Path, setting: str) -> None:
    """Make a folder; raises `NotStarted` with a line that names the setting."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise NotStarted(f"{setting}: cannot use {folder} ({error.strerror}).") from None


async def _files(settings: Settings, failpoint: Failpoint) -> Files:
    """Open the files; raises `NotStarted`."""
    try:
        incoming = settings.data_dir / "incoming"
        return await open_files(settings.files_url, incoming, failpoint)
    except OSError as error:
        where = f"{settings.files_url} ({error.strerror})"
        raise NotStarted(f"FILES_URL: cannot use {where}.") from None


@asynccontextmanager
async def open_stores(settings: Settings, failpoint: Failpoint) -> AsyncIterator[Stores]:
    """Open store and files: the configured ones, or the embedded ones under `DATA_DIR`."""
    async with AsyncExitStack() as stack:
        _make_folder(settings.data_dir, "DATA_DIR")
        if settings.redis_url is None:
            embedded = await open_embedded(settings.data_dir)
            stack.push_async_callback(embedded.close)
            watch = asyncio.create_task(embedded.watch())
            stack.push_async_callback(_cancel, watch)
            url = embedded.url
        else:
            url = settings.redis_url.get_secret_value()
        server = await connect(url, failpoint)
        stack.push_async_callback(server.close)
        outbox = RedisOutbox(server)
        yield Stores(
            server=server,
            cases=RedisCases(server, outbox.ring),
            turns=RedisTurns(server),
            people=RedisPeople(server),
            outbox=outbox,
            ledger=RedisLedger(server),
            files=await _files(settings, failpoint),
        )


def sandbox_of(settings: Settings) -> Sandbox | None:
    """Return the sandbox, if it is wanted."""
    if not settings.sandbox:
        return None
    base, own = settings.base_url, SandboxSettings()
    return Sandbox(
        SandboxSettings(
            bot_endpoint=f"{base}/api/messages",
            service_url=f"{base}/sandbox/",
            data_dir=settings.data_dir / "sandbox",
            desk_tenant_id=settings.desk_tenant_id or own.desk_tenant_id,
            desk_team_id=settings.desk_team_id or own.desk_team_id,
            desk_channel_id=settings.desk_channel_id or own.desk_channel_id,
        )
    )


def desk_of(settings: Settings) -> Desk | None:
    """Return the ids of the desk's team: the configured ones, else the sandbox's."""
    tenant, team, channel = (
        settings.desk_tenant_id,
        settings.desk_team_id,
        settings.desk_channel_id,
    )
    if settings.sandbox:
        own = SandboxSettings()
        tenant = tenant or own.desk_tenant_id
        team, channel = team or own.desk_team_id, channel or own.desk_channel_id
    return Desk(tenant, team, channel) if tenant and team and channel else None


def link_secret(settings: Settings) -> bytes:
    """Return the key that signs addresses of files, the same in every process of a desk."""
    if settings.app_password is not None:
        return sha256(b"file links" + settings.app_password.get_secret_value().encode()).digest()
    path = settings.data_dir / "link.key"
    if not path.exists():
        path.touch(mode=0o600)
        path.write_bytes(secrets.token_bytes(32))
    return path.read_bytes()


@dataclass(frozen=True)
class Wire:
    """How Teams is called, and how it proves who it is."""

    connector: TeamsConnector
    authenticator: Authenticator
    allows: Callable[[str], bool]
    history: History | None


async def open_wire(settings: Settings, stack: AsyncExitStack) -> Wire:
    """Open the shared sessions, the tokens and the check of tokens."""
    session = await stack.enter_async_context(open_session())
    own = {f"{host}:{settings.port}" for host in ("127.0.0.1", "localhost", "[::1]")}
    extra = own if settings.sandbox else set()
    service, files = settings.service_url_hosts.plus(*extra), settings.file_hosts.plus(*extra)
    loopback = not settings.authenticated or files.has_loopback or service.has_loopback
    fetching = await stack.enter_async_context(open_file_session(loopback=loopback))
    url = token_url(settings.login_url, settings.app_tenant_id or "botframework.com")
    tokens = tokens_of(settings, session, stack, url, scope_of(settings.login_url))
    authenticator: Authenticator = LoopbackOnly()
    if settings.app_id is not None:
        keys = SigningKeys(session, settings.openid_metadata_url, clock=now)
        stack.push_async_callback(keys.close)
        authenticator = TokenCheck(
            keys, app_id=settings.app_id, issuer=settings.token_issuer, clock=now
        )
    connector = TeamsConnector(
        session,
        fetching,
        tokens,
        bot_id=f"28:{settings.app_id}" if settings.app_id else SandboxSettings().bot_id,
        allowed=Allowed(service.allows, files.allows, file_loopback=loopback),
        clock=now,
    )
    history = history_of(settings, session, stack, connector)
    return Wire(connector, authenticator, service.allows, history)


def tokens_of(
    settings: Settings, session: ClientSession, stack: AsyncExitStack, url: str, scope: str
) -> Tokens:
    """Return the bot's own tokens for a service; none without an app id, on loopback."""
    if settings.app_id is None or settings.app_password is None:
        return NoToken()
    secret = settings.app_password.get_secret_value()
    tokens = LoginTokens(
        session, url=url, app_id=settings.app_id, secret=secret, clock=now, scope=scope
    )
    stack.push_async_callback(tokens.close)
    return tokens


def history_of(
    settings: Settings, session: ClientSession, stack: AsyncExitStack, connector: TeamsConnector
) -> History | None:
    """Return what reads the desk's channel back, where that is wanted."""
    if not settings.graph_url:
        return None
    url, scope = token_url(settings.graph_login_url, ""), graph_scope(settings.graph_url)
    tokens = tokens_of(settings, session, stack, url, scope)
    return GraphHistory(
        session, tokens, url=settings.graph_url, group_of=connector.group, clock=now
    )


def scanner_of(settings: Settings) -> Scanner | None:
    """Return who looks for viruses in files, if the operator runs one."""
    return Clamd.parse(settings.scanner_url) if settings.scanner_url else None


def mail_of(settings: Settings) -> Mail | None:
    """Return the way to people whom Teams does not reach, if there is a mail server."""
    if settings.smtp_url is None or settings.mail_from is None:
        return None
    server = MailServer.parse(settings.smtp_url.get_secret_value())
    return SmtpMail(server, Letters(settings.mail_from), clock=now)


def new_id() -> str:
    """Return an id that nothing else has."""
    return uuid4().hex


def numbers_of(files: Files) -> NumbersOf:
    """Return what reads a whole number list, of which a case names only the first numbers."""

    async def read(tenant: str, value: JsonValue) -> Sequence[str]:
        if not isinstance(value, dict) or "file" not in value:
            return listed(value)[0]
        return numbers_in(await files.content(tenant, str(value["file"])))

    return read


async def bot_of(
    settings: Settings,
    stores: Stores,
    wire: Wire,
    checks: Checks,
    tasks: Tasks,
    links: FileLinks,
) -> DeskBot:
    """Return the bot, with everyone it routes to."""
    whole_list = numbers_of(stores.files)
    place = await stores.people.desk()
    book = CaseBook(stores.cases, stores.people, now, stores.ledger, whole_list)
    receiver = ChatFiles(wire.connector, stores.files, scanner_of(settings))
    casework = Casework(book, links.link, receiver.save)
    lists = Lists(checks, receiver, whole_list)
    chat = Chat(
        Filling(book, stores.turns, receiver, ListAnswers(lists, links.link), new_id),
        Talking(book, stores.turns),
        casework,
        CheckNumbers(lists, links.link, new_id),
        receiver,
    )
    return DeskBot(
        Parts(
            turns=Turns(stores.turns, now, tasks.start),
            chat=chat,
            channel=DeskChannel(casework, stores.people),
            roster=Roster(desk_of(settings), wire.connector, stores.people, now, place),
            introductions=Introductions(wire.connector, stores.people),
            long_checks=LongChecks(lists),
            later=tasks.later,
        )
    )


def worker_of(
    settings: Settings, stores: Stores, wire: Wire, metrics: DeliveryMetrics, failpoint: Failpoint
) -> Worker:
    """Return the worker that delivers the notices."""
    parts = DeliveryParts(
        outbox=stores.outbox,
        cases=stores.cases,
        directory=stores.people,
        connector=wire.connector,
        drawer=CardDrawer(stores.cases, now),
        mail=mail_of(settings),
        history=wire.history,
    )
    return Worker(parts, clock=now, limits=Limits(), metrics=metrics, failpoint=failpoint)


def sites_of(settings: Settings, stores: Stores, sandbox: Sandbox | None) -> web.Application:
    """Return the web application with the rooms that stand for themselves."""
    app = web.Application()
    if settings.api_tokens:
        callers = {one.name: one.secret.get_secret_value() for one in settings.api_tokens}
        app.add_subapp("/api/v1/", api_app(callers, stores.outbox))
    if sandbox is not None:
        app.router.add_get("/", _to_sandbox)
        app.router.add_get("/sandbox", _to_sandbox)
        app.add_subapp("/sandbox/", sandbox.app())
    return app


@asynccontextmanager
async def assembled(settings: Settings) -> AsyncIterator[Running]:
    """Build the desk from its settings and take it apart in order at the end."""
    async with AsyncExitStack() as stack:
        failpoint = failpoint_of(settings.failpoints)
        stores = await stack.enter_async_context(open_stores(settings, failpoint))
        wire = await open_wire(settings, stack)
        registry = CollectorRegistry()
        metrics = DeliveryMetrics(registry)
        worker = worker_of(settings, stores, wire, metrics, failpoint)
        running = asyncio.create_task(worker.run())
        stack.push_async_callback(_stop, worker, running)
        checks = Checking(stores.files, stores.ledger.busy)
        stack.push_async_callback(checks.close)
        tasks = Tasks()
        pending = Pending(RedisPending(stores.server), tasks.start)
        stack.push_async_callback(pending.leave)
        stack.push_async_callback(tasks.drain, DRAIN)
        sandbox = sandbox_of(settings)
        if sandbox is not None:
            stack.push_async_callback(sandbox.close)
        links = FileLinks(link_secret(settings), settings.public_url, stores.files, now)
        turn = (await bot_of(settings, stores, wire, checks, tasks, links)).on_turn
        adapter = DeskAdapter(wire.connector)
        messages = Messages(adapter, turn, wire.authenticator, wire.allows, tasks, pending)
        watching = asyncio.create_task(pending.watch(messages.deliver, messages.give_up))
        stack.push_async_callback(_cancel, watching)
        app = sites_of(settings, stores, sandbox)
        app.router.add_post("/api/messages", messages.__call__)
        app.router.add_get("/healthz", healthz)
        app.router.add_get("/readyz", readyz(lambda: _problems(stores, running)))
        app.router.add_get("/files/{token}", links.serve)
        app.router.add_get("/metrics", _metrics(registry, metrics, stores.outbox))
        yield Running(app, sandbox, settings.base_url)


async def _stop(worker: Worker, running: "asyncio.Task[None]") -> None:
    await worker.stop(drain=DRAIN)
    await running


async def _problems(stores: Stores, worker: "asyncio.Task[None]") -> list[str]:
    """Return what keeps the desk from working, or what it promises from holding."""
    try:
        found = [code for code in await stores.server.troubles() if code != "settings_unknown"]
        if (await stores.outbox.backlog()).overdue > BEHIND:
            found.append("worker_behind")
    except Unavailable:
        found = ["store_unreachable"]
    return [*found, "worker_stopped"] if worker.done() else found


def _metrics(
    registry: CollectorRegistry, metrics: DeliveryMetrics, outbox: Outbox
) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def answer(_request: web.Request) -> web.Response:
        try:
            metrics.look_at(await outbox.backlog())
        except Unavailable:
            metrics.look_at(None)
        return web.Response(body=generate_latest(registry), content_type="text/plain")

    return answer


async def _to_sandbox(_request: web.Request) -> web.Response:
    raise web.HTTPFound("/sandbox/")


def listening(settings: Settings) -> socket.socket:
    """Take the port before anything is started; raises `NotStarted` if it is taken."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
    except OSError as error:
        listener.close()
        raise NotStarted(
            f"Cannot listen on {settings.host}:{settings.port}: {error.strerror}. "
            "Stop what runs there, or set PORT."
        ) from None
    return listener


async def serve(settings: Settings) -> None:
    """Run the desk until the process is told to stop."""
    listener = listening(settings)
    stop = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    try:
        async with assembled(settings) as desk:
            runner = web.AppRunner(desk.app, access_log=None, shutdown_timeout=DRAIN)
            await runner.setup()
            try:
                await web.SockSite(runner, listener).start()
                _announce(settings, desk)
                introduced = asyncio.create_task(_introduced(desk.sandbox))
                gc.freeze()
                await stop.wait()
                introduced.cancel()
            finally:
                await runner.cleanup()
    finally:
        listener.close()


def _announce(settings: Settings, desk: Running) -> None:
    if desk.sandbox is None:
        print(f"Number Desk listens on {desk.base_url}/api/messages", flush=True)
        if desk_of(settings) is None:
            print("DESK_TENANT_ID, DESK_TEAM_ID and DESK_CHANNEL_ID are not set: no agent hears")
        return
    print(f"Number Desk is ready: open {desk.base_url}/sandbox/ (Ctrl-C ends it)", flush=True)


async def _introduced(sandbox: Sandbox | None) -> None:
    """Have the people of the sandbox meet the bot, once."""
    if sandbox is not None:
        await sandbox.introduce()


def set_up_logs() -> None:
    """Have everything logged to standard error, a line each."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s %(message)s")
    logging.getLogger("aiohttp.server").addFilter(without_noise)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.format_exc_info,
            structlog.processors.LogfmtRenderer(key_order=["timestamp", "level", "event"]),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
    )


def main() -> int:
    """Start the desk; what keeps it from starting is told in one line each."""
    set_up_logs()
    try:
        settings = Settings.load(Path(".env"))
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(serve(settings))
    except ConfigError as error:
        print(*error.lines, sep="\n", file=sys.stderr)
        return 2
    except (NotStarted, StoreNotStarted, LayoutError) as error:
        print(error, file=sys.stderr)
        return 2
    except Unavailable as error:
        print(f"The store cannot be reached (REDIS_URL): {error.params['why']}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
