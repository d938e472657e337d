"""Subscription: prompts to subscribe, register, log in, donate or install an app; paywalls."""

from winnow.cleaners.phrase_cleaners import PhraseCleaner

CLEANER = PhraseCleaner("subscriptions")
