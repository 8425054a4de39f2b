"""Begin."""

import lifetime
from postbox.delivery import Delivery

fixed = lifetime.begin()
lifetime.ready()
Delivery(fixed).run()
