"""Superpixels: an image in small regions of one colour each."""

from labelwidgets.algorithms.superpixels.slic import superpixels

__all__ = ["superpixels"]
