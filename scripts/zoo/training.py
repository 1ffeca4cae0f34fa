"""What training and exporting have in common in all families: the command lines, and going on where
an interrupted training stopped."""

import argparse
from pathlib import Path
from typing import Callable, Iterable, Optional

import torch
from torch import nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import OneCycleLR

from torchscript import check_exporter


class Progress:
    """How far the training of one network has come, kept in a file."""

    def __init__(self, checkpoint: Path, net: nn.Module, optimizer: Optimizer, schedule: OneCycleLR):
        self.checkpoint, self.net, self.optimizer, self.schedule = checkpoint, net, optimizer, schedule
        self.epochs, self.seconds = 0, 0.0
        if checkpoint.exists():
            saved = torch.load(checkpoint)
            net.load_state_dict(saved["net"])
            optimizer.load_state_dict(saved["optimizer"])
            schedule.load_state_dict(saved["schedule"])
            torch.set_rng_state(saved["rng"])
            self.epochs, self.seconds = saved["epochs"], saved["seconds"]

    def save(self, **more: object) -> None:
        """Keeps the state after an epoch; a kill leaves the one before."""
        state = {
            "net": self.net.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "schedule": self.schedule.state_dict(),
            "rng": torch.get_rng_state(),
            "epochs": self.epochs,
            "seconds": self.seconds,
            **more,
        }
        partial = self.checkpoint.with_suffix(".partial")
        torch.save(state, partial)
        partial.replace(self.checkpoint)


def train_command(
    description: Optional[str],
    names: Iterable[str],
    tiny: str,
    train: Callable[[str, Path, int, bool], None],
) -> None:
    """The command line of train.py; `tiny` is what --quick trains on."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("name", choices=list(names))
    parser.add_argument("--build", type=Path, required=True, help="folder for checkpoints")
    parser.add_argument("--seed", type=int, default=2020)
    parser.add_argument("--quick", action="store_true", help=f"one epoch on {tiny}")
    options = parser.parse_args()
    # One thread: two networks side by side train faster than one on two threads, are not
    # slowed many times over by whatever else wants a processor, and repeat bit by bit.
    torch.set_num_threads(1)
    options.build.mkdir(parents=True, exist_ok=True)
    train(options.name, options.build, options.seed, options.quick)


def export_command(description: Optional[str], export: Callable[[Path, Path, bool], None]) -> None:
    """The command line of export.py."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--build", type=Path, required=True, help="folder of checkpoints")
    parser.add_argument("--out", type=Path, required=True, help="folder for the family")
    parser.add_argument("--quick", action="store_true", help="export what train.py --quick made")
    options = parser.parse_args()
    check_exporter()
    export(options.build, options.out, options.quick)
