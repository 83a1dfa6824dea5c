// What htmx leaves to the page: announcing, keeping scroll positions and open sections, noticing that the session ended.
(function () {
  "use strict";

  const scrolled = new Map();
  const unfolded = new Map();

  document.addEventListener("htmx:beforeSwap", function (event) {
    // A session that ended answers with the sign-in page: load the page anew in place of showing that inside of it.
    const answered = new URL(event.detail.xhr.responseURL || location.href, location.href);
    if (answered.pathname.startsWith("/sign-in/")) {
      event.detail.shouldSwap = false;
      location.reload();
      return;
    }
    for (const box of document.querySelectorAll(".scroll[id], .contents-list")) scrolled.set(box.id, box.scrollLeft);
    for (const part of document.querySelectorAll("details[id]")) unfolded.set(part.id, part.open);
  });

  document.addEventListener("htmx:afterSwap", function () {
    for (const [id, left] of scrolled) {
      const box = document.getElementById(id);
      if (box) box.scrollLeft = left;
    }
    for (const [id, open] of unfolded) {
      const part = document.getElementById(id);
      if (part) part.open = open;
    }
    announce();
  });

  // Told only when it changed: a live region inside of the swapped part would speak each second.
  function announce() {
    const status = document.getElementById("announcement");
    const source = document.querySelector("[data-announce]");
    if (status && source && status.textContent !== source.dataset.announce) {
      status.textContent = source.dataset.announce;
    }
  }

  // Where an address leads into a folded section; browsers that do not unfold it by themselves.
  function unfoldTarget() {
    const target = document.getElementById(location.hash.slice(1));
    for (let part = target; part; part = part.parentElement) if (part.tagName === "DETAILS") part.open = true;
    if (target) target.scrollIntoView();
  }

  window.addEventListener("hashchange", unfoldTarget);
  document.addEventListener("DOMContentLoaded", unfoldTarget);

  // Paper has no clicks: every section is printed, and folded again afterwards. New browsers need the style sheet alone.
  let folded = [];
  window.addEventListener("beforeprint", function () {
    folded = [...document.querySelectorAll(".fold:not([open])")];
    for (const part of folded) part.open = true;
  });
  window.addEventListener("afterprint", function () {
    for (const part of folded) part.open = false;
  });
})();
