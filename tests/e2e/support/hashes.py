"""Possible values of the columns hash and salt: hashes that can be verified here, and hashes that cannot."""

from . import seed

PASSWORD = "secret-pass-1"
# bcrypt's base64 has unused bits: four in the last character of the salt, and two in the last one of the digest.
CANONICAL = "$2y$10$abcdefghijklmnopqrstuu63hwyqOq.19xyPxOc6yAUlKCCFvDhLy"
PADDED_SALT = "$2y$10$abcdefghijklmnopqrstuv63hwyqOq.19xyPxOc6yAUlKCCFvDhLy"
PADDED_DIGEST = "$2y$10$abcdefghijklmnopqrstuu63hwyqOq.19xyPxOc6yAUlKCCFvDhLz"
PADDED_BOTH = "$2y$10$abcdefghijklmnopqrstu963hwyqOq.19xyPxOc6yAUlKCCFvDhL1"
EXPENSIVE = "$2b$20$abcdefghijklmnopqrstuu5ObO7E384F64OedAx1qRVLNUixTnOrS"
HASH, SALT = seed.bcrypt(PASSWORD)
OLD_HASH, OLD_SALT = seed.pbkdf2(PASSWORD)


def of_cost(cost):
    """A hash of this cost, which no password matches."""
    return f"$2b${cost:02}$" + HASH[7:]


# (kind, hash, salt)
COLUMNS = [
    ("bcrypt", HASH, SALT),
    ("bcrypt", HASH.replace("$2b$", "$2a$"), SALT.replace("$2b$", "$2a$")),
    ("bcrypt", HASH.replace("$2b$", "$2y$"), SALT.replace("$2b$", "$2y$")),
    ("bcrypt", HASH, HASH),
    ("bcrypt", CANONICAL, PADDED_SALT[:29]),
    ("bcrypt", PADDED_SALT, CANONICAL[:29]),
    ("bcrypt", PADDED_SALT, PADDED_SALT[:29]),
    ("bcrypt", PADDED_DIGEST, CANONICAL[:29]),
    ("bcrypt", of_cost(16), of_cost(16)[:29]),
    ("expensive", of_cost(17), of_cost(17)[:29]),
    ("expensive", of_cost(31), of_cost(31)[:29]),
    ("expensive", EXPENSIVE, EXPENSIVE[:29]),
    ("unknown", of_cost(3), of_cost(3)[:29]),
    ("unknown", of_cost(32), of_cost(32)[:29]),
    ("unknown", HASH, seed.bcrypt(PASSWORD)[1]),
    ("unknown", HASH, of_cost(20)[:29]),
    ("unknown", CANONICAL, CANONICAL[:28] + "t"),
    ("unknown", CANONICAL, CANONICAL[:28] + "!"),
    ("unknown", CANONICAL, CANONICAL[:28]),
    ("unknown", HASH.replace("$2b$", "$2x$"), SALT.replace("$2b$", "$2x$")),
    ("unknown", HASH[:-1] + "!", SALT),
    ("unknown", HASH[:-1], SALT),
    ("unknown", HASH + "\n", SALT),
    ("unknown", " " + HASH, SALT),
    ("unknown", "", ""),
    ("unknown", "*0", "*0"),
    ("unknown", "*", "x"),
    ("unknown", "$6$abcdefgh$x", "$6$abcdefgh"),
    ("unknown", OLD_HASH, OLD_SALT[:-1]),
    ("unknown", OLD_HASH + " ", OLD_SALT),
    ("unknown", OLD_HASH, OLD_SALT + "\n"),
    ("unknown", OLD_HASH[:-1] + "g", OLD_SALT),
    ("legacy", OLD_HASH, OLD_SALT),
    ("legacy", OLD_HASH.upper(), OLD_SALT),
    ("legacy", OLD_HASH, OLD_SALT.upper()),
    ("none", "*", "*"),
]
