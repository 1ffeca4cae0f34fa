"""Write trained networks as frozen TorchScript, with family.json and the evaluation data."""

import json
import sys
from pathlib import Path

import torch
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from data import QUICK_TEST, load_test
from networks import AugmentedNet, ConvBlock, NestedNet
from recipes import AUGMENTED, RECIPES, SHIPPED
from torchscript import save
from training import export_command


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
    """Freeze a network, but keep what the anytime convention asks for."""
    kept = ["num_stages", "step"] if isinstance(net, NestedNet) else None
    return torch.jit.freeze(torch.jit.script(net.eval()), preserved_attrs=kept)


def load_trained(build: Path, quick: bool) -> tuple[dict[str, nn.Module], dict[str, float]]:
    """The networks whose training has ended, folded, and the seconds it took."""
    nets, seconds = {}, {}
    for name, recipe in RECIPES.items():
        checkpoint = build / f"{name}.ckpt"
        saved = torch.load(checkpoint) if checkpoint.exists() else {"epochs": 0}
        if saved["epochs"] < (1 if quick else recipe.epochs):
            print(f"{name} is not trained yet: left out", file=sys.stderr)
            continue
        net = recipe.build()
        net.load_state_dict(saved["net"])
        nets[name], seconds[name] = fold(net), saved["seconds"]
    return nets, seconds


def with_ancestors(names: tuple[str, ...]) -> set[str]:
    """The networks themselves, and those that their trainings went on from."""
    every = set(names)
    for name in names:
        start = RECIPES[name].starts_from
        if start:
            every |= with_ancestors((start,))
    return every


def export(build: Path, out: Path, quick: bool) -> None:
    """Export every network of the family that can be made of those trained so far."""
    (out / "data").mkdir(parents=True, exist_ok=True)
    nets, seconds = load_trained(build, quick)
    models = {}
    for name in SHIPPED:
        augmentation = AUGMENTED.get(name)
        bases = augmentation.bases if augmentation else (name,)
        if any(base not in nets for base in bases):
            continue
        net = nets[name] if not augmentation else AugmentedNet(
            [nets[base] for base in bases], list(augmentation.shifts)
        )
        save(freeze(net), out / f"{name}.pt")
        models[name] = {
            "title": augmentation.title if augmentation else RECIPES[name].title,
            "parameters": sum(p.numel() for p in net.parameters()),
            "training_s": round(sum(seconds[base] for base in with_ancestors(bases))),
        }

    test = load_test().head(QUICK_TEST) if quick else load_test()
    torch.save({"inputs": test.images, "labels": test.labels}, out / "data" / "test.pt")
    family = {"task": "image classification", "fail_accuracy": 0.1, "models": models}
    (out / "family.json").write_text(json.dumps(family, indent=2) + "\n")
    print(f"{len(models)} of {len(SHIPPED)} networks in {out}")


if __name__ == "__main__":
    export_command(__doc__, export)
