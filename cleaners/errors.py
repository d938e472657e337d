"""What can go wrong, as one small family: every message names the input and says what to do."""


class WinnowError(Exception):
    """Base of every error that Winnow raises on purpose. Its message is written for the user."""


class UnreadableInput(WinnowError):
    """The bytes are not text: a picture, an archive, a PDF."""


class NotReversible(WinnowError):
    """The original cannot be given back exactly from what is at hand."""


class BadRule(WinnowError):
    """A phrase file says something that the rule engine does not understand."""


class BadSettings(WinnowError):
    """A settings file or keyword names something unknown or holds an impossible value."""


class BadLog(WinnowError):
    """A diff log does not belong to the text, or is not a diff log."""
