"""Cookie and consent banners: the notice, and the buttons and links under it.

What is safe rests on two things: a notice speaks to the reader about *this* site's cookies and asks or
assumes consent, in a line of its own; a button counts only beside a notice.
"""

from winnow.cleaners.phrase_cleaners import PhraseCleaner

CLEANER = PhraseCleaner("cookie_banners")
