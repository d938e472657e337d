"""What is installed is what lies in the folders; arrows point one way."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_the_wheel_holds_the_folders(tmp_path: Path) -> None:
    tree = tmp_path / "tree"  # a copy: what an earlier build left in build/ would be packed again
    shutil.copytree(ROOT, tree, ignore=shutil.ignore_patterns("build", "*.egg-info", ".git", "outputs", "__pycache__"))
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(tmp_path), str(tree)]
    subprocess.run(build, check=True)
    (wheel,) = tmp_path.glob("*.whl")
    packed = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    lying = {
        f"winnow/{path.relative_to(ROOT).as_posix()}"
        for folder in ("cleaners", "flows")
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert packed == lying


def test_cleaners_need_no_prefect() -> None:
    code = "import sys, winnow.cleaners; print('prefect' in sys.modules)"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "False"
