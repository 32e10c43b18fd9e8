"""Names, emails and patterns for searches: letters with difficult cases, wildcards, escapes, repeated letters."""

import unicodedata

ASCII = ["anna", "Meier", "abc", "ABCABC", "aaaa", "ababab", "xyz", "Lee", "o", "Jr", "007", "1990", "qx", "zz"]
# Sigmas, dotted and dotless i, sharp s, signs that are letters, digraphs and their title cases, ligatures, composed and
# decomposed letters, letters whose cases have different lengths in bytes.
CASED = [
    "ΟΔΥΣΣΕΥΣ", "Οδυσσεύς", "ΣΑΣ", "σας", "ς", "Σ", "İstanbul", "ISTANBUL", "ıi", "İI", "Straße", "STRASSE", "ẞẞß",
    "\u212aelvin", "kelvin", "\u212bngström", "Ångström", "ǄEP", "ǅep", "ǆep", "ǈ", "ŉ", "ﬁﬂ", "ŐRÜLT", "őrült",
    "É", "e\u0301", "E\u0301A\u0302", "Zoë", "Zoe\u0308", "\u0345\u1fb3", "ᾼᾳ", "Ǖǖ", "ȺȾ", "ⱥⱦ", "Ꭰꭰ", "𐐀𐐨",
    "Иван", "ИВАН", "Щукин", "Ґ", "Ἀθήνη", "ἈΘΉΝΗ", "ϐβΒ", "ſss", "µμΜ", "Ωω\u2126",
]  # fmt: skip
UNCASED = ["山田太郎", "東京", "김철수", "محمد", "א", "😀😁", "👩\u200d💻", "๑๒๓", "½²", "नमस्ते"]
SEPARATORS = [" ", " ", ".", "-", "'", "\u00a0", "\u2003", "_", "%", "\\", "\\\\", "@", '"', "{", ",", "/", "", "", ""]
PARTS = ASCII * 4 + CASED * 2 + UNCASED


def text(random):
    """A possible name."""
    made = "".join(random.choice(PARTS) + random.choice(SEPARATORS) for _ in range(random.randint(1, 4)))
    return (random.choice(CASES)(made) if random.random() < 0.2 else made)[:120]


def as_title(value):
    return value.title()


CASES = [
    str.upper, str.lower, str.swapcase, str.casefold, as_title,
    lambda value: unicodedata.normalize("NFC", value),
    lambda value: unicodedata.normalize("NFD", value),
]  # fmt: skip


def piece(random, value):
    """A part of it, sometimes longer than the part from which trigrams are made."""
    length = min(len(value), random.choice([1, 2, 3, 3, 4, 4, 5, 6, 8, 12, 40]))
    begin = random.randint(0, len(value) - length)
    return value[begin : begin + length]


def escaped(value):
    return "".join("\\" + each if each in "%_\\" else each for each in value)


def one_escaped_more(random, value):
    at = random.randint(0, len(value) - 1)
    return value[:at] + "\\" + value[at:]


def one_replaced(random, value):
    at = random.randint(0, len(value) - 1)
    return value[:at] + random.choice(["_", "%", "__", "x", "\\_", " "]) + value[at + 1 :]


def one_inserted(random, value):
    at = random.randint(0, len(value))
    return value[:at] + random.choice(["%", "_", "%%", "\\", "\\%", "a", "%_%"]) + value[at:]


def derived(random, value):
    """A pattern that matches `value`, or almost matches it."""
    made = piece(random, value)
    if random.random() < 0.5:
        made = random.choice(CASES)(made)
    if random.random() < 0.6:
        made = escaped(made)
    for change in (one_escaped_more, one_replaced, one_inserted):
        if made and random.random() < 0.15:
            made = change(random, made)
    return made


def pattern(random, texts):
    """The pattern that the service makes from the client's argument."""
    if random.random() < 0.85:
        made = derived(random, random.choice(texts))
    else:
        made = "".join(random.choice(PARTS + SEPARATORS)[:3] for _ in range(random.randint(0, 6)))
    return f"%{made}%"
