"""Splitting groups of pictures into parts, such as those to train with and those to test with.

A group is whole in one part: pictures of one patient, or frames of one video, are no news to a
model that has seen others of it.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Hashable, Mapping
from typing import TypeAlias

from labelwidgets.errors import WorkflowError

Shares: TypeAlias = Mapping[str, float]


def check_shares(shares: Shares) -> dict[str, float]:
    """Return the share of each part, which together are 1.

    Raises
    ------
    WorkflowError
        If one is no share, or there are none.
    """
    if not isinstance(shares, Mapping) or not shares:
        raise WorkflowError('must be a dict such as {"train": 0.8, "test": 0.2}.', where="shares")
    made: dict[str, float] = {}
    for name, share in shares.items():
        if not isinstance(name, str) or not name or len(name) > 40 or not name.isprintable():
            raise WorkflowError(
                f"must be a name of 1 to 40 characters, not {str(name)[:60]!r}.", where="shares"
            )
        if isinstance(share, bool) or not isinstance(share, int | float) or not 0 < share <= 1:
            raise WorkflowError(
                f"must be greater than 0 and at most 1, not {share!r:.40}.",
                where=f"shares, {name!r}",
            )
        # Lists and folders of parts are told apart on every disk.
        twin = next((other for other in made if other.casefold() == name.casefold()), None)
        if twin is not None:
            raise WorkflowError(
                f"are {twin!r} and {name!r}, which differ in capitals alone.", where="shares"
            )
        made[name] = float(share)
    if abs(sum(made.values()) - 1) > 1e-6:
        raise WorkflowError(f"are {sum(made.values()):g} in all, and must be 1.", where="shares")
    return made


def drawn(group: Hashable, seed: int) -> float:
    """Return a number from 0 to below 1 that follows from a group and the seed alone."""
    code = hashlib.sha256(f"{seed}\x00{group}".encode()).digest()
    return int.from_bytes(code[:7], "big") / 2**56


def by_hash(groups: Mapping[str, int], shares: Shares, seed: int) -> dict[str, str]:
    """Return the part of each group, which follows from its name and the seed alone.

    So what is added later changes nothing, and shares are met as closely as chance has it.
    """
    made = {}
    for group in groups:
        at = drawn(group, seed)
        for name, share in shares.items():
            made[group] = name
            at -= share
            if at < 0:
                break
    return made


def stratified(
    groups: Mapping[str, int],
    classes: Mapping[str, Counter[str]],
    shares: Shares,
    seed: int,
    known: Mapping[str, str],
) -> dict[str, str]:
    """Return the part of each group, so that every part has its share of every class.

    Iterative stratification (Sechidis, Tsoumakas and Vlahavas 2011, "On the stratification of
    multi-label data"): the class with the fewest labels left is shared out first, each group to the
    part that lacks most of it. Ties go by a hash of the group and the seed.

    Parameters
    ----------
    groups
        How many pictures each has.
    classes
        How many labels of each class a group has.
    shares
        Of each part; see `check_shares`.
    seed
        Another one gives another split.
    known
        Groups whose part is settled; they stay there, and count.
    """
    total = sum(groups.values())
    per_class: Counter[str] = Counter()
    for counts in classes.values():
        per_class.update(counts)
    lacking = {
        part: {name: n * share for name, n in per_class.items()} for part, share in shares.items()
    }
    room = {part: total * share for part, share in shares.items()}
    left = Counter(per_class)
    made: dict[str, str] = {}

    def put(group: str, part: str) -> None:
        made[group] = part
        for name, count in classes.get(group, {}).items():
            left[name] -= count
            if part in lacking:
                lacking[part][name] -= count
        if part in room:
            room[part] -= groups[group]

    for group, part in known.items():
        if group in groups:
            put(group, part)
    holders: dict[str, list[str]] = defaultdict(list)
    for group in groups:
        if group not in made:
            for name in classes.get(group, {}):
                holders[name].append(group)
    order = list(shares)
    while holders:
        name = min(holders, key=lambda one: (left[one], one))
        free = [group for group in holders.pop(name) if group not in made]
        # The largest first, while there is room to even out.
        for group in sorted(free, key=lambda one: (-classes[one][name], drawn(one, seed))):
            put(group, max(order, key=lambda part: (lacking[part][name], room[part])))
    rest = [group for group in groups if group not in made]
    for group in sorted(rest, key=lambda one: (-groups[one], drawn(one, seed))):
        put(group, max(order, key=lambda part: room[part]))
    return made
