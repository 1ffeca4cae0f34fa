"""Train one network of the image family; goes on where an interrupted training stopped."""

import time
import zlib
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, kl_div, log_softmax

from data import QUICK_TRAIN, QUICK_VALIDATION, Split, augment, load_training, scaled
from networks import NestedNet
from recipes import RECIPES
from training import Progress, train_command

BATCH = 128
LABEL_SMOOTHING = 0.05


def network_loss(net: nn.Module, images: Tensor, labels: Tensor) -> Tensor:
    """Cross-entropy; a nested network's earlier stages learn from the last one as well."""
    if not isinstance(net, NestedNet):
        return cross_entropy(net(images), labels, label_smoothing=LABEL_SMOOTHING)
    scores = net.all_scores(images)
    loss = cross_entropy(scores[-1], labels, label_smoothing=LABEL_SMOOTHING)
    teacher = log_softmax(scores[-1].detach(), 1)
    for early in scores[:-1]:
        loss = loss + 0.5 * cross_entropy(early, labels, label_smoothing=LABEL_SMOOTHING)
        distance = kl_div(log_softmax(early, 1), teacher, reduction="batchmean", log_target=True)
        loss = loss + 0.5 * distance
    return loss


@torch.no_grad()
def stage_errors(net: nn.Module, split: Split) -> list[float]:
    """The error of every stage, in percent; a plain network is one stage."""
    net.eval()
    wrong: list[int] = []
    for images, labels in zip(split.images.split(500), split.labels.split(500)):
        x = scaled(images)
        scores = net.all_scores(x) if isinstance(net, NestedNet) else [net(x)]
        wrong = wrong or [0] * len(scores)
        wrong = [w + int((s.argmax(1) != labels).sum()) for w, s in zip(wrong, scores)]
    return [100 * w / len(split.labels) for w in wrong]


def train(name: str, build: Path, seed: int, quick: bool) -> None:
    recipe = RECIPES[name]
    checkpoint = build / f"{name}.ckpt"
    training, validation = load_training()
    epochs = recipe.epochs
    if quick:
        training, validation = training.head(QUICK_TRAIN), validation.head(QUICK_VALIDATION)
        epochs = 1

    # A seed for each network, so that it does not matter in which order they are trained.
    torch.manual_seed(seed + zlib.crc32(name.encode()))
    net = recipe.build().to(memory_format=torch.channels_last)
    if recipe.starts_from:
        net.load_state_dict(torch.load(build / f"{recipe.starts_from}.ckpt")["net"])
    # The learning rate is far too high for the scale and shift of a normalisation to decay.
    decayed = [p for p in net.parameters() if p.dim() > 1]
    others = [p for p in net.parameters() if p.dim() == 1]
    optimizer = torch.optim.SGD(
        [{"params": decayed, "weight_decay": recipe.weight_decay}, {"params": others}],
        lr=recipe.learning_rate,
        momentum=0.9,
        nesterov=True,
    )
    steps = len(training.labels) // BATCH
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, recipe.learning_rate, total_steps=epochs * steps, pct_start=0.25, cycle_momentum=False
    )
    progress = Progress(checkpoint, net, optimizer, schedule)

    while progress.epochs < epochs:
        start = time.monotonic()
        net.train()
        order = torch.randperm(len(training.labels))
        for chosen in order[: steps * BATCH].split(BATCH):
            images = augment(scaled(training.images[chosen]), progress.epochs < recipe.cutout_epochs)
            optimizer.zero_grad()
            network_loss(net, images, training.labels[chosen]).backward()
            optimizer.step()
            schedule.step()
        progress.epochs += 1
        progress.seconds += time.monotonic() - start
        errors = stage_errors(net, validation)
        progress.save(validation_errors=errors)
        listed = " ".join(f"{error:.2f}" for error in errors)
        print(
            f"{name}: epoch {progress.epochs}/{epochs}, {progress.seconds:.0f} s, "
            f"validation error {listed} %",
            flush=True,
        )


if __name__ == "__main__":
    train_command(__doc__, RECIPES, "a tiny subset", train)
