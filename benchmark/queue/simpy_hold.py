"""The hold model on SimPy 2 (one process per pending event); prints events per CPU second."""
import random
import sys
import time

from SimPy.Simulation import Process, activate, hold, initialize, simulate, stopSimulation

pending, holds = int(sys.argv[1]), int(sys.argv[2])
warm_up = min(pending, holds)
random.seed(1)
spans = [random.expovariate(1.0) for _ in range(1 << 16)]
run = 0
started = 0.0


class Holder(Process):
    def live(self, first):
        global run, started
        at = first
        while True:
            yield hold, self, spans[at % len(spans)]
            at += 7
            run += 1
            if run == warm_up:
                started = time.process_time()
            if run == warm_up + holds:
                print(holds / (time.process_time() - started))
                stopSimulation()


initialize()
for i in range(pending):
    holder = Holder()
    activate(holder, holder.live(i))
simulate(until=1e12)
