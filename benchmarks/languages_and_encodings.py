"""How well, and how fast, languages and encodings are told and text is repaired. Prints one table.

    python benchmarks/languages_and_encodings.py DATA [TEXTS.jsonl]

DATA is the folder `language-testdata` of lingua-py: `sentences`, `word-pairs`, `single-words`. TEXTS.jsonl
holds web texts, one object with `raw` a line; without it the sentences stand in. All figures of accuracy are
of texts that the table of n-grams was not trained on. Each row states what is expected: a worse answer fails
instead of being timed.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import ftfy
import langdetect

sys.path.insert(0, str(Path(__file__).parents[1] / "training"))
import languages as training

from winnow.cleaners import decode, detect_language, edits, language_engines, language_model, languages
from winnow.cleaners.page import split_lines
from winnow.cleaners.repair import CONFIG, repairs_of

LATIN, CENTRAL, BALTIC = "cp1252 iso8859-15 mac-roman", "cp1250 iso8859-2", "cp1257 iso8859-13"
LEGACY = {
    "ru": "cp1251 koi8-r iso8859-5 cp866 mac-cyrillic", "uk": "cp1251 koi8-u", "bg": "cp1251 iso8859-5",
    "el": "cp1253 iso8859-7", "tr": "cp1254 iso8859-9", "he": "cp1255 iso8859-8", "ar": "cp1256 iso8859-6",
    "fa": "cp1256", "th": "cp874", "ko": "cp949", "ja": "cp932 euc_jp iso2022_jp", "zh": "gb18030 big5hkscs",
    **dict.fromkeys("de fr es it pt nl sv da nb fi is ca".split(), LATIN),
    **dict.fromkeys("pl cs sk sl hr hu ro sq".split(), CENTRAL), **dict.fromkeys("lt lv et".split(), BALTIC),
}  # fmt: skip
MAJOR = "ar de el en es fa fr hi it ja ko nl pl pt ru sv tr uk vi zh".split()
INVISIBLE = re.compile("[\u00ad\u200b\u2060\ufeff]|&shy;")
MOJIBAKE = re.compile(r"[\x80-\x9f]|â€|ďż|ï¿|[ÃÅÄĂĹĻÂ][^\w\s]|Ã\w\w*Ã")
Sentences = dict[str, list[str]]
failed: list[str] = []


def row(name: str, figure: float, expected: float, unit: str = "%") -> None:
    """One line of the table."""
    good = figure <= expected if unit in ("MB", "repairs", "texts") else figure >= expected
    print(f"{name:52} {figure:8.1f} {unit:8} expected {expected:g}{'' if good else '   MISSED'}", flush=True)
    if not good:
        failed.append(name)


def seconds(work: Callable[[str], object], texts: Sequence[str]) -> float:
    start = time.process_time()
    for text in texts:
        work(text)
    return time.process_time() - start


def speed(held: Sentences) -> None:
    """Against langdetect, in the same process."""
    langdetect.DetectorFactory.seed = 0

    def peer(text: str) -> object:
        try:
            return langdetect.detect_langs(text)
        except langdetect.LangDetectException:
            return None

    documents = [text for own in held.values() for text in list(training.joined(own))[:4]]
    short = [training.shortened(text) for own in held.values() for text in own[:10]]
    for name, texts, expected in (("documents", documents, 25), ("≤40 characters", short, 60)):
        seconds(peer, texts[:5]), seconds(detect_language, texts[:5])
        row(f"speed, {name}", seconds(peer, texts) / seconds(detect_language, texts), expected, "× langdetect")


def memory() -> None:
    code = (
        "import re; from winnow.cleaners import languages; rss = lambda:"
        " int(re.search(r'VmRSS:\\s+(\\d+)', open('/proc/self/status').read())[1]); before = rss();"
        "languages.detect('Rain is likely on Friday in the valley.'); print((rss() - before) / 1024)"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603
    row("memory of the engine", float(told.stdout), 100, "MB")


def garbage() -> Iterator[str]:
    """Addresses, lines of code, rows of numbers: 300 strings in no language."""
    rng = random.Random(0)  # noqa: S311
    names = ["news", "shop", "blog", "static", "index", "item", "page", "user", "img", "api"]
    for _ in range(100):
        path = "/".join(rng.choices(names, k=rng.randint(0, 4)))
        yield f"{rng.choice(('http://', 'https://www.', 'www.'))}{rng.choice(names)}-{rng.choice(names)}.com/{path}"
    folder = Path(json.__file__).parents[1]
    code = {line.strip() for file in sorted(folder.glob("*.py")) for line in file.read_text("utf-8").splitlines()}
    code = {line for line in code if re.search(r"[=({\[]", line) and not re.search("[#\"'`]", line) and len(line) > 12}
    yield from rng.sample(sorted(code), 100)
    for _ in range(100):
        yield " ".join(
            rng.choice((f"{rng.random():.3f}", f"0x{rng.getrandbits(24):x}", "kB", "rw", "=")) for _ in range(6)
        )


def mixed(held: Sentences, by: language_engines.Engine) -> None:
    """Documents of eight lines in one language, two in another; and lines with a sentence in another."""
    rng = random.Random(1)  # noqa: S311
    right = {"lines": [0, 0], "inline": [0, 0]}
    for _ in range(300):
        home, other = rng.sample(MAJOR, 2)
        own, foreign = rng.sample(held[home], 11), rng.sample(held[other], 3)
        rows = [(text, home) for text in own[:8]]
        for text in foreign[:2]:
            rows.insert(rng.randrange(len(rows)), (text, other))
        gap = "" if home in ("ja", "zh") else " "
        parts = [(own[8], home), (foreign[2], other), (own[9], home), (own[10], home)]
        text = "\n".join([*(text for text, _ in rows), gap.join(text for text, _ in parts)])
        lines = split_lines(text)
        by_line = list(languages.passages(lines, languages.detect(text, by=by)[0], by))
        for found, (_, want) in zip(by_line, rows, strict=False):
            right["lines"][0] += languages.of_line(found) == training.TAGS.get(want, want)
            right["lines"][1] += 1
        start = lines[-1].start
        for part, want in parts:
            end = start + len(part)
            told_right = (p for p in by_line[-1] if p.language == training.TAGS.get(want, want))
            right["inline"][0] += sum(max(0, min(p.end, end) - max(p.start, start)) for p in told_right)
            right["inline"][1] += len(part)
            start = end + len(gap)
    for name, expected in (("lines", 99), ("inline", 97)):
        row(f"mixed documents, {name} right", 100 * right[name][0] / right[name][1], expected)


def fits(text: str, codec: str) -> bool:
    try:
        return text.encode(codec).decode(codec) == text
    except UnicodeError:
        return False


def encodings(held: Sentences) -> None:
    """Sentences and pages in legacy encodings, undeclared and declared; UTF-8 with a stray byte or cut."""
    cases: dict[str, list[tuple[bytes, str]]] = {"line": [], "page": [], "declared HTML": [], "dirty UTF-8": []}
    for language, codecs in LEGACY.items():
        for codec in codecs.split():
            fit = [text for text in held[language] if not text.isascii() and fits(text, codec)]
            cases["line"] += [(text.encode(codec), text) for text in fit[:8]]
            pages = ["\n".join(fit[n : n + 12]) for n in range(8, len(fit) - 12, 12)][:4]
            cases["page"] += [(page.encode(codec), page) for page in pages]
            label = {"big5hkscs": "big5", "cp932": "shift_jis", "mac-roman": "macintosh"}.get(codec, codec)
            label = label.replace("mac-", "x-mac-").replace("iso8859", "iso-8859").replace("cp949", "euc-kr")
            label = re.sub(r"^cp(\d+)", r"windows-\1", label).replace("windows-866", "ibm866")
            for page in pages:
                text = f'<!DOCTYPE html><html><head><meta charset="{label}"></head><p>{page}</p></html>'
                cases["declared HTML"].append((text.encode(codec), text))
        for n in range(min(4, len(held[language]) // 12)):
            text = "\n".join(held[language][12 * n : 12 * n + 12])
            raw = text.encode()
            cut = raw.index(b"\n", len(raw) // 2)
            dirty = raw[:cut] + b"\x92" + raw[cut:] if n % 2 else raw + "é".encode()[:1]
            cases["dirty UTF-8"].append((dirty, text))
    letters = re.compile(r"[\W_\x80-\x9f]+")
    for (name, own), expected in zip(cases.items(), (96, 97.5, 100, 98), strict=True):
        exact = name == "declared HTML"
        right = sum(
            (told := decode(raw).text) == text or (not exact and letters.sub("", told) == letters.sub("", text))
            for raw, text in own
        )
        row(f"encoding, {name} ({len(own)})", 100 * right / len(own), expected)


def repair(texts: list[str], sentences: list[str]) -> None:
    """The same as ftfy, faster."""

    def peer(text: str) -> str:
        return ftfy.fix_text(text, CONFIG._replace(unescape_html="<" not in text))

    visible = [text for text in [*texts, *sentences] if not INVISIBLE.search(text)]
    row(f"repair other than ftfy's ({len(visible)})",
        sum(edits.apply(text, repairs_of(text)) != peer(text) for text in visible), 0, "texts")  # fmt: skip
    row("repair, web texts", seconds(peer, texts) / seconds(repairs_of, texts), 8, "× ftfy")
    plain = [text for text in texts if text.isascii()]
    row("repair, ASCII texts", seconds(peer, plain) / seconds(repairs_of, plain), 18, "× ftfy")
    # Without the signs by which a reader knows mojibake, nothing is to be mended. (What the signs stand in was read by
    # eye: UTF-8 read as Windows-1250 or 1252 in Croatian, Czech, Ganda and Romanian, and the like.)
    whole = [text for text in sentences if not MOJIBAKE.search(text)]
    false = sum("mojibake" in repair.rule for text in whole for repair in repairs_of(text))
    row(f"false mojibake repairs ({len(whole)} sentences)", false, 0, "repairs")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("texts", type=Path, nargs="?")
    chosen = parser.parse_args()
    texts = training.read(chosen.data)
    for (name, own), expected in zip(training.judge(texts).items(), (98.5, 96.5, 94.5, 88, 70), strict=True):
        row(f"language, {name}", 100 * sum(own.values()) / len(own), expected)
    kinds = training.fold_of(texts, 0, inside=True).items()
    held = {
        language: [text for text in own if len(text) > 20] for (kind, language), own in kinds if kind == "sentences"
    }
    speed(held)
    memory()
    strings = list(garbage())
    row("garbage told as und", 100 * sum(detect_language(text)[0] == "und" for text in strings) / len(strings), 80)
    short = [training.shortened(text) for own in held.values() for text in own]
    row("short lines not told as und", 100 * sum(detect_language(text)[0] != "und" for text in short) / len(short), 99)
    model = training.model_of(training.fold_of(texts, 0, inside=False))
    mixed(held, language_engines.Fast(model))
    language_model.shipped = lambda: model  # type: ignore[assignment]  # what was not trained on these texts
    encodings(held)
    sentences = [text for (kind, _), own in texts.items() if kind == "sentences" for text in own]
    web = [json.loads(line)["raw"] for line in chosen.texts.open(encoding="utf-8")] if chosen.texts else []
    web = web or ["\n".join(sentences[n : n + 50]) for n in range(0, len(sentences), 50)]
    repair(web, sentences)
    if failed:
        sys.exit(f"missed: {', '.join(failed)}")


if __name__ == "__main__":
    main()
