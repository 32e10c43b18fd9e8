"""Steady load through nginx that counts every request. Each request has another address, because nginx limits the logins of
one address."""

import http.client
import threading

from .processes import an_address, wait_until

BODY = b"x" * 27000

# Requests that need no database: half of them are small, half have a body of several records.
REQUESTS = [
    ("GET", "/api/users/token", None, {}, 401),
    ("POST", "/api/users/login", BODY, {"Content-Type": "text/plain"}, 422),
]


class Load:
    """Threads that send requests until they are stopped. `done` counts the expected answers, `failed` has the others."""

    def __init__(self, port, threads=6):
        self.port = port
        self.done = 0
        self.failed = []
        self.over = threading.Event()
        self.lock = threading.Lock()
        self.threads = [threading.Thread(target=self.work, args=(number,)) for number in range(threads)]

    def work(self, number):
        method, path, body, headers, expected = REQUESTS[number % len(REQUESTS)]
        while not self.over.is_set():
            try:
                connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30, source_address=(an_address(), 0))
                connection.request(method, path, body, headers)
                answer = connection.getresponse()
                answer.read()
                outcome = answer.status
                connection.close()
            except (OSError, http.client.HTTPException) as error:
                outcome = repr(error)
            with self.lock:
                if outcome == expected:
                    self.done += 1
                else:
                    self.failed.append((method, outcome))

    def more(self, count=100):
        """Waits until this number of further requests is answered."""
        before = self.done
        wait_until(lambda: self.done >= before + count, 30, f"{count} more requests are answered")

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        try:
            self.more()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.over.set()
        for thread in self.threads:
            thread.join()
