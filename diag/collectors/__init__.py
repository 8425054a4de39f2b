"""The live process: the only code that touches it, a collector each part of a Recording."""
