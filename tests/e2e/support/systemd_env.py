"""Reads a settings file with systemd's own function for EnvironmentFile=."""

import ctypes
import glob

import pytest


def library():
    found = sorted(glob.glob("/usr/lib/*/systemd/libsystemd-shared-*.so"))
    if not found:
        pytest.skip("NOT COMPARED WITH SYSTEMD: its library is not installed")
    return ctypes.CDLL(found[-1])


def read(path):
    """{key: value}, or None if systemd refuses the file."""
    lines = ctypes.POINTER(ctypes.c_char_p)()
    function = library().load_env_file
    function.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.POINTER(ctypes.POINTER(ctypes.c_char_p))]
    if function(None, path.encode(), ctypes.byref(lines)) < 0:
        return None
    values = {}
    for line in lines or ():
        if line is None:
            break
        key, _, value = line.decode().partition("=")
        values[key] = value
    return values
