"""The sandboxed side of the grader: seals one process tree per submission and runs its cells and answers there.

This folder and `exercises/run.py` are all of bpkit that the sandbox holds; they know inputs and no expected value, and
import nothing but each other, numpy and the standard library. The processes, each the parent of the next:

zygote      has numpy imported; takes a socket per submission and never reads from it. Where several sandboxes are started together, it copies
            itself for each, before it has seen anything of a submission; from then on each copy has namespaces and a session of its own
init        first process of the submission's pid namespace: enters the other fresh namespaces, gives up every privilege, reads
            the job, starts the runner, starts it again without the statement that killed or stalled it, and sends what came back
runner      runs the notebook's cells; on what they leave the exercises, each once: in forks, the last one in this process

What init and below send is hostile data to whoever reads it.
"""
