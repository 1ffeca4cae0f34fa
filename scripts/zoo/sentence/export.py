"""Write trained networks as frozen TorchScript, with family.json and the evaluation data."""

import json
import sys
from pathlib import Path

import torch

from networks import NestedNet
from recipes import RECIPES, SHIPPED, Recipe
from text import VOCABULARY, Examples, Text
from torchscript import Module, save
from train import TOP
from training import export_command

TEST_ORDER_SEED = 2020


def freeze(net: torch.nn.Module) -> Module:
    """Freeze a network, but keep what the anytime convention asks for."""
    kept = ["num_stages", "step"] if isinstance(net, NestedNet) else None
    return torch.jit.freeze(torch.jit.script(net.eval()), preserved_attrs=kept)


def shuffled(examples: Examples) -> Examples:
    """The sentences in an order shuffled once and for all, so that any prefix is representative."""
    sizes = examples.sentences.bincount()
    starts = sizes.cumsum(0) - sizes
    order = torch.randperm(len(sizes), generator=torch.Generator().manual_seed(TEST_ORDER_SEED))
    places = torch.cat([starts[i] + torch.arange(int(sizes[i])) for i in order])
    sentences = torch.repeat_interleave(torch.arange(len(sizes)), sizes[order])
    return Examples(examples.windows[places], examples.words[places], sentences)


def earlier_s(recipe: Recipe, build: Path) -> float:
    """What the training took that this one goes on from."""
    if not recipe.starts_from:
        return 0.0
    return torch.load(build / f"{recipe.starts_from}.ckpt")["seconds"]


def export(build: Path, out: Path, quick: bool) -> None:
    """Export every network of the family that has been trained."""
    (out / "data").mkdir(parents=True, exist_ok=True)
    text = Text(quick)
    test = shuffled(text.examples(text.test))
    models = {}
    for name in SHIPPED:
        recipe = RECIPES[name]
        checkpoint = build / f"{name}.ckpt"
        saved = torch.load(checkpoint) if checkpoint.exists() else {"epochs": 0}
        if saved["epochs"] < (1 if quick else recipe.epochs):
            print(f"{name} is not trained yet: left out", file=sys.stderr)
            continue
        net = recipe.build()
        net.load_state_dict(saved["net"])
        save(freeze(net), out / f"{name}.pt")
        models[name] = {
            "title": recipe.title,
            "parameters": sum(p.numel() for p in net.parameters()),
            "training_s": round(saved["seconds"] + earlier_s(recipe, build)),
        }
    torch.save(
        {"inputs": test.windows, "labels": test.words, "groups": test.sentences},
        out / "data" / "test.pt",
    )
    (out / "data" / "words.txt").write_text("\n".join(text.words) + "\n")
    family = {
        "task": "next word",
        "accuracy": f"top-{TOP}",
        "perplexity": True,
        "fail_accuracy": TOP / VOCABULARY,
        "models": models,
    }
    (out / "family.json").write_text(json.dumps(family, indent=2) + "\n")
    print(f"{len(models)} of {len(SHIPPED)} networks in {out}")


if __name__ == "__main__":
    export_command(__doc__, export)
