// A part that scrolls has to be reached by keys.
for (const part of document.querySelectorAll("pre, table, p, li, .course-formula > :first-child"))
  new ResizeObserver(() => {
    if (part.scrollWidth > part.clientWidth) part.tabIndex = 0;
    else part.removeAttribute("tabindex");
  }).observe(part);
