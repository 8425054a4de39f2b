"""The words of a call that name servers and pods, read and checked."""

from urllib.parse import urlsplit


def base_address(url: str) -> str:
    """Give the server's address without a slash at the end.

    Raises:
        ValueError: it is no address of an HTTP server.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("an address such as http://127.0.0.1:8080 is expected")
    if parts.query or parts.fragment:
        raise ValueError("the server's address is expected, without a query")
    _ = parts.port  # raises where it is no port
    return url.rstrip("/")


def parse_selector(text: str) -> dict[str, str]:
    """Read a label selector of equalities, `a=b,c=d`.

    Raises:
        ValueError: it is something else.
    """
    labels = {}
    for term in text.split(","):
        name, equals, value = term.partition("=")
        if not (equals and name.strip()) or name.endswith("!"):
            raise ValueError(f"{term!r} is not of the form LABEL=VALUE")
        labels[name.strip()] = value.removeprefix("=").strip()
    return labels
