"""For pytest: in conftest.py, `pytest_plugins = ["cluster_sim.pytest_plugin"]`.

    def test_names(virtual_cluster):
        cluster = virtual_cluster(spec)
        assert cluster.exec_run("hostname") == (0, "node-5\\n")

The clusters that a test makes are removed after it, whatever happens. With --keep-clusters those of failed tests stay,
and their names are told.
"""
import pytest

from .cluster import LDMSDCluster


def pytest_addoption(parser):
    parser.addoption("--keep-clusters", action="store_true", help="keep the virtual clusters of tests that have failed")
    parser.addoption("--cluster-backend", default=None, help="what virtual clusters are made of: simulated, namespaces, docker")


@pytest.hookimpl(hookwrapper=True, tryfirst=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    setattr(item, "report_" + call.when, outcome.get_result())


@pytest.fixture
def virtual_cluster(request):
    made = []

    def make(spec):
        cluster = LDMSDCluster.create(spec, request.config.getoption("--cluster-backend"))
        made.append(cluster)
        return cluster

    yield make
    report = getattr(request.node, "report_call", None)
    if request.config.getoption("--keep-clusters") and report is not None and report.failed:
        for cluster in made:
            print("kept: cluster-sim vcluster shell %s" % cluster.name)
        return
    for cluster in made:
        cluster.remove()
