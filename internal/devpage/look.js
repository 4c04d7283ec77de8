(() => {
  "use strict";
  for (const button of document.querySelectorAll("[data-copy], [data-copy-text]")) {
    if (!navigator.clipboard) break;
    const label = button.textContent;
    button.hidden = false;
    button.addEventListener("click", async () => {
      const source = document.getElementById(button.dataset.copy);
      try {
        await navigator.clipboard.writeText(source ? source.textContent : button.dataset.copyText);
        button.textContent = "Copied";
      } catch {
        button.textContent = "Not copied";
      }
      setTimeout(() => { button.textContent = label; }, 1500);
    });
  }
})();
