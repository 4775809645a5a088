"""Models on servers: MONAI Label, NVIDIA Clara AIAA and back ends of Label Studio.

Each is a `Predictor`, which `lw.assistant` takes as it is. Servers of models mostly let in
whoever reaches them: let them listen on this machine only, or on a line that is closed to others.
"""

from labelwidgets.model_servers.clara_aiaa import ClaraAIAA
from labelwidgets.model_servers.client import Client
from labelwidgets.model_servers.label_studio_ml import LabelStudioML
from labelwidgets.model_servers.monai_label import MonaiLabel, Sample

__all__ = ["ClaraAIAA", "Client", "LabelStudioML", "MonaiLabel", "Sample"]
