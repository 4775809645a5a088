"""Reading many rows of a PostgreSQL database at once: as Arrow, by ADBC, where it is installed."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select
from sqlalchemy.dialects import postgresql

from labelwidgets.store.location import Location

# Fewer rows than these come as fast by the connection that is there.
MANY = 10_000


def read_arrow(location: Location, query: Select[Any]) -> dict[str, Any] | None:
    """Return the columns of a query as Arrow arrays by name, None where that cannot be had.

    Parameters
    ----------
    location
        Of a PostgreSQL database.
    query
        Without secrets: its values are written into it.
    """
    try:
        import pyarrow  # noqa: F401 what the driver makes tables of
        from adbc_driver_postgresql import dbapi
    except ImportError:
        return None
    text = str(
        query.compile(dialect=postgresql.dialect(), compile_kwargs={"literal_binds": True})  # type: ignore[no-untyped-call]
    )
    url = location.url.set(drivername="postgresql").render_as_string(hide_password=False)
    try:
        with dbapi.connect(url) as connection, connection.cursor() as cursor:
            cursor.execute(text)
            table = cursor.fetch_arrow_table()
    except dbapi.Error:
        # The other way works as well, or says why not.
        return None
    return {name: table.column(name) for name in table.column_names}
