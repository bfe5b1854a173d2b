"""The rendered book, page by page, in Chromium: over http and from the file system."""

import functools
import http.server
import re
import threading

import pytest
from conftest import CHROMIUM, ROOT, book

HTML = ROOT / "_build" / "html"
VIEWS = [("http", 1280, "light"), ("file", 390, "dark")]

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium found: the pages were not looked at"),
    pytest.mark.xdist_group("browser"),
]


@pytest.fixture(scope="module")
def site():
    mark = book.read_stamp()
    assert mark, "there is no book: run `make book`"
    assert mark["stamp"] == book.stamp(mark["profile"]), "the book is old: run `make book`"
    handler = functools.partial(QuietHandler, directory=HTML)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield {"http": f"http://127.0.0.1:{server.server_port}", "file": HTML.as_uri()}
    server.shutdown()
    server.server_close()


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


class Visit:
    """One page in one view, with every request and console message kept."""

    def __init__(self, browser, root, width, scheme):
        self.page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
        self.messages, self.strangers, self.failed = [], [], []
        self.page.on("console", self.note)
        self.page.on("pageerror", lambda e: self.messages.append(f"pageerror: {e}"))
        self.page.on("requestfailed", lambda r: self.failed.append(r.url))
        self.page.route("**/*", self.route)
        self.root = root

    def note(self, message):
        # The theme and its toggle buttons log what they set up; anything else is worth a look.
        if not (message.type == "log" and message.text.startswith(("[PST]: ", "[togglebutton]: "))):
            self.messages.append(f"{message.type}: {message.text}")

    def route(self, route):
        url = route.request.url
        if url.startswith((self.root, "data:", "blob:")):
            route.continue_()
        else:
            self.strangers.append(url)
            route.abort()

    def open(self, name):
        self.page.goto(f"{self.root}/{name}", wait_until="load")
        self.page.wait_for_function(
            "!window.MathJax || (MathJax.startup && MathJax.startup.promise"
            " && MathJax.startup.promise.then(() => true))"
        )
        return self.page


@pytest.mark.parametrize("name", book.toc())
@pytest.mark.parametrize(("protocol", "width", "scheme"), VIEWS)
def test_page(site, browser, name, protocol, width, scheme):
    visit = Visit(browser, site[protocol], width, scheme)
    page = visit.open(f"{name}.html")
    assert visit.strangers == []
    assert visit.failed == []
    assert visit.messages == []
    assert page.locator("mjx-merror, [data-mjx-error], .problematic").count() == 0
    formulas = page.locator(".math.notranslate").count()
    assert page.locator("mjx-container").count() == formulas
    broken = "[...document.images].filter(i => i.complete && i.naturalWidth === 0).map(i => i.src)"
    assert page.evaluate(broken) == []
    wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(wide) <= 0, "the page scrolls sideways"
    assert page.locator(".bd-article h1").count() == 1
    assert page.evaluate("[...document.images].every(i => i.alt)")
    page.close()


@pytest.mark.parametrize("name", [name for name in book.toc() if (ROOT / f"{name}.py").exists()])
def test_page_has_its_downloads(site, name):
    page = HTML / f"{name}.html"
    links = re.findall(r'<a class="[^"]*\bdownload\b[^"]*"[^>]* href="([^"]+)"', page.read_text())
    notebook, source = (page.parent / link for link in links)
    assert notebook.read_bytes() == (book.BUILD / "pages" / f"{name}.ipynb").read_bytes()
    assert source.read_bytes() == (ROOT / f"{name}.py").read_bytes()


@pytest.mark.parametrize(("protocol", "width", "scheme"), VIEWS)
def test_a_downloaded_notebook_runs(site, browser, tmp_path, protocol, width, scheme):
    visit = Visit(browser, site[protocol], width, scheme)
    page = visit.open("book/80-verdicts.html")
    link, notebook = page.locator(".downloads a").first, tmp_path / "80-verdicts.ipynb"
    assert link.is_visible()
    link.focus()
    if protocol == "http":
        with page.expect_download() as started:
            page.keyboard.press("Enter")
        assert started.value.suggested_filename == notebook.name
        started.value.save_as(notebook)
    else:  # from a disk Chromium shows it, to be saved
        with page.expect_navigation():
            page.keyboard.press("Enter")
        notebook.write_text(page.locator("pre").text_content(), encoding="utf-8")
    page.close()
    book.execute(notebook, tmp_path / "again.ipynb", {})
    assert (tmp_path / "again.ipynb").read_bytes() == notebook.read_bytes()


@pytest.mark.parametrize("protocol", ["http", "file"])
def test_search_finds(site, browser, protocol):
    visit = Visit(browser, site[protocol], 1280, "light")
    page = visit.open("search.html?q=chunker")
    page.wait_for_selector("ul.search li a", timeout=10_000)
    links = page.locator("ul.search li a").evaluate_all("all => all.map(a => a.href)")
    assert any("41-two-sequences.html" in link for link in links)
    assert visit.strangers == []
    page.close()
