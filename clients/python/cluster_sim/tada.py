"""Reports of assertions to a test result daemon, ours or the original one, over UDP."""
import atexit
import getpass
import hashlib
import json
import socket
import time

PASSED, FAILED, SKIPPED = "passed", "failed", "skipped"


class TADATest:
    """One run of a test. What was not asserted when it ends is reported as skipped.

        test = TADATest("LDMSD", "FVT", "my test", tada_addr="localhost:9862")
        test.add_assertion(1, "the answer is right")
        test.start()
        test.assert_test(1, answer == 42, "the answer was %d" % answer)
        status = test.finish()      # 0 if all have passed, else 255
    """

    def __init__(self, test_suite, test_type, test_name, test_user=None, commit_id="-", test_desc=None,
                 tada_addr=None, tada_host="localhost", tada_port=9862):
        if tada_addr:
            tada_host, _, port = tada_addr.partition(":")
            tada_port = int(port or 9862)
        self.test_suite, self.test_type, self.test_name = test_suite, test_type, test_name
        self.test_user = test_user or getpass.getuser()
        self.commit_id, self.test_desc = commit_id, test_desc or test_name
        self.test_id = None
        self.assertions = {}
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._address = (tada_host or "localhost", tada_port)
        self._over = False

    def _send(self, kind, **fields):
        # Servers of the first form ask for suite and name everywhere, those of the second for the id.
        message = {"msg-type": kind, "test-suite": self.test_suite, "test-type": self.test_type, "test-name": self.test_name,
                   "test-user": self.test_user, "commit-id": self.commit_id, "test-id": self.test_id, **fields}
        self._socket.sendto(json.dumps(message).encode(), self._address)

    def add_assertion(self, number, desc):
        """Declares; sends nothing. Again with the same number replaces."""
        self.assertions[number] = [desc, "none", SKIPPED]

    def start(self):
        now = time.time()
        whole = ":".join([self.test_suite, self.test_type, self.test_name, self.test_user, self.commit_id, str(int(now))])
        self.test_id = hashlib.sha256(whole.encode()).hexdigest()
        self._send("test-start", **{"test-desc": self.test_desc, "timestamp": now})
        atexit.register(self.finish)

    def assert_test(self, number, result, cond):
        """Reports at once; the last result counts. KeyError for what was not declared."""
        entry = self.assertions[number]
        if self._over or self.test_id is None:
            raise RuntimeError("the test %s %s" % (self.test_name, "is over" if self._over else "has not begun"))
        entry[1], entry[2] = cond, PASSED if result else FAILED
        self._report(number)
        return result

    def _report(self, number):
        desc, cond, status = self.assertions[number]
        self._send("assert-status", **{"assert-no": number, "assert-desc": desc, "assert-cond": cond, "test-status": status})

    def finish(self):
        """Ends the run; twice is once. 0 if all have passed, else 255."""
        if not self._over and self.test_id is not None:
            for number, (_, _, status) in self.assertions.items():
                if status == SKIPPED:
                    self._report(number)
            self._over = True
            self._send("test-finish", timestamp=time.time())
            atexit.unregister(self.finish)
            self._socket.close()
        return 0 if all(status == PASSED for _, _, status in self.assertions.values()) else 255

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.finish()
