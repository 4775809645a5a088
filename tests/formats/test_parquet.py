"""Parquet and Arrow: whatever there is comes back equal, and DuckDB reads it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from labelwidgets import formats
from labelwidgets.errors import FormatError, LabelwidgetsError, LimitError
from labelwidgets.schema.annotation import Annotation
from labelwidgets.schema.geometry import Point, Polygon, Rectangle, Tag
from tests.formats.labels import ONTOLOGY, any_label, items

SQUARE = Polygon([[[(1, 2), (11, 2), (11, 12), (1, 12)], [(2, 3), (2, 5), (4, 5), (4, 3)]]])


def some() -> list[Annotation]:
    return [
        Annotation(item_id="a", class_name="car", geometry=Rectangle(1, 2, 3, 4)),
        Annotation(item_id="a", class_name="Straße", geometry=SQUARE, confidence=0.25),
        Annotation(item_id="b", class_name="car", geometry=Point(5, 6), attributes={"a": ["b"]}),
    ]


@pytest.mark.parametrize("name", ["a.parquet", "a.arrow", "a.zip", "a"])
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(made=st.lists(any_label("a", "b"), max_size=4, unique_by=lambda one: one.id))
def test_every_field_of_every_label_comes_back(
    tmp_path_factory: pytest.TempPathFactory, name: str, made: Any
) -> None:
    path, frame = tmp_path_factory.mktemp("p") / name, items("a", "b", folder="day")
    formats.write(made, path, "parquet", items=frame, ontology=ONTOLOGY, rows=2)
    back = formats.read(path)
    assert back.format == "parquet"
    assert back.annotations == made
    assert back.ontology == ONTOLOGY
    for column in ("id", "kind", "title", "folder", "urls", "metadata", "status"):
        assert back.items[column].tolist() == frame[column].tolist()


@pytest.mark.parametrize("by", ["class_name", "item_id", "author", "geometry_type"])
def test_partitions_come_back_whatever_their_values_are_called(tmp_path: Path, by: str) -> None:
    made = [
        Annotation(item_id="a", class_name=name, geometry=Rectangle(1, 2, 3, 4), author=author)
        for name in ('a "b" \\ c', "人", "../up", "x=y/z", "100%")
        for author in (None, "ana")
    ]
    formats.write(made, tmp_path / "p", "parquet", items=items("a"), partition_by=by)
    assert not (tmp_path / "up").exists()
    back = formats.read(tmp_path / "p", items=items("a"))
    assert sorted(back.annotations, key=lambda one: one.id) == sorted(made, key=lambda one: one.id)


def test_partitions_are_named_as_spark_unescapes_them(tmp_path: Path) -> None:
    made = [
        Annotation(item_id="a", class_name=name, geometry=Rectangle(1, 2, 3, 4))
        for name in ("Straße", "人 1", "a/b=c%:{}", "plain")
    ]
    formats.write(made, tmp_path / "p", "parquet", items=items("a"), partition_by="class_name")
    folders = {path.name for path in (tmp_path / "p" / "annotations").iterdir()}
    # As Spark and Hive do it: characters of ASCII are escaped, and no others.
    found = {re.sub("%(..)", lambda hit: chr(int(hit[1], 16)), name) for name in folders}
    assert found == {f"class_name_is={one.class_name}" for one in made}
    assert all(not set("\"#%:*/{}?[]^'\\") & set(re.sub("%..", "", name)) for name in folders)


def test_folders_of_files_of_before_are_read(tmp_path: Path) -> None:
    made = [
        Annotation(item_id="a", class_name="Straße", geometry=Rectangle(1, 2, 3, 4)),
        Annotation(item_id="a", geometry=Tag(), attributes={"note": "wet"}),
    ]
    formats.write(made, tmp_path / "p", "parquet", items=items("a"), partition_by="class_name")
    folder = tmp_path / "p" / "annotations"
    for now, before in (("Straße", "Stra%C3%9Fe"), ("none", "__HIVE_DEFAULT_PARTITION__")):
        (folder / f"class_name={before}").mkdir()
        file = pq.ParquetFile(folder / f"class_name_is={now}" / "part-0.parquet")
        # Before, the column was not in the file.
        rows = file.read().drop_columns(["class_name"])
        pq.write_table(rows, folder / f"class_name={before}" / "part-0.parquet")
        file.close()
        shutil.rmtree(folder / f"class_name_is={now}")
    assert formats.read(tmp_path / "p").annotations == made


@pytest.mark.parametrize("names", [("car", "1"), ("1", "2"), ("none", "car")])
@pytest.mark.parametrize("by", ["class_name", "author", "item_id"])
def test_pandas_and_duckdb_read_partitions_of_labels_without_a_value(
    tmp_path: Path, names: tuple[str, str], by: str
) -> None:
    box = Rectangle(1, 2, 3, 4)
    made = [Annotation(item_id="a", class_name=one, geometry=box, author=one) for one in names]
    made.append(Annotation(item_id="a", geometry=Tag(), attributes={"note": "wet"}))
    formats.write(made, tmp_path / "p", "parquet", items=items("a"), partition_by=by)
    table = tmp_path / "p" / "annotations"
    frame = pd.read_parquet(table).set_index("id")
    assert not isinstance(frame["class_name"].dtype, pd.CategoricalDtype)
    rows = duckdb.sql(
        f"select id, class_name, author from read_parquet('{table}/**/*.parquet')"  # noqa: S608
    ).fetchall()
    assert len(frame) == len(rows) == 3
    for one in made:
        theirs = frame.loc[one.id, ["class_name", "author"]].astype(object)
        assert theirs.where(theirs.notna(), None).tolist() == [one.class_name, one.author]
        assert (one.id, one.class_name, one.author) in rows
    chosen = pd.read_parquet(table, filters=[("class_name", "==", names[0])])
    assert chosen["id"].tolist() == [made[0].id]
    assert f"{by}_is" in chosen
    back = formats.read(tmp_path / "p", items=items("a")).annotations
    assert sorted(back, key=lambda one: one.id) == sorted(made, key=lambda one: one.id)


def test_moments_of_spark_which_name_no_zone_are_utc(tmp_path: Path) -> None:
    when = datetime(2026, 3, 29, 2, 30, 0, 123456, UTC)
    box = Rectangle(1, 2, 3, 4)
    made = [Annotation(item_id="a", class_name="car", geometry=box, created_at=when)]
    formats.write(made, tmp_path / "a.parquet", "parquet", items=items("a"))
    rows = pq.read_table(tmp_path / "a.parquet")
    pq.write_table(rows, tmp_path / "b.parquet", use_deprecated_int96_timestamps=True)
    (back,) = formats.read(tmp_path / "b.parquet").annotations
    assert back == made[0]


def test_folders_are_one_column_more_for_filters_and_no_column_is_there_twice(
    tmp_path: Path,
) -> None:
    names = ["car", "Straße", "a/b=c", "10% off", "none", "007", None]
    box = Rectangle(1, 2, 3, 4)
    made = [
        Annotation(item_id="a", class_name=one, geometry=Tag() if one is None else box)
        for one in names
        for _ in range(3)
    ]
    formats.write(made, tmp_path / "p", "parquet", items=items("a"), partition_by="class_name")
    table = tmp_path / "p" / "annotations"
    plain, hive = ds.dataset(table), ds.dataset(table, partitioning="hive")
    assert len(hive.schema.names) == len(set(hive.schema.names)) == len(plain.schema.names) + 1
    frame = pd.read_parquet(table)
    assert frame.columns.is_unique
    relation = f"read_parquet('{table}/**/*.parquet', hive_partitioning=true)"
    with duckdb.connect() as db:
        rows = db.execute(f"select * from {relation}").fetchall()  # noqa: S608
        columns = [one[0] for one in db.description or ()]
    assert sorted(columns) == sorted(hive.schema.names) == sorted(frame.columns)
    assert plain.count_rows() == hive.count_rows() == len(frame) == len(rows) == len(made)
    assert hive.count_rows(filter=ds.field("class_name").is_null()) == 3
    for name in names[:-1]:
        # Labels without a class lie with those whose class is called none.
        there = 6 if name == "none" else 3
        assert plain.count_rows(filter=ds.field("class_name") == name) == 3
        assert hive.count_rows(filter=ds.field("class_name_is") == name) == there
        assert len(pd.read_parquet(table, filters=[("class_name_is", "=", name)])) == there
        for column, count in (("class_name", 3), ("class_name_is", there)):
            wish = f"select count(*) from {relation} where {column} = ?"  # noqa: S608
            with duckdb.connect() as db:
                assert db.execute(wish, [name]).fetchall() == [(count,)]


def test_duckdb_reads_the_columns_and_the_partitions(tmp_path: Path) -> None:
    formats.write(
        some(), tmp_path / "p", "parquet", items=items("a", "b"), partition_by="class_name"
    )
    where = f"read_parquet('{tmp_path}/p/annotations/**/*.parquet', hive_partitioning=true)"
    found = duckdb.sql(
        f"select class_name, geometry_type, x, y, width, height, area from {where} order by area"  # noqa: S608
    ).fetchall()
    assert found == [
        ("car", "point", 5, 6, 0, 0, 0),
        ("car", "rectangle", 1, 2, 3, 4, 12),
        ("Straße", "polygon", 1, 2, 10, 10, 96),
    ]
    (holes,) = duckdb.sql(
        f"select json_array_length(geometry, '$.parts[0]') from {where} "  # noqa: S608
        "where geometry_type = 'polygon'"
    ).fetchall()
    assert holes == (2,)
    sizes = duckdb.sql(f"select id, width, height from '{tmp_path}/p/items.parquet'").fetchall()  # noqa: S608
    assert sizes == [("a", 60, 50), ("b", 60, 50)]


def test_pyarrow_finds_the_types_that_are_documented_and_groups_of_rows(tmp_path: Path) -> None:
    formats.write(some(), tmp_path / "a.parquet", "parquet", items=items("a", "b"), rows=2)
    file = pq.ParquetFile(tmp_path / "a.parquet")
    assert file.num_row_groups == 2
    kinds = {field.name: str(field.type) for field in file.schema_arrow}
    assert kinds["area"] == "double"
    assert kinds["frame"] == "int64"
    assert kinds["created_at"] == "timestamp[us, tz=UTC]"
    assert b"labelwidgets.ontology" in file.schema_arrow.metadata


def test_tables_of_others_with_boxes_are_read(tmp_path: Path) -> None:
    table = pa.table(
        {
            "item_id": ["a", "a"],
            "class_name": ["car", "dog"],
            "x": [1.0, 2.0],
            "y": [1, 2],
            "width": [5.0, None],
            "height": [4.0, 4.0],
        }
    )
    pq.write_table(table, tmp_path / "t.parquet")
    found = formats.read(tmp_path / "t.parquet", items=items("a"), errors="collect")
    assert [one.geometry for one in found.annotations] == [Rectangle(1, 1, 5, 4)]
    assert found.left_out[["record", "field"]].to_numpy().tolist() == [["row 1", "width"]]


def _table(tmp_path: Path, **columns: Any) -> Path:
    given = {
        "item_id": ["a"],
        "class_name": ["car"],
        "geometry": ['{"type":"point","x":1,"y":1}'],
    } | columns
    pq.write_table(pa.table(given), tmp_path / "t.parquet")
    return tmp_path / "t.parquet"


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "no shape": ({"geometry": ['{"type":"spiral"}']}, "row 0.*spiral"),
    "half a shape": ({"geometry": ['{"type":"poi']}, "row 0.*geometry"),
    "5,000 digits": ({"geometry": ['{"type":"point","x":' + "9" * 5000 + ',"y":1}']}, "row 0"),
    "brackets": ({"geometry": ["[" * 100_000]}, "row 0.*geometry"),
    "a number": ({"geometry": [5]}, "row 0.*geometry"),
    "outside": ({"geometry": ['{"type":"point","x":500,"y":1}']}, "row 0.*outside"),
    "confidence": ({"confidence": [7.5]}, "row 0.*from 0 to 1"),
    "infinite": ({"confidence": [float("inf")]}, "row 0"),
    "no class": ({"class_name": [None]}, "row 0.*class_name"),
    "an id": ({"id": ["no id!"]}, "row 0.*identifier"),
    "answers": ({"attributes": ['{"a":5}']}, "row 0.*attributes"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_named_with_row_and_column(tmp_path: Path, case: str) -> None:
    columns, expected = WRONG[case]
    path = _table(tmp_path, **columns)
    with pytest.raises(LabelwidgetsError, match=f"(?s)t.parquet.*({expected})"):
        formats.read(path, items=items("a"), ontology=ONTOLOGY)
    assert len(formats.read(path, items=items("a"), errors="collect").left_out) == 1


def test_damaged_files_are_told(tmp_path: Path) -> None:
    formats.write(some(), tmp_path / "a.parquet", "parquet", items=items("a", "b"))
    formats.write(some(), tmp_path / "a.arrow", "parquet", items=items("a", "b"))
    for path in (tmp_path / "a.parquet", tmp_path / "a.arrow"):
        data = path.read_bytes()
        for cut in (9, len(data) // 2, len(data) - 5):
            path.write_bytes(data[:cut])
            with pytest.raises(FormatError, match="damaged"):
                formats.read(path)
    pq.write_table(pa.table({"item_id": ["a"]}), tmp_path / "b.parquet")
    with pytest.raises(FormatError, match="no column 'class_name'"):
        formats.read(tmp_path / "b.parquet")
    with pytest.raises(LimitError, match="at most 0"):
        formats.read(_table(tmp_path), max_rows=0)
    (tmp_path / "empty").mkdir()
    with pytest.raises(FormatError, match="has no"):
        formats.read(tmp_path / "empty", "parquet")


def test_what_cannot_be_written_is_told_and_the_old_file_stays(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    formats.write(some(), path, "parquet", items=items("a", "b"))
    before = path.read_bytes()
    for options, expected in (
        ({"partition_by": "class_name"}, "needs a folder"),
        ({"partition_by": "geometry"}, "must be one of"),
        ({"rows": 0}, "number from 1"),
    ):
        with pytest.raises(FormatError, match=expected):
            formats.write(some(), path, "parquet", items=items("a", "b"), **options)
    with pytest.raises(FormatError, match="is no item"):
        formats.write(some(), path, "parquet", items=items("a"))
    assert path.read_bytes() == before


def test_a_zip_has_the_same_files_as_a_folder(tmp_path: Path) -> None:
    for name in ("p", "p.zip"):
        formats.write(some(), tmp_path / name, "parquet", partition_by="class_name")
    inside = set(zipfile.ZipFile(tmp_path / "p.zip").namelist())
    there = {str(one.relative_to(tmp_path / "p")) for one in (tmp_path / "p").rglob("*.parquet")}
    assert inside == there
    assert "annotations/class_name_is=Straße/part-0.parquet" in there


def test_without_pyarrow_the_command_is_named(tmp_path: Path) -> None:
    code = (
        "import sys; sys.modules['pyarrow'] = None\n"
        "from labelwidgets import formats\n"
        f"formats.write([], {str(tmp_path / 'a.parquet')!r}, 'parquet')"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=os.environ, check=False
    )
    assert 'pip install "labelwidgets[parquet]"' in done.stderr
