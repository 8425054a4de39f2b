"""What all pages have in common: the templates' environment and the style sheet."""

import importlib.resources

import jinja2
from markupsafe import Markup

from diag.reports import theme


def environment(package: str = "diag.reports") -> jinja2.Environment:
    """Give the environment of a package's templates: everything is escaped, an unknown name is an error.

    Templates of `diag.reports` can be extended from another package's.
    """
    return jinja2.Environment(
        loader=jinja2.ChoiceLoader(
            [jinja2.PackageLoader(name) for name in dict.fromkeys((package, "diag.reports"))]
        ),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )


def style(*own: str) -> Markup:
    """Put a style sheet together: the colours, what every page has, what charts and sources have, the page's own."""
    assets = importlib.resources.files("diag.reports") / "assets"
    shared = [(assets / name).read_text(encoding="utf-8") for name in ("base.css", "report.css")]
    return Markup("".join([theme.variables(), *shared, *own]))  # noqa: S704 - the project's own files
