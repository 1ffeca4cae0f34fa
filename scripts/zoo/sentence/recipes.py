"""Which networks the sentence family has, and how each is trained."""

from dataclasses import dataclass
from typing import Optional

from torch import nn

from networks import NestedNet, PlainNet


@dataclass(frozen=True)
class Recipe:
    """A trained network: its widths and what differs between trainings."""

    title: str
    epochs: int
    dropout: float
    width: int = 0
    hidden: int = 0
    nested: Optional[tuple[list[int], list[int]]] = None
    # A second cycle goes on from a trained network's weights, with a learning rate that is raised once
    # more, and drops less.
    starts_from: Optional[str] = None
    learning_rate: float = 3e-3

    def build(self) -> nn.Module:
        if self.nested:
            return NestedNet(*self.nested, self.dropout)
        return PlainNet(self.width, self.hidden, self.dropout)


# In the order in which they are best trained: the longest first, then the smallest. A larger network
# learns the novels by heart sooner, so it drops more.
RECIPES = {
    "nested-3": Recipe(
        "anytime, 3 nested stages of 64, 128 and 256 units",
        8,
        0.25,
        nested=([64, 64, 64], [64, 128, 256]),
    ),
    "lstm-32": Recipe("LSTM of 32 units", 8, 0.0, 32, 32),
    "lstm-64": Recipe("LSTM of 64 units", 8, 0.05, 64, 64),
    "lstm-128": Recipe("LSTM of 128 units", 8, 0.15, 96, 128),
    "lstm-256": Recipe("LSTM of 256 units", 7, 0.3, 128, 256),
    "lstm-384-first": Recipe("LSTM of 384 units, before its second cycle", 6, 0.4, 160, 384),
    "lstm-512-first": Recipe("LSTM of 512 units, before its second cycle", 6, 0.45, 224, 512),
    "lstm-384": Recipe(
        "LSTM of 384 units", 3, 0.3, 160, 384, starts_from="lstm-384-first", learning_rate=1e-3
    ),
    "lstm-512": Recipe(
        "LSTM of 512 units", 3, 0.3, 224, 512, starts_from="lstm-512-first", learning_rate=1e-3
    ),
}

SHIPPED = tuple(name for name in RECIPES if not name.endswith("-first"))


def generations() -> list[list[str]]:
    """The names of the networks, those first from which others go on."""
    return [
        [name for name, recipe in RECIPES.items() if not recipe.starts_from],
        [name for name, recipe in RECIPES.items() if recipe.starts_from],
    ]
