"""Which URLs a host list lets through: the good ones, and none of the ways around it."""

import pytest

from cases.hosts import HostList, is_loopback

HOSTS = HostList.parse(
    "smba.trafficmanager.net, .SharePoint.com, 127.0.0.1:4000, localhost, [::1]:5000"
)

GOOD = [
    "https://smba.trafficmanager.net/amer/",
    "https://smba.trafficmanager.net",
    "HTTPS://SMBA.TrafficManager.NET:443/amer?x=%41#top",
    "https://contoso.sharepoint.com/a%20b",
    "https://a.b.sharepoint.com?x=1",
    "http://127.0.0.1:4000/v3",
    "https://127.0.0.1:4000",
    "http://localhost",
    "http://localhost:9/x",
    "http://[::1]:5000/",
]
BAD = [
    "",
    "smba.trafficmanager.net",
    "//smba.trafficmanager.net",
    "ftp://smba.trafficmanager.net",
    "http://smba.trafficmanager.net",
    "http://smba.trafficmanager.net:443",
    "https://smba.trafficmanager.net:8443",
    "https://smba.trafficmanager.net:",
    "https://smba.trafficmanager.net.",
    "https://smba.trafficmanager.net.evil.com",
    "https://x.smba.trafficmanager.net",
    "https://sharepoint.com",
    "https://evilsharepoint.com",
    "https://.sharepoint.com",
    "https://a..sharepoint.com",
    "https://-a.sharepoint.com",
    "https://user@contoso.sharepoint.com",
    "https://contoso.sharepoint.com@evil.com",
    "https://contoso.sharepoint.com:443@evil.com",
    "https://evil.com\\.sharepoint.com",
    "https://evil.com\\@contoso.sharepoint.com",
    "https://contoso.sharepoint.com/a\\b",
    "https://evil.com%2f.sharepoint.com",
    "https://evil.com/.sharepoint.com",
    "https://evil.com?.sharepoint.com",
    "https://evil.com#.sharepoint.com",
    "https://contoso。sharepoint.com",
    "https://contoso.sharepoint。com",
    "https://contoso.ſharepoint.com",
    "https://contoso.sharepoint.com\n",
    " https://contoso.sharepoint.com",
    "https://contoso.sharepoint.com/a b",
    "https://contoso.share\tpoint.com",
    "http://127.0.0.1:4001",
    "http://127.0.0.1",
    "http://127.0.0.2:4000",
    "http://127.1:4000",
    "http://2130706433:4000",
    "http://[::1]:5001",
    "http://localhost.evil.com",
    "http://10.0.0.1",
    "https://169.254.169.254/latest",
]


@pytest.mark.parametrize("url", GOOD)
def test_lets_a_listed_host_through(url: str) -> None:
    assert HOSTS.allows(url)


@pytest.mark.parametrize("url", BAD)
def test_refuses_everything_else(url: str) -> None:
    assert not HOSTS.allows(url)


def test_an_empty_list_allows_nothing() -> None:
    assert not HostList.parse(" , ").allows("https://contoso.sharepoint.com")


def test_grows_without_changing() -> None:
    grown = HOSTS.plus("127.0.0.1:4001")
    assert grown.allows("http://127.0.0.1:4001/")
    assert not HOSTS.allows("http://127.0.0.1:4001/")


@pytest.mark.parametrize(
    "entry",
    ["https://a.b", "a..b", "a b", "a:80", ".a:443x", "a:99999", "127.0.0.1:70000", "::1", "é"],
)
def test_refuses_a_wrong_entry_with_a_sentence(entry: str) -> None:
    with pytest.raises(ValueError, match=r"^'.*' (is not|has)"):
        HostList.parse(entry)


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST", "127.0.0.1", "127.9.9.9", "::1", "[::1]"]
)
def test_knows_loopback(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize(
    "entries, found",
    [("127.0.0.1:80", True), ("[::1]:80", True), ("localhost", True), (".x.com,a.b:443", False)],
)
def test_knows_whether_it_names_loopback(entries: str, found: bool) -> None:
    assert HostList.parse(entries).has_loopback is found


@pytest.mark.parametrize("host", ["", "0.0.0.0", "::", "10.0.0.1", "localhost.evil.com", "127.1"])
def test_knows_what_is_not_loopback(host: str) -> None:
    assert not is_loopback(host)
