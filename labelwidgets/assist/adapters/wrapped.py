"""What all wrapped models have in common."""

from __future__ import annotations


class Wrapped:
    """A model of another library, named; shows itself by that name."""

    name: str

    def __repr__(self) -> str:
        # Without the version: to know it may take reading gigabytes of weights.
        return f"{type(self).__name__}({self.name!r})"
