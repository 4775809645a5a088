"""What a server answered: its status, its bytes, and what they say."""

from __future__ import annotations

from typing import Any, NamedTuple

from labelwidgets.errors import AssistantError, FormatError, LimitError
from labelwidgets.formats.documents import as_json
from labelwidgets.model_servers.multipart import Part, read_parts

MOST_JSON = 1 << 26
"""Bytes of JSON that are decoded."""


class Reply(NamedTuple):
    """What a server answered.

    Parameters
    ----------
    status
        Of HTTP.
    kind
        The content type, with its parameters.
    body
        The bytes, decompressed.
    """

    status: int
    kind: str
    body: bytes

    @property
    def is_json(self) -> bool:
        """Whether it says that it is JSON."""
        return "json" in self.kind.split(";")[0]

    @property
    def is_multipart(self) -> bool:
        """Whether it says that it has several parts."""
        return self.kind.lower().startswith("multipart/")

    def json(self) -> Any:
        """Return what its JSON says.

        Raises
        ------
        AssistantError
            If it is a page, or no JSON.
        """
        return json_of(self.body)

    def parts(self) -> list[Part]:
        """Return its parts; see `read_parts`."""
        return read_parts(self.kind, self.body)


def json_of(body: bytes) -> Any:
    """Return what bytes of JSON say.

    Raises
    ------
    AssistantError
        If they are a page, too many, or no JSON.
    """
    if len(body) > MOST_JSON:
        raise AssistantError(f"answered with {len(body)} bytes of JSON, at most {MOST_JSON}.")
    if _is_page(body):
        raise AssistantError(
            "answered with a page, not with JSON.", hint="Is the address that of the server's API?"
        )
    try:
        return as_json(body, "JSON")
    except (FormatError, LimitError) as error:
        raise AssistantError(f"answered with what is no JSON: {error.message}") from None


def _is_page(body: bytes) -> bool:
    return body[:200].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")


def refused(reply: Reply) -> AssistantError:
    """Return what is wrong, in the words of the server where it has any."""
    body = reply.body[:2000]
    said = "" if _is_page(body) else " ".join(body.decode("utf-8", "replace").split())[:200]
    hint = {
        401: "Pass headers= with what it asks for.",
        403: "Pass headers= with what it asks for.",
        404: "Is the address, or the name of the model, another one?",
        500: "A model or an image that it does not know is that, too; its log says more.",
    }.get(reply.status, "Its log may say more.")
    return AssistantError(f"answered {reply.status}{': ' if said else '.'}{said}", hint=hint)
