// What all pages for developers do.
(() => {
  "use strict";
  const copyByHand = text => {
    const area = document.createElement("textarea");
    area.value = text;
    area.readOnly = true;
    area.className = "off-screen";
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    if (!done) throw new Error("not copied");
  };

  // Over HTTP from another name than localhost there is no clipboard to write to,
  // and elsewhere it may be refused.
  const copy = text => Promise.resolve(navigator.clipboard?.writeText(text) ?? Promise.reject()).catch(() => copyByHand(text));

  for (const button of document.querySelectorAll("[data-copy], [data-copy-text]")) {
    const label = button.textContent;
    let timer = 0;
    button.addEventListener("click", async () => {
      const source = document.getElementById(button.dataset.copy);
      try {
        await copy(source ? source.textContent : button.dataset.copyText);
        button.textContent = "Copied";
      } catch {
        button.textContent = "Not copied";
      }
      button.focus();
      clearTimeout(timer);
      timer = setTimeout(() => { button.textContent = label; }, 1500);
    });
  }

  // Go is read better in colours. A line is looked at by itself.
  const go = /(\/\/.*|\/\*.*?(?:\*\/|$))|("(?:\\.|[^"\\])*"|`[^`]*`?|'(?:\\.|[^'\\])+')|\b(break|case|chan|const|continue|default|defer|else|fallthrough|for|func|go|goto|if|import|interface|map|package|range|return|select|struct|switch|type|var)\b/g;
  const colored = node => {
    const parts = [];
    let end = 0;
    for (const m of node.data.matchAll(go)) {
      const part = document.createElement("span");
      part.className = m[1] ? "go-comment" : m[2] ? "go-string" : "go-keyword";
      part.textContent = m[0];
      parts.push(node.data.slice(end, m.index), part);
      end = m.index + m[0].length;
    }
    if (parts.length) node.replaceWith(...parts, node.data.slice(end));
  };
  for (const line of document.querySelectorAll(".source .text")) {
    if (line.closest(".template")) continue;
    for (const node of [...line.childNodes]) if (node.nodeType === Node.TEXT_NODE) colored(node);
  }

  // Of a long output the end tells why, or where the stack begins.
  for (const log of document.querySelectorAll(".output > .log")) {
    const stack = log.querySelector(".goroutine"), three = 66;
    log.scrollTop = stack ? stack.offsetTop - three : log.scrollHeight;
  }
})();
