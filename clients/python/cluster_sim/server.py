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
    """`cluster-sim vcluster serve`, running elsewhere (`url`) or started here."""

    def __init__(self, url=None, token=None, program=None, environment=None):
        self._process = None
        if url is None:
            url = self._start(program, environment)
        self.url = url
        self._proxy = xmlrpc.client.ServerProxy(url + "/RPC2", transport=_Transport(token), allow_none=True)

    def _start(self, program, environment):
        program = program or os.environ.get("CLUSTER_SIM") or shutil.which("cluster-sim")
        if not program:
            raise ClusterError(ClusterError.UNAVAILABLE, "cannot find cluster-sim; put it into PATH, or set CLUSTER_SIM")
        self._process = subprocess.Popen(
            [program, "vcluster", "serve"], stdout=subprocess.PIPE, text=True, env={**os.environ, **(environment or {})}
        )
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
        """Ends the program if it was started here. Clusters stay."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            self._process.wait()
            self._process.stdout.close()
