"""Clusters and their containers, under the names that test suites know."""
import base64
import os
import shlex

from .server import ClusterError, Server

_server = None


def connect(url=None, token=None, program=None, environment=None, guard=False):
    """Chooses the program that later calls go to. Without arguments: the one at $CLUSTER_SIM_URL (with the token in
    $CLUSTER_SIM_TOKEN), or a new one. A new one with `guard` removes, when this process ends, what `create` has made."""
    global _server
    if _server is not None:
        _server.close()
    _server = Server(url or os.environ.get("CLUSTER_SIM_URL"), token or os.environ.get("CLUSTER_SIM_TOKEN"), program, environment, guard)
    return _server


def _call(operation, *arguments):
    return (_server or connect()).call(operation, *arguments)


class Container:
    """A node."""

    def __init__(self, cluster, facts):
        self.cluster = cluster
        self.name = facts["name"]
        self.hostname = facts["hostname"]
        self.aliases = facts["aliases"]
        self.ip_addr = facts["ip_addr"]
        self.index = facts["index"]

    def __repr__(self):
        return "<Container %s>" % self.name

    def exec_run(self, cmd, env=None, user=None, workdir=None, stdin=None, detach=False, timeout=None):
        """Runs a text (by the node's shell) or a list of words. Returns (rc, out); `out` holds standard output and
        error in the order in which they came, as text, or as bytes where it is none."""
        given = {"env": env, "user": user, "workdir": workdir, "stdin": stdin, "detach": detach, "timeout": timeout}
        options = {key: value for key, value in given.items() if value not in (None, False)}
        if "timeout" in options:
            options["timeout"] = float(options["timeout"])
        result = _call("exec", self.cluster.name, self.hostname, cmd, options)
        if "out_base64" in result:
            return result["rc"], base64.b64decode(result["out_base64"])
        return result["rc"], result["out"]

    def write_file(self, path, content, mode=0o644, mkdirs=False):
        """Writes text or bytes, in place."""
        data = content.encode() if isinstance(content, str) else bytes(content)
        _call("write_file", self.cluster.name, self.hostname, path, base64.b64encode(data).decode(), "base64", mode, mkdirs)

    def read_file(self, path):
        """The content: text if it is UTF-8, else bytes. A missing file is a ClusterError."""
        data = base64.b64decode(_call("read_file", self.cluster.name, self.hostname, path, "base64"))
        try:
            return data.decode()
        except UnicodeDecodeError:
            return data

    def pgrep(self, options):
        return self.exec_run("pgrep " + options)

    def pgrepc(self, name):
        """How many processes are called exactly so."""
        return int(self.exec_run("pgrep -x -c " + shlex.quote(name))[1])

    def proc_environ(self, pid):
        data = self.read_file("/proc/%d/environ" % pid)
        data = data if isinstance(data, str) else data.decode(errors="surrogateescape")
        return dict(item.split("=", 1) for item in data.split("\0") if "=" in item)

    def ldms_ls(self, options):
        return self.exec_run("ldms_ls " + options)

    def check_ldmsd(self):
        return self.pgrepc("ldmsd") > 0

    def start_ldmsd(self):
        return _call("start", self.cluster.name, "ldmsd", self.hostname)

    def kill_ldmsd(self):
        """Ends the daemon and waits until it is gone."""
        return _call("stop", self.cluster.name, "ldmsd", self.hostname)


class Cluster:
    """A virtual cluster. Its last container is the service node."""

    def __init__(self, facts):
        self.name = facts["name"]
        self.backend = facts["backend"]
        self.containers = [Container(self, each) for each in facts["nodes"]]

    def __repr__(self):
        return "<%s %s, %d nodes>" % (type(self).__name__, self.name, len(self.containers))

    @classmethod
    def create(cls, spec, backend=None):
        """Makes it. Fails if it exists."""
        return cls(_call("create", spec, backend or ""))

    @classmethod
    def get(cls, name=None, create=False, spec=None, backend=None):
        """Finds it; with `create`, makes it if there is none. An existing one must be of the same specification."""
        if spec is not None and create:
            return cls(_call("get_or_create", spec, backend or ""))
        return cls(_call("get", name or spec["name"]))

    @classmethod
    def get_or_create(cls, spec, backend=None):
        return cls.get(create=True, spec=spec, backend=backend)

    @staticmethod
    def list():
        return [Cluster(each) for each in _call("list")]

    def remove(self):
        """Removes it, and nothing else. False if it was gone already."""
        return _call("remove", self.name)

    def get_container(self, name):
        """By hostname, alias or full name."""
        for each in self.containers:
            if name == each.hostname or name in each.aliases or name == each.name:
                return each
        raise ClusterError(ClusterError.NOT_FOUND, "%s has no container %s" % (self.name, name))

    @property
    def service_node(self):
        return self.containers[-1]

    def exec_run(self, *args, **kwargs):
        return self.service_node.exec_run(*args, **kwargs)

    def write_file(self, *args, **kwargs):
        return self.service_node.write_file(*args, **kwargs)

    def read_file(self, *args, **kwargs):
        return self.service_node.read_file(*args, **kwargs)

    def all_exec_run(self, cmd):
        return {each.hostname: each.exec_run(cmd) for each in self.containers}

    def start(self, service, node="", timeout=30.0):
        """Starts sshd, munged, slurm, ldmsd or all, where need be, and waits until they are ready."""
        return _call("start", self.name, service, node, float(timeout))

    def stop(self, service, node="", timeout=10.0):
        return _call("stop", self.name, service, node, float(timeout))

    def status(self):
        return _call("status", self.name)

    def start_sshd(self):
        return self.start("sshd")

    def start_munged(self):
        return self.start("munged")

    def start_slurm(self):
        return self.start("slurm")

    def kill_slurm(self):
        return self.stop("slurm")

    def pass_time(self, seconds):
        """Lets the cluster's own time pass: at once where it is simulated."""
        return _call("pass", self.name, float(seconds))

    @property
    def etc_hosts(self):
        return _call("hosts", self.name)


class LDMSDCluster(Cluster):
    """A cluster with metric daemons and jobs."""

    def start_ldmsd(self):
        return self.start("ldmsd")

    def kill_ldmsd(self):
        return self.stop("ldmsd")

    def check_ldmsd(self):
        return {each.hostname: each.check_ldmsd() for each in self.containers[:-1]}

    def ldms_ls(self, options):
        return self.service_node.ldms_ls(options)

    def wait_sets(self, host, sets, timeout=60.0):
        """Waits until the daemon on `host` lists exactly these sets; the error names the difference."""
        return _call("wait_sets", self.name, host, sorted(sets), float(timeout))

    def sbatch(self, script, *arguments):
        """Submits a script of the service node. The job's number."""
        return _call("sbatch", self.name, script, list(arguments))

    def squeue(self, job_id=0):
        """All jobs, or one, as dictionaries of squeue's columns."""
        return _call("squeue", self.name, int(job_id or 0))

    def scancel(self, job_id):
        return _call("scancel", self.name, int(job_id))

    def wait_job(self, job_id, states=None, timeout=60.0):
        """Waits until the job has ended, or is in one of these states. Which."""
        if states is None:
            return _call("wait_job", self.name, int(job_id))
        return _call("wait_job", self.name, int(job_id), list(states), float(timeout))
