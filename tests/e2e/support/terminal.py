"""A program on a terminal of its own."""

import os
import pty
import select
import termios

from . import admin
from .processes import wait_until


class Terminal:
    """The operator's command line on a terminal, and its output."""

    def __init__(self, arguments):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execve(admin.binary(), [admin.binary(), *arguments], admin.environment())
        self.output = ""
        self.ended = False

    def read(self):
        """Reads the available output. Returns False at the end."""
        if not self.ended and select.select([self.fd], [], [], 0.05)[0]:
            try:
                chunk = os.read(self.fd, 4096)
            except OSError:  # Linux reports the end of a terminal in this way
                chunk = b""
            self.ended = not chunk
            self.output += chunk.decode()
        return not self.ended

    def expect(self, text):
        wait_until(lambda: self.shows(text), what=text)

    def shows(self, text):
        self.read()
        return text in self.output

    def answer(self, text):
        os.write(self.fd, text.encode())

    def echoes(self):
        return bool(termios.tcgetattr(self.fd)[3] & termios.ECHO)

    def end(self):
        """Waits for the end. Returns the wait status. The terminal stays open, so tests can check its state."""
        wait_until(lambda: not self.read(), 30, "the program ends")
        return os.waitpid(self.pid, 0)[1]
