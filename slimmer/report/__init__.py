"""Reports: what a command says, in several faces. Those of a build are in ``faces``."""
