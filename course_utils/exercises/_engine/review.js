// Review: a question, its answer on demand, and whether one's own was right; then the next.
const PAGE = `<div class="cr">
  <div data-part="question" tabindex="-1"></div>
  <p><button type="button" data-do="open">Show the answer</button></p>
  <div data-part="answer" tabindex="-1"></div>
  <p data-part="rate">Was yours right?
    <button type="button" data-do="right">Right</button>
    <button type="button" data-do="missed">Not yet</button></p>
  <p role="status"></p></div>`;
const ALONE = "Not kept: run this cell, so that a kernel remembers.";

const PATIENCE_MS = 1500;

// Pressed together with one of these, or to go on to the next cell, a key is the notebook's; all
// others are the form's: in Lab, x would cut the cell.
const isForNotebook = ({ ctrlKey, metaKey, altKey, shiftKey, key }) =>
  ctrlKey || metaKey || altKey || (shiftKey && key === "Enter");

function guard(root) {
  const suppress = (event) =>
    root.toggleAttribute("data-lm-suppress-shortcuts", !isForNotebook(event));
  root.addEventListener("keydown", suppress, true);
  root.addEventListener("keydown", (event) => isForNotebook(event) || event.stopPropagation());
}

function render({ model, el }) {
  el.innerHTML = PAGE;
  const find = (selector) => el.querySelector(selector);
  const [question, answer, rate] = ["question", "answer", "rate"].map((part) =>
    find(`[data-part=${part}]`),
  );
  const all = model.get("questions");
  function show(isOpen = false) {
    const at = model.get("rated").length,
      isOver = at >= all.length;
    const words = isOver ? "That was all for today." : `${at + 1} of ${all.length}`;
    question.innerHTML = `<p>${words}</p>${all[at] ?? ""}`;
    answer.innerHTML = isOpen ? model.get("answers")[at] : "";
    find("[data-do=open]").hidden = isOpen || isOver;
    rate.hidden = !isOpen;
  }
  function tell(right) {
    model.set("rated", [...model.get("rated"), right]);
    model.save_changes();
    show();
    question.focus();
    setTimeout(() => {
      const isKept = model.get("kept") === model.get("rated").length;
      find("p[role=status]").textContent = isKept ? "" : ALONE;
    }, PATIENCE_MS);
  }
  const runs = { open: () => (show(true), answer.focus()) };
  Object.assign(runs, { right: () => tell(true), missed: () => tell(false) });
  for (const name in runs) find(`[data-do=${name}]`).addEventListener("click", runs[name]);
  guard(find(".cr"));
  show();
}

export default { render };
