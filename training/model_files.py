"""Model files and their cards."""

from __future__ import annotations

import datetime
import hashlib
import io
import json
import zipfile
from collections import Counter
from collections.abc import Sequence

import numpy as np
from labelled_lines import Document

from winnow.cleaners.line_model import FOLDER, LineModel

_SOURCES = {
    "residue": "`textmode-dev.jsonl` (texts of WCXB CC-BY-4.0, fundus MIT, newspaper MIT, trafilatura Apache-2.0, "
    "readability Apache-2.0, dragnet CC-BY-4.0), labelled line by line",
    "extraction": "WCXB dev (Web Content Extraction Benchmark, Murrough Foley, CC-BY-4.0): pages with their true text",
}


def write(name: str, model: LineModel, documents: Sequence[Document], table: str) -> None:
    """Write `<name>.npz` and its card `<name>.md`. The same model gives the same bytes."""
    about = {
        "columns": model.columns,
        "networks": len(model.networks),
        "layers": list(model.networks[0].layers),
        "dilations": model.networks[0].dilations,
        "documents": len(documents),
        "lines": sum(len(d.labels) for d in documents),
    }
    arrays = {
        "about": np.frombuffer(json.dumps(about, sort_keys=True).encode(), np.uint8),
        "center": model.center,
        "inverse_spread": model.inverse_spread,
        "reasons": model.reasons,
    }
    for label, (weights, unit) in model.tables.items():
        arrays |= {f"{label}.weights": weights, f"{label}.unit": np.float64(unit)}
    for number, network in enumerate(model.networks):
        arrays[f"{number}.activations"] = network.activations
        for label, layer in network.layers.items():
            arrays |= {
                f"{number}.{label}.weights": layer.weights.astype(np.int8),
                f"{number}.{label}.unit": layer.unit,
                f"{number}.{label}.bias": layer.bias,
            }
    content = _zipped(arrays)
    (FOLDER / f"{name}.npz").write_bytes(content)
    kinds = Counter(d.kind for d in documents)
    languages = Counter(d.language for d in documents)
    (FOLDER / f"{name}.md").write_text(
        f"""# {name}.npz

Made by `python training/residue.py DATA --model {name} --write` on {datetime.date.today()}.

- {len(content):,} bytes, SHA-256 `{hashlib.sha256(content).hexdigest()}`; plain arrays, nothing that runs.
- Trained on {_SOURCES[name]}: {len(documents):,} documents of {len({d.site for d in documents}):,} sites,
  {about["lines"]:,} lines. By kind: {_told(kinds)}. By language: {_told(languages)}.
- {len(model.columns)} columns a line; {sum(int((w != 0).sum()) for w, _ in model.tables.values()):,} rows of words;
  {_weights(model):,} weights of one byte in {len(model.networks)} networks.

Judged on sites it was not trained on (five folds by site), with whole-number weights as shipped. `threshold` is in
log-odds of residue{", beyond what a page of which the model is unsure asks for" if name == "residue" else ""}.

{table}
""",
        encoding="utf-8",
    )


def _weights(model: LineModel) -> int:
    return sum(layer.weights.size for network in model.networks for layer in network.layers.values())


def _told(counts: Counter[str]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.most_common(8))


def _zipped(arrays: dict[str, np.ndarray]) -> bytes:
    """An `.npz` without the time of day in it."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(arrays):
            inner = io.BytesIO()
            np.save(inner, arrays[name], allow_pickle=False)
            archive.writestr(
                zipfile.ZipInfo(f"{name}.npy", (1980, 1, 1, 0, 0, 0)), inner.getvalue(), zipfile.ZIP_DEFLATED
            )
    return buffer.getvalue()
