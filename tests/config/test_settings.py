"""Settings from a real environment and `.env`: what is understood, and each mistake's line."""

from pathlib import Path

import pytest

from config import AppType, ConfigError, Settings

GUID = "1B4E28BA-2fa1-11d2-883f-0016d3cca427"
APP = {"MicrosoftAppId": GUID, "MicrosoftAppPassword": "p4ss"}
SECRET = "hunter2"


@pytest.fixture(autouse=True)
def _bare_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    names = {field.validation_alias or name for name, field in Settings.model_fields.items()}
    for name in names:
        monkeypatch.delenv(str(name), raising=False)
        monkeypatch.delenv(str(name).upper(), raising=False)
    monkeypatch.chdir(tmp_path)


def load(monkeypatch: pytest.MonkeyPatch, values: dict[str, str]) -> Settings:
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    return Settings.load()


def mistakes(monkeypatch: pytest.MonkeyPatch, values: dict[str, str]) -> tuple[str, ...]:
    with pytest.raises(ConfigError) as caught:
        load(monkeypatch, values)
    assert all("\n" not in line for line in caught.value.lines)
    assert SECRET not in str(caught.value)
    return caught.value.lines


def test_a_laptop_needs_no_setting(tmp_path: Path) -> None:
    settings = Settings.load()
    assert (settings.host, settings.port) == ("127.0.0.1", 3978)
    assert settings.data_dir == tmp_path / "data"
    assert settings.files_url == (tmp_path / "data" / "files").as_uri()
    assert settings.sandbox
    assert not settings.authenticated
    assert settings.redis_url is None
    assert settings.api_tokens == ()
    assert settings.login_url == "https://login.microsoftonline.com/botframework.com"
    assert settings.service_url_hosts.allows("https://smba.trafficmanager.net/emea/")
    assert settings.file_hosts.allows("https://contoso.sharepoint.com/x")


def test_production(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load(
        monkeypatch,
        APP
        | {
            "HOST": "0.0.0.0",
            "PORT": "80",
            "REDIS_URL": "redis+sentinel://:pw@a:26379,b:26379/main",
            "FILES_URL": "s3://bucket/cases",
            "MicrosoftAppType": "singletenant",
            "MicrosoftAppTenantId": GUID,
            "API_TOKENS": "crm:one, two",
            "SMTP_URL": "smtps://u:p@mail.example.com:465",
            "MAIL_FROM": "desk@example.com",
            "SERVICE_URL_HOSTS": "127.0.0.1:9000,Example.com",
            "SCANNER_URL": "clamd://scanner:3310",
        },
    )
    assert settings.app_id == GUID.lower()
    assert settings.app_type is AppType.SINGLE_TENANT
    assert settings.login_url.endswith(GUID.lower())
    assert not settings.sandbox
    assert [(t.name, t.secret.get_secret_value()) for t in settings.api_tokens] == [
        ("crm", "one"),
        ("token-2", "two"),
    ]
    assert settings.service_url_hosts.entries == {"127.0.0.1:9000", "example.com"}
    assert settings.scanner_url == "clamd://scanner:3310"
    assert "p4ss" not in repr(settings)


def test_reads_env_file_and_lets_the_environment_win(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".env").write_text(
        "PORT=4000\nmicrosoftappid=\nDESK_TEAM_ID=team\nDESK_TENANT_ID=t\nDESK_CHANNEL_ID=c\nOTHER=1\n"
    )
    assert load(monkeypatch, {}).port == 4000
    assert load(monkeypatch, {}).desk_team_id == "team"
    assert load(monkeypatch, {"PORT": "5000"}).port == 5000


def test_says_when_the_env_file_is_unreadable(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".env").write_bytes(b"PORT=\xff\xfe")
    assert mistakes(monkeypatch, {})[0].startswith(".env: cannot be read")


@pytest.mark.parametrize("app_type", ["MultiTenant", "SINGLETENANT"])
def test_app_names_in_any_case(monkeypatch: pytest.MonkeyPatch, app_type: str) -> None:
    values = {"MICROSOFTAPPID": GUID, "microsoftapppassword": "x", "MICROSOFTAPPTYPE": app_type}
    settings = load(monkeypatch, values | {"MicrosoftAppTenantId": GUID})
    assert settings.authenticated


def test_a_managed_identity_needs_no_password(monkeypatch: pytest.MonkeyPatch) -> None:
    values = {"MicrosoftAppType": "UserAssignedMSI", "MicrosoftAppTenantId": GUID}
    assert load(monkeypatch, values | {"MicrosoftAppId": GUID}).app_password is None


@pytest.mark.parametrize(
    "values, start",
    [
        ({"PORT": "abc"}, "PORT: must be a whole number from 1 to 65535, not 'abc'"),
        ({"PORT": "0"}, "PORT: must be"),
        ({"PORT": "65536"}, "PORT: must be"),
        ({"REDIS_URL": f"http://:{SECRET}@x"}, "REDIS_URL: must start with one of redis://"),
        ({"REDIS_URL": "localhost:6379"}, "REDIS_URL: must start"),
        ({"REDIS_URL": f"redis://:{SECRET}@"}, "REDIS_URL: names no host"),
        ({"REDIS_URL": f"redis://:{SECRET}@h:port"}, "REDIS_URL: has a port"),
        ({"REDIS_URL": f"redis://[{SECRET}"}, "REDIS_URL: is not a URL"),
        ({"FILES_URL": "ftp://x"}, "FILES_URL: must start"),
        ({"FILES_URL": "file://data"}, "FILES_URL: needs a full path"),
        (APP | {"MicrosoftAppId": "bot"}, "MicrosoftAppId: must be a GUID"),
        ({"MicrosoftAppId": GUID}, "MicrosoftAppPassword: is missing"),
        ({"MicrosoftAppPassword": SECRET}, "MicrosoftAppId: is missing"),
        (APP | {"MicrosoftAppType": "Both"}, "MicrosoftAppType: must be one of"),
        (APP | {"MicrosoftAppType": "SingleTenant"}, "MicrosoftAppTenantId: is missing"),
        ({"HOST": "0.0.0.0"}, "HOST: 0.0.0.0 is refused: without MicrosoftAppId nobody"),
        (APP | {"SANDBOX": "on"}, "SANDBOX: cannot be on together with MicrosoftAppId"),
        ({"SANDBOX": "maybe"}, "SANDBOX: must be on or off"),
        ({"SANDBOX": "on", "HOST": "10.0.0.1"}, "HOST: 10.0.0.1 is refused"),
        ({"API_TOKENS": f"a:{SECRET},:{SECRET}"}, "API_TOKENS: entry 2 must be"),
        ({"API_TOKENS": f"a:{SECRET},a:{SECRET}2"}, "API_TOKENS: has two tokens of one name"),
        ({"SERVICE_URL_HOSTS": "https://x"}, "SERVICE_URL_HOSTS: 'https://x' is not a host"),
        ({"SCANNER_URL": "tcp://x"}, "SCANNER_URL: must start with one of clamd://, clamd+unix"),
        ({"SCANNER_URL": "clamd://"}, "SCANNER_URL: names no host"),
        ({"SCANNER_URL": "clamd://x:99999"}, "SCANNER_URL: has a port"),
        ({"SCANNER_URL": "clamd://x/scan"}, "SCANNER_URL: must be clamd://host:port"),
        ({"SCANNER_URL": f"clamd://u:{SECRET}@x"}, "SCANNER_URL: must be clamd://host:port"),
        ({"SCANNER_URL": "clamd+unix://clamd.sock"}, "SCANNER_URL: needs a full path"),
        ({"FILE_HOSTS": "x:80"}, "FILE_HOSTS: 'x:80' has a port"),
        ({"SMTP_URL": f"http://{SECRET}@x"}, "SMTP_URL: must start"),
        ({"SMTP_URL": "smtp://x"}, "MAIL_FROM: must be an address"),
        ({"SMTP_URL": f"smtp://u:{SECRET}@x?tls=no"}, "SMTP_URL: may end with ?starttls=never"),
        ({"MAIL_FROM": "desk"}, "MAIL_FROM: must be an address such as desk@example.com"),
        ({"MAIL_FROM": "a@b.example\r\nBcc: c@d.example"}, "MAIL_FROM: must be an address"),
        (APP | {"GRAPH_URL": "https://graph.microsoft.com"}, "GRAPH_URL: needs DESK_TENANT_ID"),
        ({"GRAPH_URL": "http://graph.microsoft.com"}, "GRAPH_URL: must start with https://"),
        ({"ToChannelFromBotLoginUrl": "http://x"}, "ToChannelFromBotLoginUrl: must start with"),
    ],
)
def test_each_mistake_has_its_line(
    monkeypatch: pytest.MonkeyPatch, values: dict[str, str], start: str
) -> None:
    lines = mistakes(monkeypatch, values)
    assert len(lines) == 1
    assert lines[0].startswith(start)


def test_tells_all_mistakes_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = mistakes(monkeypatch, {"PORT": "x", "MicrosoftAppId": "y"})
    assert [line.partition(":")[0] for line in lines] == ["PORT", "MicrosoftAppId"]


def test_the_channel_is_read_back_in_the_sandbox_or_where_it_is_granted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert Settings.load().graph_url == "http://127.0.0.1:3978/sandbox/graph"
    desk = {"DESK_TENANT_ID": GUID, "DESK_TEAM_ID": "19:t", "DESK_CHANNEL_ID": "19:c"}
    assert load(monkeypatch, APP | desk).graph_url == ""
    settings = load(monkeypatch, {"GRAPH_URL": "https://graph.microsoft.us"})
    assert settings.graph_url == "https://graph.microsoft.us"


@pytest.mark.parametrize(
    "login, asked",
    [
        ("", f"https://login.microsoftonline.com/{GUID}"),
        (
            "https://login.microsoftonline.us/botframework.us",
            f"https://login.microsoftonline.us/{GUID}",
        ),
        ("http://127.0.0.1:9/oauth2/token", "http://127.0.0.1:9/oauth2/token"),
    ],
)
def test_tokens_for_the_channel_are_of_the_desks_own_tenant(
    monkeypatch: pytest.MonkeyPatch, login: str, asked: str
) -> None:
    desk = {"DESK_TENANT_ID": GUID, "DESK_TEAM_ID": "19:t", "DESK_CHANNEL_ID": "19:c"}
    settings = load(monkeypatch, APP | desk | {"ToChannelFromBotLoginUrl": login})
    assert settings.graph_login_url == asked
