"""Advertisement markers: the label above or below an advertisement that the scrape did not keep."""

from winnow.cleaners.phrase_cleaners import PhraseCleaner

CLEANER = PhraseCleaner("advertisements")
