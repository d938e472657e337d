"""Signals of quality: numbers that the literature filters texts by, each as it was published, and our own.

1. `properties.py`: what each code point is; `measuring.py`: a text, taken apart once.
2. `words.py`: splitting into words, for all languages; `ngrams.py`: what of them is repeated.
3. `gopher.py`, `c4.py`, `fineweb.py`, `redpajama.py`: the signals of four papers, with a `Definition` of each.
4. `residual.py`: ours, of what cleaning found; `catalog.py`: the list of all.

`winnow.cleaners.quality` puts them together.
"""
