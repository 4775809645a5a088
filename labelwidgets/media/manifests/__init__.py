"""Files that name the items of a dataset: one module a format."""

from __future__ import annotations

from labelwidgets.media.manifests.reading import Manifest, is_data_file, read_manifest

__all__ = ["Manifest", "is_data_file", "read_manifest"]
