// What htmx leaves to the page: announcing, keeping scroll positions, noticing that the session ended.
(function () {
  "use strict";

  const scrolled = new Map();

  document.addEventListener("htmx:beforeSwap", function (event) {
    // A session that ended answers with the sign-in page: load the page anew in place of showing that inside of it.
    const answered = new URL(event.detail.xhr.responseURL || location.href, location.href);
    if (answered.pathname.startsWith("/sign-in/")) {
      event.detail.shouldSwap = false;
      location.reload();
      return;
    }
    for (const box of document.querySelectorAll(".scroll[id]")) scrolled.set(box.id, box.scrollLeft);
  });

  document.addEventListener("htmx:afterSwap", function () {
    for (const [id, left] of scrolled) {
      const box = document.getElementById(id);
      if (box) box.scrollLeft = left;
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
})();
