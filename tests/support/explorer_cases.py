"""What every explorer has to do in a real JupyterLab, whatever it shows."""

import json

import numpy as np
import pytest
from axe import in_colours, issues
from explorer_actions import PIXELS, THEME, in_python, light_ink, press, rest, tab_stops, touch
from lab_in_chromium import (
    code_cell,
    in_lab,
    open_notebook,
    run_cell,
    screenshot,
    wait_for_lab,
)

# To the right by an arrow key's step, by a longer one, and back; and what Lab takes for shortcuts.
ARROWS = "ArrowRight Shift+ArrowRight ArrowLeft d d b b"
# A theme of Lab, and how the browser is asked to show it: see `axe.COLOURS`.
LOOKS = {"light": "Light", "dark": "Dark", "forced": "Light"}
# What sticks out of the explorer, or of what it stands in, once that is so many pixels wide.
CUT = """async width => { const root = document.querySelector('.cx');
    root.parentElement.style.width = width && `${width}px`;
    await new Promise(done => setTimeout(done, 500));  // what is said of a change comes late
    const edge = root.getBoundingClientRect().right + 1;
    const isCut = e => e.getBoundingClientRect().right > edge
      || (getComputedStyle(e).display !== 'inline' && e.scrollWidth > e.clientWidth + 1);
    return [root, ...root.querySelectorAll('*')].filter(e => e.getClientRects().length && isCut(e))
      .map(e => e.outerHTML.slice(0, 90)); }"""
SCROLLS = """selector => [...document.querySelectorAll(selector)]
    .map(canvas => getComputedStyle(canvas).touchAction)"""
# Of a control, what a screen reader says; and whether it, or what stands for it, has a ring.
NAME = "e => (e.ariaLabel || (e.labels?.[0] ?? e).textContent).trim()"
RINGED = """e => [e, e.nextElementSibling].filter(Boolean).map(e => getComputedStyle(e))
    .some(({ outlineStyle, outlineWidth }) => outlineStyle === 'solid' && outlineWidth === '3px')"""


class AsEveryExplorer:
    """What all explorers have to do; the file of each says what is its own.

    maker(given): the call that makes it; setup: what Python does first, with all of tests/support;
    sees(page, **state): waits until the read-out says what Python computes for a state, the rest as
    at the opening; name: of its screenshots; pad: where keys move it; label: words of its name;
    most: characters that a widget may take of a saved notebook; saved: a cell to run before that;
    moved: a cell that changes every picture, and the state after it; themes: cells by the names of
    the screenshots after them; stops: where Tab leads from the pad; keys: rows of where they are
    pressed, which ones, what they change (None: all is as at the opening) and, maybe, how the
    read-out begins then; narrow: a cell to run on a wide page, beside: what stands side by side
    once it is narrow.
    """

    setup = given = ""
    saved = narrow = "pass"
    label = beside = ()

    def test_python_moves_every_picture(self, explorer):
        """A cell changes the state: the words are those of the new one, no canvas is as it was."""
        before, (source, state) = explorer.evaluate(PIXELS), self.moved
        run_cell(explorer, 1, source)
        self.sees(explorer, **state)
        after = explorer.evaluate(PIXELS)
        same = [i for i, pixels in enumerate(before) if pixels == after[i]]
        assert before and not same, f"these of {len(before)} canvases did not change: {same}"
        self.check_moved(explorer)

    def check_moved(self, page) -> None:
        """What else is to be seen after `moved`."""

    def test_an_exception_is_shown(self, explorer):
        """Words instead of a blank picture, and the exception on the console."""
        explorer.evaluate(
            """pad => { document.querySelector(pad).getContext = () => {
            throw new Error('no paint today'); }; }""",
            self.pad,
        )
        press(explorer, self.pad, "ArrowRight")
        alert = explorer.locator(".cx-error")
        alert.wait_for(state="visible")
        assert "no paint today" in alert.inner_text(), alert.inner_text()
        problems = explorer.problems[:]
        assert any("no paint today" in problem for problem in problems), problems
        explorer.problems.clear()

    def test_it_follows_each_theme_and_axe_finds_nothing(self, explorer):
        """Whatever is shown; its ink is that of the theme, or of the system in high contrast."""
        for look, lab_s in LOOKS.items():
            theme = f"JupyterLab {lab_s}"
            in_colours(explorer, look)
            explorer.evaluate(THEME, theme)
            rest(explorer, self.pad)
            for state, source in self.themes.items():
                run_cell(explorer, 1, source)
                explorer.wait_for_timeout(300)
                screenshot(code_cell(explorer, 0), f"{self.name}_{state}_{look}")
                assert "\n".join(issues(explorer, ".cx")) == "", look
            assert light_ink(explorer, ".cx") == (look != "light"), look
            if look != "forced":
                self.check_theme(explorer, theme)

    def check_theme(self, page, theme: str) -> None:
        """What else is to be seen in a theme, after the last of `themes`."""

    def test_keys_reach_the_explorer_alone(self, explorer):
        """The notebook would run, cut or add cells: `explorer` counts them."""
        state = {}
        for where, keys, change, *beginning in self.keys:
            press(explorer, where, *keys.split())
            state = {} if change is None else state | change
            assert self.sees(explorer, **state).startswith("".join(beginning)), (where, keys)
        self.check_keys(explorer)

    def check_keys(self, page) -> None:
        """What else is to be seen after the last of `keys`."""

    def test_tab_leads_to_every_control_and_each_has_a_name_and_a_ring(self, explorer):
        explorer.locator(self.pad).focus()
        stops = self.stops.split()
        assert tab_stops(explorer, len(stops)) == stops
        explorer.keyboard.press("Shift")  # from now on the page knows that a keyboard is in use
        controls = explorer.locator(f".cx :is(input, select, button, {self.pad})").all()
        assert len(controls) > len(stops)
        for control in controls:
            assert (name := control.evaluate(NAME))
            if control.is_visible():
                control.focus()
                assert control.evaluate(RINGED), name
        label = explorer.locator(self.pad).get_attribute("aria-label")
        assert [words for words in self.label if words not in label] == []

    def test_every_canvas_has_a_role_and_a_name_and_scrolls_unless_it_moves(self, explorer):
        shown = explorer.locator(".cx canvas:not([aria-hidden=true])").all()
        told = [(c.get_attribute("role"), c.get_attribute("aria-label")) for c in shown]
        assert told and all(role in ("img", "application") and name for role, name in told), told
        others = explorer.evaluate(SCROLLS, ".cx canvas:not([role=application])")
        assert {*others} <= {"auto", "pan-y"}
        moved = explorer.evaluate(SCROLLS, ".cx canvas[role=application]")
        assert {*moved} == {"none"}, "a drag would scroll the page"

    def test_keys_that_are_held_are_for_lab(self, explorer):
        """They save the notebook, and go on to the next cell; nothing moves."""
        in_lab(explorer, "panel.context.model.dirty = true;")
        press(explorer, self.pad, "Control+s")
        wait_for_lab(explorer, "panel.context.model.dirty === false", within_ms=10_000)
        press(explorer, self.pad, "Control+ArrowRight", "Alt+ArrowUp")
        self.sees(explorer)
        in_lab(explorer, "panel.content.activeCellIndex = 0;")
        press(explorer, self.pad, "Shift+Enter")
        wait_for_lab(explorer, "panel.content.activeCellIndex === 1", within_ms=10_000)

    def test_nothing_is_cut_where_there_is_little_room(self, explorer):
        """As much as an exported page leaves of 320 pixels."""
        for source in self.themes.values():
            run_cell(explorer, 1, source)
            assert "\n".join(explorer.evaluate(CUT, 250)) == ""
        explorer.evaluate(CUT, 0)

    def test_it_fits_a_narrow_page(self, explorer):
        run_cell(explorer, 1, self.narrow)
        assert_fits_a_narrow_page(explorer, self.name, *self.beside, look=self.check_narrow)

    def check_narrow(self, page) -> None:
        """What else is to be done and seen on a narrow page."""

    # The last one, since the next would wait for its kernel to import all anew.
    def test_a_saved_notebook_works_before_anything_is_run(self, explorer, lab):
        """A still is kept; opened anew, its kernel knows nothing of the widget."""
        run_cell(explorer, 1, self.saved)
        in_lab(explorer, "return app.commands.execute('docmanager:save');")
        wait_for_lab(explorer, "panel.context.model.dirty === false", within_ms=10_000)
        saved = json.loads((lab.folder / f"{self.name}.ipynb").read_text())
        widgets = saved["metadata"]["widgets"]["application/vnd.jupyter.widget-state+json"]["state"]
        largest = max(len(json.dumps(widget)) for widget in widgets.values())
        assert largest < self.most, f"a widget takes {largest} characters of the notebook"
        still = "".join(saved["cells"][0]["outputs"][0]["data"]["text/html"])
        assert still.startswith('<img src="data:image/png;base64,')
        # The old kernel would still hold the widget.
        in_lab(explorer, "return panel.sessionContext.shutdown();")
        open_notebook(explorer, lab, f"{self.name}.ipynb")
        self.check_opened(explorer)
        explorer.problems.clear()


class OverLatents:
    """What the two explorers with a pad over latents have to do besides.

    widget: the usual one in Python; picture(**state): what Python computes for a state; shows(page,
    picture): asserts that the page draws it; drawn: how the read-out begins after a draw.
    """

    pad = ".lt-pad"

    def test_the_pictures_follow_the_pointer_and_come_back(self, light):
        before, pad = light.evaluate(PIXELS), light.locator(".lt-pad").bounding_box()
        across, down = on_pad(light, (1.0, -2.0), span=self.widget.recipe["span"])
        light.mouse.move(pad["x"] + across * pad["width"], pad["y"] + down * pad["height"])
        rest(light, ".lt-pad")
        shown = light.locator("[data-number=z]").inner_text()
        z = [float(v) for v in shown.strip("()").replace("−", "-").split(", ")]
        assert z == pytest.approx([1.0, -2.0], abs=0.02)
        self.shows(light, self.picture(z=z))
        assert "at the pointer" in light.locator(".lt-where").inner_text()
        light.mouse.move(5, 5)
        rest(light, ".lt-pad")
        after = light.evaluate(PIXELS)
        changed = [i for i, pixels in enumerate(before) if pixels != after[i]]
        assert not changed, f"a look is no move, yet these canvases changed: {changed}"
        assert in_python(light)["z"] == [0, 0]

    def test_a_finger_moves_z_and_leaves_nothing_hovering(self, explorer):
        touch(explorer, ".lt-pad", (0.5, 0.5), (0.9, 0.2), (0.3, 0.8))
        state = in_python(explorer)
        assert state["z"][0] > 2 and state["z"][1] > 1 and state["chosen"] is None
        assert "at z" in explorer.locator(".lt-where").inner_text()

    def test_a_draw_from_the_prior_is_another_z_each_time(self, explorer):
        drawn = []
        for _ in range(4):
            press(explorer, "[data-do=draw]", "Enter")
            drawn.append(in_python(explorer)["z"])
            assert self.sees(explorer, z=drawn[-1]).startswith(self.drawn)
        assert len({tuple(z) for z in drawn}) == 4
        assert np.abs(drawn).max() <= self.widget.recipe["span"]


def on_pad(page, z, *, span: float) -> tuple[float, float]:
    """Where a place of the pad is, in shares of its size: as `padScale` has it."""
    box = page.locator(".lt-pad").bounding_box()
    side = min(box["width"] - 54, box["height"] - 70)
    across, up = (side * (value / (2 * span) + 0.5) for value in z)
    return (46 + across) / box["width"], (8 + side - up) / box["height"]


def rows_of_codes(mu: np.ndarray) -> list[tuple]:
    """Rows of `keys` that choose codes, of the n that lie at mu (n, L), and let go of them."""
    nearest, n = int(np.linalg.norm(mu, axis=1).argmin()), len(mu)
    at = [{"chosen": code, "z": place.tolist()} for code, place in enumerate(mu)]
    return [
        (".lt-pad", "Enter", at[nearest]),
        ("[data-do=next]", "Enter Enter", at[(nearest + 2) % n]),
        ("[data-do=previous]", "Enter", at[(nearest + 1) % n]),
        (".lt-pad", "Escape", {"chosen": None}),
        (".lt-pad", "Home", None),
        ("[data-do=nearest]", "Space", at[nearest]),
        ("[data-do=reset]", "Enter", None, "Reset. "),
        ("[data-do=previous]", "Enter", at[n - 1]),
        ("[data-do=next]", "Enter", at[0]),
    ]


def assert_fits_a_narrow_page(page, name: str, *beside: str, look=lambda page: None) -> None:
    """Nothing sticks out, and these elements, if any, stand side by side; a screenshot, by name."""
    wide = page.viewport_size
    page.set_viewport_size({"width": 760, "height": 1500})
    rest(page, ".cx")
    try:
        look(page)
        screenshot(code_cell(page, 0), f"{name}_narrow")
        full, width = page.locator(".cx").evaluate("e => [e.scrollWidth, e.clientWidth]")
        tops = [page.locator(selector).bounding_box()["y"] for selector in beside]
    finally:
        page.set_viewport_size(wide)
    assert full <= width < 700
    assert not tops or max(tops) - min(tops) < 30
