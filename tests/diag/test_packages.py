"""The distribution of a file, from metadata as installers write it."""

import os
from pathlib import Path

import pytest

from diag.packages import distribution

SITE = "/opt/venv/lib/python3.12/site-packages"


class Installed:
    """A folder of installed packages below another root."""

    def __init__(self, root: Path, folder: str = SITE) -> None:
        self.root = root
        self.folder = folder
        self.place = root / folder.lstrip("/")
        self.place.mkdir(parents=True)

    def add(self, name: str, version: str, *files: str, kind: str = "dist-info", top_level: str = "") -> None:
        """Write the metadata of a distribution, with the list of its files if there are any."""
        place = self.place / f"{name.replace('-', '_')}-{version}.{kind}"
        place.mkdir()
        header = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n\nName: is said below as well\n"
        (place / ("METADATA" if kind == "dist-info" else "PKG-INFO")).write_text(header)
        if files:
            lines = [f"{file},sha256=abc,17\n" for file in files]
            (place / "RECORD").write_text("".join(lines))
        if top_level:
            (place / "top_level.txt").write_text(f"{top_level}\n")

    def of(self, file: str) -> str:
        """Ask for a file, by the path that the process has for it."""
        return distribution(f"{self.folder}/{file}", str(self.root))


@pytest.fixture
def site(tmp_path: Path) -> Installed:
    """Give an empty folder."""
    return Installed(tmp_path)


def test_the_list_of_files_decides(site: Installed) -> None:
    """A module may be called otherwise than its distribution, and a package may belong to several."""
    site.add("PyYAML", "6.0.1", "yaml/__init__.py", "_yaml/__init__.py")
    site.add("google-cloud-storage", "2.1", "google/cloud/storage/client.py")
    site.add("google", "3.0", "googlesearch/__init__.py", top_level="google")
    site.add("six", "1.16.0", "six.py")
    assert site.of("yaml/__init__.py") == "PyYAML 6.0.1"
    assert site.of("google/cloud/storage/client.py") == "google-cloud-storage 2.1"
    assert site.of("six.py") == "six 1.16.0"


def test_names_serve_where_there_is_no_list(site: Installed) -> None:
    """The longest name that is the file's package; else the one that claims the top of it."""
    site.add("zope.interface", "5.5", kind="egg-info")
    site.add("zope", "1.0", kind="egg-info")
    site.add("python-apt", "2.6", kind="egg-info", top_level="apt\napt_pkg")
    assert site.of("zope/interface/verify.py") == "zope.interface 5.5"
    assert site.of("zope/other.py") == "zope 1.0"
    assert site.of("zopes/other.py") == ""
    assert site.of("apt/cache.py") == "python-apt 2.6"


def test_a_file_of_metadata(tmp_path: Path) -> None:
    """Debian has one in place of a folder."""
    debian = Installed(tmp_path, "/usr/lib/python3/dist-packages")
    (debian.place / "httplib2-0.20.4.egg-info").write_text(
        "Metadata-Version: 2.1\nName: httplib2\nVersion: 0.20.4\n"
    )
    assert debian.of("httplib2/auth.py") == "httplib2 0.20.4"


def test_an_egg_has_it_in_its_name(site: Installed) -> None:
    """As `setup.py install` made them."""
    assert site.of("shop_client-1.4.2-py3.8.egg/shop/api.py") == "shop_client 1.4.2"


def test_metadata_without_a_header(site: Installed) -> None:
    """The name of the folder has both, too."""
    (site.place / "shop_client-1.4.2.dist-info").mkdir()
    assert site.of("shop_client/api.py") == "shop_client 1.4.2"


@pytest.mark.parametrize(
    "path",
    [
        "/srv/app.py",
        "/usr/lib/python3.12/asyncio/tasks.py",
        "<frozen runpy>",
        "",
        f"{SITE}/mystery.py",
        "app.py",
    ],
)
def test_what_belongs_to_none(path: str, site: Installed) -> None:
    """The user's own files, those of an editable install too, the standard library, and what nothing is known of."""
    site.add("six", "1.16.0", "six.py")
    assert distribution(path, str(site.root)) == ""


def test_a_file_of_this_very_environment() -> None:
    """Pytest is installed, this test is not."""
    assert distribution(os.path.abspath(pytest.__file__)) == f"pytest {pytest.__version__}"  # noqa: PTH100 - links stay
    assert distribution(__file__) == ""
