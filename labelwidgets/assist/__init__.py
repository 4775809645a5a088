"""Tools as functions: the door by which whatever computes labels comes in."""

from labelwidgets.assist.parameters import Parameter, Slider
from labelwidgets.assist.prompts import Box, Click, Prompt, Scribble
from labelwidgets.assist.registry import find, tools, unregister
from labelwidgets.assist.results import Proposal, Proposed
from labelwidgets.assist.tools import Tool, tool

__all__ = [
    "Box",
    "Click",
    "Parameter",
    "Prompt",
    "Proposal",
    "Proposed",
    "Scribble",
    "Slider",
    "Tool",
    "find",
    "tool",
    "tools",
    "unregister",
]
