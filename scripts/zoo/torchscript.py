"""What all families share: saving TorchScript, and timing it."""

import statistics
import sys
import time
import zipfile
from io import BytesIO
from pathlib import Path
from typing import NamedTuple, Optional

import torch
from torch import Tensor

EXPORTER = "1.13"
WARM_UP, TIMED = 5, 20

Module = torch.jit.ScriptModule


def check_exporter() -> None:
    """Warn where an older LibTorch may not load what this PyTorch saves."""
    if not torch.__version__.startswith(EXPORTER):
        print(
            f"exported by PyTorch {torch.__version__}: LibTorch {EXPORTER} may not load it",
            file=sys.stderr,
        )


def save(module: Module, path: Path) -> None:
    """Save without debugging records: they hold this machine's paths, and nothing reads them."""
    buffer = BytesIO()
    torch.jit.save(module, buffer)
    with zipfile.ZipFile(buffer) as source, zipfile.ZipFile(path, "w") as target:
        for entry in source.infolist():
            if not entry.filename.endswith(".debug_pkl"):
                target.writestr(entry, source.read(entry))


class Row(NamedTuple):
    """A network, or one stage of an anytime network."""

    model: str
    stage: Optional[int]
    latency_ms: float
    error: float


def run(module: Module, x: Tensor) -> list[tuple[float, Tensor]]:
    """Milliseconds from the start, and the scores, of every stage; one stage if traditional."""
    results = []
    start = time.perf_counter()
    if not hasattr(module, "num_stages"):
        scores = module(x)
        return [(1e3 * (time.perf_counter() - start), scores)]
    state = [x]
    for stage in range(module.num_stages):
        scores, state = module.step(state, stage)
        results.append((1e3 * (time.perf_counter() - start), scores))
    return results


def measure_latencies(modules: dict[str, Module], inputs: Tensor, rounds: int) -> dict[str, list]:
    """Median milliseconds until the end of every stage.

    The networks take turns, so that a passing disturbance is not charged to one of them; each
    runs a few times untimed first, since in use it would find its weights in the cache.
    """
    samples: dict[str, list[list[float]]] = {name: [] for name in modules}
    for round_number in range(rounds + 1):
        for name, module in modules.items():
            for i in range(WARM_UP + TIMED):
                x = inputs[(round_number * TIMED + i) % len(inputs)].unsqueeze(0)
                times = [elapsed for elapsed, _ in run(module, x)]
                if round_number > 0 and i >= WARM_UP:
                    samples[name].append(times)
    return {name: [statistics.median(s) for s in zip(*taken)] for name, taken in samples.items()}


def on_front(row: Row, rows: list[Row]) -> bool:
    """Whether no other row is at least as fast and at least as accurate."""
    return not any(
        other is not row and other.latency_ms <= row.latency_ms and other.error <= row.error
        for other in rows
    )
