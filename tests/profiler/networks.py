"""The networks of the engine's tests."""

import warnings
from pathlib import Path
from typing import Dict, Final, List, NamedTuple, Tuple

import torch
from torch import Tensor, nn

# Answered by Linear with the classes 2, 0, 1, 0.
INPUTS = torch.tensor([[1.0, 0, 0], [0, 1, 0], [0, 0, 1], [1, 2, 0]])


class Linear(nn.Module):
    """Scores (x1, x2, x0) of an input (x0, x1, x2) of any type."""

    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(3, 3, bias=False)
        self.layer.weight.data = torch.tensor([[0.0, 1, 0], [0, 0, 1], [1, 0, 0]])

    def forward(self, x: Tensor) -> Tensor:
        return self.layer(x.float())


class Dropped(Linear):
    """Linear, of which nothing is left in training mode."""

    def forward(self, x: Tensor) -> Tensor:
        return nn.functional.dropout(self.layer(x), 1.0, self.training)


class InPlace(Linear):
    """Linear, and a destroyed input."""

    def forward(self, x: Tensor) -> Tensor:
        scores = self.layer(x)
        x.zero_()
        return scores


class Flat(Linear):
    """Linear, scores of shape [C]."""

    def forward(self, x: Tensor) -> Tensor:
        return self.layer(x)[0]


class Sequence(Linear):
    """Linear, scores of shape [1, 1, C]."""

    def forward(self, x: Tensor) -> Tensor:
        return self.layer(x).unsqueeze(0)


class Scores(NamedTuple):
    """As torchvision's Inception returns."""

    logits: Tensor
    auxiliary: Tensor


class Named(Linear):
    def forward(self, x: Tensor) -> Scores:
        return Scores(self.layer(x), torch.zeros(7))


class Dictionary(Linear):
    def forward(self, x: Tensor) -> Dict[str, Tensor]:
        return {"out": self.layer(x)}


class Random(Linear):
    """Linear, and noise that changes no class."""

    def forward(self, x: Tensor) -> Tensor:
        return self.layer(x) + 0.1 * torch.rand(3)


class Noisy(Linear):
    def forward(self, x: Tensor) -> Tensor:
        warnings.warn("a warning from inside")
        return self.layer(x)


class NotANumber(Linear):
    """NaN for the last of INPUTS."""

    def forward(self, x: Tensor) -> Tensor:
        return self.layer(x) / (2 - x.max()) * (2 - x.max())


class Words(nn.Module):
    """Knows ten words."""

    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(10, 3)

    def forward(self, x: Tensor) -> Tensor:
        return self.embedding(x).sum(1)


class Large(nn.Module):
    """Takes a million numbers."""

    def forward(self, x: Tensor) -> Tensor:
        return torch.stack([x.sum(1), -x.sum(1)], 1)


class Masked(Linear):
    """Gives class 1 no chance."""

    def forward(self, x: Tensor) -> Tensor:
        scores = self.layer(x.float())
        scores[:, 1] = -float("inf")
        return scores


class Throws(Linear):
    """Fails for the last of INPUTS."""

    def forward(self, x: Tensor) -> Tensor:
        if bool(x.max() > 1.5):
            raise ValueError("too much of it")
        return self.layer(x)


class Mismatch(Linear):
    """Fails, inside LibTorch, for the last of INPUTS."""

    def forward(self, x: Tensor) -> Tensor:
        if bool(x.max() > 1.5):
            x = torch.cat([x, x], 1)
        return self.layer(x)


class Prints(Linear):
    def forward(self, x: Tensor) -> Tensor:
        print("a line from inside")
        return self.layer(x)


def overflow(x: Tensor) -> int:
    """The one division of integers that a processor refuses: SIGFPE on x86."""
    one = int(x.abs().sum() > -1)
    return (-one * 9223372036854775807 - 1) // -one


class Crashes(Linear):
    """Ends the process that runs it."""

    def forward(self, x: Tensor) -> Tensor:
        return self.layer(x) * overflow(x)


class Counting(Linear):
    """Counts how often it was called."""

    def __init__(self):
        super().__init__()
        self.register_buffer("calls", torch.zeros(1, dtype=torch.long))


class CrashesLater(Counting):
    """Ends the process that runs it for the sixth time."""

    def forward(self, x: Tensor) -> Tensor:
        self.calls += 1
        scores = self.layer(x)
        return scores * overflow(x) if int(self.calls) > 5 else scores


class Loops(Linear):
    """Never comes back."""

    def forward(self, x: Tensor) -> Tensor:
        while bool(x.sum() > -1):
            x = x.abs() + 1
        return self.layer(x)


class LoopsLater(Counting):
    """Never comes back from its sixth run."""

    def forward(self, x: Tensor) -> Tensor:
        self.calls += 1
        while int(self.calls) > 5:
            self.calls += 1
        return self.layer(x)


class Slow(Linear):
    """Takes seconds, and says when it begins."""

    def __init__(self):
        super().__init__()
        self.matrix = torch.eye(512)

    def forward(self, x: Tensor) -> Tensor:
        print("inference")
        product = self.matrix
        for _ in range(200):
            product = product @ self.matrix
        return self.layer(x) * product[0, 0]


class SlowAnytime(Slow):
    """Four stages, each as slow."""

    num_stages: int

    def __init__(self):
        super().__init__()
        self.num_stages = 4

    @torch.jit.export
    def step(self, state: List[Tensor], stage: int) -> Tuple[Tensor, List[Tensor]]:
        return self.forward(state[0]), state


class Quantized(Linear):
    def forward(self, x: Tensor) -> Tensor:
        return torch.quantize_per_tensor(self.layer(x), 0.5, 0, torch.qint8)


class Complex(Linear):
    def forward(self, x: Tensor) -> Tensor:
        return torch.complex(self.layer(x), self.layer(x))


class Sparse(Linear):
    def forward(self, x: Tensor) -> Tensor:
        return self.layer(x).to_sparse()


class Meta(Linear):
    """Scores without values, which nothing can read."""

    def forward(self, x: Tensor) -> Tensor:
        return self.layer(x).to(torch.device("meta"))


class TwoInputs(Linear):
    def forward(self, x: Tensor, y: Tensor) -> Tensor:
        return self.layer(x + y)


class Image(nn.Module):
    """Class 712 of 1,000, for an image of three channels."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 7, stride=4)
        self.head = nn.Linear(8, 1000)
        self.head.weight.data.zero_()
        self.head.bias.data = nn.functional.one_hot(torch.tensor(712), 1000).float()

    def forward(self, x: Tensor) -> Tensor:
        return self.head(torch.relu(self.conv(x)).mean((2, 3)))


class OneClass(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x.sum().reshape(1, 1)


class Anytime(nn.Module):
    """Adds up, stage by stage: (1, 0, 0) gives the classes 0, 1, 1, 2.

    (1, 0, 0), (1, 2, 0), (1, 2, 1.5), (1, -3, 1.5); without the state of the stage before, the
    third would be (1, 0, 1.5).
    """

    num_stages: int

    def __init__(self, stages=4):
        super().__init__()
        self.num_stages = stages
        self.added = torch.tensor([[0.0, 0, 0], [0, 2, 0], [0, 0, 1.5], [0, -5, 0]])

    @torch.jit.export
    def step(self, state: List[Tensor], stage: int) -> Tuple[Tensor, List[Tensor]]:
        scores = state[-1] + self.added[stage]
        return scores, [state[0], scores]

    def forward(self, x: Tensor) -> Tensor:
        return x + self.added.sum(0)


class Constant(Anytime):
    """The number of stages as a constant of the class."""

    num_stages: Final[int] = 4

    def __init__(self):
        nn.Module.__init__(self)
        self.added = Anytime().added


class StepOnly(nn.Module):
    """No forward at all."""

    num_stages: int

    def __init__(self):
        super().__init__()
        self.num_stages = 1

    @torch.jit.export
    def step(self, state: List[Tensor], stage: int) -> Tuple[Tensor, List[Tensor]]:
        return state[0] * 2, state


class FailsLater(Anytime):
    @torch.jit.export
    def step(self, state: List[Tensor], stage: int) -> Tuple[Tensor, List[Tensor]]:
        if stage == 1 and bool(state[0].max() > 1.5):
            raise ValueError("stage one fails")
        return state[0], state


class WrongStep(nn.Module):
    num_stages: int

    def __init__(self):
        super().__init__()
        self.num_stages = 2

    @torch.jit.export
    def step(self, x: Tensor, stage: int) -> Tensor:
        return x

    def forward(self, x: Tensor) -> Tensor:
        return x


class Attribute(Linear):
    """Stages of some type, and no step."""

    def __init__(self, stages):
        super().__init__()
        self.num_stages = stages


class WithStep(Linear):
    @torch.jit.export
    def step(self, state: List[Tensor], stage: int) -> Tuple[Tensor, List[Tensor]]:
        return state[0], state


class FloatStages(WithStep):
    def __init__(self):
        super().__init__()
        self.num_stages = 2.0


class NoForward(nn.Module):
    @torch.jit.export
    def answer(self, x: Tensor) -> Tensor:
        return x


def save_networks(folder: Path) -> None:
    networks = {
        "linear": Linear(),
        "dropped": Dropped().train(),
        "in_place": InPlace(),
        "flat": Flat(),
        "sequence": Sequence(),
        "named": Named(),
        "dictionary": Dictionary(),
        "random": Random(),
        "noisy": Noisy(),
        "nan": NotANumber(),
        "large": Large(),
        "words_network": Words(),
        "masked": Masked(),
        "throws": Throws(),
        "mismatch": Mismatch(),
        "prints": Prints(),
        "crashes": Crashes(),
        "crashes_later": CrashesLater(),
        "loops": Loops(),
        "loops_later": LoopsLater(),
        "slow": Slow(),
        "slow_anytime": SlowAnytime(),
        "quantized_scores": Quantized(),
        "complex_scores": Complex(),
        "sparse_scores": Sparse(),
        "meta_scores": Meta(),
        "two_inputs": TwoInputs(),
        "image": Image(),
        "one_class": OneClass(),
        "anytime": Anytime(),
        "constant": Constant(),
        "step_only": StepOnly(),
        "fails_later": FailsLater(),
        "wrong_step": WrongStep(),
        "no_step": Attribute(2),
        "no_num_stages": WithStep(),
        "no_stages": Anytime(0),
        "float_stages": FloatStages(),
        "no_forward": NoForward(),
    }
    for name, network in networks.items():
        torch.jit.script(network).save(str(folder / f"{name}.pt"))
    traced = torch.jit.trace(Linear().eval(), INPUTS[:1])
    traced.save(str(folder / "traced.pt"))
    layers = {"dropout": nn.Dropout(0.5), "norm": nn.BatchNorm1d(3), "no_dropout": nn.Dropout(0)}
    for name, layer in layers.items():
        training = nn.Sequential(layer, Linear()).train()
        traced = torch.jit.trace(training, INPUTS, check_trace=False)
        traced.save(str(folder / f"training_{name}.pt"))
    frozen = torch.jit.freeze(torch.jit.script(Linear().eval()))
    frozen.save(str(folder / "frozen.pt"))
    kept = ["num_stages", "step"]
    frozen = torch.jit.freeze(torch.jit.script(Anytime().eval()), preserved_attrs=kept)
    frozen.save(str(folder / "anytime_frozen.pt"))
