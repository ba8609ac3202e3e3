"""Sees which files a function opens, runs and looks for, as the kernel tells it.

A filter of system calls, which every process of the function inherits, lets the kernel ask slim
before each call that names a file; slim reads the name and lets the call go on
(seccomp_unotify(2), Linux 5.5). That needs no rights, no further package, and works in every
sandbox that starts its processes here.
"""
