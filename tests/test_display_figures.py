"""The colours of f', of w and of their product: readable on every ground, told apart by all."""

import itertools
import re

import numpy as np
import pytest
from conftest import ROOT
from matplotlib.colors import to_rgb

from errorflow.display import figures

COLOURS = {"slope": figures.SLOPE, "weight": figures.WEIGHT, "product": figures.PRODUCT}
GROUNDS = {"white": "#FFFFFF", "dark page": "#14181E", "box on a dark page": "#222832"}
"""Where formulas stand: the theme's page in both modes (a box is white on the light one)."""

TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
VISION = {
    "usual": np.eye(3),
    "protanopia": np.array(
        [[0.1523, 1.0526, -0.2049], [0.1145, 0.7863, 0.0992], [-0.0039, -0.0481, 1.0520]]
    ),
    "deuteranopia": np.array(
        [[0.3673, 0.8606, -0.2280], [0.2801, 0.6725, 0.0474], [-0.0118, 0.0429, 0.9689]]
    ),
    "tritanopia": np.array(
        [[1.2555, -0.0767, -0.1788], [-0.0784, 0.9308, 0.1476], [0.0047, 0.6914, 0.3039]]
    ),
}
"""What is left of linear red, green and blue (Machado, Oliveira and Fernandes 2009, severity 1)."""


def linear(colour):
    """Linear red, green and blue of an sRGB colour."""
    c = np.array(to_rgb(colour))
    return np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)


def contrast(one, other):
    """The contrast ratio of WCAG 2, from 1 to 21."""
    low, high = sorted(TO_XYZ[1] @ linear(c) for c in (one, other))
    return (high + 0.05) / (low + 0.05)


def lab(colour, vision):
    """CIELAB coordinates, D65, as seen with ``vision``."""
    xyz = TO_XYZ @ np.clip(vision @ linear(colour), 0.0, 1.0) / TO_XYZ.sum(axis=1)
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def test_contrast_of_known_pairs():
    assert contrast("#FFFFFF", "#000000") == pytest.approx(21)
    assert contrast("#767676", "#FFFFFF") == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize("ground", GROUNDS)
@pytest.mark.parametrize("name", COLOURS)
def test_colours_are_readable_on_light_and_dark(name, ground):
    assert contrast(COLOURS[name], GROUNDS[ground]) >= 3


def test_slope_and_product_have_the_contrast_of_text_on_white():
    assert min(contrast(c, "#FFFFFF") for c in (figures.SLOPE, figures.PRODUCT)) >= 4.5


@pytest.mark.parametrize("vision", VISION)
@pytest.mark.parametrize("pair", list(itertools.combinations(COLOURS, 2)), ids="-".join)
def test_colours_are_told_apart_without_full_colour_vision(pair, vision):
    one, other = (lab(COLOURS[name], VISION[vision]) for name in pair)
    assert np.hypot.reduce(one - other) >= 25  # a distance of 2 is just seen


@pytest.mark.parametrize("number", [1, 2, 3, 5, 6])
def test_shades_go_from_dark_to_light(number):
    shades = figures.shades(number)
    contrasts = [contrast(shade, "#FFFFFF") for shade in shades]
    assert len(set(shades)) == number
    assert contrasts == sorted(contrasts, reverse=True)
    assert contrasts[-1] >= 2.4
    assert number % 2 == 0 or shades[number // 2] == figures.PRODUCT


@pytest.mark.parametrize("page", sorted((ROOT / "book").glob("*.py")), ids=lambda p: p.stem)
def test_formulas_use_these_colours_and_no_others(page):
    used = re.findall(r"\\(?:text)?color\s*\{([^}]*)\}", page.read_text())
    assert set(used) <= set(COLOURS.values())


def test_notation_shows_all_three():
    page = (ROOT / "book" / "01-notation.py").read_text()
    assert all(rf"{{\color{{{colour}}}" in page for colour in COLOURS.values())
