"""Pages for a notebook as files of their own, in the colours of a light or a dark desktop."""

from __future__ import annotations

from html import escape

# JupyterLab's names, so that a page is the same text in a notebook and in a file.
_LIGHT = {
    "--jp-ui-font-color1": "#212121",
    "--jp-ui-font-color2": "#616161",
    "--jp-layout-color1": "#ffffff",
    "--jp-layout-color2": "#eeeeee",
    "--jp-border-color2": "#bdbdbd",
    "--jp-brand-color1": "#1976d2",
    "--jp-success-color1": "#2e7d32",
    "--jp-error-color1": "#c62828",
    "--jp-warn-color1": "#e65100",
}
_DARK = {
    "--jp-ui-font-color1": "#e6e6e6",
    "--jp-ui-font-color2": "#b0b0b0",
    "--jp-layout-color1": "#111111",
    "--jp-layout-color2": "#2b2b2b",
    "--jp-border-color2": "#555555",
    "--jp-brand-color1": "#64b5f6",
    "--jp-success-color1": "#66bb6a",
    "--jp-error-color1": "#ef5350",
    "--jp-warn-color1": "#ffa726",
}


def document(title: str, body: str) -> str:
    """Return a whole page: no scripts, nothing from elsewhere, and a browser that sees to both.

    Parameters
    ----------
    title
        Escaped here.
    body
        HTML.
    """
    safe = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
    font = "font-family: var(--jp-ui-font-family, system-ui, sans-serif)"
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{safe}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        f"<title>{escape(title)}</title><style>:root {{{_rules(_LIGHT)}}}"
        f"@media (prefers-color-scheme: dark) {{:root {{{_rules(_DARK)}}}}}"
        f"body {{{font}; background: var(--jp-layout-color1); margin: 24px}}</style></head>"
        f"<body>{body}</body></html>"
    )


def _rules(colors: dict[str, str]) -> str:
    return "; ".join(f"{name}: {color}" for name, color in colors.items())
