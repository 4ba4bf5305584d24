"""Which addresses a call of ours may go to. Pure.

Whoever may name an address (a webhook's, a partner's) could otherwise make us call what only we can reach: the machine
itself, its network, a cloud's metadata service.
"""

import re
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final
from urllib.parse import SplitResult, urlsplit

URL_LENGTH_MAX: Final = 2_000
PORTS_LOW: Final = frozenset({80, 443})
"""Below 1024 only the web's own ports: no mail server is to hear a request of ours as a command."""

_NEVER: Final = {
    "0.0.0.0/8": "this machine",
    "::/128": "this machine",
    "169.254.0.0/16": "link-local, where clouds keep their metadata",
    "fe80::/10": "link-local",
    "fd00:ec2::/32": "a cloud's metadata",
    "224.0.0.0/4": "multicast",
    "ff00::/8": "multicast",
    "255.255.255.255/32": "broadcast",
}
_PRIVATE: Final = {
    "127.0.0.0/8": "loopback",
    "::1/128": "loopback",
    "10.0.0.0/8": "private",
    "172.16.0.0/12": "private",
    "192.168.0.0/16": "private",
    "100.64.0.0/10": "shared between carriers and their customers",
    "fc00::/7": "private",
    "fec0::/10": "private",
}
_RESERVED: Final = {
    "192.0.0.0/24": "reserved",
    "192.0.2.0/24": "documentation",
    "192.88.99.0/24": "reserved",
    "198.18.0.0/15": "for measurements",
    "198.51.100.0/24": "documentation",
    "203.0.113.0/24": "documentation",
    "240.0.0.0/4": "reserved",
    "2001::/23": "reserved",
    "2001:db8::/32": "documentation",
    "3fff::/20": "documentation",
}
_EMBEDDING: Final = ("::ffff:0:0/96", "::/96", "64:ff9b::/96", "64:ff9b:1::/48", "2002::/16")
"""IPv6 that stands for an IPv4 address: mapped, compatible, translated, and 6to4."""

_NETWORKS = [
    (ip_network(text), reason, always)
    for table, always in ((_NEVER, True), (_PRIVATE, False), (_RESERVED, True))
    for text, reason in table.items()
]
_EMBEDDING_NETWORKS = [ip_network(text) for text in _EMBEDDING]
_GLOBAL_V6 = ip_network("2000::/3")
_NUMERIC_LABEL = re.compile(r"0x[0-9a-f]*|[0-9]+")


def refuse_address(text: str, *, allow_private: bool) -> str | None:
    """Why no connection may go to this IP address, or None when it may.

    allow_private: private and loopback addresses may; link-local ones (a cloud's metadata) never.
    """
    address = ip_address(text.partition("%")[0])
    embedded = _embedded(address)
    if embedded is not None:
        return refuse_address(str(embedded), allow_private=allow_private)
    for network, reason, always in _NETWORKS:
        if address in network:
            return None if allow_private and not always else f"{address} is {reason}"
    if isinstance(address, IPv6Address) and address not in _GLOBAL_V6:
        return f"{address} is no public address"
    return None


def refuse_url(url: str, *, allow_private: bool) -> str | None:
    """Why nothing may be sent to this URL, as far as its text tells, or None; the addresses of a name are seen later.

    allow_private: also `http`, private addresses, and every port.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return "must be a URL such as https://example.com/hook"
    if len(url) > URL_LENGTH_MAX or not url.isascii() or not url.isprintable() or " " in url:
        return f"must be at most {URL_LENGTH_MAX} printable ASCII characters without blanks"
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return "must be a URL such as https://example.com/hook"
    if parts.scheme == "http" and not allow_private:
        return "must begin with https://"
    if "@" in parts.netloc or parts.fragment:
        return "must hold neither a user nor a fragment"
    if port is not None and not allow_private and port not in PORTS_LOW and port < 1024:
        return "must have port 80, 443, or one from 1024 on"
    return _refuse_host(parts, allow_private=allow_private)


def is_address(host: str) -> bool:
    """Whether a URL's host is an IP address, as it is written everywhere."""
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _refuse_host(parts: SplitResult, *, allow_private: bool) -> str | None:
    host = parts.hostname or ""
    if is_address(host):
        return refuse_address(host, allow_private=allow_private)
    # 2130706433, 0x7f.1, 0177.0.0.1 and 127.1 are all 127.0.0.1 to a resolver: who means it writes it out.
    if _NUMERIC_LABEL.fullmatch(host.rstrip(".").rpartition(".")[2]):
        return f"{host} must be written as four decimal numbers, or as a name"
    if not allow_private and (host == "localhost" or host.endswith((".localhost", ".local", ".internal"))):
        return f"{host} is a name of this machine's own network"
    return None


def _embedded(address: IPv4Address | IPv6Address) -> IPv4Address | None:
    if isinstance(address, IPv4Address) or int(address) <= 1:
        return None
    if not any(address in network for network in _EMBEDDING_NETWORKS):
        return None
    bits = address.packed[2:6] if address in _EMBEDDING_NETWORKS[-1] else address.packed[12:]
    return IPv4Address(bits)
