"""Which networks the image family has, and how each is trained."""

from dataclasses import dataclass
from typing import Optional

from torch import nn

from networks import NestedNet, PlainNet


@dataclass(frozen=True)
class Recipe:
    """A trained network: its design and what differs between trainings."""

    design: str
    title: str
    epochs: int
    cuts: Optional[list[float]] = None
    weight_decay: float = 3e-4
    # The last epochs see whole images, like those that the network will be asked about.
    cutout_epochs: int = 0
    # A snapshot goes on from a trained network's weights, with a learning rate that is raised once
    # more: another, different optimum for a fraction of a training (Huang et al., 2017).
    starts_from: Optional[str] = None
    learning_rate: float = 0.1

    def build(self) -> nn.Module:
        return NestedNet(self.design, self.cuts) if self.cuts else PlainNet(self.design)


# The smallest networks underfit: regularising them costs accuracy.
TINY = {"weight_decay": 1e-5}

# In the order in which they are best trained: the longest first, then the smallest.
RECIPES = {
    "nested-4-first": Recipe(
        "64-128/2-128-256/2-256",
        "anytime, 4 nested stages, before its second cycle",
        11,
        cuts=[0.125, 0.25, 0.5, 1.0],
        cutout_epochs=3,
    ),
    "nested-4": Recipe(
        "64-128/2-128-256/2-256",
        "anytime, 4 nested stages",
        5,
        cuts=[0.125, 0.25, 0.5, 1.0],
        cutout_epochs=2,
        starts_from="nested-4-first",
        learning_rate=0.05,
    ),
    "cnn-1k": Recipe("4/2-8/2-12/2", "3 layers, 12 channels", 15, **TINY),
    "cnn-4k": Recipe("8/2-16/2-16", "3 layers, 16 channels", 15, **TINY),
    "cnn-8k": Recipe("8-16/2-16-32/2", "4 layers, 32 channels", 15, **TINY),
    "cnn-18k": Recipe("8-16/2-16-32/2-32", "5 layers, 32 channels", 15),
    "cnn-70k": Recipe("16-32/2-32-64/2-64", "5 layers, 64 channels", 14, cutout_epochs=4),
    "cnn-473k": Recipe(
        "32-32-64/2-64-64-128/2-128-128", "8 layers, 128 channels", 12, cutout_epochs=7
    ),
    "cnn-473k-2": Recipe(
        "32-32-64/2-64-64-128/2-128-128",
        "8 layers, 128 channels, second cycle",
        5,
        cutout_epochs=2,
        starts_from="cnn-473k",
        learning_rate=0.05,
    ),
    "cnn-473k-3": Recipe(
        "32-32-64/2-64-64-128/2-128-128",
        "8 layers, 128 channels, third cycle",
        5,
        cutout_epochs=2,
        starts_from="cnn-473k-2",
        learning_rate=0.05,
    ),
}


def generations() -> list[list[str]]:
    """The names in rounds: a network comes after the one that it goes on from."""
    rounds: list[list[str]] = []
    for name, recipe in RECIPES.items():
        parent = recipe.starts_from
        age = 1 + next(i for i, r in enumerate(rounds) if parent in r) if parent else 0
        if age == len(rounds):
            rounds.append([])
        rounds[age].append(name)
    return rounds


@dataclass(frozen=True)
class Augmentation:
    """Trained networks that are shown several copies of the image: nothing more to train."""

    bases: tuple[str, ...]
    title: str
    shifts: tuple[tuple[int, int], ...] = ((0, 0),)


AUGMENTED = {
    "cnn-70k-flip": Augmentation(("cnn-70k",), "5 layers, 64 channels, 2 copies"),
    "cnn-473k-flip": Augmentation(("cnn-473k",), "8 layers, 128 channels, 2 copies"),
    "cnn-473k-tta4": Augmentation(
        ("cnn-473k-2",), "8 layers, 128 channels, 4 copies", shifts=((0, 0), (1, 0))
    ),
    "cnn-946k-tta10": Augmentation(
        ("cnn-473k-2", "cnn-473k-3"),
        "two of 8 layers, 128 channels, 10 copies each",
        shifts=((0, 0), (1, 0), (-1, 0), (0, 1), (0, -1)),
    ),
}

SHIPPED = (
    "cnn-1k",
    "cnn-4k",
    "cnn-8k",
    "cnn-18k",
    "cnn-70k-flip",
    "cnn-473k-flip",
    "cnn-473k-tta4",
    "cnn-946k-tta10",
    "nested-4",
)
