"""A Voila server for one notebook: pages for people who get no kernel prompt.

Each page that is opened has a kernel of its own. Of what a browser sends to it the server lets
the messages of widgets through, and none that asks to execute code; there is no terminal, no file
of the server's, and no way to start another kernel.
"""

from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from traitlets.config import Config

from labelwidgets.errors import MissingExtraError
from labelwidgets.server.nearness import SETTING, come_nearer

ROOT = Path(__file__).parent
NOTEBOOK = ROOT / "annotate.ipynb"
TEMPLATES = ROOT / "share"

# A page that is gone without a word, as when a laptop is shut, lets its kernel be; after so many
# seconds without one it is ended. What was drawn meanwhile is kept in the browser.
IDLE = 600
LOOK_EVERY = 60

logger = logging.getLogger("labelwidgets")


class Address(NamedTuple):
    """Where a page is served.

    Parameters
    ----------
    ip, port
        What it listens on.
    base_url
        The path that it begins with.
    token
        What opens it, as ``?token=``; None where a hub says who may.
    """

    ip: str
    port: int
    base_url: str
    token: str | None

    @property
    def url(self) -> str:
        """What a person opens."""
        host = f"[{self.ip}]" if ":" in self.ip else self.ip
        query = f"?token={self.token}" if self.token else ""
        return f"http://{host}:{self.port}{self.base_url}{query}"


def hub_address(environment: Any = os.environ) -> Address | None:
    """Return where JupyterHub wants the page of a person, None if no hub has started this."""
    service = environment.get("JUPYTERHUB_SERVICE_URL")
    if not service:
        return None
    parts = urlsplit(service)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    prefix = environment.get("JUPYTERHUB_SERVICE_PREFIX") or "/"
    return Address(parts.hostname or "", port, prefix, None)


def serve(address: Address, notebook: Path = NOTEBOOK, theme: str = "light") -> None:
    """Serve the page until the process is told to end.

    Parameters
    ----------
    address
        Where.
    notebook
        What is shown: the output of its cells.
    theme
        ``light`` or ``dark``, where the address of a page has no ``?theme=``.

    Raises
    ------
    MissingExtraError
        If Voila, or below a hub JupyterHub, is not installed.
    """
    try:
        import ipykernel  # noqa: F401 what each page has one of

        from labelwidgets.server.voila_app import PageApp
    except ImportError:
        raise MissingExtraError(
            "is not installed.", where="Voila", hint="pip install 'labelwidgets[pages]'"
        ) from None
    # Where Voila looks for templates, which its own settings cannot say.
    paths = [str(TEMPLATES), os.environ.get("JUPYTER_PATH", "")]
    os.environ["JUPYTER_PATH"] = os.pathsep.join(filter(None, paths))
    # No settings of Voila's in a folder that somebody else can write to.
    app = PageApp(config=settings(address, notebook, theme), config_file_paths=[])
    app.initialize([])
    app.start()


def settings(address: Address, notebook: Path, theme: str) -> Config:
    """Return what Voila and the server under it are told."""
    from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection

    near: dict[str, Any] = {SETTING: ZMQChannelsWebsocketConnection}
    come_nearer(near, logger)
    config = Config()
    config.Application.log_level = logging.WARNING
    config.Voila.update(
        ip=address.ip,
        port=address.port,
        port_retries=0,
        base_url=address.base_url,
        open_browser=False,
        notebook_path=str(notebook),
        kernel_websocket_connection_class=near[SETTING],
    )
    config.VoilaConfiguration.update(
        template="labelwidgets",
        theme=theme,
        allow_template_override="NO",
        strip_sources=True,
        show_tracebacks=False,
        file_allowlist=[],
    )
    # A new kernel would know nothing of the page; to be loaded again is what helps that.
    config.KernelManager.autorestart = False
    config.MappingKernelManager.update(cull_idle_timeout=IDLE, cull_interval=LOOK_EVERY)
    if address.token is None:
        config.Voila.update(_of_the_hub())
    else:
        config.Voila.token = address.token
    return config


def _of_the_hub() -> dict[str, Any]:
    try:
        from jupyterhub import __version__
        from jupyterhub.singleuser.extension import JupyterHubAuthorizer

        from labelwidgets.server.hub_identity import HubIdentity
    except ImportError:
        raise MissingExtraError(
            "is not installed here.", where="JupyterHub", hint="pip install 'labelwidgets[hub]'"
        ) from None
    headers = {
        "X-JupyterHub-Version": __version__,
        "Content-Security-Policy": "frame-ancestors 'none'",
    }
    return {
        "identity_provider_class": HubIdentity,
        "authorizer_class": JupyterHubAuthorizer,
        "tornado_settings": {"headers": headers},
    }
