"""Train one network of the sentence family; goes on where an interrupted training stopped."""

import math
import time
import zlib
from pathlib import Path
from typing import Callable, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from recipes import RECIPES
from text import PADDING, VOCABULARY, WINDOW, Text
from training import Progress, train_command

BATCH, LENGTH = 32, 32
# The first words of a window have seen too little to be asked what follows.
UNSCORED = 4
WEIGHT_DECAY = 0.02
TOP = 5


def network_loss(net: nn.Module, x: Tensor, following: Tensor) -> Tensor:
    """Cross-entropy of every stage; earlier stages of a nested network count half."""
    stages = net.all_scores(x, UNSCORED)
    targets = following[:, UNSCORED:].reshape(-1)
    losses = [
        cross_entropy(scores.reshape(-1, VOCABULARY), targets, ignore_index=PADDING)
        for scores in stages
    ]
    return losses[-1] + 0.5 * sum(losses[:-1])


class Quality(NamedTuple):
    """One stage on held-out words."""

    perplexity: float
    top1: float
    top5: float


@torch.no_grad()
def stage_qualities(
    stages_of: Callable[[Tensor], list[Tensor]], windows: Tensor, words: Tensor
) -> list[Quality]:
    """Perplexity, top-1 and top-5 accuracy, in percent, of every stage, from its scores."""
    sums: list[list[float]] = []
    for x, following in zip(windows.split(256), words.split(256)):
        stages = stages_of(x)
        sums = sums or [[0.0, 0.0, 0.0] for _ in stages]
        for total, scores in zip(sums, stages):
            hits = scores.topk(TOP).indices == following.unsqueeze(1)
            total[0] += float(cross_entropy(scores, following, reduction="sum"))
            total[1] += float(hits[:, 0].sum())
            total[2] += float(hits.sum())
    count = len(words)
    return [Quality(math.exp(a / count), 100 * b / count, 100 * c / count) for a, b, c in sums]


def last_scores(net: nn.Module) -> Callable[[Tensor], list[Tensor]]:
    """The scores of every stage after the last word of each window."""
    net.eval()
    return lambda x: [scores[:, -1] for scores in net.all_scores(x.long(), WINDOW - 1)]


def train(name: str, build: Path, seed: int, quick: bool) -> None:
    recipe = RECIPES[name]
    checkpoint = build / f"{name}.ckpt"
    text = Text(quick)
    epochs = 1 if quick else recipe.epochs
    stream = text.stream(text.training)
    validation = text.examples(text.validation)

    # A seed for each network, so that it does not matter in which order they are trained.
    torch.manual_seed(seed + zlib.crc32(name.encode()))
    net = recipe.build()
    if recipe.starts_from:
        net.load_state_dict(torch.load(build / f"{recipe.starts_from}.ckpt")["net"])
    optimizer = torch.optim.AdamW(
        net.parameters(), recipe.learning_rate, weight_decay=WEIGHT_DECAY
    )
    steps = (len(stream) - LENGTH - 1) // LENGTH // BATCH
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer,
        recipe.learning_rate,
        total_steps=epochs * steps,
        pct_start=0.15,
        cycle_momentum=False,
    )
    progress = Progress(checkpoint, net, optimizer, schedule)

    while progress.epochs < epochs:
        start = time.monotonic()
        net.train()
        # Windows begin elsewhere in every epoch.
        begin = int(torch.randint(LENGTH, ()))
        rows = stream[begin:].unfold(0, LENGTH + 1, LENGTH)
        order = torch.randperm(len(rows))
        for chosen in order[: steps * BATCH].split(BATCH):
            batch = rows[chosen]
            optimizer.zero_grad()
            network_loss(net, batch[:, :-1], batch[:, 1:]).backward()
            nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            optimizer.step()
            schedule.step()
        progress.epochs += 1
        progress.seconds += time.monotonic() - start
        qualities = stage_qualities(
            last_scores(net), validation.windows[::4], validation.words[::4]
        )
        progress.save()
        listed = "; ".join(f"{q.perplexity:.1f}, {q.top1:.2f}, {q.top5:.2f} %" for q in qualities)
        print(
            f"{name}: epoch {progress.epochs}/{epochs}, {progress.seconds:.0f} s, "
            f"perplexity, top-1, top-5: {listed}",
            flush=True,
        )


if __name__ == "__main__":
    train_command(__doc__, RECIPES, "a few chapters", train)
