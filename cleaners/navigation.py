"""Navigation: top/bottom/back-to/skip links, menus, pagination, share and follow bars, print links.

A menu is a line made of nothing but menu words; one such word inside a sentence means nothing.
"""

from winnow.cleaners.phrase_cleaners import PhraseCleaner

CLEANER = PhraseCleaner("navigation")
