"""Renders the same page again and again."""

import jinja2
import lifetime

lifetime.begin()
PAGE = jinja2.Template(
    "<ul>{% for row in rows %}<li>{{ row.name|upper }}: {{ row.value }}</li>{% endfor %}</ul>"
)
ROWS = [{"name": f"row {n}", "value": n} for n in range(300)]
lifetime.ready()
while True:
    PAGE.render(rows=ROWS)
