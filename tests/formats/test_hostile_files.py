"""Files of every format, damaged by accident or on purpose: read, or refused by name.

Each damage is done to what the format itself writes. What a seed once found is kept as a test of
its own by the format; here is what no format may do.
"""

from __future__ import annotations

import json
import math
import random
import resource
import shutil
import time
import warnings
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from labelwidgets import formats
from labelwidgets.errors import LabelwidgetsError
from labelwidgets.formats import registry
from labelwidgets.formats.holds import FEATURES
from tests.formats.specimens import ONTOLOGY, specimen
from tests.formats.test_holds import NAMES

# On a machine that has much else to do.
SECONDS = 30.0
KILOBYTES = 600_000
TEXTS = (".json", ".geojson", ".xml", ".csv", ".txt", ".yaml", ".ini")
DIGITS = "9" * 5000
EVIL_NUMBERS = ("NaN", "Infinity", "1e308", "-1", "0", "1e-320", DIGITS, "9223372036854775808", "x")
EVIL_NAMES = (
    "../../evil",
    "/etc/passwd",
    "C:\\x",
    "CON",
    "<img src=x onerror=alert(1)>",
    "a\u202eb",
    "a\0b",
    "\ud800",
    "x" * 10_000,
    "__proto__",
    "=cmd|' /C calc'!A0",
    "file:///etc/passwd",
    "http://[::1",
    " ",
    "",
    "%00%2e%2e/",
)
EVIL_VALUES = (None, True, -1, 1e308, math.nan, 10**400, "x", "", [], {}, [[]], [None], {"a": None})
BOMB = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha">' + b"".join(
    b'<!ENTITY %c "%s">' % (code, b"&%c;" % (code - 1) * 10) for code in range(98, 108)
)
Damage = Callable[[bytes, str, random.Random], Iterator[tuple[str, bytes]]]


def truncated(data: bytes, suffix: str, chance: random.Random) -> Iterator[tuple[str, bytes]]:
    """Return the beginnings of a file."""
    for tenth in range(10):
        yield f"cut at {tenth}/10", data[: len(data) * tenth // 10]


def flipped(data: bytes, suffix: str, chance: random.Random) -> Iterator[tuple[str, bytes]]:
    """Return a file with some bytes that are others."""
    for number in range(15):
        changed = bytearray(data)
        places = [chance.randrange(len(data)) for _ in range(chance.choice((1, 1, 2, 8)))]
        for place in places:
            changed[place] ^= 1 << chance.randrange(8)
        yield f"flip {number} at {places}", bytes(changed)


def numbers_changed(data: bytes, suffix: str, chance: random.Random) -> Iterator[tuple[str, bytes]]:
    """Return a text with numbers that are none, or too large."""
    if suffix not in TEXTS:
        return
    text = data.decode()
    found = [
        (start, end)
        for start, end in _spans(text)
        if start == 0 or text[start - 1] not in "_abcdefghijklmnopqrstuvwxyz"
    ]
    for evil in EVIL_NUMBERS if found else ():
        start, end = chance.choice(found)
        shown = f'"{evil}"' if evil == "x" and suffix.endswith("json") else evil
        yield f"number {evil[:20]} at {start}", (text[:start] + shown + text[end:]).encode()


def _spans(text: str) -> Iterator[tuple[int, int]]:
    start = None
    for at, letter in enumerate(f"{text} "):
        inside = letter.isdigit() or letter in ".-"
        if inside and start is None:
            start = at
        elif not inside and start is not None:
            if any(one.isdigit() for one in text[start:at]):
                yield start, at
            start = None


def names_changed(data: bytes, suffix: str, chance: random.Random) -> Iterator[tuple[str, bytes]]:
    """Return a text in which a class, a file or a question has a name that is meant to harm."""
    if suffix not in TEXTS:
        return
    text = data.decode()
    for evil in EVIL_NAMES:
        said = evil
        if suffix.endswith("json"):
            said = json.dumps(evil)[1:-1]
        elif suffix == ".xml":
            said = evil.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
        words = [word for word in ("car", "one", "day", "fly", "colour", "jpg") if word in text]
        for word in chance.sample(words, min(1, len(words))):
            yield (
                f"{word} is {evil[:30]!r}",
                text.replace(word, said).encode("utf-8", "surrogatepass"),
            )


def values_changed(data: bytes, suffix: str, chance: random.Random) -> Iterator[tuple[str, bytes]]:
    """Return a document in which something is of another kind, not there, or there twice."""
    if not suffix.endswith("json"):
        return
    for evil in EVIL_VALUES:
        for _ in range(ROUNDS):
            document = json.loads(data)
            places = list(_places(document))
            holder, key = chance.choice(places)
            how = f"{key} becomes {str(evil)[:20]}"
            holder[key] = evil
            yield how, json.dumps(document).encode()
    for _ in range(4):
        document = json.loads(data)
        holder, key = chance.choice(list(_places(document)))
        if isinstance(holder, dict):
            del holder[key]
            yield f"{key} is gone", json.dumps(document).encode()
        else:
            holder.append(holder[key])
            yield f"[{key}] is there twice", json.dumps(document).encode()
    text = data.decode()
    at = chance.choice([at for at, letter in enumerate(text) if letter == "{"]) + 1
    rest = text[at:].lstrip()
    if rest.startswith('"'):
        key = rest[1:].split('"')[0]
        yield f"{key} twice", f'{text[:at]}"{key}": 3, {text[at:]}'.encode()


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inside in list(pairs):
        yield value, key
        if isinstance(inside, dict | list):
            yield from _places(inside)


def encoded(data: bytes, suffix: str, chance: random.Random) -> Iterator[tuple[str, bytes]]:
    """Return a file in other encodings, and files that have nothing to do with it."""
    if suffix in TEXTS:
        yield "UTF-16", data.decode().encode("utf-16")
        yield "UTF-8 with a mark", b"\xef\xbb\xbf" + data
        yield "CRLF", data.replace(b"\n", b"\r\n")
        yield "CR", data.replace(b"\n", b"\r")
        yield "Latin-1", data.replace(b"car", b"k\xe4r")
        yield "twice", data + data
        yield "lines turned round", b"\n".join(data.split(b"\n")[::-1])
        yield "one line of 2 MB", data.replace(b"\n", b" ") + b"x" * 2_000_000
    yield "deep lists", b"[" * 2_000_000
    yield "deep objects", b'{"a":' * 200_000
    yield "a bomb", BOMB + b"]><annotations>&k;</annotations>"
    yield "zeros", bytes(len(data))
    yield "a pickle", b"\x80\x04\x95cos\nsystem\n(S'touch /tmp/evil'\ntR."


DAMAGES: tuple[Damage, ...] = (
    truncated,
    flipped,
    numbers_changed,
    names_changed,
    values_changed,
    encoded,
)
ROUNDS = 1
# Of each kind, so that all formats take seconds.
MOST = 8


@lru_cache
def sound(name: str) -> tuple[pd.DataFrame, list[Any]]:
    """Return one label of each thing that a format has a place for, on one item."""
    holds = registry.holds(name)
    features = [
        one
        for one in FEATURES
        if one not in ("empty pictures", "volume mask")
        and holds.fate(one).how in ("kept", "ours", "changed")
        and (holds.on == "videos" or one not in ("track", "event"))
    ]
    made = [specimen(one, holds) for one in features]
    return made[0].items, [label for one in made for label in one.labels]


def write(name: str, folder: Path) -> Path:
    """Write the sound file of a format; return what is read."""
    items, labels = sound(name)
    path = folder / (registry.holds(name).file or "all-labels")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        formats.write(labels, path, name, items=items, ontology=ONTOLOGY)
    return path


def files_of(path: Path) -> list[Path]:
    """Return the files that may be damaged: one of each kind in each folder."""
    if path.is_file():
        return [one for one in sorted(path.parent.rglob("*")) if one.is_file()]
    found = [one for one in sorted(path.rglob("*")) if one.is_file() and one.stat().st_size]
    return list({(one.parent, one.suffix): one for one in found}.values())


def complaint(name: str, path: Path, file: Path) -> str | None:
    """Return what is wrong with how a file is read, None where nothing is."""
    items, _ = sound(name)
    began = time.monotonic()
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for errors in ("raise", "collect"):
        try:
            back = formats.read(path, name, items=items, ontology=ONTOLOGY, errors=errors)
        except LabelwidgetsError as error:
            if not any(one.name in str(error.where) for one in (path, file)):
                return f"{errors}: does not name the file: {error!r:.300}"
        except Exception as error:
            return f"{errors}: {type(error).__name__}: {error!s:.200}"
        else:
            if errors == "raise":
                continue
            try:
                text = path.parent / "as_text.json"
                formats.write(back, text, "json")
                text.unlink()
            except Exception as error:
                return f"{errors}: cannot be written: {type(error).__name__}: {error!s:.200}"
    if (spent := time.monotonic() - began) > SECONDS:
        return f"takes {spent:.1f} s"
    if (grown := resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory) > KILOBYTES:
        return f"takes {grown >> 10} MB"
    return None


@pytest.mark.parametrize("name", NAMES)
def test_a_damaged_file_is_read_or_refused_by_name(tmp_path: Path, name: str) -> None:
    path = write(name, tmp_path)
    assert complaint(name, path, path) is None
    chance = random.Random(name)
    wrong = []
    for damage in DAMAGES:
        file = chance.choice(files_of(path))
        data = file.read_bytes()
        made = list(damage(data, file.suffix, chance))
        for how, damaged in chance.sample(made, min(MOST, len(made))):
            file.write_bytes(damaged)
            said = complaint(name, path, file)
            if said is not None:
                wrong.append(f"{file.name}, {how}: {said}")
        file.write_bytes(data)
    assert not wrong, "\n".join(wrong)
    shutil.rmtree(tmp_path)
