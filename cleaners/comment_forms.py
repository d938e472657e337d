"""Comment forms: heading, e-mail and required-field notices, the fields, log-in-to-comment, cancel-reply.

Fields such as "Name" and "Website" are everyday words: they count only beside a line of a form.
"""

from winnow.cleaners.phrase_cleaners import PhraseCleaner

CLEANER = PhraseCleaner("comment_forms")
