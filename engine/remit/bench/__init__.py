"""The benchmark suite: Remit beside its peers, on workloads whose right answers are known.

Each benchmark is one file here and gives tables; `catalogue.py` lists them. `arena/` holds the
workloads, the engines and the measuring loop. Nothing of this is imported by what decides.
"""
