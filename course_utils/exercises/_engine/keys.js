// Which keys are the notebook's, and which a form's: in Lab, x would cut the cell.

// Pressed together with one of these, or to go on to the next cell, a key is the notebook's.
const isForNotebook = ({ ctrlKey, metaKey, altKey, shiftKey, key }) =>
  ctrlKey || metaKey || altKey || (shiftKey && key === "Enter");

// All others stay within root.
function guard(root) {
  const suppress = (event) =>
    root.toggleAttribute("data-lm-suppress-shortcuts", !isForNotebook(event));
  root.addEventListener("keydown", suppress, true);
  root.addEventListener("keydown", (event) => isForNotebook(event) || event.stopPropagation());
}
