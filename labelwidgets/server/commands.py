"""The command `labelwidgets page`: a page for people who label, and write no code."""

from __future__ import annotations

import argparse
import os
import secrets
import sys
from collections.abc import Sequence
from pathlib import Path

from labelwidgets.errors import LabelwidgetsError, WorkflowError
from labelwidgets.server.voila_server import NOTEBOOK, Address, hub_address, serve
from labelwidgets.workflow.people import current_user
from labelwidgets.workflow.stages import ROLES

PORT = 8866


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return 2 where it cannot be done, with the reason on the error output."""
    chosen = _parser().parse_args(arguments)
    try:
        _page(chosen)
    except LabelwidgetsError as error:
        print(f"labelwidgets: {error}", file=sys.stderr)
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="labelwidgets", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="command")
    page = commands.add_parser(
        "page",
        help="serve a page to label on, without a kernel prompt",
        description="Serves a page to label on. Below JupyterHub (c.Spawner.cmd) it is for the "
        "person whose server it is; else for whoever has its address, under one name.",
    )
    page.add_argument(
        "project",
        nargs="?",
        default=os.environ.get("LABELWIDGETS_PROJECT"),
        help="path or URL of the project; by default what LABELWIDGETS_PROJECT says",
    )
    page.add_argument("--review", action="store_true", help="to judge what others have made")
    page.add_argument("--role", choices=ROLES, help="by default annotator, or reviewer")
    page.add_argument("--user", help="who labels, where no hub says so; else the login name")
    page.add_argument("--notebook", type=Path, help="your own, whose output is the page")
    page.add_argument("--theme", choices=("light", "dark"), default="light")
    page.add_argument("--ip", default="127.0.0.1", help="to listen on (%(default)s)")
    page.add_argument("--port", type=int, default=PORT, help="(%(default)s)")
    page.add_argument("--base-url", default="/", help="path that the page lies at, behind a proxy")
    return parser


def _page(chosen: argparse.Namespace) -> None:
    address, variables = hub_address(), {}
    if address is None:
        base = f"/{chosen.base_url.strip('/')}/".replace("//", "/")
        address = Address(chosen.ip, chosen.port, base, secrets.token_hex(16))
        if chosen.user is not None:
            variables["LABELWIDGETS_USER"] = current_user(chosen.user)
    elif chosen.user is not None:
        raise WorkflowError("is what the hub says it is.", where="--user", hint="Leave it away.")
    if chosen.notebook is None:
        variables["LABELWIDGETS_PROJECT"] = _named(chosen.project)
        if address.token is not None:
            # Better known at once. Below a hub the page says it, and the server starts sooner.
            _try(variables["LABELWIDGETS_PROJECT"])
    elif not chosen.notebook.is_file():
        raise WorkflowError("is not there.", where=f"notebook {str(chosen.notebook)!r}")
    elif chosen.project:
        variables["LABELWIDGETS_PROJECT"] = _absolute(chosen.project)
    variables["LABELWIDGETS_WORK"] = "review" if chosen.review else "annotate"
    if chosen.role is not None:
        variables["LABELWIDGETS_ROLE"] = chosen.role
    os.environ.update(variables)
    if address.token is not None:
        print(f"\n  labelwidgets: {address.url}\n  Ctrl+C ends it.\n", flush=True)
    serve(address, (chosen.notebook or NOTEBOOK).resolve(), chosen.theme)


def _named(project: str | None) -> str:
    if not project:
        raise WorkflowError("is not named.", where="project", hint="labelwidgets page cars.db")
    return _absolute(project)


def _try(place: str) -> None:
    """Raise where there is no project to be opened."""
    from labelwidgets.project import Project

    Project.open(place).close()


def _absolute(project: str) -> str:
    # The kernel of a page works in another folder.
    return project if "://" in project else str(Path(project).expanduser().resolve())
