"""A Ray cluster of several nodes on this machine, for as long as the standard input is open. Run by the tests with the interpreter of `.venv-ray`.

`cluster.py COUNT`. Says `ready ADDRESS` when it is there, and `added` for each line `add`, which adds a node. All of its processes end with this one.
"""

from __future__ import annotations

import sys

from ray.cluster_utils import Cluster

#: The least that Ray takes, in bytes: nothing large travels.
STORE_BYTES = 80 * 1024 * 1024


def add_node(cluster: Cluster) -> None:
    cluster.add_node(
        node_ip_address="127.0.0.1",
        num_cpus=1,
        object_store_memory=STORE_BYTES,
        include_dashboard=False,
        include_log_monitor=False,
    )


def main() -> None:
    cluster = Cluster()
    for _ in range(int(sys.argv[1])):
        add_node(cluster)
    print("ready", cluster.address, flush=True)
    for line in sys.stdin:
        if line.strip() == "add":
            add_node(cluster)
            print("added", flush=True)
    cluster.shutdown()


main()
