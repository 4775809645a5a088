"""JupyterHub's word on who asks, for a page that Voila serves."""

from __future__ import annotations

import os
from typing import Any

from jupyterhub.singleuser.extension import JupyterHubIdentityProvider
from tornado.web import HTTPError


class HubIdentity(JupyterHubIdentityProvider):  # type: ignore[misc]
    """Lets in the person whose page it is, and nobody else.

    Others whom the hub would let in, such as its admins, would label under that person's name.
    """

    def __init__(self, **options: Any) -> None:
        # Of Voila's: who is let in is the hub's to say, and nobody by a token of the page.
        options.pop("token", None)
        options.pop("login_handler_class", None)
        super().__init__(**options)

    async def get_user(self, handler: Any) -> Any:
        """Return who asks; None sends them to the hub's login."""
        user = await super().get_user(handler)
        owner = os.environ.get("JUPYTERHUB_USER")
        if user is not None and user.username != owner:
            raise HTTPError(403, f"This is the page of {owner}.")
        return user

    def get_handlers(self) -> list[Any]:
        """Return the handlers of login and logout, where this page lies below the hub."""
        prefix = self.parent.server_url.rstrip("/")
        return [(prefix + path, *rest) for path, *rest in super().get_handlers()]
