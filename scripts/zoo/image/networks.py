"""The networks of the image family. All of them train on pixels in 0..1."""

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn.functional import pad

CLASSES = 10


class Layer(NamedTuple):
    """A 3x3 convolution: output channels and stride."""

    channels: int
    stride: int = 1


def parse_layers(text: str) -> list[Layer]:
    """Read a design such as `8/2-16/2-16`: channels, `/2` where the stride is 2."""
    layers = []
    for part in text.split("-"):
        channels, _, stride = part.partition("/")
        layers.append(Layer(int(channels), int(stride or 1)))
    return layers


class ConvBlock(nn.Module):
    """Convolution, batch normalisation (until export folds it away), ReLU."""

    def __init__(self, inputs: int, outputs: int, stride: int):
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, 3, stride, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(outputs)

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(self.norm(self.conv(x)))


class PlainNet(nn.Module):
    """Convolutions, global average pooling, one linear layer."""

    def __init__(self, design: str):
        super().__init__()
        blocks = []
        channels = 1
        for layer in parse_layers(design):
            blocks.append(ConvBlock(channels, layer.channels, layer.stride))
            channels = layer.channels
        self.blocks = nn.Sequential(*blocks)
        self.head = nn.Linear(channels, CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.blocks(x.float()).mean((2, 3)))


class NestedStage(nn.Module):
    """One stage: a slice of every layer, which reads that slice and all before it."""

    def __init__(self, layers: list[Layer], before: float, until: float):
        super().__init__()
        blocks = []
        inputs = 1
        for layer in layers:
            outputs = round(layer.channels * until) - round(layer.channels * before)
            blocks.append(ConvBlock(inputs, outputs, layer.stride))
            inputs = round(layer.channels * until)
        self.blocks = nn.ModuleList(blocks)
        self.head = nn.Linear(inputs, CLASSES)

    def forward(self, state: list[Tensor]) -> tuple[Tensor, list[Tensor]]:
        """Take the input, or the input and what the stages before left; return scores and both.

        The state holds the input, the outputs of every layer but the last, and the last one's
        pooled: nothing reads its pixels again.
        """
        first = len(state) == 1
        x = state[0].float() if first else state[0]
        result = [x]
        for i, block in enumerate(self.blocks):
            x = block(x)
            if i + 1 == len(self.blocks):
                x = x.mean((2, 3))
            if not first:
                x = torch.cat([state[i + 1], x], 1)
            result.append(x)
        return self.head(x), result


class NestedNet(nn.Module):
    """A width-nested anytime network: stage k widens every layer to the share cuts[k]."""

    num_stages: int

    def __init__(self, design: str, cuts: list[float]):
        super().__init__()
        layers = parse_layers(design)
        self.stages = nn.ModuleList(
            NestedStage(layers, before, until) for before, until in zip([0.0] + cuts, cuts)
        )
        self.num_stages = len(cuts)

    @torch.jit.export
    def step(self, state: list[Tensor], stage: int) -> tuple[Tensor, list[Tensor]]:
        """Run one stage: its class scores, and the state for the next one."""
        scores = torch.empty(0)
        # TorchScript unrolls a loop over modules; it cannot index them by a variable.
        for i, module in enumerate(self.stages):
            if i == stage:
                scores, state = module(state)
        return scores, state

    def all_scores(self, x: Tensor) -> list[Tensor]:
        """The scores of every stage, for training."""
        state = [x]
        results = []
        for stage in self.stages:
            scores, state = stage(state)
            results.append(scores)
        return results

    def forward(self, x: Tensor) -> Tensor:
        state = [x]
        scores = torch.empty(0)
        for stage in self.stages:
            scores, state = stage(state)
        return scores


class AugmentedNet(nn.Module):
    """Test-time augmentation: shifted copies and their mirror images as one batch.

    The probabilities are averaged over the copies, and over the networks where there are several.
    """

    def __init__(self, nets: list[nn.Module], shifts: list[tuple[int, int]]):
        super().__init__()
        self.nets = nn.ModuleList(nets)
        self.shifts = shifts

    def forward(self, x: Tensor) -> Tensor:
        x = x.float()
        copies = []
        for down, right in self.shifts:
            shifted = pad(x, [right, -right, down, -down])
            copies.append(shifted)
            copies.append(shifted.flip([3]))
        batch = torch.cat(copies)
        total = torch.zeros(1)
        for net in self.nets:
            probabilities = torch.softmax(net(batch), 1)
            total = total + probabilities.reshape(len(copies), -1, probabilities.size(1)).mean(0)
        return total.log()
