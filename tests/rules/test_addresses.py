import pytest

from balcao.base.addresses import refuse_address, refuse_url

PRIVATE = [
    "127.0.0.1", "127.8.8.8", "::1", "10.0.0.1", "10.255.255.255", "172.16.0.1", "172.31.255.255", "192.168.0.1",
    "192.168.255.255", "100.64.0.1", "100.127.255.255", "fc00::1", "fdff::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
    "::ffff:192.168.1.1", "64:ff9b::10.0.0.1", "2002:7f00:1::", "2002:a00:1::1", "::10.0.0.1",
]  # fmt: skip
NEVER = [
    "0.0.0.0", "0.1.2.3", "::", "169.254.169.254", "169.254.0.1", "::ffff:169.254.169.254", "fe80::1", "fe80::1%eth0",  # noqa: S104
    "febf::1", "fd00:ec2::254", "224.0.0.1", "239.255.255.255", "ff02::1", "255.255.255.255", "192.0.0.192",
    "192.0.2.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "240.0.0.1", "2001::1", "2001:db8::1", "3fff::1",
    "64:ff9b::169.254.169.254", "2002:a9fe:a9fe::", "::ffff:0.0.0.0", "4000::1", "100::1",
]  # fmt: skip
PUBLIC = [
    "1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "172.15.255.255",
    "172.32.0.0", "192.167.255.255", "192.169.0.0", "169.253.255.255", "169.255.0.0", "223.255.255.255",
    "2606:4700::1111", "2a00:1450::1", "::ffff:1.1.1.1", "64:ff9b::1.1.1.1", "2002:101:101::",
]  # fmt: skip


@pytest.mark.parametrize("address", PRIVATE)
def test_private_addresses_need_the_setting(address: str) -> None:
    assert refuse_address(address, allow_private=False) is not None
    assert refuse_address(address, allow_private=True) is None


@pytest.mark.parametrize("address", NEVER)
def test_addresses_that_nobody_may_call(address: str) -> None:
    assert refuse_address(address, allow_private=False) is not None
    assert refuse_address(address, allow_private=True) is not None


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses(address: str) -> None:
    assert refuse_address(address, allow_private=False) is None
    assert refuse_address(address, allow_private=True) is None


def test_reasons_can_be_shown() -> None:
    assert refuse_address("::ffff:127.0.0.1", allow_private=False) == "127.0.0.1 is loopback"
    metadata = "169.254.169.254 is link-local, where clouds keep their metadata"
    assert refuse_address("169.254.169.254", allow_private=True) == metadata


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com",
        "https://example.com/hook?a=b%20c",
        "https://example.com:8443/",
        "https://example.com:443/",
        "https://example.com:80/",
        "https://1.1.1.1/",
        "https://[2606:4700::1111]/",
        "https://xn--balco-4qa.example/",
        "https://123.example.com/",
    ],
)
def test_urls_that_may_be_called(url: str) -> None:
    assert refuse_url(url, allow_private=False) is None


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("", "must be a URL such as https://example.com/hook"),
        ("example.com", "must be a URL such as https://example.com/hook"),
        ("ftp://example.com/", "must be a URL such as https://example.com/hook"),
        ("file:///etc/passwd", "must be a URL such as https://example.com/hook"),
        ("https:///hook", "must be a URL such as https://example.com/hook"),
        ("https://[::1", "must be a URL such as https://example.com/hook"),
        ("https://example.com:99999/", "must be a URL such as https://example.com/hook"),
        ("http://example.com/", "must begin with https://"),
        ("https://user:secret@example.com/", "must hold neither a user nor a fragment"),
        ("https://example.com@10.0.0.1/", "must hold neither a user nor a fragment"),
        ("https://example.com/#top", "must hold neither a user nor a fragment"),
        ("https://example.com:25/", "must have port 80, 443, or one from 1024 on"),
        ("https://example.com:22/", "must have port 80, 443, or one from 1024 on"),
        ("https://example.com/a b", "must be at most 2000 printable ASCII characters without blanks"),
        ("https://example.com/ção", "must be at most 2000 printable ASCII characters without blanks"),
        ("https://example.com/" + "a" * 2000, "must be at most 2000 printable ASCII characters without blanks"),
        ("https://127.0.0.1/", "127.0.0.1 is loopback"),
        ("https://[::1]/", "::1 is loopback"),
        ("https://[::ffff:7f00:1]/", "127.0.0.1 is loopback"),
        ("https://10.1.2.3/", "10.1.2.3 is private"),
        ("https://2130706433/", "2130706433 must be written as four decimal numbers, or as a name"),
        ("https://0x7f000001/", "0x7f000001 must be written as four decimal numbers, or as a name"),
        ("https://0x7f.1/", "0x7f.1 must be written as four decimal numbers, or as a name"),
        ("https://0177.0.0.1/", "0177.0.0.1 must be written as four decimal numbers, or as a name"),
        ("https://127.1/", "127.1 must be written as four decimal numbers, or as a name"),
        ("https://127.0.0.1./", "127.0.0.1. must be written as four decimal numbers, or as a name"),
        ("https://localhost/", "localhost is a name of this machine's own network"),
        ("https://api.localhost/", "api.localhost is a name of this machine's own network"),
        ("https://metadata.google.internal/", "metadata.google.internal is a name of this machine's own network"),
    ],
)
def test_urls_that_are_refused(url: str, reason: str) -> None:
    assert refuse_url(url, allow_private=False) == reason


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:81/", "http://localhost:9/", "http://[::1]:8080/", "http://10.0.0.1"]
)
def test_the_setting_opens_private_urls(url: str) -> None:
    assert refuse_url(url, allow_private=True) is None


@pytest.mark.parametrize("url", ["http://169.254.169.254/latest/", "http://0.0.0.0/", "http://2130706433/"])
def test_the_setting_does_not_open_everything(url: str) -> None:
    assert refuse_url(url, allow_private=True) is not None
