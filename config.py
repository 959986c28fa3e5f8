"""The bot's settings, read from the environment and `.env` and checked before anything starts."""

import re
from collections.abc import Callable
from email.utils import parseaddr
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Final, Self
from urllib.parse import SplitResult, urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
)
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict, SettingsError

from cases.hosts import HostList, is_loopback
from failpoints import failpoint_of

SERVICE_URL_HOSTS: Final = HostList.parse(
    "smba.trafficmanager.net,.teams.microsoft.com,.teams.microsoft.us,.botframework.com"
)
FILE_HOSTS: Final = HostList.parse(
    ".sharepoint.com,.sharepoint.us,.sharepoint-mil.us,.sharepoint.de,.sharepoint.cn"
)
LOGIN: Final = "https://login.microsoftonline.com"

_REDIS = ("redis", "rediss", "redis+cluster", "redis+sentinel", "unix")
_FILES = ("s3", "az", "gs", "file")
_MAIL = ("smtp", "smtps")
_SCANNER = ("clamd", "clamd+unix")
_WITHOUT_HOST = ("unix", "file", "clamd+unix")
_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE | re.ASCII)
_PORTS = range(1, 65536)


class ConfigError(Exception):
    """Says what is wrong with the settings, one line per mistake, and repeats no secret."""

    def __init__(self, *lines: str) -> None:
        self.lines = lines
        super().__init__("\n".join(lines))


class AppType(StrEnum):
    """What kind of identity the app has in Microsoft Entra."""

    MULTI_TENANT = "MultiTenant"
    SINGLE_TENANT = "SingleTenant"
    MANAGED_IDENTITY = "UserAssignedMSI"


class ApiToken(BaseModel):
    """A caller of the back office's API, and the secret it shows."""

    model_config = ConfigDict(frozen=True)

    name: str
    secret: SecretStr


def _port(raw: Any) -> int:
    text = str(raw).strip()
    if not (text.isascii() and text.isdigit() and int(text) in _PORTS):
        raise ValueError(f"must be a whole number from 1 to 65535, not {text!r}")
    return int(text)


def _guid(value: str) -> str:
    if _GUID.fullmatch(value.strip()) is None:
        raise ValueError("must be a GUID such as 12345678-9abc-def0-1234-56789abcdef0")
    return value.strip().lower()


def _app_type(raw: Any) -> AppType:
    for kind in AppType:
        if kind.lower() == str(raw).strip().lower():
            return kind
    raise ValueError(f"must be one of {', '.join(AppType)}, not {str(raw)!r}")


def _on_or_off(raw: Any) -> bool | None:
    words = {"1": True, "true": True, "yes": True, "on": True}
    words |= {"0": False, "false": False, "no": False, "off": False}
    if raw is None or isinstance(raw, bool):
        return raw
    if (text := str(raw).strip().lower()) not in words:
        raise ValueError(f"must be on or off, not {str(raw)!r}")
    return words[text]


def _split(url: str, schemes: tuple[str, ...]) -> SplitResult:
    """Reads a URL of one of the schemes; errors never repeat it, since it may hold a password."""
    wanted = ", ".join(f"{scheme}://" for scheme in schemes)
    try:
        parts = urlsplit(url)
    except ValueError:
        raise ValueError(f"is not a URL that starts with {wanted}") from None
    if parts.scheme not in schemes or "://" not in url:
        raise ValueError(f"must start with one of {wanted}")
    if parts.scheme in _WITHOUT_HOST and not parts.path.startswith("/"):
        raise ValueError(f"needs a full path: {parts.scheme}:///...")
    if parts.scheme not in _WITHOUT_HOST and not parts.netloc.rpartition("@")[2].strip(":"):
        raise ValueError("names no host")
    return parts


def _check_port(parts: SplitResult) -> None:
    try:
        _ = parts.port
    except ValueError:
        raise ValueError("has a port that is not a number from 1 to 65535") from None


def _secret_url(*schemes: str) -> Callable[[SecretStr], SecretStr]:
    def check(value: SecretStr) -> SecretStr:
        parts = _split(value.get_secret_value(), schemes)
        # Sentinels and cluster nodes may come as several hosts behind commas, each with its port.
        if "," not in parts.netloc:
            _check_port(parts)
        return value

    return check


def _mail_url(value: SecretStr) -> SecretStr:
    query = _split(value.get_secret_value(), _MAIL).query
    if query not in ("", "starttls=never"):
        raise ValueError("may end with ?starttls=never, and with nothing else behind a ?")
    return value


def _address(value: str) -> str:
    address = parseaddr(value)[1]
    local, at, domain = address.rpartition("@")
    if not (at and local and domain and value.isprintable()) or " " in address:
        raise ValueError("must be an address such as desk@example.com")
    return value


def _files_url(value: str) -> str:
    _split(value, _FILES)
    return value


def _scanner_url(value: str) -> str:
    parts = _split(value, _SCANNER)
    _check_port(parts)
    if parts.scheme == "clamd" and (parts.path.strip("/") or parts.query or "@" in parts.netloc):
        raise ValueError("must be clamd://host:port and no more")
    return value


def _web_url(value: str) -> str:
    parts = _split(value, ("https", "http"))
    _check_port(parts)
    if parts.scheme == "http" and not is_loopback(parts.hostname or ""):
        raise ValueError("must start with https://, since only loopback may do without")
    return value


def _failpoints(value: str) -> str:
    failpoint_of(value)
    return value


def _hosts(raw: Any) -> HostList:
    return raw if isinstance(raw, HostList) else HostList.parse(str(raw))


def _tokens(raw: Any) -> tuple[ApiToken, ...]:
    if not isinstance(raw, str):
        return tuple(raw)
    parts = [part.strip() for part in raw.split(",") if part.strip()]
    tokens = tuple(_token(part, place) for place, part in enumerate(parts, start=1))
    if len({token.name for token in tokens}) < len(tokens):
        raise ValueError("has two tokens of one name")
    return tokens


def _token(text: str, place: int) -> ApiToken:
    name, colon, secret = (part.strip() for part in text.partition(":"))
    if not colon:
        name, secret = f"token-{place}", text
    if not (name and secret):
        raise ValueError(f"entry {place} must be name:secret or a bare secret")
    return ApiToken(name=name, secret=SecretStr(secret))


Guid = Annotated[str, AfterValidator(_guid)]
Hosts = Annotated[HostList, NoDecode, BeforeValidator(_hosts)]
WebUrl = Annotated[str, AfterValidator(_web_url)]
RedisUrl = Annotated[SecretStr, AfterValidator(_secret_url(*_REDIS))]
MailUrl = Annotated[SecretStr, AfterValidator(_secret_url(*_MAIL)), AfterValidator(_mail_url)]


class Settings(BaseSettings):
    """Everything an operator decides; the names are those of the environment, in any case."""

    model_config = SettingsConfigDict(
        case_sensitive=False,
        env_file_encoding="utf-8",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
    )

    host: str = "127.0.0.1"
    port: Annotated[int, BeforeValidator(_port)] = 3978
    data_dir: Annotated[Path, AfterValidator(Path.absolute)] = Field(
        default_factory=lambda: Path("data").absolute()
    )
    redis_url: RedisUrl | None = None
    chosen_files_url: Annotated[str, AfterValidator(_files_url)] | None = Field(
        default=None, validation_alias="FILES_URL"
    )

    app_id: Guid | None = Field(default=None, validation_alias="MicrosoftAppId")
    app_password: SecretStr | None = Field(default=None, validation_alias="MicrosoftAppPassword")
    app_type: Annotated[AppType, BeforeValidator(_app_type)] = Field(
        default=AppType.MULTI_TENANT, validation_alias="MicrosoftAppType"
    )
    app_tenant_id: Guid | None = Field(default=None, validation_alias="MicrosoftAppTenantId")

    desk_tenant_id: str | None = None
    desk_team_id: str | None = None
    desk_channel_id: str | None = None

    openid_metadata_url: WebUrl = Field(
        default="https://login.botframework.com/v1/.well-known/openidconfiguration",
        validation_alias="ToBotFromChannelOpenIdMetadataUrl",
    )
    token_issuer: str = Field(
        default="https://api.botframework.com", validation_alias="ToBotFromChannelTokenIssuer"
    )
    chosen_login_url: WebUrl | None = Field(
        default=None, validation_alias="ToChannelFromBotLoginUrl"
    )

    service_url_hosts: Hosts = SERVICE_URL_HOSTS
    file_hosts: Hosts = FILE_HOSTS
    scanner_url: Annotated[str, AfterValidator(_scanner_url)] | None = None
    api_tokens: Annotated[tuple[ApiToken, ...], NoDecode, BeforeValidator(_tokens)] = ()
    chosen_graph_url: WebUrl | None = Field(default=None, validation_alias="GRAPH_URL")
    smtp_url: MailUrl | None = None
    mail_from: Annotated[str, AfterValidator(_address)] | None = None
    chosen_public_url: WebUrl | None = Field(default=None, validation_alias="PUBLIC_URL")
    chosen_sandbox: Annotated[bool | None, BeforeValidator(_on_or_off)] = Field(
        default=None, validation_alias="SANDBOX"
    )
    failpoints: Annotated[str, AfterValidator(_failpoints)] = ""

    @classmethod
    def load(cls, env_file: Path | None = Path(".env")) -> Self:
        """Reads the settings; raises ConfigError with a line for each mistake."""
        try:
            settings = cls(_env_file=env_file)
        except ValidationError as error:
            raise ConfigError(*(_line(detail) for detail in error.errors())) from None
        except (OSError, UnicodeDecodeError, SettingsError) as error:
            raise ConfigError(f"{env_file}: cannot be read ({error})") from None
        if mistakes := settings.contradictions():
            raise ConfigError(*mistakes)
        return settings

    @property
    def authenticated(self) -> bool:
        """Tells whether Teams must prove who it is: it must as soon as there is an app id."""
        return self.app_id is not None

    @property
    def sandbox(self) -> bool:
        """Tells whether the sandbox page is served: as chosen, else whenever there is no app id."""
        return not self.authenticated if self.chosen_sandbox is None else self.chosen_sandbox

    @property
    def base_url(self) -> str:
        """Returns the address of this process as others on its machine write it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"

    @property
    def public_url(self) -> str:
        """Returns where people's browsers reach the bot: as chosen, else where it listens."""
        return self.chosen_public_url or self.base_url

    @property
    def files_url(self) -> str:
        """Returns where files are kept: as chosen, else a folder under `DATA_DIR`."""
        return self.chosen_files_url or (self.data_dir / "files").as_uri()

    @property
    def login_url(self) -> str:
        """Returns who issues the bot's own tokens, which depends on the kind of app."""
        single = self.app_type is not AppType.MULTI_TENANT and self.app_tenant_id
        return self.chosen_login_url or f"{LOGIN}/{single or 'botframework.com'}"

    @property
    def graph_url(self) -> str:
        """Returns where the desk's channel is read back: as chosen, else the sandbox's, or none."""
        return self.chosen_graph_url or (f"{self.base_url}/sandbox/graph" if self.sandbox else "")

    @property
    def graph_login_url(self) -> str:
        """Returns who issues tokens for Graph: the cloud of the bot's own, the desk's tenant."""
        chosen = (self.chosen_login_url or LOGIN).rstrip("/")
        if chosen.endswith("/token"):
            return chosen
        parts = urlsplit(chosen)
        return f"{parts.scheme}://{parts.netloc}/{self.desk_tenant_id}"

    def _doubts(self) -> tuple[tuple[str, bool], ...]:
        return (*self._identity(), *self._exposure(), *self._desk())

    def _desk(self) -> tuple[tuple[str, bool], ...]:
        named = (self.desk_tenant_id, self.desk_team_id, self.desk_channel_id)
        line = "DESK_TENANT_ID, DESK_TEAM_ID and DESK_CHANNEL_ID go together: set all or none."
        return (
            (line, any(named) and not all(named)),
            (
                "GRAPH_URL: needs DESK_TENANT_ID, DESK_TEAM_ID and DESK_CHANNEL_ID; "
                "it reads the desk's channel",
                self.chosen_graph_url is not None and not all(named) and not self.sandbox,
            ),
        )

    def contradictions(self) -> list[str]:
        """Lists, in a line each, the settings that are right alone and wrong together."""
        return [line for line, wrong in self._doubts() if wrong]

    def _identity(self) -> tuple[tuple[str, bool], ...]:
        managed = self.app_type is AppType.MANAGED_IDENTITY
        single = self.app_type is AppType.SINGLE_TENANT
        return (
            (
                "MicrosoftAppPassword: is missing; MicrosoftAppId needs it",
                self.authenticated and not managed and self.app_password is None,
            ),
            (
                "MicrosoftAppId: is missing; without it MicrosoftAppPassword has no use",
                not self.authenticated and self.app_password is not None,
            ),
            (
                f"MicrosoftAppTenantId: is missing; MicrosoftAppType {self.app_type} needs it",
                self.authenticated and (managed or single) and self.app_tenant_id is None,
            ),
            (
                "MAIL_FROM: must be an address such as desk@example.com when SMTP_URL is set",
                self.smtp_url is not None and self.mail_from is None,
            ),
        )

    def _exposure(self) -> tuple[tuple[str, bool], ...]:
        outside = not is_loopback(self.host)
        return (
            (
                f"HOST: {self.host} is refused: without MicrosoftAppId nobody is authenticated, "
                "so the bot listens on loopback only (127.0.0.1)",
                outside and not self.authenticated,
            ),
            (
                "SANDBOX: cannot be on together with MicrosoftAppId: "
                "its three people need no password",
                self.sandbox and self.authenticated,
            ),
            (
                "FAILPOINTS: is for tests, and refused together with MicrosoftAppId",
                bool(self.failpoints) and self.authenticated,
            ),
        )


def _line(detail: ErrorDetails) -> str:
    """Words a mistake as `NAME: what is wrong`; only our own checks repeat what was typed."""
    name = str(detail["loc"][0]) if detail["loc"] else "settings"
    shown = name.upper() if name in Settings.model_fields else name
    return f"{shown}: {detail['msg'].removeprefix('Value error, ')}"
