"""What the tests of the explorers do with a page: drag, press keys, listen, look at the focus."""

import ast
import json

import numpy as np
from lab_in_chromium import in_lab

from course_utils.widgets._shared.view import read_esm

THEME = "name => window.jupyterapp.commands.execute('apputils:change-theme', {theme: name})"
FOCUSED = """() => { const { field, do: done } = document.activeElement.dataset;
    return field || done || document.activeElement.className
      || document.activeElement.tagName.toLowerCase(); }"""
PIXELS = "() => [...document.querySelectorAll('.cx canvas')].map(c => c.toDataURL())"
# Whether in ten seconds there was half a one in which the explorer looked the same.
REST = """async pad => { const look = () => { const box = document.querySelector(pad)
      .getBoundingClientRect();
    return JSON.stringify([box, ...[...document.querySelectorAll('.cx canvas')]
      .map(c => c.toDataURL())]); };
    for (let i = 0, same = 0, seen; i < 100; i++) {
      const now = look();
      same = now === seen ? same + 1 : 0;
      if (same === 5) return true;
      seen = now;
      await new Promise(done => setTimeout(done, 100)); }
    return false; }"""
# A canvas as greys, a row after the other.
GREYS = """canvas => { const { width, height } = canvas;
    return [...canvas.getContext('2d').getImageData(0, 0, width, height).data]
      .filter((_, i) => i % 4 === 0); }"""
TOUCH = """(pad, [from, to, after]) => { const box = pad.getBoundingClientRect();
    const touch = (type, [x, y], buttons) => pad.dispatchEvent(new PointerEvent(type,
      {bubbles: true, pointerType: 'touch', buttons, clientX: box.left + x * box.width,
        clientY: box.top + y * box.height}));
    touch('pointerdown', from, 1); touch('pointermove', to, 1);
    touch('pointerup', to, 0); touch('pointermove', after, 0); }"""
RUN = """async ([code, run, given]) => {
    const module = `${code}\\nexport const run = ${run};`;
    const url = URL.createObjectURL(new Blob([module], {type: 'text/javascript'}));
    return (await import(url)).run(...given); }"""
# How the kernel writes the value of an expression.
ASK = """return kernel.requestExecute({code: '', user_expressions: {it: given}}).done
    .then(({ content }) => content.user_expressions.it.data['text/plain']);"""
LISTEN = """selector => {
    const words = document.querySelector(selector);
    window.heard = [];
    window.listener = new MutationObserver(() => window.heard.push(words.innerText));
    window.listener.observe(words, {childList: true, characterData: true, subtree: true}); }"""


def centre(page, selector: str, across: float = 0.5, down: float = 0.5) -> tuple[float, float]:
    """A point inside an element, in shares of its size; the element is scrolled into view."""
    element = page.locator(selector)
    element.scroll_into_view_if_needed()
    box = element.bounding_box()
    return box["x"] + across * box["width"], box["y"] + down * box["height"]


def drag(page, selector: str, start: tuple, end: tuple, *, steps: int = 10) -> None:
    """Press at one point (x, y) of an element, move in steps, let go at another."""
    page.mouse.move(*centre(page, selector, *start))
    page.mouse.down()
    page.mouse.move(*centre(page, selector, *end), steps=steps)
    page.mouse.up()


def touch(page, selector: str, *places: tuple[float, float]) -> None:
    """A finger goes from the first place of an element to the second, and off over the third."""
    page.locator(selector).evaluate(TOUCH, places)


def rest(page, pad: str) -> None:
    """Wait until nothing has moved or been redrawn for half a second: a busy Lab opens slowly."""
    assert page.evaluate(REST, pad), "the page does not come to rest"


def show_light(page, pad: str) -> None:
    """In the light theme, and at rest."""
    page.evaluate(THEME, "JupyterLab Light")
    rest(page, pad)


def press(page, selector: str, *keys: str, times: int = 1) -> None:
    """Focus an element, and press keys one after the other, so many times."""
    page.locator(selector).focus()
    press_keys(page, *keys, times=times)


def press_keys(page, *keys: str, times: int = 1) -> None:
    """Press keys where the focus is, one after the other, so many times."""
    for key in times * keys:
        page.keyboard.press(key)


def tab_to(page, selector: str, most: int = 40) -> None:
    """Press Tab until such an element has the focus."""
    for _ in range(most):
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab does not lead to {selector}")


def ink(page, selector: str, number: int = 0) -> np.ndarray:
    """What a canvas shows, as inks in [0, 1]; the theme is to be the light one."""
    greys = np.array(page.locator(selector).nth(number).evaluate(GREYS))
    return (255 - greys) / (255 - 17)


def assert_drawn(page, selector: str, pixels: np.ndarray, number: int = 0) -> None:
    """A canvas shows this picture, in the light theme."""
    shown, name = ink(page, selector, number), f"{selector} {number}"
    np.testing.assert_allclose(shown, pixels.ravel(), atol=0.005, err_msg=name)


def said(page, selector: str) -> str:
    """What a read-out says once it has come to rest."""
    page.wait_for_timeout(400)
    return page.locator(selector).inner_text()


def says(page, selector: str, ending: str, *, within_ms: int = 5000) -> str:
    """Wait until a read-out ends so, see that it stays so for a moment, and return all of it.

    Raises: AssertionError with what it says instead.
    """
    words, text = page.locator(selector), ""
    for _ in range(within_ms // 50):
        if (text := words.inner_text()).endswith(ending):
            page.wait_for_timeout(250)
            if (text := words.inner_text()).endswith(ending):
                return text
        page.wait_for_timeout(50)
    raise AssertionError(f"expected … {ending!r}, but it says {text!r}")


def reading(selector: str, text) -> tuple:
    """Two functions that wait until a read-out ends with the text of a state, as Python has it.

    sees(page, **state), and answers(page, where, *keys, **state), which presses keys first; both
    return all that it says. The text is that of text(**state).
    """

    def sees(page, *widget, **state) -> str:
        return says(page, selector, text(*widget, **state))

    def answers(page, where: str, *keys: str, times: int = 1, **state) -> str:
        press(page, where, *keys, times=times)
        return sees(page, **state)

    return sees, answers


def drag_and_listen(page, pad: str, said: str, start: tuple, end: tuple) -> list[str]:
    """Drag, and all that the read-out says until it has come to rest.

    One announcement, unless the machine is so busy that the drag itself makes a pause.
    """
    page.evaluate(LISTEN, said)
    drag(page, pad, start, end)
    page.wait_for_function("() => window.heard.length > 0", timeout=5000)
    page.wait_for_timeout(600)
    return page.evaluate("() => { window.listener.disconnect(); return window.heard; }")


def tab_stops(page, count: int) -> list[str]:
    """Where the next presses of Tab lead: data-field, data-do, class or tag of each element."""
    found = []
    for _ in range(count):
        page.keyboard.press("Tab")
        found.append(page.evaluate(FOCUSED))
    return found


def light_ink(page, selector: str) -> bool:
    """Whether an element's text is lighter than mid-grey, as a dark theme has it."""
    colour = page.locator(selector).evaluate("e => getComputedStyle(e).color")
    channels = colour[colour.index("(") + 1 : -1].split(",")[:3]
    return sum(map(float, channels)) > 3 * 128


def ask_python(page, expression: str) -> object:
    """The value of an expression in the kernel, which knows of the page's last move.

    The page holds a move back while an older one is under way. The first question is answered
    after that one, the last move goes out then, and the second question comes behind it.
    """
    in_lab(page, ASK, expression)
    return ast.literal_eval(in_lab(page, ASK, expression))


def in_python(page) -> dict:
    """The state of the explorer as the kernel has it, once the page's moves are on their way."""
    page.wait_for_timeout(400)
    return json.loads(ask_python(page, "__import__('json').dumps(vars(w.state))"))


def in_chromium(page, files: list[str], run: str, *given: object) -> object:
    """What a function of JavaScript, that may use all in these files, makes of what is given."""
    return page.evaluate(RUN, [read_esm(*files), run, given])
