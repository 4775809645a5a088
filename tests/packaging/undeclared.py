"""Prints what is installed beyond what labelwidgets asks for; run in a fresh environment."""

from __future__ import annotations

import importlib.metadata
import json
import re
from collections.abc import Iterator

from packaging.requirements import Requirement

ENVIRONMENT_ITSELF = {"pip", "setuptools", "packaging"}


def name(text: str) -> str:
    return re.sub(r"[-_.]+", "-", text).lower()


def asked_by(package: str, extra: str) -> Iterator[tuple[str, str]]:
    try:
        lines = importlib.metadata.requires(package) or []
    except importlib.metadata.PackageNotFoundError:
        return  # asked for on another system only
    for requirement in map(Requirement, lines):
        if requirement.marker is None or requirement.marker.evaluate({"extra": extra}):
            yield from ((name(requirement.name), it) for it in {"", *requirement.extras})


def undeclared() -> list[str]:
    wanted: set[tuple[str, str]] = set()
    waiting = [("labelwidgets", "")]
    while waiting:
        if (here := waiting.pop()) not in wanted:
            wanted.add(here)
            waiting += asked_by(*here)
    have = {name(it.metadata["Name"]) for it in importlib.metadata.distributions()}
    return sorted(have - {package for package, _ in wanted} - ENVIRONMENT_ITSELF)


if __name__ == "__main__":
    print(json.dumps(undeclared()))
