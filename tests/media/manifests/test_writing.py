import json

import fsspec
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from labelwidgets.errors import SourceError
from labelwidgets.media import Dataset, write_manifest
from tests.media.builders import gradient, save
from tests.media.manifests.files import listed, opened

PNG = save(Image.fromarray(gradient()), "PNG")
COLUMNS = ["id", "kind", "title", "folder", "urls", "metadata"]


def same(one, other):
    pd.testing.assert_frame_equal(
        one[COLUMNS].reset_index(drop=True), other[COLUMNS].reset_index(drop=True)
    )


def test_any_listing_goes_round(tmp_path):
    for name in ("a.png", "sub/b c.png", "ct/1.dcm", "ct/2.dcm", "v.mp4"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(PNG)
    dataset = Dataset.open(tmp_path, validate=False)
    dataset.write_manifest(tmp_path / "all.json")
    again = Dataset.open(tmp_path / "all.json", validate=False)
    order = ["image", "image", "video", "dicom_series"]
    assert sorted(again.items.kind) == sorted(order)
    same(dataset.items.sort_values("id"), again.items.sort_values("id"))
    write_manifest(tmp_path, tmp_path / "listed.json")
    assert (tmp_path / "listed.json").read_bytes() == (tmp_path / "all.json").read_bytes()


def test_everything_that_encord_knows_goes_round(tmp_path):
    manifest = {
        "images": [
            {"objectUrl": "s3://b/a.png", "title": "t", "clientMetadata": {"k": [1, None, "é"]}}
        ],
        "videos": [
            {
                "title": "v",
                "objectUrl": "gs://b/v.mp4",
                "videoMetadata": {
                    "fps": 23.98,
                    "duration": 29.09,
                    "width": 1280,
                    "height": 720,
                    "file_size": 5,
                    "mime_type": "video/mp4",
                    "codec": "h264",
                },
            }
        ],
        "image_groups": [{"title": "g", "objectUrl_0": "s3://b/1.png"}],
        "image_sequences": [{"title": "s", "objectUrl_0": "s3://b/2", "objectUrl_1": "s3://b/1"}],
        "dicom_series": [{"title": "d", **{f"objectUrl_{n}": f"s3://b/{n}" for n in range(12)}}],
    }
    dataset = opened(tmp_path, "m.json", manifest)
    dataset.write_manifest(tmp_path / "again.json")
    again = Dataset.open(tmp_path / "again.json", validate=False)
    same(dataset.items, again.items)
    assert list(again.items.status) == list(dataset.items.status)
    written = json.loads((tmp_path / "again.json").read_text())
    assert written["videos"][0]["videoMetadata"] == manifest["videos"][0]["videoMetadata"]
    assert written["image_sequences"][0]["createVideo"] is True
    assert "labelwidgets" not in json.dumps(written)


def test_ids_folders_and_other_metadata_go_round(tmp_path):
    frame = pd.DataFrame(
        {
            "url": ["s3://b/1.png", "s3://b/2.png"],
            "id": ["x", None],
            "folder": ["a/b", ""],
            "n": [1, 2],
        }
    )
    Dataset.open(frame, validate=False).write_manifest(tmp_path / "m.json")
    items = Dataset.open(tmp_path / "m.json", validate=False).items
    assert items.id[0] == "x"
    assert list(items.folder) == ["a/b", ""]
    assert list(items.metadata) == [{"clientMetadata": {"n": n}} for n in (1, 2)]


def test_csv_goes_round(tmp_path):
    manifest = {
        "images": [{"objectUrl": "s3://b/a.png"}, {"objectUrl": "s3://b/b.png", "title": 'x, "y"'}],
        "videos": [{"objectUrl": "s3://b/v.mp4", "title": "t"}],
        "image_groups": [{"title": "g", "objectUrl_0": "s3://b/1.png"}],
        "image_sequences": [{"title": "g", "objectUrl_0": "s3://b/2", "objectUrl_1": "s3://b/1"}],
    }
    dataset = opened(tmp_path, "m.json", manifest)
    dataset.write_manifest(tmp_path / "m.csv")
    assert (tmp_path / "m.csv").read_text().splitlines()[0] == "ObjectUrl,Title,Create video"
    same(dataset.items, Dataset.open(tmp_path / "m.csv", validate=False).items)


names = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=6)


@given(
    st.lists(st.tuples(st.sampled_from(["image", "video", "group", "sequence"]), names), max_size=6)
)
def test_csv_gives_the_same_items_or_says_that_it_cannot(tmp_path_factory, wanted):
    folder = tmp_path_factory.getbasetemp()
    rows = []
    for number, (kind, title) in enumerate(wanted):
        if kind in ("image", "video"):
            row = {"url": f"s3://b/{number}.{'png' if kind == 'image' else 'mp4'}"}
        else:
            row = {
                "urls": [f"s3://b/{number}a.png", f"s3://b/{number}b.png"],
                "kind": f"image_{kind}",
            }
        rows.append({**row, "title": title or None})
    if not rows:
        return
    (folder / "rows.json").write_text(json.dumps(rows))
    dataset = Dataset.open(folder / "rows.json", validate=False)
    try:
        dataset.write_manifest(folder / "rows.csv")
    except SourceError as error:
        assert "title" in str(error)  # noqa: PT017
    else:
        same(dataset.items, Dataset.open(folder / "rows.csv", validate=False).items)


@pytest.mark.parametrize(
    ("url", "written"),
    [
        ("s3://bucket/my photo.png", "https://s3.amazonaws.com/bucket/my%20photo.png"),
        ("gs://bucket/my photo#1.png", "https://storage.googleapis.com/bucket/my%20photo%231.png"),
        (
            "abfs://cont@acct.dfs.core.windows.net/x/my photo.png",
            "https://acct.blob.core.windows.net/cont/x/my%20photo.png",
        ),
        ("s3://b/plain+name.png", "s3://b/plain+name.png"),
    ],
)
def test_white_space_in_keys_is_written_as_the_clouds_spell_it(tmp_path, url, written):
    dataset = Dataset.open([url], validate=False)
    dataset.write_manifest(tmp_path / "m.json")
    assert json.loads((tmp_path / "m.json").read_text())["images"][0]["objectUrl"] == written
    same(dataset.items, Dataset.open(tmp_path / "m.json", validate=False).items)


def test_signatures_are_not_written(tmp_path):
    url = "https://b.s3.eu-west-2.amazonaws.com/a.png?X-Amz-Signature=hunter2&X-Amz-Expires=60"
    dataset = Dataset.open([url], validate=False)
    dataset.write_manifest(tmp_path / "m.json")
    assert "hunter2" not in (tmp_path / "m.json").read_text()
    assert list(Dataset.open(tmp_path / "m.json", validate=False)) == list(dataset)


@pytest.mark.parametrize(
    ("source", "name", "words"),
    [
        (["s3://b/a.dcm"], "m.csv", "is a scan"),
        (["s3://b/a.png"], "m.txt", "is not the name of a manifest"),
        (["zip://a.png::/x.zip"], "m.json", "lies in an archive"),
        (["s3://b/a.png"], "nowhere/m.json", "has no folder"),
        ([{"url": "s3://b/a.png", "kind": "video"}], "m.csv", "name of another kind"),
    ],
)
def test_what_cannot_be_written_is_told(tmp_path, source, name, words):
    if isinstance(source[0], dict):
        source = pd.DataFrame(source)
    with pytest.raises(SourceError, match=words):
        Dataset.open(source, validate=False).write_manifest(tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_a_manifest_can_lie_in_a_bucket():
    write_manifest(["s3://b/a.png"], "memory://manifests/m.json")
    fs = fsspec.filesystem("memory")
    assert b"s3://b/a.png" in fs.cat("/manifests/m.json")
    assert listed(Dataset.open("memory://manifests/m.json", validate=False)) == [
        ("image", "a.png", ["a.png"])
    ]
    fs.rm("/manifests", recursive=True)
