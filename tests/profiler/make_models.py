"""Write the networks and data files of the engine's tests into a folder."""

import collections
import datetime
import struct
import sys
import zipfile
from pathlib import Path

import torch
from torch import nn

from networks import INPUTS, save_networks

# What Linear answers.
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
        "nan_input": {**good, "inputs": INPUTS.index_fill(0, torch.tensor([2]), float("nan"))},
        "words": {"inputs": torch.tensor([[0, 9], [3, 10]]), "labels": LABELS[:2]},
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
