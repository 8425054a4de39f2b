"""Facts computed from a Recording, one kind a file: pure functions that give `Evidence`."""
