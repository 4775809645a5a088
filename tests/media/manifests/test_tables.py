"""Row 21 of the table of parameters: Encord's CSV; and tables of folders and URLs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labelwidgets.errors import LabelwidgetsError, SourceError
from labelwidgets.media import Dataset
from labelwidgets.media.manifests.tables import lines_of
from tests.media.manifests.files import listed, opened, write

ENCORD = {
    "videos": (
        "ObjectUrl,Title,Create video\ns3://b/v.mp4,My video,false\ns3://b/w.mov,,\n",
        [("video", "My video", ["v.mp4"]), ("video", "w.mov", ["w.mov"])],
    ),
    "image groups": (
        "ObjectUrl,Image group title,Create video\n"
        "s3://b/1.png,one,false\ns3://b/3.png,two,\ns3://b/2.png,one,\n",
        [("image_group", "one", ["1.png", "2.png"]), ("image_group", "two", ["3.png"])],
    ),
    "image sequences": (
        "ObjectUrl,Image sequence title,Create video\ns3://b/1.png,s,true\ns3://b/2.png,s,TRUE\n",
        [("image_sequence", "s", ["1.png", "2.png"])],
    ),
    "all types in one file, single pictures too": (
        "ObjectUrl,Title,Create video\n"
        "s3://b/v1.mp4,v1,\ns3://b/v2.mp4,v2,\ns3://b/i.png,picture,\n"
        "s3://b/s1.png,s1,true\ns3://b/s2.png,s2,true\ns3://b/g.png,g,false\n",
        [
            ("video", "v1", ["v1.mp4"]),
            ("video", "v2", ["v2.mp4"]),
            ("image", "picture", ["i.png"]),
            ("image_sequence", "s1", ["s1.png"]),
            ("image_sequence", "s2", ["s2.png"]),
            ("image_group", "g", ["g.png"]),
        ],
    ),
    "pictures that share a title are a group": (
        "ObjectUrl,Title,Create video\ns3://b/1.png,t,\ns3://b/x.png,u,\ns3://b/2.png,t,\n",
        [("image_group", "t", ["1.png", "2.png"]), ("image", "u", ["x.png"])],
    ),
    "pictures without a title": (
        "ObjectUrl,Title,Create video\ns3://b/1.png,,\ns3://b/2.png,,false\n",
        [("image", "1.png", ["1.png"]), ("image", "2.png", ["2.png"])],
    ),
    "a sequence and a group of one title are two": (
        "ObjectUrl,Title,Create video\ns3://b/1.png,t,true\ns3://b/1.png,t,false\n",
        [("image_sequence", "t", ["1.png"]), ("image_group", "t", ["1.png"])],
    ),
    "the header in any case": (
        "OBJECTURL,title,CREATE VIDEO\ns3://b/1.png,t,True\n",
        [("image_sequence", "t", ["1.png"])],
    ),
    "the header of the text": ("ObjectURL\ns3://b/1.png\n", [("image", "1.png", ["1.png"])]),
    "columns in another order, with others between them": (
        "Create_Video;note;Object Url;Title\nfalse;x;s3://b/1.png;t\n",
        [("image_group", "t", ["1.png"])],
    ),
    "tabs": ("ObjectUrl\tTitle\ns3://b/v.mp4\tt\n", [("video", "t", ["v.mp4"])]),
    "several columns of titles": (
        "ObjectUrl,Title,Image group title,Image sequence title,Create video\n"
        "s3://b/v.mp4,v,,,\ns3://b/1.png,,g,,\ns3://b/2.png,,,s,true\n",
        [
            ("video", "v", ["v.mp4"]),
            ("image_group", "g", ["1.png"]),
            ("image_sequence", "s", ["2.png"]),
        ],
    ),
    "quotes, commas and empty lines": (
        'ObjectUrl,Title\r\n\r\n"s3://b/a,b.png","one, ""two"""\r\n,\r\n',
        [("image", 'one, "two"', ["a,b.png"])],
    ),
    "short lines": (
        "ObjectUrl,Title,Create video\ns3://b/1.png\n",
        [("image", "1.png", ["1.png"])],
    ),
}


@pytest.mark.parametrize("row", ENCORD)
def test_encord(tmp_path, row):
    text, expected = ENCORD[row]
    assert listed(opened(tmp_path, "m.csv", text)) == expected


WRONG = {
    "white space": ("s3://b/a b.png,t,", "line 2, .*white space"),
    "white space before": (" s3://b/a.png,t,", "line 2, .*begins or ends with white"),
    "white space in the third line": ("s3://b/a.png,,\ns3://b/b .png,,", "line 3, .*white space"),
    "no URL": (",t,", "line 2, ObjectUrl: is blank"),
    "no boolean": ("s3://b/a.png,t,yes", "line 2, Create video: must be true, false or blank"),
    "a sequence without a title": ("s3://b/a.png,,true", "line 2, title: is needed"),
    "a video as a sequence": ("s3://b/v.mp4,t,true", "must be false for a video"),
    "DICOM": ("s3://b/a.dcm,t,", "line 2, s3://b/a.dcm: is DICOM"),
    "a duplicate": ("s3://b/a.png,,\ns3://b/a.png,,", "line 3: has the URL of line 2"),
    "an open quote": ('s3://b/a.png,"t', "line 2: is not CSV"),
    "a file outside": ("/etc/a.png,t,", "line 2, /etc/a.png: lies outside"),
    "nothing": ("", "names nothing to label"),
}


@pytest.mark.parametrize("row", WRONG)
def test_what_is_wrong_is_named_with_its_line(tmp_path, row):
    lines, words = WRONG[row]
    with pytest.raises(LabelwidgetsError, match=words):
        opened(tmp_path, "m.csv", "ObjectUrl,Title,Create video\n" + lines)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("ObjectUrl,Image group title,Create video\ns3://b/1.png,g,true\n", "false for a group"),
        ("ObjectUrl,Image sequence title\ns3://b/1.png,s\n", "must be true for a sequence"),
        ("ObjectUrl,ObjectURL\ns3://b/1.png,s\n", "line 1: has several columns 'objecturl'"),
        ("url,URL\ns3://b/1.png,s\n", "line 1: has several columns 'url'"),
        ("name,size\na,b\n", "table of another shape: its first line is 'name, size'. Expected"),
        ("", "is empty"),
        ("\n\n", "is empty"),
    ],
)
def test_wrong_columns_are_named(tmp_path, text, words):
    with pytest.raises(SourceError, match=words):
        opened(tmp_path, "m.csv", text)


def test_every_wrong_line_is_a_row_of_the_errors_and_a_group_is_whole_or_not_there(tmp_path):
    text = (
        "ObjectUrl,Title,Create video\n"
        "s3://b/1.png,g,\n"
        "s3://b/2 .png,g,\n"
        '"s3://b/\n3.png",,\n'
        "s3://b/4.png,,\n"
        "s3://b/5.png,h,maybe\n"
    )
    dataset = opened(tmp_path, "m.csv", text, errors="collect")
    assert listed(dataset) == [("image", "4.png", ["4.png"])]
    assert list(dataset.errors.place) == ["line 3", "line 4", "line 7"]
    assert list(dataset.errors.row) == [1, 2, 4]
    assert list(dataset.errors.url) == ["s3://b/2 .png", "s3://b/\n3.png", "s3://b/5.png"]


TABLES = {
    "folder and URL without a header": (
        "Drive,http://example.org/av001.jpg\nPNG,http://example.org/00012.png\n",
        [("image", "av001.jpg", "Drive"), ("image", "00012.png", "PNG")],
    ),
    "URL and folder": (
        "s3://b/a.jpg,x/y\ns3://b/b.jpg,\n",
        [("image", "a.jpg", "x/y"), ("image", "b.jpg", "")],
    ),
    "URLs alone": (
        "s3://b/a.jpg\ns3://b/b.mp4\n",
        [("image", "a.jpg", ""), ("video", "b.mp4", "")],
    ),
    "with a header": (
        "Folder Name,Image URL\nDrive,s3://b/a.jpg\n,s3://b/b.jpg\n",
        [("image", "a.jpg", "Drive"), ("image", "b.jpg", "")],
    ),
    "the scans of a folder are one series": (
        "DICOM,s3://b/1.dcm\nDrive,s3://b/a.jpg\nDICOM,s3://b/2.dcm\nother,s3://b/3.dcm\n",
        [("dicom_series", "DICOM", "DICOM"), ("image", "a.jpg", "Drive"),
         ("dicom_series", "other", "other")],
    ),
    "a series of DICOMweb": (
        "folder,url\nCT,dicomweb://pacs.example.org/studies/1/series/2\n",
        [("dicom_series", "2", "CT")],
    ),
    "title, id and kind": (
        "url,title,id,kind\ns3://b/a,one,i1,video\ns3://b/c.png,,,\n",
        [("video", "one", ""), ("image", "c.png", "")],
    ),
}  # fmt: skip


@pytest.mark.parametrize("row", TABLES)
def test_folders_and_urls(tmp_path, row):
    text, expected = TABLES[row]
    items = opened(tmp_path, "m.csv", text).items
    assert list(zip(items.kind, items.title, items.folder, strict=True)) == expected
    assert not items.trusted.any()


def test_other_columns_go_into_the_metadata(tmp_path):
    dataset = opened(tmp_path, "m.csv", "url,site,age\ns3://b/a.png,A,\ns3://b/b.png,,42\n")
    assert list(dataset.items.metadata) == [{"site": "A"}, {"age": "42"}]


def test_paths_lie_beside_the_table(tmp_path):
    (tmp_path / "pictures").mkdir()
    dataset = opened(tmp_path, "m.csv", "folder,url\nx,pictures/my photo.png\n")
    assert dataset.items.urls[0] == [f"{tmp_path.resolve()}/pictures/my photo.png"]
    for path in ("../x.png", "/etc/passwd.png", "~/x.png", "file:///etc/x.png"):
        with pytest.raises(SourceError, match=r"line 2, .*(lies outside|names a home folder)"):
            opened(tmp_path, "m.csv", f"folder,url\nx,{path}\n")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le"])
def test_tables_as_spreadsheets_save_them(tmp_path, encoding):
    path = write(tmp_path, "m.csv", "folder;url\nGröße;s3://b/a.png\n", encoding)
    assert list(Dataset.open(path, validate=False).items.folder) == ["Größe"]


def test_a_table_that_is_not_text(tmp_path):
    (tmp_path / "m.csv").write_bytes(b"url\ns3://b/\xff.png\n")
    with pytest.raises(SourceError, match=r"m\.csv: is not text in UTF-8 or UTF-16 \(byte 11\)"):
        Dataset.open(tmp_path / "m.csv", validate=False)
    (tmp_path / "m.csv").write_bytes(b"url\ns3://b/\0.png\n")
    with pytest.raises(SourceError, match="is not text: it holds zeros"):
        Dataset.open(tmp_path / "m.csv", validate=False)
    (tmp_path / "m.csv").write_text("url\ns3://b/" + "x" * 200_000)
    with pytest.raises(SourceError, match="line 2: is not CSV"):
        Dataset.open(tmp_path / "m.csv", validate=False)


cells = st.text(st.characters(exclude_characters="\r\0", exclude_categories=("Cs",)), max_size=12)


@given(st.lists(st.lists(cells, min_size=2, max_size=4), min_size=1, max_size=8))
def test_lines_have_the_numbers_that_editors_show(table):
    # The first line has no delimiter but the comma.
    table = [["a", "b"], *table]
    quoted = [",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in table]
    found = list(lines_of("\n".join(quoted), "m.csv"))
    number, expected = 1, []
    for row, text in zip(table, quoted, strict=True):
        if any(cell.strip() for cell in row):
            expected.append((number, row))
        number += text.count("\n") + 1
    assert [(line.number, line.cells) for line in found] == expected
