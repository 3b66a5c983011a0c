"""Exported pages in Chromium: opened from the disk, without a network, moved by mouse and keys."""

import json
import urllib.request
from contextlib import contextmanager
from functools import partial

import nbformat
import pytest
import traitlets
from axe import COLOURS, in_colours, issues
from explorer_actions import drag, press, said, says, tab_stops
from explorers import cvae, halves, networks
from exports import Shown, exported_to, notebook_of
from lab_in_chromium import screenshot
from offline import asking_tab, open_file

from course_utils import widgets
from course_utils.data import load
from course_utils.pretrained import load_pretrained

WHAT_ALL_SHOW = """() => [...document.querySelectorAll('[data-course-view]')].map(place => [
    place.querySelector('[aria-live]').textContent,
    ...[...place.querySelectorAll('canvas:not([class$=-codes])')].map(c => c.toDataURL())])"""
ALL_SAY = """texts => texts.every((text, i) =>
    document.querySelectorAll('[aria-live]')[i]?.textContent.endsWith(text))"""
ARROWS = "ArrowRight Shift+ArrowRight ArrowLeft"
DOTS = [[1.0 if (i, j) in ((4, 2), (5, 2)) else 0.0 for j in range(4)] for i in range(8)]
latent = partial(widgets.latent_explorer, load_pretrained("mnist-2d"))
classes, halves = (partial(widgets.conditional_explorer, model) for model in (cvae(), halves()))
rates = partial(widgets.rate_distortion_explorer, networks(), load("digits"))
CASES = {  # what makes an explorer; keys on its pad, and where they lead
    "strokes": (
        *(widgets.stroke_writer, "ArrowRight ArrowUp ArrowUp"),
        {"slant": 0.11, "weight": 2.6},
    ),
    "monte carlo": (widgets.monte_carlo_explorer, ARROWS, {"dimension": 7}),
    "elbo": (widgets.elbo_explorer, ARROWS, {"mu": 0.75}),
    "gradient": (widgets.gradient_explorer, ARROWS, {"mu": 1.25}),
    "latent": (latent, ARROWS, {"z": (0.5, 0.0)}),
    "classes": (classes, "ArrowRight Shift+ArrowRight 3", {"z": (0.6, 0.0), "digit": 3}),
    "halves": (halves, "Space Shift+ArrowDown ArrowLeft", {"left": DOTS}),
    "rates": (rates, f"{ARROWS} ArrowDown", {"model": 3, "image": 1}),
}
GRADIENT, SECOND = list(CASES).index("gradient"), len(CASES)  # their places on the page


def shown_on_the_page() -> list:
    """An explorer of each kind, and another of gradients in a state of its own."""
    second = widgets.gradient_explorer(f="z^2 + 10", parameter="sigma")
    return [*(make() for make, *_ in CASES.values()), second]


def text_of(explorer) -> str:
    """What Python says of its state; the writer's page says first how the knob was moved."""
    call, _, text = repr(explorer).partition("): ")
    return text.partition(": ")[2] if call.startswith("stroke_writer") else text


def part(place: int, selector: str) -> str:
    """The selector of something inside the explorer at this place of the page."""
    return f"[data-course-view] >> nth={place} >> {selector}"


def sees(page, place: int, text: str) -> str:
    """Wait until the read-out at this place ends so, and return all of it."""
    return says(page, part(place, "[aria-live]"), text)


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    return exported_to(tmp_path_factory.mktemp("exported"), *shown_on_the_page())


@pytest.fixture(scope="module")
def explorers(browser, exported):
    """That page, opened once: each test moves another explorer, all of them begin at rest."""
    with asking_tab(browser) as page:
        open_file(page, exported)
        openings = [text_of(explorer) for explorer in shown_on_the_page()]
        page.wait_for_function(ALL_SAY, arg=openings, timeout=10_000)
        assert not page.problems, page.problems
        yield page


@contextmanager
def moves_alone(page, place: int):
    """Words and a picture at this place are new afterwards; all others are as before."""
    page.mouse.move(0, 0)  # off a pad, whose pictures follow it
    page.problems.clear()
    before = page.evaluate(WHAT_ALL_SHOW)
    yield
    after = page.evaluate(WHAT_ALL_SHOW)
    assert [i for i, shows in enumerate(after) if shows != before[i]] == [place]
    assert after[place][0] != before[place][0], "the words are as before"
    assert after[place][1] != before[place][1], "the first picture is as before"
    assert not page.problems, page.problems


def test_tab_leads_into_the_explorer(explorers):
    """Like any control of a page: nothing has to be clicked first."""
    assert "sw-pad" in tab_stops(explorers, 6)


@pytest.mark.parametrize("name", CASES)
def test_keys_and_a_drag_move_this_explorer_alone(explorers, name):
    """By keys to where Python has it, too."""
    place, (make, keys, state) = list(CASES).index(name), CASES[name]
    pad, there = part(place, "[role=application]"), make()
    for trait, value in state.items():
        setattr(there, trait, value)  # of the writer the last one is the knob that it talks of
    with moves_alone(explorers, place):
        press(explorers, pad, *keys.split())
        sees(explorers, place, text_of(there))
    with moves_alone(explorers, place):
        drag(explorers, pad, (0.4, 0.6), (0.7, 0.3))
        said(explorers, part(place, "[aria-live]"))
    screenshot(explorers, f"exported_{name}")


def test_two_of_a_kind_keep_their_own_choices(explorers):
    """Radio buttons of one name would be one group on the page."""
    with moves_alone(explorers, SECOND):
        press(explorers, part(SECOND, "input[value=sigma]"), "ArrowLeft")
        sees(explorers, SECOND, text_of(widgets.gradient_explorer(f="z^2 + 10")))
    assert explorers.locator(part(GRADIENT, "input[value=mu]")).is_checked()


def test_nothing_is_fetched(explorers):
    explorers.wait_for_timeout(500)
    assert explorers.asked == []
    assert not explorers.problems, explorers.problems


def test_two_views_of_one_explorer_move_together(offline, tmp_path):
    explorer = widgets.elbo_explorer()
    open_file(offline, exported_to(tmp_path, explorer, explorer))
    press(offline, part(0, "[role=application]"), "Shift+ArrowRight")
    for place in (0, 1):
        sees(offline, place, text_of(widgets.elbo_explorer(mu=0.75)))
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
    open_file(offline, exported_to(tmp_path, Broken(), widgets.elbo_explorer()))
    alert = offline.locator(part(0, "[role=alert]"))
    assert alert.inner_text() == "The explorer did not start: no paint today"
    sees(offline, 1, text_of(widgets.elbo_explorer()))
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
    open_file(
        offline, exported_to(tmp_path, Promises(text="saved", numbers=b"\0\1\2\xff"), course={})
    )
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
    urllib.request.urlretrieve(address, path)
    open_file(offline, path)
    press(offline, part(0, "[role=application]"), "Shift+ArrowRight")
    sees(offline, 0, text_of(widgets.elbo_explorer(mu=0.75)))
    assert offline.asked == []


@pytest.mark.parametrize("colours", COLOURS)
def test_the_explorers_of_a_page_shut_nobody_out(explorers, colours):
    in_colours(explorers, colours)
    try:
        found = issues(explorers, ["[data-course-view]"])
    finally:
        in_colours(explorers, "light")
    assert found == []
