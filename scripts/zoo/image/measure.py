"""Print a family's table: parameters, latency, error, and what the anytime network costs.

Latencies are of frozen TorchScript on one thread, a batch of one, medians. Keep the machine
quiet meanwhile.
"""

import argparse
import json
import math
from pathlib import Path

import torch

from data import Split, load_training
from export import fold, freeze
from networks import PlainNet
from recipes import RECIPES
from torchscript import Module, Row, measure_latencies, on_front, run


def measure_errors(module: Module, split: Split) -> list[float]:
    """The error of every stage, in percent."""
    wrong: list[int] = []
    for images, labels in zip(split.images.split(200), split.labels.split(200)):
        scores = [scores for _, scores in run(module, images)]
        wrong = wrong or [0] * len(scores)
        wrong = [w + int((s.argmax(1) != labels).sum()) for w, s in zip(wrong, scores)]
    return [100 * w / len(split.labels) for w in wrong]


def error_at(latency_ms: float, rows: list[Row]) -> float:
    """The error of a traditional network of this latency, on lines through log latency."""
    rows = sorted(rows, key=lambda row: row.latency_ms)
    if latency_ms <= rows[0].latency_ms:
        return rows[0].error
    for left, right in zip(rows, rows[1:]):
        if latency_ms <= right.latency_ms:
            share = math.log(latency_ms / left.latency_ms)
            share /= math.log(right.latency_ms / left.latency_ms)
            return left.error + share * (right.error - left.error)
    return rows[-1].error


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("family", type=Path, help="the folder of the networks")
    parser.add_argument("--rounds", type=int, default=30, help="20 timed runs of each in a round")
    parser.add_argument(
        "--validation", action="store_true", help="errors on the validation images instead"
    )
    options = parser.parse_args()
    torch.set_num_threads(1)
    described = json.loads((options.family / "family.json").read_text())["models"]
    modules = {name: torch.jit.load(str(options.family / f"{name}.pt")) for name in described}
    if options.validation:
        split = load_training()[1]
    else:
        data = torch.load(options.family / "data" / "test.pt")
        split = Split(data["inputs"], data["labels"])

    nested = [name for name, module in modules.items() if hasattr(module, "num_stages")]
    timed = dict(modules)
    for name in nested:
        plain = PlainNet(RECIPES[name].design)
        timed[f"{name} plain"] = freeze(fold(plain))
    with torch.inference_mode():
        latencies = measure_latencies(timed, split.images, options.rounds)
        errors = {name: measure_errors(module, split) for name, module in modules.items()}

    rows = [
        Row(name, stage if name in nested else None, latency, error)
        for name in modules
        for stage, (latency, error) in enumerate(zip(latencies[name], errors[name]))
    ]
    traditional = [row for row in rows if row.stage is None]
    kind = "validation" if options.validation else "test"
    print(f"{'model':<16} {'parameters':>10} {'ms':>7} {kind + ' error %':>18}  note")
    for row in rows:
        name = row.model if row.stage is None else f"{row.model}/{row.stage}"
        if row.stage is None:
            note = "on the front" if on_front(row, traditional) else "NOT ON THE FRONT"
        else:
            gap = row.error - error_at(row.latency_ms, traditional)
            note = f"{gap:+.2f} points against traditional at this latency"
        parameters = described[row.model]["parameters"]
        print(f"{name:<16} {parameters:>10} {row.latency_ms:>7.3f} {row.error:>18.2f}  {note}")
    for name in nested:
        plain_ms = latencies[f"{name} plain"][-1]
        ratio = latencies[name][-1] / plain_ms
        print(f"{name}: all stages cost {ratio:.2f} of its plain full network ({plain_ms:.3f} ms)")


if __name__ == "__main__":
    main()
