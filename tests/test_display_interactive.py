import json
import re

import numpy as np
import pytest
from conftest import CHROMIUM

from errorflow.display import interactive as widgets
from errorflow.flow import factor
from errorflow.flow.forward import trajectory

in_chromium = [
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium found: no figure was played with"),
    pytest.mark.xdist_group("browser"),
]

STEPS = [1, 2, 5, 10, 40]
CONTROLS = {
    "n": ("units, *n*", [1, 3]),
    "w_max": ("weights up to *w*_{max}", [0.5, 4]),
    "activation": ("activation", ["logistic", "relu"]),
}
START = {"n": 3, "w_max": 0.5, "activation": "logistic", "q": 5}


def curves():
    """Median -a q, a quarter less and more; a net of one ReLU unit passes nothing on."""
    shape = (2, 2, 2, 3, len(STEPS))
    decay = 0.1 * (1 + np.arange(24).reshape(2, 2, 2, 3))
    values = np.broadcast_to(-decay[..., ::-1, None] * STEPS, shape).copy()
    values[0, :, 1] = -np.inf
    return values


def explorer(name="one", caption="See [this *q*](n=1 w_max=4 q=10).", **changes):
    bounds = np.full((2, 2, 2, 2), np.nan)
    bounds[1, 0, 0] = 0.5, -0.1
    keywords = {"start": START, "bounds": bounds, "level": (-15.95, "machine precision")}
    return widgets.explorer(
        name, CONTROLS, STEPS, curves(), caption=caption, **keywords | changes
    )  # fmt: skip


def a_net(n=3, q=4):
    W = 8 * np.random.default_rng(7).random((n, n)) - 4
    _, slopes = trajectory(W, np.full(n, 0.5), q)
    products = [factor.path_products(W, slopes[:m], 0, n - 1) for m in range(1, q + 1)]
    matrices = [W * slope for slope in slopes]
    rows = [matrices[0][0]]
    for matrix in matrices[1:]:
        rows.append(rows[-1] @ matrix)
    return products, matrices, rows


def two_views(name="two", caption="All [paths](q=4 path=1).", **changes):
    keywords = {"u": 0, "v": 2, "start": {"q": 3, "path": 2}} | changes
    return widgets.two_views(name, *a_net(), caption=caption, **keywords)


def data_of(fragment):
    return json.loads(re.search(r'type="application/json"[^>]*>(.*?)</script>', fragment)[1])


# The text ------------------------------------------------------------------------------------


@pytest.mark.parametrize("make", [explorer, two_views])
def test_fragment_is_plain_self_contained_and_the_same_twice(make):
    fragment = make()
    assert type(fragment) is str
    assert fragment == make()
    assert not re.search(r"https?:|src=|@import|url\((?!#)", fragment)
    assert fragment.count("<script") == fragment.count("</script>") == 2


def test_curves_survive_their_code():
    coded = data_of(explorer())["curves"]
    wanted = curves()
    for at in np.ndindex(wanted.shape[:-1]):
        differences = coded
        for index in at:
            differences = differences[index]
        if np.isinf(wanted[at]).any():
            assert differences == [None] * len(STEPS)
        else:
            assert np.cumsum(differences) / 100 == pytest.approx(wanted[at], abs=0.006)


def test_a_factor_of_0_between_others():
    gaps = curves()
    gaps[1, 1, 1, 1, 2] = -np.inf
    fragment = widgets.explorer("gap", CONTROLS, STEPS, gaps, start=START, caption="")
    coded = data_of(fragment)["curves"][1][1][1][1]
    assert coded[2] is None
    assert sum(d for d in coded if d is not None) == round(100 * gaps[1, 1, 1, 1, -1])


def test_hostile_text_stays_text():
    fragment = explorer(caption="</script><b>&", level=(-16, "</script><!--"))
    assert fragment.count("</script>") == 2
    assert "<!--" not in fragment
    assert "&lt;/script&gt;&lt;b&gt;&amp;" in fragment
    assert data_of(fragment)["level"]["name"] == "</script><!--"


MARKUP = "<img src=x onerror=alert(1)>"


def marked_up():
    """Return an explorer whose words are markup."""
    shape = (1, 2, 3, len(STEPS))
    return widgets.explorer(
        "one",
        {"kind": (MARKUP, [MARKUP, "b"]), "n": ("n", [MARKUP, 1])},
        STEPS,
        -np.ones((2, 2, *shape[2:])),
        start={"kind": MARKUP, "n": MARKUP, "q": 5},
        level=(-16.0, MARKUP),
        caption=MARKUP,
    )


def test_words_of_controls_stay_words():
    assert "<img" not in marked_up()
    with pytest.raises(ValueError, match="control '<img>' must be named by letters"):
        widgets.explorer(
            "one", {"<img>": ("n", [1])}, [1], np.zeros((1, 3, 1)), start={"<img>": 1, "q": 1},
            caption="",
        )  # fmt: skip


def test_ids_are_the_caller_s():
    both = explorer("a") + explorer("b") + two_views("c")
    ids = re.findall(r'\bid="([^"]+)"', both)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'\bfor="([^"]+)"', both)) <= set(ids)


def test_every_control_has_its_label():
    for fragment in (explorer(), two_views()):
        for slider in re.findall(r'<input type="range" id="([^"]+)"', fragment):
            assert f'<label for="{slider}">' in fragment
    assert explorer().count('<label class="ef-choice"><input type="radio"') == 2


def test_without_script_there_is_a_table():
    table = re.search(r"<noscript>(.*?)</noscript>", explorer())[1]
    assert table.count("<tr>") == 3  # the head, the start, the link
    assert "10^-7.0" in table
    table = re.search(r"<noscript>(.*?)</noscript>", two_views())[1]
    assert table.count("<tr>") == 5


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"name": "One"}, "name = 'One'; it must be of a-z"),
        ({"caption": "[x](p=1)"}, "a link sets 'p'; there are n, w_max, activation, q"),
        ({"caption": "[x](n=2)"}, "a link sets n=2; n must be one of 1, 3"),
        ({"start": START | {"n": 2}}, r"start has n = 2; it must be one of \[1, 3\]"),
        ({"start": {}}, "start has n = None"),
        ({"bounds": np.zeros((2, 2))}, r"bounds \(2, 2\) do not fit"),
    ],
)
def test_explorer_refuses(changes, message):
    with pytest.raises(ValueError, match=message):
        explorer(**changes)


def test_explorer_refuses_curves():
    with pytest.raises(ValueError, match=r"curves \(2, 2\) do not fit; they must be \(2, 2, 2, 3"):
        widgets.explorer("x", CONTROLS, STEPS, np.zeros((2, 2)), start=START, caption="")
    with pytest.raises(ValueError, match="curves hold nan"):
        widgets.explorer("x", CONTROLS, STEPS, curves() * np.nan, start=START, caption="")


def test_two_views_refuse():
    products, matrices, rows = a_net()
    keywords = {"u": 0, "v": 2, "start": {"q": 1, "path": 1}, "caption": ""}
    with pytest.raises(ValueError, match=r"rows \(3, 3\) do not fit 4 numbers of steps"):
        widgets.two_views("x", products, matrices, rows[:3], **keywords)
    with pytest.raises(ValueError, match=r"products of q = 2 are \(2,\); must be 3\*\*1"):
        widgets.two_views("x", [products[0], [1, 2], *products[2:]], matrices, rows, **keywords)
    with pytest.raises(ValueError, match="q = 1: paths sum to"):
        widgets.two_views("x", products, matrices, rows, **keywords | {"v": 1})
    with pytest.raises(ValueError, match="is no path"):
        widgets.two_views(
            "x", products, matrices, rows, **keywords | {"start": {"q": 2, "path": 4}}
        )


# In Chromium ---------------------------------------------------------------------------------

HEAD = (
    '<!doctype html><html lang="en"><meta charset="utf-8"><title>A test</title>'
    '<meta name="viewport" content="width=device-width"><body style="margin: 0 12px">'
)


both_widths = pytest.mark.parametrize("page", [1000, 390], indirect=True)


@pytest.fixture
def page(request, browser, tmp_path):
    """Both figures on one page from the file system; any message or request is a failure."""
    file = tmp_path / "page.html"
    file.write_text(HEAD + explorer() + two_views(), encoding="utf-8")
    page = browser.new_page(viewport={"width": getattr(request, "param", 1000), "height": 900})
    said, asked = [], []
    page.on("console", lambda m: said.append(m.text))
    page.on("pageerror", lambda e: said.append(str(e)))
    page.on("request", lambda r: asked.append(r.url))
    page.goto(file.as_uri())
    yield page
    assert said == []
    assert asked == [file.as_uri()]
    wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(wide) <= 0
    page.close()


def readout(page, name):
    return page.locator(f"#{name} .ef-readout").inner_text()


def drawn(page, what="median"):
    return page.locator(f"#one .ef-{what}").get_attribute("points")


class TestInChromium:
    pytestmark = in_chromium

    @both_widths
    def test_sliders_by_keyboard(self, page):
        assert "n = 3, wmax = 0.5, logistic, q = 5: median |factor| 10−7.0" in readout(page, "one")
        before = drawn(page)
        page.focus("#one-w_max")
        page.keyboard.press("ArrowRight")
        assert "wmax = 4" in readout(page, "one")
        assert drawn(page) != before
        assert page.get_attribute("#one-w_max", "aria-valuetext") == "4"
        page.keyboard.press("ArrowLeft")
        assert drawn(page) == before
        marker = page.locator("#one .ef-marker")
        there = marker.get_attribute("cx")
        page.focus("#one-q")
        page.keyboard.press("End")
        assert "q = 40" in readout(page, "one")
        assert drawn(page) == before
        assert marker.get_attribute("cx") != there

    def test_words_of_controls_stay_words(self, browser, tmp_path):
        file = tmp_path / "page.html"
        file.write_text(HEAD + marked_up(), encoding="utf-8")
        page = browser.new_page()
        page.goto(file.as_uri())
        assert f"{MARKUP}, {MARKUP}, q = 5" in readout(page, "one")
        assert page.locator("img").count() == 0
        page.close()

    def test_radio_buttons_by_keyboard(self, page):
        page.focus("#one input[type=radio]:checked")
        page.keyboard.press("ArrowDown")
        assert "relu" in readout(page, "one")
        page.focus("#one-n")
        page.keyboard.press("Home")
        assert "n = 1, wmax = 0.5, relu, q = 5: median |factor| exactly 0" in readout(page, "one")

    def test_bound_only_where_there_is_one(self, page):
        assert drawn(page, "bound")
        assert "The bound: 100.0." in readout(page, "one")
        page.focus("#one-n")
        page.keyboard.press("Home")
        assert page.locator("#one .ef-bound").count() == 0
        assert page.locator("#one .ef-has-bound").is_hidden()
        assert "does not decay here" in readout(page, "one")

    def test_caption_link_by_keyboard(self, page):
        before = drawn(page)
        page.focus("#one a.ef-link")
        page.keyboard.press("Enter")
        assert drawn(page) != before
        assert "n = 1, wmax = 4, logistic, q = 10" in readout(page, "one")
        assert page.input_value("#one-n") == "0"
        assert page.input_value("#one-w_max") == "1"
        assert not page.url.endswith("#one")

    def test_click_into_the_plot_sets_q(self, page):
        box = page.locator("#one .ef-plot svg").bounding_box()
        page.mouse.click(box["x"] + box["width"] - 16, box["y"] + 50)
        assert "q = 40" in readout(page, "one")

    def test_figures_do_not_touch_each_other(self, page):
        other = readout(page, "two")
        page.click("#one a.ef-link")
        assert readout(page, "two") == other

    def test_paths_and_matrices_end_in_the_same_number(self, page):
        products, _, rows = a_net()
        page.focus("#two-q")
        for q in (3, 4):
            totals = re.findall(r": (−?[\d.]+\d)[;.]", readout(page, "two").split("Sum")[1])
            assert len(set(totals)) == 1
            total = float(totals[0].replace("−", "-"))
            assert total == pytest.approx(rows[q - 1][2], abs=1e-5)
            assert page.locator("#two .ef-bar").count() == len(products[q - 1])
            assert page.locator("#two .ef-cell.ef-here").count() == q
            page.keyboard.press("ArrowRight")

    @both_widths
    def test_path_by_slider_and_by_click(self, page):
        assert "path 2 of 9: 0 → 0 → 1 → 2" in readout(page, "two")
        page.focus("#two-path")
        page.keyboard.press("ArrowRight")
        assert "path 3 of 9: 0 → 0 → 2 → 2" in readout(page, "two")
        page.click("#two [data-path='8']")
        assert "path 8 of 9: 0 → 2 → 1 → 2" in readout(page, "two")
        assert page.input_value("#two-path") == "7"
        page.focus("#two-q")
        page.keyboard.press("Home")
        assert "path 1 of 1: 0 → 2" in readout(page, "two")
        page.click("#two a.ef-link")
        assert "path 1 of 27: 0 → 0 → 0 → 0 → 2" in readout(page, "two")

    @both_widths
    def test_texts_are_large_enough(self, page):
        sizes = (
            "e => [...document.querySelectorAll('figure *')].map(x => getComputedStyle(x).fontSize)"
        )
        assert min(float(size[:-2]) for size in page.evaluate(sizes)) >= 12

    def test_focus_is_seen(self, page):
        for selector in ("#one-q", "#one a.ef-link", "#two-path"):
            page.focus(selector)
            page.keyboard.press("Shift+Tab")
            page.keyboard.press("Tab")
            style = f"getComputedStyle(document.querySelector('{selector}')).outlineStyle"
            assert page.evaluate(style) == "solid"

    def test_no_ground_is_laid_under_it(self, browser, tmp_path):
        """The theme does so on dark pages, where the text is light as well."""
        file = tmp_path / "page.html"
        style = "<style>div.text_html { background: #eee; color: #111; padding: 9px }</style>"
        file.write_text(f'{HEAD}{style}<div class="text_html">{explorer()}</div>', "utf-8")
        page = browser.new_page()
        page.goto(file.as_uri())
        ground = "getComputedStyle(document.querySelector('.text_html')).backgroundColor"
        assert page.evaluate(ground) == "rgba(0, 0, 0, 0)"
        page.close()

    def test_without_script(self, browser, tmp_path):
        file = tmp_path / "page.html"
        file.write_text(HEAD + explorer() + two_views(), encoding="utf-8")
        context = browser.new_context(java_script_enabled=False)
        page = context.new_page()
        page.goto(file.as_uri())
        assert page.locator("#one table").is_visible()
        assert page.locator("#two table").is_visible()
        assert page.locator("input:visible").count() == 0
        context.close()
