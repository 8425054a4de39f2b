"""Copies a file of zeros again and again."""

import shutil
import tempfile

import lifetime

lifetime.begin()
source = tempfile.NamedTemporaryFile()
target = tempfile.NamedTemporaryFile()
source.write(bytes(4 << 20))
source.flush()
lifetime.ready()
while True:
    shutil.copyfile(source.name, target.name)
