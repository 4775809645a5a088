"""Tools as functions: the door by which whatever computes labels comes in."""

from labelwidgets.assist.assistant_tool import AssistantTool
from labelwidgets.assist.assistants import Assistant, assistant
from labelwidgets.assist.context import Context
from labelwidgets.assist.parameters import Parameter, Slider
from labelwidgets.assist.predictors import BatchPredictor, Predictor
from labelwidgets.assist.prompts import Box, Click, Prompt, Scribble
from labelwidgets.assist.registry import find, register, tools, unregister
from labelwidgets.assist.results import Proposal, Proposed
from labelwidgets.assist.tools import Tool, tool

__all__ = [
    "Assistant",
    "AssistantTool",
    "BatchPredictor",
    "Box",
    "Click",
    "Context",
    "Parameter",
    "Predictor",
    "Prompt",
    "Proposal",
    "Proposed",
    "Scribble",
    "Slider",
    "Tool",
    "assistant",
    "find",
    "register",
    "tool",
    "tools",
    "unregister",
]
