"""Who works: attribution, not access control, for whoever holds a kernel may say anything."""

from __future__ import annotations

import getpass
import os

from labelwidgets.errors import WorkflowError

MAX_NAME = 200


def current_user(name: str | None = None) -> str:
    """Return who works.

    Parameters
    ----------
    name
        As given by the caller; None takes the name that JupyterHub gives (in the
        environment variable ``JUPYTERHUB_USER``), else the login name.

    Raises
    ------
    WorkflowError
        If the name is empty or not plain text, or there is none to be found.
    """
    if name is None:
        name = os.environ.get("JUPYTERHUB_USER") or _login()
    if not isinstance(name, str) or not name.strip():
        raise WorkflowError("must be a name.", where="user", hint='Pass one, such as user="ana".')
    if len(name) > MAX_NAME or not name.isprintable():
        raise WorkflowError(
            f"must be printable and of at most {MAX_NAME} characters.", where="user"
        )
    return name


def _login() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        # What getpass raises where there is neither a variable nor a password database.
        raise WorkflowError(
            "cannot be found out here.", where="user", hint='Pass one, such as user="ana".'
        ) from None
