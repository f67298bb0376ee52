"""Where an alert goes: a function of yours, a webhook, and e-mail or Slack through Dagster's own libraries."""

from __future__ import annotations

import html
import json
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from dq_pipeline.orchestration.check_change import CheckChange
from dq_pipeline.spec.errors import InputError

Channel = Callable[[CheckChange], Any]
"""Sends one change; an exception means that it was not sent, and is tried again at the next tick."""


def webhook(url: str, *, headers: Mapping[str, str] | None = None, timeout: float = 10.0) -> Channel:
    """A channel that posts each change as JSON: its `text`, and every field of a `CheckChange`.

    Args:
        url: An address of http or https.
        headers: Further headers, such as a token.
        timeout: Seconds to wait for an answer.

    Raises:
        InputError: The address is of neither.
    """
    if not url.startswith(("http://", "https://")):
        raise InputError(
            "alerts.webhook", found=repr(url), expected="an address", fix="https://example.org/hook"
        )

    def send(change: CheckChange) -> None:
        request = urllib.request.Request(  # noqa: S310 - http or https, as asked above
            url,
            data=json.dumps(change.as_dict()).encode(),
            headers={"Content-Type": "application/json", **(headers or {})},
        )
        with urllib.request.urlopen(request, timeout=timeout):  # noqa: S310 - http or https, as asked above
            pass

    return send


def email(
    *,
    sender: str,
    password: str,
    to: Sequence[str],
    host: str = "smtp.gmail.com",
    port: int | None = None,
    user: str | None = None,
    starttls: bool = False,
) -> Channel:
    """A channel that mails each change, through Dagster's own e-mail functions.

    Args:
        sender: The address that it comes from.
        password: The password of the account.
        to: The addresses that it goes to.
        host: The SMTP server.
        port: Its port; by default 465, or 587 with `starttls`.
        user: The account; by default the sender's address.
        starttls: Whether the connection starts plain and turns to TLS.
    """

    def send(change: CheckChange) -> None:
        from dagster._utils import alert

        through = alert.send_email_via_starttls if starttls else alert.send_email_via_ssl
        # One line, whatever a check or a key says: a line break would start another header.
        subject = " ".join(
            f"[{change.now}] {change.asset.to_user_string()}:{change.check or 'freshness'}".split()
        )
        message = alert.EMAIL_MESSAGE.format(
            email_to=", ".join(to),
            email_from=sender,
            email_subject=subject.encode("ascii", "replace").decode(),
            email_body=html.escape(change.text).encode("ascii", "xmlcharrefreplace").decode(),
            randomness=uuid.uuid4().hex,
        )
        through(
            sender,
            password,
            to,
            message,
            host,
            port or (587 if starttls else 465),
            user or sender,
        )

    return send


def slack(*, token: str, channel: str, base_url: str | None = None) -> Channel:
    """A channel that posts each change to Slack, through dagster-slack (the extra `slack`).

    Args:
        token: A bot's token.
        channel: The channel, such as "#training-data".
        base_url: The API's address where it is not Slack's usual one.

    Raises:
        InputError: dagster-slack is not installed.
    """
    try:
        from dagster_slack import SlackResource
    except ImportError as error:
        raise InputError(
            "alerts.slack",
            found="no dagster-slack",
            expected="Dagster's library for Slack",
            fix='pip install "dq_pipeline[slack]"',
        ) from error
    client = SlackResource(token=token).get_client()
    if base_url is not None:
        client.base_url = base_url

    def send(change: CheckChange) -> None:
        # Plain text: what a label or an id holds is no link and no mention.
        text = change.text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        client.chat_postMessage(channel=channel, text=text, unfurl_links=False)

    return send
