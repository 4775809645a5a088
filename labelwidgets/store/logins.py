"""Login roles of a PostgreSQL server, made for people who are added to a project."""

from __future__ import annotations

from sqlalchemy import Connection, text

from labelwidgets.errors import WorkflowError
from labelwidgets.store.engine import driver_of


def make_login(connection: Connection, login: str, password: str) -> None:
    """Make a login role; takes a role of the server that may make roles.

    The password goes nowhere: what it is checked by is computed here (SCRAM, RFC 5802), and that
    alone is sent to the server. It is kept in no table, no event and no log.

    Raises
    ------
    WorkflowError
        If there is such a role: its password is its own.
    StoreForbiddenError
        If this connection may make none.
    """
    from psycopg import sql

    there = text("SELECT 1 FROM pg_roles WHERE rolname = :login")
    if connection.execute(there, {"login": login}).first() is not None:
        raise WorkflowError(
            "is a role of the server already, whose password is left as it is.",
            where=f"login {login!r}",
            hint="Leave the password out.",
        )
    driver = driver_of(connection)
    verifier = driver.pgconn.encrypt_password(password.encode(), login.encode(), b"scram-sha-256")
    made = sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}")
    driver.execute(made.format(sql.Identifier(login), sql.Literal(verifier.decode())))
