// Review: a question, its answer on demand, and whether one's own was right; then the next.
const PAGE = `<div class="cr">
  <div data-part="question" tabindex="-1"></div>
  <p><button type="button" data-part="open">Show the answer</button></p>
  <div data-part="answer" tabindex="-1"></div>
  <p data-part="rate">Was yours right?
    <button type="button" data-part="right">Right</button>
    <button type="button" data-part="missed">Not yet</button></p>
  <p role="status" data-part="status"></p></div>`;
const ALONE = "Not kept: run this cell, so that a kernel remembers.";
const PATIENCE_MS = 1500;

// The question whose turn it is; with its answer once that is open.
function show(model, parts, isOpen = false) {
  const all = model.get("questions"),
    at = model.get("rated").length,
    isOver = at >= all.length;
  const words = isOver ? "That was all for today." : `${at + 1} of ${all.length}`;
  parts.question.innerHTML = `<p>${words}</p>${all[at] ?? ""}`;
  parts.answer.innerHTML = isOpen ? model.get("answers")[at] : "";
  parts.open.hidden = isOpen || isOver;
  parts.rate.hidden = !isOpen;
}

function tell(model, parts, isRight) {
  model.set("rated", [...model.get("rated"), isRight]);
  model.save_changes();
  show(model, parts);
  parts.question.focus();
  setTimeout(() => {
    const isKept = model.get("kept") === model.get("rated").length;
    parts.status.textContent = isKept ? "" : ALONE;
  }, PATIENCE_MS);
}

function render({ model, el }) {
  el.innerHTML = PAGE;
  const named = [...el.querySelectorAll("[data-part]")].map((it) => [it.dataset.part, it]);
  const parts = Object.fromEntries(named);
  const on = (name, run) => parts[name].addEventListener("click", run);
  on("open", () => (show(model, parts, true), parts.answer.focus()));
  on("right", () => tell(model, parts, true));
  on("missed", () => tell(model, parts, false));
  guard(el.firstElementChild);
  show(model, parts);
}

export default { render };
