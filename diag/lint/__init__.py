"""Faults in source, found without a process: the causes of the catalogue that their source alone proves."""
