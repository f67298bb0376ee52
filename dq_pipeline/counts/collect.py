"""What to count, said as data, and one call that counts it all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from dq_pipeline.tables import TRAINING_SET

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence

    from dq_pipeline.tables import Tables

T = TypeVar("T")


class Request(Protocol):
    """A hashable description of a count; requests of one kind are counted together in as few scans as it can.

    The state it gives is bounded by labels, annotators, sources and conditions, never by rows.
    """

    @classmethod
    def count_all(cls, tables: Tables, requests: Sequence[Any]) -> Sequence[Any]:
        """The states of requests of this kind, in their order."""
        ...


class Counts:
    """The states that were counted, by request."""

    def __init__(self, states: dict[Any, Any]) -> None:
        self._states = states
        self._made: dict[Hashable, Any] = {}

    def __contains__(self, request: Request) -> bool:
        return request in self._states

    def __getitem__(self, request: Request) -> Any:
        return self._states[request]

    def once(self, name: Hashable, make: Callable[[], T]) -> T:
        """What `make` makes of the states, made once under that name."""
        if name not in self._made:
            self._made[name] = make()
        made: T = self._made[name]
        return made


def collect(tables: Tables, requests: Iterable[Request], counted: Mapping[Any, Any] | None = None) -> Counts:
    """Count every request once, those of one kind together; nothing of a training set that is not there.

    Args:
        tables: The tables.
        requests: What to count.
        counted: The states of requests that were counted already, by parts.
    """
    known = counted or {}
    asked = dict.fromkeys(requests)
    states = {request: known[request] for request in asked if request in known}
    return Counts(states | count_whole(tables, [request for request in asked if request not in known]))


def count_whole(tables: Tables, requests: Iterable[Request]) -> dict[Any, Any]:
    """The states of requests, each counted of the whole tables; nothing of a training set that is not there."""
    kinds: dict[type[Any], list[Any]] = {}
    for request in requests:
        if getattr(request, "table", None) != TRAINING_SET or TRAINING_SET in tables:
            kinds.setdefault(type(request), []).append(request)
    states: dict[Any, Any] = {}
    for kind, same in kinds.items():
        states.update(zip(same, kind.count_all(tables, same), strict=True))
    return states
