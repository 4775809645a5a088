"""A JupyterHub on loopback whose people get a page of one project."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from tests.servers import installing
from tests.servers.pages import COMMAND, variables
from tests.servers.process import HOST, NoServerError, ServerProcess, free_port

PASSWORD = "for nobody's eyes"  # noqa: S105 of a hub that lives as long as a test

# As in docs/guide/deploying.md, but for who is let in and how servers are started.
SETTINGS = """
import json
c = get_config()  # noqa: F821
given = json.loads(open({given!r}).read())
c.JupyterHub.bind_url = given["url"]
c.JupyterHub.hub_bind_url = given["hub"]
c.JupyterHub.db_url = "sqlite:///:memory:"
c.JupyterHub.cookie_secret_file = given["secret"]
c.ConfigurableHTTPProxy.api_url = given["proxy"]
c.ConfigurableHTTPProxy.command = given["proxy_command"]
c.JupyterHub.authenticator_class = "dummy"
c.DummyAuthenticator.password = given["password"]
c.Authenticator.allow_all = True
c.Authenticator.admin_users = {{"lea"}}
c.JupyterHub.load_roles = [
    {{"name": "lead", "users": ["lea"], "scopes": ["access:servers", "admin:servers", "self"]}}
]
c.JupyterHub.spawner_class = "simple"
c.SimpleLocalProcessSpawner.home_dir_template = given["homes"] + "/{{username}}"
c.Spawner.cmd = given["page"]
c.Spawner.environment = given["environment"]
c.Spawner.start_timeout = c.Spawner.http_timeout = 180
"""


class Hub:
    """A running hub.

    Parameters
    ----------
    home
        A folder of its own.
    project
        Path of the project that all get a page of.
    """

    def __init__(self, home: Path, project: Path) -> None:
        try:
            import jupyterhub  # noqa: F401
            import voila  # noqa: F401
        except ImportError as error:
            raise NoServerError(f"{error.name} is missing: pip install {error.name}") from None
        proxy = installing.hub_proxy()
        environment = variables(home)
        ours = {"LABELWIDGETS_PROJECT": str(project), "PYTHONPATH": environment["PYTHONPATH"]}

        def command(port: int) -> list[str]:
            given = {
                "url": f"http://{HOST}:{port}",
                "hub": f"http://{HOST}:{free_port()}",
                "proxy": f"http://{HOST}:{free_port()}",
                "proxy_command": proxy,
                "secret": str(home / "secret"),
                "password": PASSWORD,
                "homes": str(home / "homes"),
                "page": list(COMMAND),
                "environment": ours,
            }
            (home / "given.json").write_text(json.dumps(given))
            settings = home / "jupyterhub_config.py"
            settings.write_text(SETTINGS.format(given=str(home / "given.json")))
            return [sys.executable, "-m", "jupyterhub", f"--config={settings}"]

        self._server = ServerProcess(
            "JupyterHub", home, command, environment, ready="/hub/api"
        ).start()
        self.log = self._server.log

    @property
    def url(self) -> str:
        """Where people find it."""
        return self._server.url

    def stop(self) -> None:
        """Stop it, its proxy, and all servers of people."""
        self._server.stop()
