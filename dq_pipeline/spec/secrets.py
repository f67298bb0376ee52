"""Secrets stand in the environment: `${NAME}` in a spec is read from there, and no message ever shows one."""

from __future__ import annotations

import os
import re
from urllib.parse import parse_qsl, quote, unquote

from dq_pipeline.spec.errors import InputError

_SECRET = re.compile(r"(?i)(password|passwd|pwd|token|secret|key)=[^&\s;]+")
_USERINFO = re.compile(r"(?<=://)[^/?#\s]+@")
_WITH_PASSWORD = re.compile(r"://[^/?#\s]*:[^/?#\s]+@")
_NAMES_A_USER = frozenset({"user", "username", "password", "sslpassword", "passfile"})
_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


def from_environment(text: str, who: str) -> str:
    """The text with each `${NAME}` read from the environment; the user and password of an address in its codes.

    Where such a value holds what would end it early, as `p@ss/word` does, it is coded; one that is coded already stays.

    Raises:
        InputError: A variable that is not set.
    """
    missing = sorted({name for name in _VARIABLE.findall(text) if name not in os.environ})
    if missing:
        raise InputError(
            who,
            found=f"no environment variable {missing[0]}",
            expected=f"the variable that {text!r} names",
            fix=f"export {missing[0]}=...",
        )
    before, user, after = _around_user(text)
    return (
        _VARIABLE.sub(lambda found: os.environ[found[1]], before)
        + _VARIABLE.sub(lambda found: _coded(os.environ[found[1]]), user)
        + _VARIABLE.sub(lambda found: os.environ[found[1]], after)
    )


def _around_user(text: str) -> tuple[str, str, str]:
    """An address before its user and password, these, and after them; all of a text without them stands before."""
    found = _USERINFO.search(text)
    return (text[: found.start()], found[0], text[found.end() :]) if found else (text, "", "")


def _coded(value: str) -> str:
    """A user, a password, or both with a colon between, as an address takes them."""
    return quote(value, safe=":") if unfit(value) else value


def unfit(value: str) -> bool:
    """Whether a user or password holds a character that an address takes as its code only.

    >>> unfit("p@ss"), unfit("50%"), unfit("p%40ss")
    (True, True, False)
    """
    return bool(re.search(r"[\s@/?#\[\]]|%(?![0-9A-Fa-f]{2})", value))


def holds_password(address: str) -> bool:
    """Whether an address holds a password in plain text, rather than a `${NAME}` for it.

    >>> holds_password("postgresql://ana:${PASSWORD}@host/db"), holds_password("postgresql://ana:s3cret@host/db")
    (False, True)
    """
    bare = _VARIABLE.sub("", address)
    return bool(_WITH_PASSWORD.search(bare)) or bool(_SECRET.search(bare))


def without_secrets(text: str, uri: str = "") -> str:
    """A text with user names, passwords and tokens of addresses taken out.

    Args:
        text: An address, or a message that may hold one.
        uri: The address whose own user name and password must not stand in the text either.

    Examples:
        >>> without_secrets("http://ana:s3cret@host:5000/x?token=abc")
        'http://***@host:5000/x?token=***'
    """
    user = _USERINFO.search(uri)
    asked = uri.partition("?")[2].partition("#")[0]
    plain = {
        *(user[0].removesuffix("@").split(":", maxsplit=1) if user else ()),
        *(value for name, value in parse_qsl(asked) if name.lower() in _NAMES_A_USER),
    }
    for secret in sorted({*plain, *map(unquote, plain)} - {""}, key=len, reverse=True):
        text = text.replace(secret, "***")
    return _SECRET.sub(r"\1=***", _USERINFO.sub("***@", text))
