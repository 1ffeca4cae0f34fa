"""Fashion-MNIST as Debian packages it: loading, splitting, augmenting."""

import gzip
import sys
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor

DATASET = Path("/usr/share/datasets/fashion-mnist")
VALIDATION_SIZE = 5000
TEST_ORDER_SEED = 2020
QUICK_TRAIN, QUICK_VALIDATION, QUICK_TEST = 2000, 500, 200
SHIFT = 2
CUTOUT = 8


class Split(NamedTuple):
    """Images, uint8 [N, 1, 28, 28], and their labels, int64 [N]."""

    images: Tensor
    labels: Tensor

    def head(self, count: int) -> "Split":
        # Cloned, since saving a view would save all of what it looks at.
        return Split(self.images[:count].clone(), self.labels[:count].clone())


def _read_idx(path: Path) -> Tensor:
    """Read an IDX file: magic number (the last byte counts the dimensions), sizes, bytes."""
    if not path.exists():
        sys.exit(f"{path} is missing: apt install dataset-fashion-mnist")
    with gzip.open(path) as file:
        raw = bytearray(file.read())
    dims = raw[3]
    shape = [int.from_bytes(raw[4 + 4 * i : 8 + 4 * i], "big") for i in range(dims)]
    return torch.frombuffer(raw, dtype=torch.uint8, offset=4 + 4 * dims).reshape(shape).clone()


def _load(prefix: str) -> Split:
    images = _read_idx(DATASET / f"{prefix}-images-idx3-ubyte.gz").unsqueeze(1)
    labels = _read_idx(DATASET / f"{prefix}-labels-idx1-ubyte.gz").long()
    return Split(images, labels)


def load_training() -> tuple[Split, Split]:
    """The 55,000 images to train on and the last 5,000, on which choices are made."""
    images, labels = _load("train")
    cut = len(labels) - VALIDATION_SIZE
    return Split(images[:cut], labels[:cut]), Split(images[cut:], labels[cut:])


def load_test() -> Split:
    """The whole test split, shuffled once and for all, so that any prefix is representative."""
    images, labels = _load("t10k")
    order = torch.randperm(len(labels), generator=torch.Generator().manual_seed(TEST_ORDER_SEED))
    return Split(images[order], labels[order])


def scaled(images: Tensor) -> Tensor:
    """Pixels as networks see them while they train; export folds this factor into the weights."""
    return images.float() / 255


def augment(images: Tensor, cutout: bool) -> Tensor:
    """Flip and shift every image at random and, if asked, blank a square of it."""
    count, _, height, width = images.shape
    padded = torch.nn.functional.pad(images, (SHIFT, SHIFT, SHIFT, SHIFT))[:, 0]
    rows = torch.arange(height) + torch.randint(2 * SHIFT + 1, (count, 1))
    columns = torch.arange(width).repeat(count, 1)
    flipped = torch.rand(count) < 0.5
    columns[flipped] = columns[flipped].flip(1)
    columns = columns + torch.randint(2 * SHIFT + 1, (count, 1))
    result = padded[torch.arange(count)[:, None, None], rows[:, :, None], columns[:, None, :]]
    if cutout:
        top, left = torch.randint(height, (2, count, 1)) - CUTOUT // 2
        in_rows = (torch.arange(height) >= top) & (torch.arange(height) < top + CUTOUT)
        in_columns = (torch.arange(width) >= left) & (torch.arange(width) < left + CUTOUT)
        result[in_rows[:, :, None] & in_columns[:, None, :]] = 0
    return result.unsqueeze(1)
