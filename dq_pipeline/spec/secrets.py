"""Secrets stand in the environment: `${NAME}` in a spec is read from there, and no message ever shows one."""

from __future__ import annotations

import os
import re
from urllib.parse import unquote, urlsplit

from dq_pipeline.spec.errors import InputError

_SECRET = re.compile(r"(?i)(password|passwd|pwd|token|secret|key)=[^&\s;]+")
_USERINFO = re.compile(r"(?<=://)[^/\s@]+@")
_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


def from_environment(text: str, who: str) -> str:
    """The text with each `${NAME}` read from the environment.

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
    return _VARIABLE.sub(lambda found: os.environ[found[1]], text)


def holds_password(address: str) -> bool:
    """Whether an address holds a password in plain text, rather than a `${NAME}` for it.

    >>> holds_password("postgresql://ana:${PASSWORD}@host/db"), holds_password("postgresql://ana:s3cret@host/db")
    (False, True)
    """
    bare = _VARIABLE.sub("", address)
    return bool(urlsplit(bare).password) or bool(_SECRET.search(bare))


def without_secrets(text: str, uri: str = "") -> str:
    """A text with user names, passwords and tokens of addresses taken out.

    Args:
        text: An address, or a message that may hold one.
        uri: The address whose own user name and password must not stand in the text either.

    Examples:
        >>> without_secrets("http://ana:s3cret@host:5000/x?token=abc")
        'http://***@host:5000/x?token=***'
    """
    parts = urlsplit(uri)
    plain = {parts.password or "", parts.username or ""}
    for secret in sorted({*plain, *map(unquote, plain)} - {""}, key=len, reverse=True):
        text = text.replace(secret, "***")
    return _SECRET.sub(r"\1=***", _USERINFO.sub("***@", text))
