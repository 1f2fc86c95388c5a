"""What the two colours do differently: waiting, concurrency, cancellation.

`waiting` is anyio's own vocabulary.  `blocking` is the same vocabulary over threads.  One file for
each subject on both sides, with the same names and, colour aside, the same signatures; everything
else in the package is written once.
"""
