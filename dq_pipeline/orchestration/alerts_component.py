"""`dq_pipeline.CheckAlerts`: the alert sensor of a code location, as the attributes of a defs.yaml."""

from __future__ import annotations

from collections.abc import Mapping, Sequence  # noqa: TC003 - read by pydantic when the class is made
from importlib import import_module
from typing import TYPE_CHECKING

import dagster as dg

from dq_pipeline.orchestration import alert_channels
from dq_pipeline.orchestration.alerts import build_check_alerts
from dq_pipeline.spec.errors import InputError

if TYPE_CHECKING:
    from dq_pipeline.orchestration.alert_channels import Channel


class Webhook(dg.Model, dg.Resolvable):
    """Where changes are posted to as JSON."""

    url: str
    headers: Mapping[str, str] | None = None


class Slack(dg.Model, dg.Resolvable):
    """The channel that changes are posted to; the token from the environment: `"{{ env.SLACK_TOKEN }}"`."""

    token: str
    channel: str
    base_url: str | None = None


class Email(dg.Model, dg.Resolvable):
    """The addresses that changes are mailed to, and the account that mails them."""

    sender: str
    password: str
    to: Sequence[str]
    host: str = "smtp.gmail.com"
    port: int | None = None
    user: str | None = None
    starttls: bool = False


class CheckAlerts(dg.Component, dg.Model, dg.Resolvable):
    """Tell once of each check that failed or recovered, and of each asset that is overdue.

    Attributes:
        name: The sensor's name.
        assets: Whose checks, as an asset selection; by default all of the code location.
        every_seconds: Seconds between two looks.
        function: A function of yours that takes a change, as "module.function".
        webhook: Where changes are posted to as JSON.
        slack: The Slack channel that they are posted to.
        email: The addresses that they are mailed to.
    """

    name: str = "check_alerts"
    assets: str | None = None
    every_seconds: int = 30
    function: str | None = None
    webhook: Webhook | None = None
    slack: Slack | None = None
    email: Email | None = None

    @classmethod
    def get_spec(cls) -> dg.ComponentTypeSpec:
        """What `dg` tells of it."""
        return dg.ComponentTypeSpec(
            description="Alerts when a check fails or recovers, by function, webhook, Slack or e-mail.",
            produces=["sensor"],
            tags=["data-quality"],
        )

    def build_defs(self, context: dg.ComponentLoadContext) -> dg.Definitions:  # noqa: ARG002 - Dagster's signature
        """The sensor.

        Raises:
            InputError: No channel, or one that cannot be used.
        """
        sensor = build_check_alerts(
            self.channels(), name=self.name, assets=self.assets, every_seconds=self.every_seconds
        )
        return dg.Definitions(sensors=[sensor])

    def channels(self) -> list[Channel]:
        """Where changes go.

        Raises:
            InputError: One cannot be used.
        """
        found: list[Channel] = []
        if self.function:
            found.append(_function(self.function))
        if self.webhook:
            found.append(alert_channels.webhook(self.webhook.url, headers=self.webhook.headers))
        if self.slack:
            found.append(alert_channels.slack(**self.slack.model_dump()))
        if self.email:
            found.append(alert_channels.email(**self.email.model_dump()))
        return found


def _function(path: str) -> Channel:
    module, _, name = path.rpartition(".")
    try:
        function: Channel = getattr(import_module(module), name)
    except (ImportError, AttributeError, ValueError) as error:
        raise InputError(
            "alerts.function",
            found=f"{path!r}: {error}",
            expected="a function that can be imported",
            fix="function: my_project.alerts.tell",
        ) from error
    return function
