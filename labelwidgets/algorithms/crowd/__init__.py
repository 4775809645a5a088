"""What is true where several people say different things, and how able each of them is."""

from labelwidgets.algorithms.crowd.answers import Answers
from labelwidgets.algorithms.crowd.dawid_skene import dawid_skene
from labelwidgets.algorithms.crowd.glad import glad
from labelwidgets.algorithms.crowd.mace import mace
from labelwidgets.algorithms.crowd.majority import majority_vote, weighted_vote
from labelwidgets.algorithms.crowd.stopping import enough_votes
from labelwidgets.algorithms.crowd.votes import Votes, read_votes

__all__ = [
    "Answers",
    "Votes",
    "dawid_skene",
    "enough_votes",
    "glad",
    "mace",
    "majority_vote",
    "read_votes",
    "weighted_vote",
]
