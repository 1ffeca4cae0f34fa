"""Print the family's table: parameters, latency, perplexity, top-1 and top-5 error.

Latencies are of frozen TorchScript on one thread, a batch of one, medians. Keep the machine
quiet meanwhile.
"""

import argparse
import json
from pathlib import Path

import torch

from torchscript import Row, measure_latencies, on_front, run
from train import stage_qualities


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("family", type=Path, help="the folder of the networks")
    parser.add_argument("--rounds", type=int, default=10, help="20 timed runs of each in a round")
    options = parser.parse_args()
    torch.set_num_threads(1)
    described = json.loads((options.family / "family.json").read_text())["models"]
    modules = {name: torch.jit.load(str(options.family / f"{name}.pt")) for name in described}
    data = torch.load(options.family / "data" / "test.pt")
    with torch.inference_mode():
        latencies = measure_latencies(modules, data["inputs"], options.rounds)
        qualities = {
            name: stage_qualities(
                lambda x, module=module: [scores for _, scores in run(module, x)],
                data["inputs"],
                data["labels"],
            )
            for name, module in modules.items()
        }
    nested = [name for name, module in modules.items() if hasattr(module, "num_stages")]
    rows = {
        (name, stage): Row(name, stage if name in nested else None, latency, 100 - quality.top5)
        for name in modules
        for stage, (latency, quality) in enumerate(zip(latencies[name], qualities[name]))
    }
    traditional = [row for row in rows.values() if row.stage is None]
    print(f"{'model':<12} {'parameters':>10} {'ms':>7} {'perplexity':>10} {'top-1 error %':>13} "
          f"{'top-5 error %':>13}")
    for (name, stage), row in rows.items():
        quality = qualities[name][stage]
        shown = name if row.stage is None else f"{name}/{stage + 1}"
        off = row.stage is None and not on_front(row, traditional)
        print(
            f"{shown:<12} {described[name]['parameters']:>10} {row.latency_ms:>7.3f} "
            f"{quality.perplexity:>10.1f} {100 - quality.top1:>13.2f} {row.error:>13.2f}"
            f"{'  NOT ON THE FRONT' if off else ''}"
        )


if __name__ == "__main__":
    main()
