"""Label images, video and medical scans inside the notebook where the model is trained."""

__version__ = "0.1.0.dev0"
