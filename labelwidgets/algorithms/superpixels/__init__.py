"""Superpixels: an image in small regions of one colour each."""

from labelwidgets.algorithms.superpixels.slic import coarse_superpixels, superpixels

__all__ = ["coarse_superpixels", "superpixels"]
