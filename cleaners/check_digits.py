"""Numbers that prove themselves: payment cards (Luhn) and IBANs (ISO 13616), by their check digits and lengths."""

from __future__ import annotations

import re

# Digits of a card number by how it begins: the ranges that ISO/IEC 7812 gives to the networks, as they publish
# them. Left out: old Visa numbers of 13 digits (German article numbers look the same) and Maestro, which begins
# with nearly anything.
_CARDS = re.compile(
    r"4\d{15}(?:\d{3})?"  # Visa
    r"|(?:5[1-5]\d\d|222[1-9]|22[3-9]\d|2[3-6]\d\d|27[01]\d|2720)\d{12}"  # Mastercard
    r"|3[47]\d{13}"  # American Express
    r"|3(?:0[0-5]|[689]\d)\d{11}"  # Diners Club
    r"|(?:6011|64[4-9]\d|65\d\d)\d{12}"  # Discover
    r"|35(?:2[89]|[3-8]\d)\d{12}"  # JCB
    r"|62\d{14}(?:\d{3})?"  # UnionPay
    r"|220[0-4]\d{12}",  # Mir
    re.ASCII,
)
# Characters of an IBAN by country: the registry that SWIFT keeps for ISO 13616.
_IBAN_LENGTHS = {
    country: length
    for length, countries in {
        15: "NO",
        16: "BE",
        18: "DK FI FK FO GL NL SD",
        19: "MK SI",
        20: "AT BA EE KZ LT LU MN XK",
        21: "CH HR LI LV",
        22: "BG BH CR DE GB GE IE ME RS VA",
        23: "AE GI IL IQ OM SO TL",
        24: "AD CZ ES MD PK RO SA SE SK TN VG",
        25: "LY PT ST",
        26: "IS TR",
        27: "BI DJ FR GR IT MC MR SM",
        28: "AL AZ BY CY DO GT HN HU LB NI PL SV",
        29: "BR EG PS QA UA",
        30: "JO KW MU YE",
        31: "MT SC",
        32: "LC",
        33: "RU",
    }.items()
    for country in countries.split()
}


def is_card_number(digits: str) -> bool:
    """Whether digits without blanks are a number that a card can have: range, length and Luhn's check digit."""
    return _CARDS.fullmatch(digits) is not None and _luhn(digits) == 0


def iban_length(country: str) -> int:
    """Characters of an IBAN of a country (ISO 3166, capitals); 0 where it has none."""
    return _IBAN_LENGTHS.get(country, 0)


def is_iban(written: str) -> bool:
    """Whether capitals and digits without blanks are an IBAN: known country, its length, remainder 1 by 97."""
    if len(written) != iban_length(written[:2]):
        return False
    return int("".join(str(int(character, 36)) for character in written[4:] + written[:4])) % 97 == 1


def _luhn(digits: str) -> int:
    """The checksum: every second digit from the right is doubled, and the digits of that are added up."""
    values = [int(digit) for digit in reversed(digits)]
    return (sum(values[::2]) + sum(sum(divmod(2 * value, 10)) for value in values[1::2])) % 10
