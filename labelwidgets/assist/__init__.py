"""Tools as functions: the door by which whatever computes labels comes in."""

from labelwidgets.assist.assistant_tool import AssistantTool
from labelwidgets.assist.assistants import Assistant, assistant
from labelwidgets.assist.context import Context
from labelwidgets.assist.parameters import Parameter, Slider
from labelwidgets.assist.predictors import BatchPredictor, Predictor
from labelwidgets.assist.prompts import Box, Click, Prompt, Scribble
from labelwidgets.assist.registry import find, register, tools, unregister
from labelwidgets.assist.results import Proposal, Proposed
from labelwidgets.assist.sam.embeddings import Embeddings
from labelwidgets.assist.sam.segmentation import Segmentation
from labelwidgets.assist.sam.segmenter import PromptSegmenter
from labelwidgets.assist.tools import Tool, tool

__all__ = [
    "Assistant",
    "AssistantTool",
    "BatchPredictor",
    "Box",
    "Click",
    "Context",
    "Embeddings",
    "Parameter",
    "Predictor",
    "Prompt",
    "PromptSegmenter",
    "Proposal",
    "Proposed",
    "Scribble",
    "Segmentation",
    "Slider",
    "Tool",
    "assistant",
    "find",
    "register",
    "tool",
    "tools",
    "unregister",
]
