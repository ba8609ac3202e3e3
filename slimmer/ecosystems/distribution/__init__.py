"""Packages of a distribution of Linux, as in the root file system of a container image.

A distribution's own records say which packages are there and why: those of dpkg and APT, those of
apk. They are looked for at the top of a tree only.
"""
