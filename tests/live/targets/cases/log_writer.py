"""Logs at full speed into a file that is begun anew when it is big."""

import logging
import logging.handlers
import os
import tempfile

import lifetime

lifetime.begin()
with tempfile.TemporaryDirectory() as folder:
    handler = logging.handlers.RotatingFileHandler(
        os.path.join(folder, "app.log"), maxBytes=1 << 20, backupCount=1
    )
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    log = logging.getLogger("app")
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    lifetime.ready()
    while True:
        log.info("request handled in %d ms", 3)
