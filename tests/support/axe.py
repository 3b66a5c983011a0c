"""axe in the browser: what on a page breaks WCAG 2.2 AA or good practice."""

from axe_playwright_python.base import AXE_SCRIPT

RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
# How a browser may be asked to show a page: JupyterLab's own dark theme is another matter.
COLOURS = {
    "light": {"color_scheme": "light", "forced_colors": "none"},
    "dark": {"color_scheme": "dark", "forced_colors": "none"},
    "forced": {"color_scheme": "dark", "forced_colors": "active"},
}
# Forced colours are the system's, but scripts are told those that they replace.
RUN = """async ([within, tags]) => {
    const rules = { 'color-contrast': { enabled: !matchMedia('(forced-colors: active)').matches } };
    const found = await axe.run(within ?? document, {
        runOnly: { type: 'tag', values: tags }, rules, resultTypes: ['violations'] });
    return found.violations.flatMap(({ id, nodes }) =>
        nodes.map(({ target, html, failureSummary }) =>
            `${id}: ${target.join(' ')}\\n  ${html.slice(0, 200)}\\n  ${failureSummary}`)); }"""


def in_colours(page, name: str) -> None:
    """Show the page "light", "dark" or "forced", as the system may ask for."""
    page.emulate_media(**COLOURS[name])


def issues(page, within: str | list[str] | None = None) -> list[str]:
    """What axe finds: rule, element and reason, one text each; nothing if all is well.

    Args:    within: selectors of what is to be looked at; None for the whole page, with the rules
             about headings and landmarks.
    Raises:  playwright's Error if a selector is nowhere on the page.
    """
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    return page.evaluate(RUN, [within, list(RULES)])
