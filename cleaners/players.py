"""Players: the furniture of pictures, galleries, audio and video ("Click to enlarge", "Play video")."""

from winnow.cleaners.phrase_cleaners import PhraseCleaner

CLEANER = PhraseCleaner("players")
