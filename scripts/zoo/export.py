"""Write trained networks as frozen TorchScript, with family.json and the evaluation data."""

import argparse
import json
import sys
from pathlib import Path
from typing import NamedTuple

import torch
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from data import QUICK_TEST, load_test
from networks import AugmentedNet, ConvBlock, NestedNet
from recipes import RECIPES

EXPORTER = "1.13"


class Augmentation(NamedTuple):
    """A network made of a trained one and test-time augmentation."""

    base: str
    shifts: list[tuple[int, int]]
    mirror: bool
    title: str


AUGMENTED = {
    "cnn-473k-tta2": Augmentation("cnn-473k", [(0, 0)], True, "cnn-473k on 2 copies"),
    "cnn-473k-tta4": Augmentation("cnn-473k", [(0, 0), (1, 0)], True, "cnn-473k on 4 copies"),
}


def fold(net: nn.Module) -> nn.Module:
    """Fold batch normalisation, and the scaling of pixels, into the convolutions."""
    net.eval()
    for block in net.modules():
        if isinstance(block, ConvBlock):
            block.conv = fuse_conv_bn_eval(block.conv, block.norm)
            block.norm = nn.Identity()
            if block.conv.in_channels == 1:
                block.conv.weight.data /= 255
    return net.to(memory_format=torch.channels_last)


def freeze(net: nn.Module) -> torch.jit.ScriptModule:
    """Freeze a network, the anytime convention's attributes included."""
    kept = ["num_stages", "step"] if isinstance(net, NestedNet) else None
    return torch.jit.freeze(torch.jit.script(net.eval()), preserved_attrs=kept)


def export(build: Path, out: Path, quick: bool) -> None:
    """Export every network whose training has ended."""
    (out / "data").mkdir(parents=True, exist_ok=True)
    models = {}

    def write(name: str, title: str, net: nn.Module, trained: dict) -> None:
        freeze(net).save(str(out / f"{name}.pt"))
        models[name] = {
            "title": title,
            "parameters": sum(p.numel() for p in net.parameters()),
            "training_s": round(trained["seconds"]),
        }

    for name, recipe in RECIPES.items():
        checkpoint = build / f"{name}.ckpt"
        trained = torch.load(checkpoint) if checkpoint.exists() else {"epochs": 0}
        if trained["epochs"] < (1 if quick else recipe.epochs):
            print(f"{name} is not trained yet: left out", file=sys.stderr)
            continue
        net = recipe.build()
        net.load_state_dict(trained["net"])
        write(name, recipe.title, fold(net), trained)
        for variant, augmentation in AUGMENTED.items():
            if augmentation.base == name:
                augmented = AugmentedNet(net, augmentation.shifts, augmentation.mirror)
                write(variant, augmentation.title, augmented, trained)

    test = load_test().head(QUICK_TEST) if quick else load_test()
    torch.save({"inputs": test.images, "labels": test.labels}, out / "data" / "test.pt")
    family = {
        "task": "image classification",
        "fail_accuracy": 0.1,
        "models": dict(sorted(models.items(), key=lambda item: item[1]["parameters"])),
    }
    (out / "family.json").write_text(json.dumps(family, indent=2) + "\n")
    print(f"{len(models)} networks in {out}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=Path, required=True, help="folder of checkpoints")
    parser.add_argument("--out", type=Path, required=True, help="folder for the family")
    parser.add_argument("--quick", action="store_true", help="what train.py --quick trained")
    options = parser.parse_args()
    if not torch.__version__.startswith(EXPORTER):
        print(
            f"PyTorch {torch.__version__} exports: an older LibTorch may not load these files",
            file=sys.stderr,
        )
    export(options.build, options.out, options.quick)


if __name__ == "__main__":
    main()
