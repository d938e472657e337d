"""Related content: "Read also" lines, most-read and related lists, previous and next post.

A heading takes the headlines below it along, up to where prose begins.
"""

from winnow.cleaners.phrase_cleaners import PhraseCleaner

CLEANER = PhraseCleaner("related_content")
