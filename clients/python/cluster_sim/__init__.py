"""Virtual clusters for tests: nodes, services and jobs from a specification.

    from cluster_sim import LDMSDCluster

    cluster = LDMSDCluster.create(spec=spec)                              # fails if it exists
    cluster = LDMSDCluster.get("mycluster")                               # fails if it does not
    cluster = LDMSDCluster.get("mycluster", create=True, spec=spec)       # makes it if need be
    cluster.start_munged()
    cluster.start_slurm()
    cluster.start_ldmsd()
    rc, out = cluster.get_container("sampler-1").exec_run("hostname")
    cluster.remove()

Calls go to a program, `cluster-sim vcluster serve`: the one at $CLUSTER_SIM_URL, or one that is started when it is
first needed and ends with this process. It needs nothing but Python's own library.
"""
from .cluster import Cluster, ClusterError, Container, LDMSDCluster, connect
from .tada import TADATest

__all__ = ["Cluster", "ClusterError", "Container", "LDMSDCluster", "TADATest", "connect"]
