"""Write the networks and data files of engine_test.cpp into a folder."""

import collections
import datetime
import struct
import sys
import warnings
import zipfile
from pathlib import Path
from typing import Dict, Final, List, NamedTuple, Tuple

import torch
from torch import Tensor, nn

# Answered by Linear with the classes 2, 0, 1, 0.
INPUTS = torch.tensor([[1.0, 0, 0], [0, 1, 0], [0, 0, 1], [1, 2, 0]])
LABELS = torch.tensor([2, 0, 1, 0])


# What people keep beside the inputs.
MANY_KINDS = {
    "entry": {"source": "a test"},
    "list": [1],
    "tuple": (1.5, None, True),
    "set": {"a", "b"},
    "bytes": b"123",
    "numbers": [-1, 300, 70000, 10**30, -(10**12)],
    "date": datetime.date(2020, 1, 2),
    "type": torch.float32,
    "size": torch.Size([1, 2]),
    "array": INPUTS.numpy(),
    "module": nn.Linear(2, 2),
    "other": INPUTS.to_sparse(),
    7: "a key that is no text",
}


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
        "masked": Masked(),
        "throws": Throws(),
        "mismatch": Mismatch(),
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
    frozen = torch.jit.freeze(torch.jit.script(Linear().eval()))
    frozen.save(str(folder / "frozen.pt"))
    kept = ["num_stages", "step"]
    frozen = torch.jit.freeze(torch.jit.script(Anytime().eval()), preserved_attrs=kept)
    frozen.save(str(folder / "anytime_frozen.pt"))


def save_data(folder: Path) -> None:
    good = {"inputs": INPUTS, "labels": LABELS}
    data = {
        "good": good,
        "groups": {**good, "groups": torch.tensor([0, 0, 1, 1])},
        "extra": {**good, "name": "of the data", "year": 2020},
        "huge": {**good, "inputs": 1000 * INPUTS},
        "int32_labels": {**good, "labels": LABELS.int()},
        "transposed": {**good, "inputs": INPUTS.t().contiguous().t()},
        "gradient": {**good, "inputs": INPUTS.clone().requires_grad_()},
        "images": {"inputs": torch.rand(2, 3, 224, 224), "labels": torch.tensor([712, 3])},
        "numbers": {"inputs": torch.tensor([5, 7]), "labels": torch.tensor([0, 0])},
        "wide": {"inputs": torch.ones(2, 4), "labels": torch.tensor([0, 1])},
        "large_labels": {**good, "labels": LABELS + 5},
        "module": nn.Linear(3, 2),
        "state_dict": nn.Linear(3, 2).state_dict(),
        "one_entry": {"inputs": INPUTS},
        "nested_entry": {**good, "about": {"source": "a test"}},
        "many_kinds": {**good, **MANY_KINDS},
        "shared": {"inputs": LABELS.view(4, 1).expand(4, 3), "labels": LABELS},
        "slice": {"inputs": torch.cat([INPUTS, INPUTS])[4:], "labels": LABELS},
        "list_labels": {**good, "labels": LABELS.tolist()},
        "ordered": collections.OrderedDict(good),
        "parameter": {**good, "inputs": nn.Parameter(INPUTS)},
        "sparse": {**good, "inputs": INPUTS.to_sparse()},
        "quantized": {**good, "inputs": torch.quantize_per_tensor(INPUTS, 0.1, 0, torch.qint8)},
        "numpy": {"inputs": INPUTS.numpy(), "labels": LABELS.numpy()},
        "lists": {"inputs": INPUTS.tolist(), "labels": LABELS.tolist()},
        "tensor": INPUTS,
        "pair": (INPUTS, LABELS),
        "empty_dict": {},
        "int_keys": {0: INPUTS, 1: LABELS},
        "no_inputs": {"images": INPUTS, "labels": LABELS},
        "no_labels": {"inputs": INPUTS, "targets": LABELS},
        "float_labels": {**good, "labels": LABELS.float()},
        "bool_labels": {**good, "labels": LABELS > 0},
        "few_labels": {**good, "labels": LABELS[:3]},
        "one_hot_labels": {**good, "labels": nn.functional.one_hot(LABELS)},
        "negative_labels": {**good, "labels": LABELS - 1},
        "few_groups": {**good, "groups": LABELS[:3]},
        "empty_groups": {**good, "groups": LABELS[:0]},
        "torn_groups": {**good, "groups": torch.tensor([0, 1, 0, 2])},
        "unsorted_groups": {**good, "groups": torch.tensor([0, 3, 1, 1])},
        "repeated_inputs": {"inputs": INPUTS[:1].expand(10**12, 3), "labels": LABELS[:1]},
        "many_inputs": {
            "inputs": torch.ones(1).expand(10**6, 10**6),
            "labels": torch.zeros(10**6, dtype=torch.uint8),
        },
        "repeated_labels": {
            "inputs": torch.ones(1).expand(10**12),
            "labels": LABELS[:1].expand(10**12),
        },
        "no_data": {"inputs": INPUTS[:0], "labels": LABELS[:0]},
        "scalar": {"inputs": torch.tensor(1.0), "labels": torch.tensor(1)},
    }
    for name, content in data.items():
        torch.save(content, folder / f"{name}.pt")
    for kind in ("float64", "float16", "bfloat16", "uint8", "int64", "bool"):
        torch.save({**good, "inputs": INPUTS.to(getattr(torch, kind))}, folder / f"{kind}.pt")
    torch.save(good, folder / "old.pt", _use_new_zipfile_serialization=False)
    for protocol in range(6):
        torch.save(good, folder / f"protocol{protocol}.pt", pickle_protocol=protocol)


def rewrite(folder: Path, source: str, name: str, change) -> None:
    """Copies an archive record by record; change(record, bytes) gives the new bytes, None: none."""
    with zipfile.ZipFile(folder / f"{source}.pt") as old, zipfile.ZipFile(
        folder / f"{name}.pt", "w"
    ) as new:
        for record in old.namelist():
            content = change(record.split("/", 1)[1], old.read(record))
            if content is not None:
                new.writestr(record, content)


def replaced(record: str, old: bytes, new: bytes):
    def change(name: str, content: bytes) -> bytes:
        if name != record:
            return content
        assert old in content
        return content.replace(old, new)

    return change


def save_elsewhere(folder: Path) -> None:
    """Data as it is saved on other devices and machines."""
    for device in ("cuda:0", "mps", "xpu:1", "npu:0", "privateuseone:0"):
        text = b"X" + struct.pack("<I", len(device)) + device.encode()
        change = replaced("data.pkl", b"X\x03\x00\x00\x00cpu", text)
        rewrite(folder, "good", "on_" + device.split(":")[0], change)
    for source in ("good", "linear"):
        for order in ("big", "little"):
            change = lambda name, content: None if name == "byteorder" else content
            rewrite(folder, source, f"{source}_{order}", change)
            with zipfile.ZipFile(folder / f"{source}_{order}.pt", "a") as archive:
                archive.writestr(archive.namelist()[0].split("/")[0] + "/byteorder", order)


def save_damaged(folder: Path) -> None:
    for name in ("good", "linear"):
        whole = (folder / f"{name}.pt").read_bytes()
        (folder / f"{name}_cut.pt").write_bytes(whole[: len(whole) // 2])
    for size in (4, 30):
        (folder / f"good_{size}.pt").write_bytes((folder / "good.pt").read_bytes()[:size])
    (folder / "empty.pt").write_bytes(b"")
    (folder / "short.pt").write_bytes(b"PK")
    (folder / "text.pt").write_text("not a network\n")
    (folder / "empty_zip.pt").write_bytes(b"PK\x05\x06" + bytes(18))
    with zipfile.ZipFile(folder / "zip.pt", "w") as archive:
        archive.writestr("a.txt", "a")
    with zipfile.ZipFile(folder / "folder_zip.pt", "w") as archive:
        archive.writestr("folder/a.txt", "a")
        archive.writestr("folder/version", "3\n")
    encrypted = bytearray((folder / "good.pt").read_bytes())
    for sign, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = encrypted.find(sign)
        while at >= 0:
            encrypted[at + flags] |= 1
            at = encrypted.find(sign, at + 4)
    (folder / "encrypted.pt").write_bytes(encrypted)
    for name, change in {
        "newer": lambda name, content: b"999\n" if name == "version" else content,
        "no_version": lambda name, content: None if name == "version" else content,
        "no_record": lambda name, content: None if name == "data/0" else content,
        "short_record": lambda name, content: content[:8] if name == "data/0" else content,
        "cut_pickle": lambda name, content: content[:-9] if name == "data.pkl" else content,
        "empty_pickle": lambda name, content: b"" if name == "data.pkl" else content,
        # The first input begins at number 255; the record has 12.
        "offset": replaced("data.pkl", b"QK\x00K\x04", b"QK\xffK\x04"),
        # The record has 255 numbers, it says; it has 12.
        "large_record": replaced("data.pkl", b"K\x0ct", b"K\xfft"),
        "negative_size": replaced("data.pkl", b"K\x04K\x03\x86", b"J" + 4 * b"\xff" + b"K\x03\x86"),
        "unknown_operation": replaced("data.pkl", b"}", b"\xff"),
        "unknown_type": replaced("data.pkl", b"FloatStorage", b"Float8Storage"),
        # The last argument of the first tensor, which PyTorch 1.13 does not write, is {"conj": True}.
        "conjugate": replaced("data.pkl", b")Rq\x0bt", b")Rq\x0b}X\x04\x00\x00\x00conj\x88st"),
    }.items():
        rewrite(folder, "good", name, change)
    with zipfile.ZipFile(folder / "many_kinds.pt") as archive:
        (folder / "pickle.pt").write_bytes(archive.read("many_kinds/data.pkl"))
    with zipfile.ZipFile(folder / "good.pt") as old, zipfile.ZipFile(
        folder / "deflated.pt", "w", zipfile.ZIP_DEFLATED
    ) as new, zipfile.ZipFile(folder / "bzip.pt", "w", zipfile.ZIP_BZIP2) as other:
        for record in old.namelist():
            new.writestr(record, old.read(record))
            other.writestr(record, old.read(record))


def main() -> None:
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(0)
    save_networks(folder)
    save_data(folder)
    save_elsewhere(folder)
    save_damaged(folder)


if __name__ == "__main__":
    main()
