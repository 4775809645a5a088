"""Colours of pages for a notebook: JupyterLab's own, and others where it is none."""

LINE = "var(--jp-border-color2, #bdbdbd)"
FAINT = "var(--jp-ui-font-color2, #757575)"
STYLE = "color: var(--jp-ui-font-color1, inherit); font-size: var(--jp-ui-font-size1, 13px)"
