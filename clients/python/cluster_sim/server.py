"""The program that does the work, and how it is reached."""
import atexit
import os
import shutil
import subprocess
import xmlrpc.client


class ClusterError(Exception):
    """What went wrong, in one sentence. `status` is what the command would have ended with."""

    EXISTS, NOT_FOUND, UNAVAILABLE, TIMEOUT = 3, 4, 5, 6

    def __init__(self, status, sentence):
        super().__init__(sentence)
        self.status = status


class _Transport(xmlrpc.client.Transport):
    def __init__(self, token):
        super().__init__()
        self._token = token

    def send_headers(self, connection, headers):
        if self._token:
            headers = headers + [("Authorization", "Bearer " + self._token)]
        super().send_headers(connection, headers)


class Server:
    """`cluster-sim vcluster serve`, or a simulator's control port, running elsewhere (`url`), or the former started here.

    One that is started here with `guard` removes the clusters that `create` has made when this process ends, even when
    it is killed."""

    def __init__(self, url=None, token=None, program=None, environment=None, guard=False):
        self._process = None
        if url is None:
            url = self._start(program, environment, guard)
        self.url = url.rstrip("/")
        url = self.url
        self._proxy = xmlrpc.client.ServerProxy(url + "/RPC2", transport=_Transport(token), allow_none=True)

    def _start(self, program, environment, guard):
        program = program or os.environ.get("CLUSTER_SIM") or shutil.which("cluster-sim")
        if not program:
            raise ClusterError(ClusterError.UNAVAILABLE, "cannot find cluster-sim; put it into PATH, or set CLUSTER_SIM")
        # In a session of its own, so that Ctrl-C is for this process alone, which may still have things to remove.
        try:
            self._process = subprocess.Popen(
                [program, "vcluster", "serve"] + (["--guard"] if guard else []),
                stdin=subprocess.PIPE if guard else subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                text=True,
                start_new_session=True,
                env={**os.environ, **(environment or {})},
            )
        except OSError as failure:
            raise ClusterError(ClusterError.UNAVAILABLE, "cannot run %s: %s" % (program, failure.strerror)) from None
        line = self._process.stdout.readline()
        if not line.startswith("ready "):
            self._process.wait()
            raise ClusterError(ClusterError.UNAVAILABLE, "cluster-sim vcluster serve ended with %d" % self._process.returncode)
        atexit.register(self.close)
        return line.split()[1]

    def call(self, operation, *arguments):
        """One operation by name, such as "exec", with its arguments in order. Raises ClusterError."""
        try:
            return getattr(self._proxy.vcluster, operation)(*arguments)
        except xmlrpc.client.Fault as fault:
            raise ClusterError(fault.faultCode, fault.faultString) from None

    def close(self):
        """Ends the program if it was started here. Clusters stay, unless they are guarded."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            self._process.wait()
            self._process.stdout.close()
            if self._process.stdin is not None:
                self._process.stdin.close()
