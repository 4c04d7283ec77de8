// Gives what is wrong with how a page looks, as texts: what is wider than the
// window, what has too little contrast to be read (WCAG 2.2 §1.4.3), what is too
// small to be hit (§2.5.8), what has no name (§4.1.2).
(() => {
  const faults = [];
  const about = e => `<${e.tagName.toLowerCase()} class="${e.className}"> ${(e.innerText || "").trim().slice(0, 40)}`;
  const shown = e => e.checkVisibility({visibilityProperty: true, opacityProperty: true}) && e.getBoundingClientRect().right > 0;

  if (document.documentElement.scrollWidth > innerWidth) {
    faults.push(`the page is ${document.documentElement.scrollWidth} wide in a window of ${innerWidth}`);
  }

  const parse = color => {
    const [r, g, b, a = 1] = color.match(/[\d.]+/g).map(Number);
    return {r, g, b, a};
  };
  const over = (top, bottom) => ({
    r: top.r * top.a + bottom.r * (1 - top.a), g: top.g * top.a + bottom.g * (1 - top.a), b: top.b * top.a + bottom.b * (1 - top.a), a: 1,
  });
  const behind = e => {
    const layers = [];
    for (; e; e = e.parentElement) {
      const color = parse(getComputedStyle(e).backgroundColor);
      if (color.a > 0) layers.push(color);
      if (color.a === 1) break;
    }
    return layers.reduceRight((below, layer) => over(layer, below), {r: 255, g: 255, b: 255, a: 1});
  };
  const opacity = e => e ? getComputedStyle(e).opacity * opacity(e.parentElement) : 1;
  const luminance = ({r, g, b}) => {
    const [x, y, z] = [r, g, b].map(c => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const contrast = (a, b) => {
    const [x, y] = [luminance(a), luminance(b)];
    return (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05);
  };

  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const seen = new Set();
  while (texts.nextNode()) {
    const e = texts.currentNode.parentElement;
    if (seen.has(e) || !texts.currentNode.data.trim() || !shown(e)) continue;
    seen.add(e);
    const style = getComputedStyle(e), back = behind(e), color = parse(style.color);
    const size = parseFloat(style.fontSize), large = size >= 24 || size >= 18.66 && style.fontWeight >= 700;
    const ratio = contrast(over({...color, a: color.a * opacity(e)}, back), back);
    if (ratio < (large ? 3 : 4.5)) faults.push(`a contrast of ${ratio.toFixed(2)}: ${about(e)}`);
    if (size < 11) faults.push(`letters of ${size} px: ${about(e)}`);
  }

  for (const e of document.querySelectorAll("button, summary, input:not([type=hidden]), .actions a, nav a")) {
    const box = e.getBoundingClientRect();
    if (shown(e) && (box.height < 24 || box.width < 24)) faults.push(`${box.width.toFixed()} × ${box.height.toFixed()} is hard to hit: ${about(e)}`);
    if (shown(e) && !(e.innerText.trim() || e.ariaLabel || e.labels?.length)) faults.push(`it has no name: ${about(e)}`);
  }

  const ids = [...document.querySelectorAll("[id]")].map(e => e.id);
  for (const id of new Set(ids)) if (ids.filter(other => other === id).length > 1) faults.push(`several elements are #${id}`);
  for (const a of document.querySelectorAll('a[href^="#"]')) if (!document.getElementById(a.hash.slice(1))) faults.push(`${a.hash} leads nowhere`);
  for (const name of ["labelledby", "describedby"]) {
    for (const e of document.querySelectorAll(`[aria-${name}]`)) {
      if (!document.getElementById(e.getAttribute(`aria-${name}`))) faults.push(`aria-${name} names nothing: ${about(e)}`);
    }
  }
  return faults;
})()
