"""For pytest: in conftest.py, `pytest_plugins = ["cluster_sim.pytest_plugin"]`.

    def test_names(virtual_cluster):
        cluster = virtual_cluster(spec)
        assert cluster.exec_run("hostname") == (0, "node-5\\n")

The clusters that a test makes are removed after it, whether it passes, fails or is interrupted; and when pytest itself is
killed, the program behind it removes them. With --keep-clusters those of failed tests stay, and their names are told.
"""
import pytest

from .cluster import LDMSDCluster, connect
from .server import ClusterError


def pytest_addoption(parser):
    parser.addoption("--keep-clusters", action="store_true", help="keep the virtual clusters of tests that have failed")
    parser.addoption("--cluster-backend", default=None, help="what virtual clusters are made of: simulated, namespaces, docker")


@pytest.hookimpl(hookwrapper=True, tryfirst=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    setattr(item, "report_" + call.when, outcome.get_result())


@pytest.fixture(scope="session")
def cluster_server(request):
    """What makes the clusters of this session: the server at $CLUSTER_SIM_URL, or one of its own."""
    server = connect(guard=not request.config.getoption("--keep-clusters"))
    yield server
    server.close()


def _remove_all(clusters):
    """All of them, whatever happens to one; then the first thing that went wrong."""
    failures = []
    for cluster in clusters:
        try:
            cluster.remove()
        except ClusterError as failure:
            failures.append("%s: %s" % (cluster.name, failure))
    if failures:
        pytest.fail("clusters could not be removed: " + "; ".join(failures), pytrace=False)


@pytest.fixture
def virtual_cluster(request, cluster_server):
    """Makes clusters from specifications, as many as a test wants."""
    made = []

    def make(spec):
        cluster = LDMSDCluster.create(spec, request.config.getoption("--cluster-backend"))
        made.append(cluster)
        return cluster

    yield make
    report = getattr(request.node, "report_call", None)
    passed = report is not None and report.passed
    if request.config.getoption("--keep-clusters") and not passed:
        for cluster in made:
            print("kept: cluster-sim vcluster shell %s; cluster-sim vcluster remove %s" % (cluster.name, cluster.name))
        return
    _remove_all(made)
