"""The one error a user sees: who asked, what was found where, what was expected, the fix to paste."""

from __future__ import annotations

from functools import partial


class InputError(Exception):
    """The spec or the data handed in cannot be used; nothing has been done yet.

    Args:
        who: Who asked: a file and line, a spec key, or a function.
        found: What was found, and where.
        expected: What was expected instead.
        fix: The line to paste, or the thing to do.
    """

    def __init__(self, who: str, *, found: str, expected: str, fix: str) -> None:
        self.who = who
        self.found = found
        self.expected = expected
        self.fix = fix
        super().__init__(str(self))

    def __reduce__(self) -> tuple[object, ...]:
        """It goes from a process to the one that waits for it, which calls it with all that it was told."""
        return partial(type(self), found=self.found, expected=self.expected, fix=self.fix), (self.who,)

    def __str__(self) -> str:
        """Four short aligned lines."""
        return f"{self.who}\n  found:    {self.found}\n  expected: {self.expected}\n  fix:      {self.fix}"


class RefusedError(ValueError):
    """A value that a key cannot take, told with what to write instead; loading adds the file, line and key.

    Args:
        found: What was found.
        expected: What was expected instead.
        fix: What to write.
        at: The keys below the refused part at which it stands.
    """

    def __init__(self, found: str, *, expected: str, fix: str, at: tuple[str, ...] = ()) -> None:
        self.at = at
        self.found = found
        self.expected = expected
        self.fix = fix
        super().__init__(f"{expected} (found {found}; {fix})")
