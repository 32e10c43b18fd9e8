import sys

from . import KINDS
from .differences import FILES

print("\n".join([f"tests/e2e/test_{name}.py" for name in FILES] if sys.argv[1:] == ["--files"] else KINDS))
