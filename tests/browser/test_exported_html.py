"""Exported pages in Chromium: opened from the disk, without a network, moved by mouse and keys."""

import json
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import nbformat
import pytest
import traitlets
from conditional_cases import cvae
from explorer_actions import drag, press, said, says
from exports import Shown, notebook_of, page_of
from halves_cases import halves
from lab_in_chromium import new_page, screenshot

from course_utils import widgets
from course_utils.pretrained import load_pretrained
from course_utils.widgets.elbo import ElboState, elbo_picture
from course_utils.widgets.gradient import GradientState, gradient_picture

WHAT_ALL_SHOW = """() => [...document.querySelectorAll('[data-course-view]')].map(place => [
    place.querySelector('[aria-live]').textContent,
    ...[...place.querySelectorAll('canvas:not([class$=-codes])')].map(c => c.toDataURL())])"""
ALL_SAY = """texts => texts.every((text, i) =>
    document.querySelectorAll('[aria-live]')[i]?.textContent.endsWith(text))"""
MATHJAX = "https://cdnjs.cloudflare.com/ajax/libs/mathjax/"


@dataclass(frozen=True)
class Case:
    """An explorer, where to take hold of it, and where three presses of a key lead."""

    maker: str
    prefix: str
    keys: tuple[str, ...]
    after: dict
    given: tuple = ()

    def text(self, **state) -> str:
        """What Python says of this state, the rest as at the opening."""
        explorer = getattr(widgets, self.maker)(*self.given)
        for name, value in state.items():
            setattr(explorer, name, value)
        text = repr(explorer).partition("): ")[2]
        # Its page says first how the knob was moved.
        return text.partition(": ")[2] if self.maker == "stroke_writer" else text


ARROWS = ("ArrowRight", "Shift+ArrowRight", "ArrowLeft")
DOTS = [[1.0 if (i, j) in ((4, 2), (5, 2)) else 0.0 for j in range(4)] for i in range(8)]
STROKE, DOWN = ("ArrowRight", "ArrowUp", "ArrowUp"), ("Space", "Shift+ArrowDown", "ArrowLeft")
CHOICE = ("ArrowRight", "Shift+ArrowRight", "3")
CASES = [
    Case("stroke_writer", "sw", STROKE, {"slant": 0.11, "weight": 2.6}),
    Case("monte_carlo_explorer", "mc", ARROWS, {"dimension": 7}),
    Case("elbo_explorer", "el", ARROWS, {"mu": 0.75}),
    Case("gradient_explorer", "gr", ARROWS, {"mu": 1.25}),
    Case("latent_explorer", "lt", ARROWS, {"z": (0.5, 0.0)}, (load_pretrained("mnist-2d"),)),
    Case("conditional_explorer", "lt", CHOICE, {"z": (0.6, 0.0), "digit": 3}, (cvae(),)),
    Case("conditional_explorer", "cd", DOWN, {"left": DOTS}, (halves(),)),
]
SECOND = GradientState(f="z^2 + 10", parameter="sigma")
OPENINGS = [*(case.text() for case in CASES), gradient_picture(SECOND).text]
each_case = pytest.mark.parametrize(
    "place", range(len(CASES)), ids=lambda i: f"{CASES[i].maker}-{CASES[i].prefix}"
)


def part(place: int, selector: str) -> str:
    """The selector of something inside the explorer at this place of the page."""
    return f"[data-course-view] >> nth={place} >> {selector}"


def sees(page, place: int, text: str) -> str:
    """Wait until the read-out at this place ends so, and return all of it."""
    return says(page, part(place, "[aria-live]"), text)


@pytest.fixture
def offline(browser):
    """A tab without a network; `page.asked` is what it asked for all the same, or in vain."""
    browser.set_offline(True)
    with new_page(browser) as page:
        page.asked = []
        page.on("requestfailed", lambda request: page.asked.append(request.url))
        page.on(
            "request",
            lambda request: page.asked.append(request.url) if "://" in request.url[:8] else None,
        )
        yield page
    browser.set_offline(False)


def open_file(page, path: Path) -> None:
    page.goto(path.as_uri())
    page.asked = [url for url in page.asked if not url.startswith((path.as_uri(), MATHJAX))]
    page.problems[:] = [one for one in page.problems if "ERR_INTERNET_DISCONNECTED" not in one]


def opened(page, tmp_path, *shown, **metadata) -> None:
    """The page of a notebook that shows all this."""
    path = tmp_path / "page.html"
    path.write_text(page_of(notebook_of(*shown, **metadata)), encoding="utf-8")
    open_file(page, path)


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """One page with all explorers, and the last of them a second time in another state."""
    explorers = [getattr(widgets, case.maker)(*case.given) for case in CASES]
    shown = [*explorers, widgets.gradient_explorer(f=SECOND.f, parameter=SECOND.parameter)]
    path = tmp_path_factory.mktemp("exported") / "page.html"
    path.write_text(page_of(notebook_of(*shown)), encoding="utf-8")
    return path


@pytest.fixture
def explorers(offline, exported):
    """That page, freshly opened, each explorer at rest."""
    open_file(offline, exported)
    offline.wait_for_function(ALL_SAY, arg=OPENINGS, timeout=10_000)
    return offline


def assert_moved_alone(page, place: int, before: list) -> None:
    """Words and a picture at this place are new; all others are as before."""
    after = page.evaluate(WHAT_ALL_SHOW)
    changed = [i for i, shows in enumerate(after) if shows != before[i]]
    assert changed == [place]
    assert after[place][0] != before[place][0], "the words are as before"
    assert after[place][1] != before[place][1], "the first picture is as before"
    assert not page.problems, page.problems


@each_case
def test_a_drag_moves_this_explorer_alone(explorers, place):
    before = explorers.evaluate(WHAT_ALL_SHOW)
    drag(explorers, part(place, f".{CASES[place].prefix}-pad"), (0.4, 0.6), (0.7, 0.3))
    said(explorers, part(place, "[aria-live]"))
    assert_moved_alone(explorers, place, before)
    screenshot(explorers, f"exported_{CASES[place].maker}_{CASES[place].prefix}")


@each_case
def test_keys_move_this_explorer_alone_to_where_python_has_it(explorers, place):
    case, before = CASES[place], explorers.evaluate(WHAT_ALL_SHOW)
    press(explorers, part(place, f".{case.prefix}-pad"), *case.keys)
    sees(explorers, place, case.text(**case.after))
    assert_moved_alone(explorers, place, before)


def test_two_of_a_kind_keep_their_own_choices(explorers):
    """Radio buttons of one name would be one group on the page."""
    before = explorers.evaluate(WHAT_ALL_SHOW)
    second = len(CASES)
    press(explorers, part(second, "input[value=sigma]"), "ArrowLeft")
    sees(explorers, second, gradient_picture(GradientState(f="z^2 + 10")).text)
    assert_moved_alone(explorers, second, before)
    assert explorers.locator(part(3, "input[value=mu]")).is_checked()


def test_tab_leads_into_the_explorer(explorers):
    """Like any control of a page: nothing has to be clicked first."""
    pad = explorers.locator(part(0, ".sw-pad"))
    for _ in range(6):
        explorers.keyboard.press("Tab")
        if pad.evaluate("pad => pad === document.activeElement"):
            break
    assert pad.evaluate("pad => pad === document.activeElement")


def test_nothing_is_fetched_but_mathjax(explorers):
    explorers.wait_for_timeout(500)
    assert explorers.asked == []
    assert not explorers.problems, explorers.problems


def test_two_views_of_one_explorer_move_together(offline, tmp_path):
    explorer = widgets.elbo_explorer()
    opened(offline, tmp_path, explorer, explorer)
    press(offline, part(0, ".el-pad"), "Shift+ArrowRight")
    for place in (0, 1):
        sees(offline, place, elbo_picture(ElboState(mu=0.75)).text)
    assert not offline.problems


def test_the_still_and_the_words_are_there_without_javascript(offline, exported):
    session = offline.context.new_cdp_session(offline)
    session.send("Emulation.setScriptExecutionDisabled", {"value": True})
    offline.goto(exported.as_uri())
    still = offline.get_by_role("img", name=repr(widgets.elbo_explorer()))
    still.wait_for(state="visible", timeout=5000)
    assert still.bounding_box()["height"] > 100


class Broken(Shown):
    """A widget that cannot draw."""

    _esm = "export default { render() { throw new Error('no paint today'); } }"


def test_an_explorer_that_fails_says_so_and_leaves_the_others_alone(offline, tmp_path):
    opened(offline, tmp_path, Broken(), widgets.elbo_explorer())
    alert = offline.locator(part(0, "[role=alert]"))
    assert alert.inner_text() == "The explorer did not start: no paint today"
    sees(offline, 1, elbo_picture(ElboState()).text)
    assert offline.locator(part(0, "pre")).inner_text().startswith("<")
    assert len(offline.problems) == 1 and "no paint today" in offline.problems[0]


class Promises(Shown):
    """What anywidget promises a module, tried out and written down as JSON."""

    _esm = """
    export default async () => {
      const seen = [];
      return {
        initialize({ model }) {
          seen.push(["initialize", model.get("text")]);
          model.on("change:text", () => seen.push("still listening"));
        },
        render({ model, el, signal }) {
          const other = () => seen.push("unwanted");
          model.on("change:text", (m, value) => seen.push(["change:text", value, m.get("items")]));
          model.on("change:items change:text", () => seen.push("either"));
          model.on("change", () => seen.push("change"));
          model.on("change", other);
          model.off("change", other);
          model.set("text", "one");
          model.set("text", "one");
          model.set({ text: "two", items: [1, [2]] });
          model.set("items", [1, [2]]);
          model.save_changes();
          model.send({ any: "thing" });
          model.off("change:items");
          model.off();
          model.set("text", "three");
          const view = model.get("numbers");
          seen.push([view.constructor.name, view.byteLength, view.getUint8(3), signal.aborted]);
          el.innerHTML = '<pre class="seen"></pre>';
          el.firstChild.textContent = JSON.stringify([...seen, model.get("text")]);
        },
      };
    };"""
    items = traitlets.List().tag(sync=True)


def test_a_module_gets_what_anywidget_promises(offline, tmp_path):
    opened(offline, tmp_path, Promises(text="saved", numbers=b"\0\1\2\xff"), course={})
    assert json.loads(offline.locator(".seen").inner_text()) == [
        ["initialize", "saved"],
        *("still listening", ["change:text", "one", []], "either", "change"),
        *("still listening", ["change:text", "two", [1, [2]]], "either", "either", "change"),
        *("still listening", ["DataView", 4, 255, False], "three"),
    ]
    assert not offline.problems


def test_jupyterlab_exports_it_by_its_menu(offline, lab, tmp_path):
    """What File > Save and Export Notebook As > HTML asks the server for."""
    nbformat.write(notebook_of(widgets.elbo_explorer()), lab.folder / "exported.ipynb")
    address = f"{lab.url}/nbconvert/html/exported.ipynb?download=true&token={lab.token}"
    path = tmp_path / "exported.html"
    with urllib.request.urlopen(address) as answer:
        path.write_bytes(answer.read())
    open_file(offline, path)
    press(offline, part(0, ".el-pad"), "Shift+ArrowRight")
    sees(offline, 0, elbo_picture(ElboState(mu=0.75)).text)
    assert offline.asked == []
