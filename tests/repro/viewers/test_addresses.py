"""Servers and pods as a call names them."""

import pytest

from repro.viewers.addresses import base_address, parse_selector


@pytest.mark.parametrize(
    ("url", "base"),
    [
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("http://127.0.0.1:8080/", "http://127.0.0.1:8080"),
        ("https://logs.example/api/", "https://logs.example/api"),
    ],
)
def test_an_address_loses_its_last_slash(url: str, base: str) -> None:
    """Paths are put after the address, so it ends without a slash."""
    assert base_address(url) == base


@pytest.mark.parametrize(
    "url", ["", "127.0.0.1:8080", "ws://host", "http://", "http://h:99999", "http://h/?a=b"]
)
def test_anything_else_is_no_address(url: str) -> None:
    """What is not the address of an HTTP server is refused."""
    with pytest.raises(ValueError, match=r".+"):
        base_address(url)


def test_a_selector_is_a_list_of_equalities() -> None:
    """Labels are given as kubectl takes them."""
    assert parse_selector("a=b, c==d,hotloop/kind=running") == {"a": "b", "c": "d", "hotloop/kind": "running"}


@pytest.mark.parametrize("text", ["", "a", "a!=b", "=b", "a in (b)"])
def test_other_selectors_are_refused(text: str) -> None:
    """A selector that would choose wrong pods is an error."""
    with pytest.raises(ValueError, match="LABEL=VALUE"):
        parse_selector(text)
