"""Formulas as pictures, since a page that fetches nothing cannot fetch a typesetter either."""

import base64
import html
import io
import re

# Code first: a dollar in it is no formula.
_PARTS = re.compile(
    r"(?P<code>```.*?```|`[^`\n]*`)"
    r"|\$\$(?P<block>.+?)\$\$"
    r"|(?<![\\\w$])\$(?P<inline>[^\s$](?:[^$\n]*[^\s$\\])?)\$(?![\w$])",
    re.DOTALL,
)
_DPI = 72
_POINTS_PER_EM = 12


def draw_formulas(text: str) -> str:
    r"""Replace each ``$...$`` and ``$$...$$`` of a Markdown text by a picture.

    Parameters
    ----------
    text : str
        Markdown.

    Returns
    -------
    str
        The same with inline SVG images, each with the formula as its alternative text. What
        matplotlib cannot set stays readable as code.

    Examples
    --------
    >>> draw_formulas(r"no formula, `$x$` is code")
    'no formula, `$x$` is code'
    >>> draw_formulas(r"$\unknown{x}$")
    '<code>\\unknown{x}</code>'
    """
    return _PARTS.sub(_drawn, text)


def _drawn(found: "re.Match[str]") -> str:
    if found["code"]:
        return found[0]
    formula = " ".join((found["block"] or found["inline"]).split())
    picture = _picture(formula)
    alt = html.escape(formula, quote=True)
    if not picture:
        return f"<code>{alt}</code>"
    source, height_em, depth_em = picture
    style = f"height:{height_em:.2f}em;vertical-align:{-depth_em:.2f}em"
    image = f'<img alt="{alt}" src="data:image/svg+xml;base64,{source}" style="{style}">'
    return f'<p style="text-align:center">{image}</p>' if found["block"] else image


def _picture(formula: str) -> tuple[str, float, float] | None:
    from matplotlib import mathtext
    from matplotlib.font_manager import FontProperties

    font = FontProperties(family="DejaVu Sans", size=_POINTS_PER_EM)
    buffer = io.BytesIO()
    try:
        depth = mathtext.math_to_image(f"${formula}$", buffer, prop=font, dpi=_DPI, format="svg")
        _, height, _, _, _ = mathtext.MathTextParser("path").parse(f"${formula}$", _DPI, font)
    except ValueError:
        return None
    source = base64.b64encode(buffer.getvalue()).decode()
    return source, height / _POINTS_PER_EM, depth / _POINTS_PER_EM
