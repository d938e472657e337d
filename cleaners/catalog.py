"""THE list: every cleaner, in the order they run, and why in this order."""

from winnow.cleaners import (
    advertisements,
    captions,
    comment_forms,
    cookie_banners,
    credits,  # noqa: A004  (the builtin is a joke of the interactive shell)
    extraction,
    legal_notices,
    navigation,
    orphans,
    page_dates,
    personal_data,
    players,
    related_content,
    repeats,
    residue,
    spacing,
    subscriptions,
    unrepaired,
)
from winnow.cleaners.page import Cleaner

CATALOG: tuple[Cleaner, ...] = (
    # What phrases name. Their order decides nothing but the order of the log.
    cookie_banners.CLEANER,
    comment_forms.CLEANER,
    navigation.CLEANER,
    related_content.CLEANER,
    subscriptions.CLEANER,
    advertisements.CLEANER,
    legal_notices.CLEANER,
    players.CLEANER,
    credits.CLEANER,
    # Judges the first line that is left: what stood above it must be gone.
    page_dates.CLEANER,
    # Duplicates are judged among what survives, so that every strike has a twin that stands.
    captions.CLEANER,
    # What the others left alone in the open.
    orphans.CLEANER,
    # What no phrase can name: models that see what the others struck. One judges texts, one HTML pages.
    residue.CLEANER,
    extraction.CLEANER,
    # These strike nothing.
    personal_data.CLEANER,
    unrepaired.CLEANER,
    # What repeats on a site. It has the model's leaning for its second reason, and is judged again whenever other pages
    # of the site come or go: what stands above does not know of it.
    repeats.CLEANER,
    # White space beside all of it. Always last.
    spacing.CLEANER,
)
NAMES: tuple[str, ...] = tuple(cleaner.name for cleaner in CATALOG)
