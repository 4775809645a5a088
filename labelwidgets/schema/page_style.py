"""Colours of pages for a notebook: JupyterLab's own, and others where it is none."""

LINE = "var(--jp-border-color2, #bdbdbd)"
FAINT = "var(--jp-ui-font-color2, #757575)"
STYLE = "color: var(--jp-ui-font-color1, inherit); font-size: var(--jp-ui-font-size1, 13px)"
GOOD = "var(--jp-success-color1, #388e3c)"
BAD = "var(--jp-error-color1, #d32f2f)"
WARN = "var(--jp-warn-color1, #f57c00)"
