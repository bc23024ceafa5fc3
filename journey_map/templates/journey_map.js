"use strict";
(() => {
  const rows = document.querySelectorAll("#transition-rows tbody tr");
  const input = document.querySelector("#filter");
  const count = document.querySelector("#filter-count");
  if (input) {
    input.closest("p").hidden = false;
    input.addEventListener("input", () => {
      const wanted = input.value.trim().toLowerCase();
      let shown = 0;
      for (const row of rows) {
        const names = row.cells[0].textContent + "\n" + row.cells[1].textContent;
        row.hidden = !names.toLowerCase().includes(wanted);
        shown += row.hidden ? 0 : 1;
      }
      count.textContent = wanted ? shown + " of " + rows.length : "";
    });
  }
  // Paper has no way to open what is folded.
  let folded = [];
  window.addEventListener("beforeprint", () => {
    folded = [...document.querySelectorAll("details:not([open])")];
    for (const part of folded) part.open = true;
  });
  window.addEventListener("afterprint", () => {
    for (const part of folded) part.open = false;
  });
})();
