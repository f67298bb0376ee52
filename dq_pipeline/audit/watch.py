"""Who wants to know how far an audit is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping


class Watch(Protocol):
    """Told of each step when it begins; what it does with that must not take time."""

    def stage(self, name: str) -> None:
        """A stage begins."""
        ...

    def connected(self, connection: Any) -> None:
        """The engine is there, and may be asked how far its query is."""
        ...

    def counted(self, rows: Mapping[str, int]) -> None:
        """The rows of each table are known."""
        ...
