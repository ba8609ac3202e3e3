"""How a function is started: by its own ``bootstrap``, or by what Lambda's runtime would be.

:mod:`slimmer.verify.runtimes.table` has a row for each managed runtime, whose module says how.
The interpreter is this machine's, at /var/lang as in Lambda; the client that speaks to the
Runtime API is AWS's own where it can be had, at /var/runtime.
"""
