"""Hashes of libcrypt, as the service and the original store them. Python has no module crypt since 3.13."""

import ctypes

# crypt.h of libxcrypt: CRYPT_GENSALT_OUTPUT_SIZE, sizeof(struct crypt_data)
SETTING_BYTES = 192
DATA_BYTES = 32768

LIBRARY = ctypes.CDLL("libcrypt.so.1", use_errno=True)
LIBRARY.crypt_rn.restype = ctypes.c_char_p
LIBRARY.crypt_gensalt_rn.restype = ctypes.c_char_p
LIBRARY.crypt_gensalt_rn.argtypes = [
    ctypes.c_char_p,
    ctypes.c_ulong,
    ctypes.c_char_p,
    ctypes.c_int,
    ctypes.c_char_p,
    ctypes.c_int,
]


def text(result, what):
    assert result is not None, f"libcrypt refuses {what}: errno {ctypes.get_errno()}"
    return result.decode("ascii")


def crypt(password, setting):
    """The hash of a password with this setting (or with the setting of this hash)."""
    data = ctypes.create_string_buffer(DATA_BYTES)
    return text(LIBRARY.crypt_rn(password.encode(), setting.encode(), data, DATA_BYTES), setting)


def bcrypt_setting(cost):
    """A setting for bcrypt: the cost and a new salt."""
    setting = ctypes.create_string_buffer(SETTING_BYTES)
    return text(LIBRARY.crypt_gensalt_rn(b"$2b$", cost, None, 0, setting, SETTING_BYTES), f"cost {cost}")
