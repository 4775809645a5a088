"""Storage options hold keys: nothing that a run leaves behind may hold them too."""

from __future__ import annotations

import io
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import fsspec
import numpy as np
import pandas as pd
import pytest
from PIL import Image

import labelwidgets as lw
from labelwidgets.errors import LabelwidgetsError
from labelwidgets.media.urls import masked
from tests.media.network.unruly import Unruly, good

SECRET = "hunter2-0a1b2c3d4e"  # noqa: S105 - what the tests look for


@pytest.fixture
def bucket() -> str:
    """A bucket in memory with one picture; returns its URL."""
    data = io.BytesIO()
    Image.fromarray(np.zeros((48, 64, 3), np.uint8)).save(data, "PNG")
    memory = fsspec.filesystem("memory")
    memory.pipe("/secrets/p.png", data.getvalue())
    return "memory://secrets"


def test_no_file_of_a_run_holds_them(
    tmp_path: Path, bucket: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("XDG_DATA_HOME", "XDG_CACHE_HOME", "LOCALAPPDATA", "HOME"):
        monkeypatch.setenv(name, str(tmp_path / name))
    shown: list[Any] = []
    dataset = lw.Dataset.open(bucket, password=SECRET)
    with lw.Project.create(tmp_path / "x.db", dataset, ["car"], user="ana") as project:
        shown += [repr(dataset), dataset._repr_html_(), dataset.items.to_csv()]
    with lw.Project.open(tmp_path / "x.db", user="ana", password=SECRET) as project:
        item = project.tasks["item_id"].iloc[0]
        box = lw.Annotation(item_id=item, class_name="car", geometry=lw.Rectangle(1, 1, 5, 5))
        project.add(box)
        widget = project.annotate()
        shown += [repr(widget), widget.get_state(), widget._repr_mimebundle_()]
        shown += [repr(project), project._repr_html_(), project.events.to_csv()]
        project.export("coco", f"{bucket}/out.json", password=SECRET)
        project.export("coco", tmp_path / "out.json")
        project.delete(project.annotations)
        project.import_annotations(f"{bucket}/out.json", password=SECRET)
        widget.close()
    scratch = lw.annotate(f"{bucket}/p.png", ["car"], storage_options={"password": SECRET})
    shown += [repr(scratch), scratch.get_state(), scratch._repr_mimebundle_()]
    scratch.close()
    assert SECRET not in str(shown)
    assert SECRET not in "".join(capsys.readouterr())
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(files) >= 3
    for path in files:
        assert SECRET.encode() not in path.read_bytes(), path


FAR = "http://127.0.0.1:9"
AWS = "https://my-bucket.s3.eu-west-1.amazonaws.com"
OBS = "https://my-bucket.obs.eu-de.otc.t-systems.com"
NEAR_S3 = {
    "endpoint_url": FAR,
    "config_kwargs": {"connect_timeout": 1, "retries": {"max_attempts": 0}},
}
OPENINGS: dict[str, tuple[str, dict[str, Any]]] = {
    "a header": (f"{FAR}/a.jpg", {"headers": {"Authorization": SECRET}}),
    "headers that are none": (f"{FAR}/a.jpg", {"headers": SECRET}),
    "a login that is none": (f"{FAR}/a.jpg", {"client_kwargs": {"auth": SECRET}}),
    "an unknown option": (f"{FAR}/a.jpg", {"nonsense": SECRET}),
    "a login in the URL": (f"http://ana:{SECRET}@127.0.0.1:9/a.jpg", {}),
    "a login with a slash": (f"http://ana:{SECRET}/x@127.0.0.1:9/a.jpg", {}),
    "a token in the URL": (f"{FAR}/a.jpg?token={SECRET}", {}),
    "a signed URL": (f"{FAR}/a.jpg?X-Amz-Signature={SECRET}&X-Amz-Credential={SECRET}", {}),
    "a shared link": (f"{FAR}/a.jpg?sv=1&sig={SECRET}", {}),
    "ftp": ("ftp://127.0.0.1:9/a.jpg", {"username": "ana", "password": SECRET}),
    "ftp in the URL": (f"ftp://ana:{SECRET}@127.0.0.1:9/a.jpg", {}),
    "s3": ("s3://b/a.jpg", {"key": "K", "secret": SECRET, **NEAR_S3}),
    "s3 by its block": ("s3://b/a.jpg", {"s3": {"key": "K", "secret": SECRET, **NEAR_S3}}),
    "s3 by https": (f"{AWS}/a.jpg", {"s3": {"key": "K", "secret": SECRET, **NEAR_S3}}),
    "OBS": (f"{OBS}/a.jpg", {"s3": {"key": "K", "secret": SECRET, **NEAR_S3}}),
    "a token in a block": (f"{FAR}/a.jpg", {"http": {"headers": {"Authorization": SECRET}}}),
    "a cookie": (f"{FAR}/a.jpg", {"client_kwargs": {"cookies": {"session": SECRET}}}),
    "a connector": (f"{FAR}/a.jpg", {"client_kwargs": {"connector": SECRET}}),
    "signed for OBS": (f"{FAR}/a.jpg?AccessKeyId={SECRET}&Signature={SECRET}", {}),
    "signed for Google": (f"{FAR}/a.jpg?X-Goog-Signature={SECRET}&X-Goog-Credential={SECRET}", {}),
    "signed for S3 of old": (f"{FAR}/a.jpg?AWSAccessKeyId={SECRET}&Signature={SECRET}", {}),
    "signed for a CDN": (f"{FAR}/a.jpg?Policy={SECRET}&Key-Pair-Id={SECRET}&Signature=x", {}),
    "a key of a service": (f"{FAR}/a.jpg?subscription-key={SECRET}&x=1", {}),
    "a token behind a hash": (f"{FAR}/a.jpg#access_token={SECRET}", {}),
    "an account that is none": (f"abfs://box:{SECRET}@127.0.0.1/a.jpg", {}),
    "gs": ("gs://b/a.jpg", {"token": {"private_key": SECRET}, "endpoint_url": FAR}),
    "azure": ("abfs://b/a.jpg", {"connection_string": f"AccountKey={SECRET}"}),
    "an unknown protocol": ("zzz://b/a.jpg", {"secret": SECRET}),
    "a missing file": ("memory://secrets/none.jpg", {"secret": SECRET}),
    "a missing file here": ("/none.jpg", {"secret": SECRET}),
}


def told(call: Callable[[], object], kind: type[Exception] = LabelwidgetsError) -> str:
    """Return all that a notebook would print of an error."""
    with pytest.raises(kind) as caught:
        call()
    error = caught.value
    return "".join(traceback.format_exception(error)) + repr(error) + str(error)


def collected(url: str, options: dict[str, Any]) -> str:
    """Return the log of files that failed, as somebody would send it on."""
    try:
        return str(lw.Dataset.open([url], errors="collect", **options).errors.to_csv())
    except LabelwidgetsError as error:
        return str(error)


@pytest.mark.filterwarnings("ignore:The .auth. parameter:DeprecationWarning")
@pytest.mark.parametrize("name", OPENINGS)
def test_no_error_of_a_dataset_holds_them(name: str) -> None:
    url, options = OPENINGS[name]
    for call in (
        lambda: lw.Dataset.open(url, **options),
        lambda: lw.Dataset.open([url], **options),
        lambda: lw.media.open_image(url, **options),
        lambda: lw.annotate(url, ["car"], storage_options=options),
        lambda: lw.formats.read(url, items=None, **options),
    ):
        assert SECRET not in told(call, Exception)
    assert SECRET not in collected(url, options)


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql://ana:{SECRET}@127.0.0.1:9/x",
        f"postgresql://ana:{SECRET}@127.0.0.1:port/x",
        f"postgresql://127.0.0.1:9/x?user=ana&password={SECRET}",
        f"mysql://ana:{SECRET}@127.0.0.1/x",
        f"sqlite://ana:{SECRET}@127.0.0.1",
    ],
)
def test_no_error_of_a_project_holds_them(url: str, bucket: str) -> None:
    dataset = lw.Dataset.open(bucket)
    assert SECRET not in told(lambda: lw.Project.open(url, user="ana"))
    assert SECRET not in told(lambda: lw.Project.create(url, dataset, ["car"], user="ana"))


@pytest.mark.parametrize(
    "text",
    [
        f"https://h.org/a?X-Amz-Signature={SECRET}&X-Amz-Credential={SECRET}&x=1",
        f"https://h.org/a?x=1&X-Goog-Signature={SECRET}",
        f"https://h.org/a?x-obs-security-token={SECRET}",
        f"https://h.org/a?sv=1&SIG={SECRET}&se=2",
        f"https://h.org/a?AWSAccessKeyId={SECRET}&Signature={SECRET}",
        f"https://h.org/a?id_token={SECRET};refresh_token={SECRET}",
        f"https://h.org/a?next=%2Fb%3Ftoken%3D{SECRET}",
        f"https://h.org/a#access_token={SECRET}",
        f"https://h.org/a?hdnts={SECRET}",
        f"https://h.org/a?apikey={SECRET}&key={SECRET}&auth={SECRET}",
        f"https://ana:{SECRET}@h.org/a",
        f"DefaultEndpointsProtocol=https;AccountName=x;AccountKey={SECRET};EndpointSuffix=y",
        f"SharedAccessSignature={SECRET}",
        f"{{'Authorization': 'Basic {SECRET}'}}",
        f"Authorization: Bearer {SECRET}",
        f"got bearer {SECRET} of the proxy",
        f"aws_secret_access_key = {SECRET}",
        f'{{"client_secret": "{SECRET}", "private_key": "{SECRET}"}}',
        f"password={SECRET}",
    ],
)
def test_known_forms_are_masked_and_the_rest_is_left(text: str) -> None:
    assert SECRET not in masked(f"GET {text} failed")
    assert masked(f"GET {text} failed").startswith("GET ")
    assert masked(masked(text)) == masked(text)


@pytest.mark.parametrize(
    "text",
    [
        "https://h.org/a.jpg?page=2&size=10",
        "s3://bucket/keys/secret/token.jpg",
        "/data/password/a.jpg",
        "https://h.org:8080/a@2x.jpg",
        "s3://arn:aws:s3::123456789012:accesspoint/x.mrap/a.jpg",
        "the key of the map",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert masked(text) == text


def test_no_store_holds_the_logins_of_a_policy(tmp_path: Path, bucket: str) -> None:
    policy = lw.media.UrlPolicy(login_hosts=("h.org",))
    dataset = lw.Dataset.open(bucket, policy=policy, http={"headers": {"Authorization": SECRET}})
    with lw.Project.create(tmp_path / "x.db", dataset, ["car"], user="ana"):
        assert SECRET not in f"{policy!r} {policy.to_dict()} {dataset!r} {vars(dataset)}"
    assert SECRET.encode() not in (tmp_path / "x.db").read_bytes()


def test_signatures_of_urls_stay_in_memory(tmp_path: Path) -> None:
    data = io.BytesIO()
    Image.fromarray(np.zeros((48, 64, 3), np.uint8)).save(data, "PNG")
    with Unruly() as server:
        signed = [
            f"/{number}.png?page=1&X-Amz-Signature={SECRET}{number}&X-Amz-Date=1"
            for number in (1, 2)
        ]
        signed.append(f"/3.png?token={SECRET}")
        server.paths |= {path: good(data.getvalue()) for path in signed}
        urls = [server.url + path for path in signed]
        dataset = lw.Dataset.open(urls)
        again = lw.Dataset.from_items(pd.DataFrame({"id": ["a"], "urls": [urls[:1]]}))
        assert again.read("a") == data.getvalue()
        with lw.Project.create(tmp_path / "x.db", dataset, ["car"], user="ana") as project:
            for item in dataset:
                assert dataset.read(item) == data.getvalue()
            task = project.tasks["id"].iloc[0]
            box = lw.Annotation(
                item_id=project.tasks["item_id"].iloc[0],
                class_name="car",
                geometry=lw.Rectangle(1, 1, 5, 5),
            )
            project.add(box)
            project.export("coco", tmp_path / "out.json")
            widget = project.annotate()
            shown = [dataset.items.to_csv(), repr(dataset), widget.get_state(), task]
            shown += [project.events.to_csv(), project.annotations.to_csv()]
            widget.close()
        assert dataset.items.urls[0] == [f"{server.url}/1.png?page=1"]
        assert SECRET not in str(shown)
        with lw.Project.open(
            tmp_path / "x.db", user="ana", dataset=lw.Dataset.open(urls)
        ) as project:
            assert project.dataset.read(project.tasks["item_id"].iloc[0]) == data.getvalue()
    for path in tmp_path.iterdir():
        assert SECRET.encode() not in path.read_bytes(), path
